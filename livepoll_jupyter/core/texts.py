r"""What a text may hold, and when two texts are the same to whoever reads them. Pure.

Python writes ``"\frac"`` without its ``r`` as a form feed and ``rac``; an editor keeps zero-width characters and
two ways to write ``é``. Nobody sees that, so it is looked for.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from html import unescape
from numbers import Number
from typing import Final

from .errors import BadQuestion

_ESCAPES: Final = {"\a": "a", "\b": "b", "\f": "f", "\v": "v", "\r": "r", "\t": "t"}
"""Control characters, and the letter that stands for each behind a backslash in Python."""

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)")
_TAB_IN_LATEX: Final = re.compile(r"\t(?=ext|heta|imes|ilde|frac|riangle|au\b|binom|o\b|an\b)")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_NO_CHARACTER: Final = re.compile(r"[\ufdd0-\ufdef\ufffe\uffff]")

_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff\U0001d159]"
)
"""What takes no place, or a blank's: without it the eye sees the same."""

_JOINER: Final = re.compile("(?<![\u0600-\u08ff\u0900-\u0dff\u200d\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]")
"""A joiner that joins nothing; in Persian, Hindi and emoji it makes a difference."""

_CODE: Final = re.compile(r"(<code\b.*?</code>)", re.DOTALL)
_TAG: Final = re.compile(r"<[^>]*>")
_PHANTOM: Final = re.compile(r"<(/?)mphantom\b[^>]*>")
_DRAWN: Final = re.compile(r"<(?:hr|msqrt|mroot|mfrac|menclose)\b|mathbackground|tml-(?:box|fbox|frame|b[lrtb]-)")
"""What a formula draws without a character: roots, fraction bars, frames, rules."""
_NO_INK: Final = {"Mn", "Me", "Cf"}
"""Unicode categories of what is seen only on another character, or never."""
_CUT: Final = 30
MOST_MARKS: Final = 30
"""Combining marks in a row; no language writes as many. ``labextension/src/views/marks.ts`` shows no more."""


def check_text(text: str, what: str) -> None:
    """Raise :exc:`BadQuestion` if ``text`` holds what nobody can mean; ``what`` names it, such as "The question"."""
    if half := _SURROGATE.search(text):
        raise BadQuestion(
            f"{what} holds half of a character (a lone surrogate, U+{ord(half[0]):04X}, at character "
            f"{half.start() + 1}). Copy the text again from where it came from."
        )
    if odd := _CONTROL.search(text) or (_TAB_IN_LATEX.search(text) if "$" in text else None):
        raise BadQuestion(_about_control(text, odd, what))
    if odd := _NO_CHARACTER.search(text):
        raise BadQuestion(
            f"{what} holds U+{ord(odd[0]):04X} at character {odd.start() + 1}, which is no character. Remove it."
        )
    if start := _heap(text):
        raise BadQuestion(
            f"{what} holds more than {MOST_MARKS} combining marks (accents) in a row from character {start} on. "
            "Remove them."
        )


def _heap(text: str) -> int:
    """Where more marks stand in a row than are shown, from 1 on; 0 for nowhere."""
    if text.isascii():
        return 0
    run = 0
    for place, sign in enumerate(text, 1):
        run = run + 1 if unicodedata.category(sign).startswith("M") else 0
        if run > MOST_MARKS:
            return place - MOST_MARKS
    return 0


def _about_control(text: str, odd: re.Match[str], what: str) -> str:
    letter, rest = _ESCAPES.get(odd[0]), text[odd.end() :]
    word = re.match(r"[A-Za-z]*", rest)
    if letter is None or (word is None or not word[0]):
        return (
            f"{what} holds the control character U+{ord(odd[0]):04X} at character {odd.start() + 1}. Remove it; "
            'if LaTeX stands there, put an r before the text in Python: r"…".'
        )
    command = f"\\{letter}{word[0][:_CUT]}"
    return (
        f"{what} holds a control character before {word[0][:_CUT]!r}: Python read \\{letter} in {command}. "
        f'Put an r before the text: r"…{command}…".'
    )


def reading_key(text: str) -> str:
    """The same for two texts that read the same: one normal form, no invisible characters, single blanks."""
    return " ".join(_without_invisible(text).split())


def letters_of(typed: str) -> str:
    """The letters and digits of a code as it is kept, whatever sticks to it: capitals, none of them in full width."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", typed) if letter.isalnum()).upper()


def option_letter(written: str) -> str:
    """The letter of an option as a person writes it: ``B`` means the second one."""
    return unicodedata.normalize("NFKC", written).strip().lower()


def as_label(value: object) -> object:
    """A number or a date as Python writes it, of an array too; anything else as it is."""
    if isinstance(value, str):
        return value
    if type(value).__module__ != "numpy" and not getattr(value, "shape", ()) and hasattr(value, "item"):
        value = value.item()
    is_scalar = type(value).__module__ == "numpy" and not getattr(value, "shape", ()) and not isinstance(value, bytes)
    return str(value) if is_scalar or isinstance(value, Number | date) else value


def html_key(html: str) -> str:
    """The same for two pieces of HTML that look the same; blanks count within code, where they are shown."""
    parts = _CODE.split(_without_invisible(html.replace("&nbsp;", " ")))
    return "".join(part if _CODE.match(part) else re.sub(r"\s+", " ", part) for part in parts).strip()


def shows_nothing(html: str) -> bool:
    """Whether a reader of ``html`` would see an empty place."""
    seen = _without_phantoms(html)
    if _DRAWN.search(seen):
        return False
    text = _without_invisible(unescape(_TAG.sub("", seen)))
    return all(unicodedata.category(sign) in _NO_INK or sign.isspace() for sign in text)


def _without_phantoms(html: str) -> str:
    """The same without what only takes its place, phantoms within phantoms too."""
    seen, depth, end = [], 0, 0
    for tag in _PHANTOM.finditer(html):
        if depth == 0:
            seen.append(html[end : tag.start()])
        depth += -1 if tag[1] else 1
        end = tag.end()
    return "".join([*seen, html[end:]])


def _without_invisible(text: str) -> str:
    return _JOINER.sub("", _INVISIBLE.sub("", unicodedata.normalize("NFC", text)))
