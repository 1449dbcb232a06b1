"""An option or a question of which nothing is seen is refused, however it is written."""

from __future__ import annotations

import pytest

from livepoll_jupyter.core.drafts import draft, read
from livepoll_jupyter.core.errors import BadQuestion
from livepoll_jupyter.core.questions import Question
from livepoll_jupyter.server.rendering.prose import render, render_label


def asked(*, text: str = "Which?", option: str = "yes") -> Question:
    """A question with this text and this first option, rendered as the server does."""
    written = read(kind="choice", text=text, options=[option, "another"])
    return draft("q1", written, render(text).html, [render_label(label).html for label in written.labels])


NOTHING = [
    r"$\,$", r"$\quad$", "${}$", r"$\phantom{x}$", r"$\phantom{\sqrt{\phantom{x}2}}$", r"$\hspace{1em}$",
    r"$\text{ }$", r"$\mathrm{}$", r"$\smash{}$", r"$\rule{0em}{0em}$", r"$\quad$ $\,$",
    "\u0301", "\U0001d159", "\ufff9", "\u20dd",
]  # fmt: skip

SOMETHING = [
    "$x$", r"$\sqrt{}$", r"$\frac{}{}$", r"$\boxed{\ }$", r"$\rule{1em}{1em}$", "e\u0301", r"$a\phantom{b}$",
    r"$\phantom{a}b\phantom{c}$", r"$\to$", r"$\vec{}$", r"$\overline{\quad}$", "`.`", "\U0001f600", "&lt;",
]  # fmt: skip


@pytest.mark.parametrize("label", NOTHING)
def test_an_option_of_blanks_in_a_formula_or_of_a_mark_alone_is_refused(label: str) -> None:
    """Nobody can choose what nobody sees."""
    with pytest.raises(BadQuestion, match=r"Option 1.* (shows nothing|is empty).* give it a label"):
        asked(option=label)


@pytest.mark.parametrize("text", NOTHING)
def test_a_question_of_blanks_in_a_formula_or_of_a_mark_alone_is_refused(text: str) -> None:
    """The class would see options without a question."""
    with pytest.raises(BadQuestion, match=r"shows nothing on a phone\. Write what is asked|needs a text"):
        asked(text=text)


@pytest.mark.parametrize("words", SOMETHING)
def test_a_formula_that_draws_something_is_taken(words: str) -> None:
    """Roots, bars, frames and rules are seen without a character."""
    assert asked(option=words).options[0].label == words
    assert asked(text=words).text == words
