"""Foreign text in a log line or an error: one line, no escape sequence, no doubt, no great length."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livepoll_jupyter.core.foreign import LONGEST, foreign, printable

ANY_TEXT = st.text(st.characters(exclude_categories=()))
"""Lone surrogates too."""

DANGEROUS = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def test_no_character_of_unicode_gets_through_that_a_terminal_obeys() -> None:
    """Each of the 1,114,112 is tried: controls, line ends, direction marks, invisible ones."""
    every = "".join(char for char in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(char) in DANGEROUS)
    assert len(every) > 900_000
    assert foreign(every, sys.maxsize).isascii()
    assert printable(every).isascii()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mean", "mean"),
        ("Größe 平均 😀", "Größe 平均 😀"),
        ("a\r\n[E 2026] forged", "a\\r\\n[E 2026] forged"),
        ("\x1b[2J\x9b31m\x85", "\\x1b[2J\\x9b31m\\x85"),
        ("\u2028\u202e\u2066\ud800", "\\u2028\\u202e\\u2066\\ud800"),
        ("\\n", "\\\\n"),
    ],
)
def test_it_is_escaped_as_python_does_it(text: str, shown: str) -> None:
    """Letters of every language stay readable."""
    assert foreign(text) == shown


@given(ANY_TEXT)
def test_two_texts_never_look_the_same(text: str) -> None:
    """What was sent can be had back from what is shown."""
    shown = foreign(text, sys.maxsize)
    assert shown.isprintable()
    back = "".join(c if c.isascii() else f"\\U{ord(c):08x}" for c in shown)
    assert back.encode("ascii").decode("unicode_escape") == text


@given(ANY_TEXT, st.integers(1, 50))
def test_what_is_too_long_is_cut_and_says_by_how_much(text: str, limit: int) -> None:
    """Between the parts of an escape nothing is cut."""
    shown = foreign(text, limit)
    kept, cut, more = shown.partition("\\... and ")
    if cut:
        rest = int(more.removesuffix(" more").replace(",", ""))
        assert 0 < rest <= len(text)
        assert kept == foreign(text[: len(text) - rest], sys.maxsize)
    assert len(kept) <= limit


def test_a_text_of_a_mebibyte_takes_one_short_line() -> None:
    """However it is made."""
    for char in ("a", "\x9b", "\\", "\U000e0001"):
        assert len(foreign(char * 2**20)) < LONGEST + 40


@given(ANY_TEXT)
def test_a_sentence_that_was_escaped_is_not_escaped_again(text: str) -> None:
    """So a log may look over every line once more."""
    assert printable(foreign(text)) == foreign(text)
