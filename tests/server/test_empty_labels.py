"""An option of which nothing is seen is refused, however it is written."""

from __future__ import annotations

import pytest

from livepoll_jupyter.core.texts import shows_nothing
from livepoll_jupyter.server.rendering.prose import render_label


@pytest.mark.parametrize(
    "label",
    [r"$\,$", r"$\quad$", "${}$", r"$\phantom{x}$", r"$\hspace{1em}$", r"$\text{ }$", r"$\mathrm{}$", r"$\smash{}$",
     "\u0301", "\U0001d159", "\ufff9"],
)  # fmt: skip
def test_a_formula_of_blanks_and_a_mark_alone_show_nothing(label: str) -> None:
    """Nobody can choose what nobody sees."""
    assert shows_nothing(render_label(label).html)


@pytest.mark.parametrize(
    "label",
    [
        "$x$",
        r"$\sqrt{}$",
        r"$\frac{}{}$",
        r"$\boxed{\ }$",
        r"$\rule{1em}{1em}$",
        "e\u0301",
        r"$a\phantom{b}$",
        r"$\to$",
    ],
)
def test_a_formula_that_draws_something_is_shown(label: str) -> None:
    """Roots, bars, frames and rules are seen without a character."""
    assert not shows_nothing(render_label(label).html)
