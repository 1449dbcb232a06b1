"""Highlighting: which languages, and what they may cost."""

from __future__ import annotations

import pytest
from attacks import ATTACKS, SIZE
from pygments.lexers import get_lexer_by_name

from livepoll_jupyter.server.rendering.code import LANGUAGES, highlight

DANGEROUS = ["autoit", "fan", "csharp", "make"]
"""Some of the lexers of Pygments that take seconds for 8 KB."""


@pytest.mark.parametrize("name", sorted(LANGUAGES))
def test_a_language_on_the_list_is_known_to_pygments(name: str) -> None:
    """And shows code without losing any of it."""
    assert get_lexer_by_name(name).name
    assert "x" in highlight("x\n", name)


@pytest.mark.parametrize("name", ["autoit", "fan", "make", "klingon", ""])
def test_any_other_language_is_shown_without_colours(name: str) -> None:
    """Its lexer is never started."""
    assert highlight("if a < b:", name) == "if a &lt; b:"


@pytest.mark.parametrize("name", DANGEROUS)
def test_lexers_that_take_seconds_are_not_on_the_list(name: str) -> None:
    """C# is read as Java."""
    assert name not in LANGUAGES


def test_the_attacks_are_as_large_as_a_question_may_be() -> None:
    """By these the languages on the list were measured."""
    assert {len(attack) for attack in ATTACKS} <= {SIZE, SIZE - 1}
