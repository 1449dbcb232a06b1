"""What people really write, copy and paste: each case of ``own_cases`` comes out as was decided for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from own_cases import CASES, REFUSED

from livepoll_jupyter.client import Address
from livepoll_jupyter.client.tokens import clean_token
from livepoll_jupyter.core import messages
from livepoll_jupyter.core.drafts import draft, read
from livepoll_jupyter.core.errors import Refusal
from livepoll_jupyter.core.kinds import kind_of
from livepoll_jupyter.core.questions import Question
from livepoll_jupyter.server.codes import looks_like_code, normal_code
from livepoll_jupyter.server.links import public_pages
from livepoll_jupyter.server.rendering.formulas import formula
from livepoll_jupyter.server.rendering.prose import render, render_label
from livepoll_jupyter.server.rendering.shapes import Task
from livepoll_jupyter.server.rendering.worker import carry_out
from livepoll_jupyter.widgets import definitions

if TYPE_CHECKING:
    from collections.abc import Callable


def drafted(text: str, options: list[str]) -> tuple[Question, tuple[str, ...]]:
    """A question as the server makes it, and its warnings."""
    written = read(kind="choice", text=text, options=options)
    done = carry_out(Task(written.text, written.labels))
    return draft("q1", written, done.html, done.labels, plain=done.plain, plain_labels=done.plain_labels), done.warnings


def the_code(typed: str) -> str:
    """The code that was typed."""
    assert looks_like_code(typed)
    return normal_code(typed)


def the_link(link: str) -> tuple[str, str]:
    """Where a link leads."""
    address = Address.from_link(link)
    return address.pages, address.code


def the_options(options: Any) -> list[str]:
    """The labels of options."""
    return definitions.read(("Which?", options)).options


def the_right_ones(given: tuple[list[str], Any]) -> list[str]:
    """The ids of the right answers."""
    options, correct = given
    new = definitions.read(("Which?", options, correct))
    return sorted(read(kind=new.kind, text=new.text, options=new.options, correct=new.correct).correct)


def the_answer(given: tuple[list[str], Any]) -> Any:
    """The id of the option that is meant, to both kinds."""
    options, answer = given
    asked = messages.Question(
        id="q", kind="choice", text="Which?", html="", round=1, is_locked=False, is_active=True,
        options=tuple(messages.Option(name, label, "") for name, label in zip("abc", options, strict=False)),
    )  # fmt: skip
    chosen = kind_of("choice").from_labels(asked, answer)
    assert kind_of("multiple_choice").from_labels(asked, answer) == [chosen]
    assert kind_of("multiple_choice").from_labels(asked, [answer]) == [chosen]
    return chosen


def the_plain_labels(options: list[str]) -> list[str | None]:
    """The plain texts of options, None where it is the label."""
    question, _ = drafted("Which?", options)
    return [option.plain or None for option in question.options]


def the_verdict(text: str) -> str | None:
    """Whether a text is warned of."""
    _, warnings = drafted(text, ["yes", "no"])
    return "warned" if warnings else None


READ: dict[str, Callable[[Any], Any]] = {
    "formula": lambda latex: formula(latex, is_block=False).text,
    "text": lambda text: render(text).plain,
    "label": lambda label: render_label(label).plain,
    "code": the_code,
    "link": the_link,
    "public_url": public_pages,
    "options": the_options,
    "correct": the_right_ones,
    "answer": the_answer,
    "alike": the_plain_labels,
    "characters": the_verdict,
    "token": clean_token,
}
"""How a case of each kind is read."""


@pytest.mark.parametrize(
    ("kind", "given", "right"),
    [(kind, *case) for kind, cases in CASES.items() for case in cases],
    ids=[f"{kind} {place}" for kind, cases in CASES.items() for place, _ in enumerate(cases, 1)],
)
def test_what_people_write_is_read_as_they_mean_it(kind: str, given: Any, right: Any) -> None:
    """Or refused with a sentence that says what is wrong."""
    if isinstance(right, REFUSED):
        with pytest.raises(Refusal) as refused:
            READ[kind](given)
        assert right.says in refused.value.message
    else:
        assert READ[kind](given) == right
