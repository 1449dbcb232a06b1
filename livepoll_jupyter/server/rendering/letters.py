"""Mathematical letters: Unicode has bold and slanted ones of their own, which look right in any font."""

from __future__ import annotations

from typing import Final

_UPPER, _LOWER, _DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789"
_GREEK: Final = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡϴΣΤΥΦΧΨΩ∇αβγδεζηθικλμνξοπρςστυφχψω∂ϵϑϰϕϱϖ"

_BOLD: Final = {
    **{ord(letter): 0x1D400 + at for at, letter in enumerate(_UPPER + _LOWER)},
    **{ord(letter): 0x1D6A8 + at for at, letter in enumerate(_GREEK)},
    **{ord(digit): 0x1D7CE + at for at, digit in enumerate(_DIGITS)},
}
_ITALIC: Final = {
    **{ord(letter): 0x1D434 + at for at, letter in enumerate(_UPPER + _LOWER)},
    ord("h"): 0x210E,
}


def bold(text: str) -> str:
    """The text in bold mathematical letters; what has none stays."""
    return text.translate(_BOLD)


def italic(text: str) -> str:
    """The text in slanted mathematical letters; what has none stays."""
    return text.translate(_ITALIC)
