"""Text that others wrote, made safe for a log, a terminal or an error message: it moves no cursor and forges no line.

:func:`foreign` is for text that is put into a sentence of ours. :func:`printable` is for a whole sentence, in which
text of ours stands beside text that may already have gone through :func:`foreign`.
"""

from __future__ import annotations

from typing import Final

LONGEST: Final = 200
"""Characters of foreign text that one log line shows."""


def foreign(text: object, limit: int = LONGEST) -> str:
    r"""``text`` with everything that does not print escaped as Python does it, and at most ``limit`` characters of it.

    Escaped are all control, format (those that turn the direction of writing too), private, unassigned and surrogate
    characters, every space but the plain one, and the backslash, so that two texts never look the same. What was cut
    off is told by ``\... and 12 more``, which no text brings by itself, since its backslash would be doubled.
    """
    given = str(text)
    kept, used = _first(given[:limit], limit)
    return kept if used == len(given) else f"{kept}\\... and {len(given) - used:,} more"


def printable(text: str) -> str:
    """``text`` with everything that does not print escaped; backslashes stay as they are."""
    return text if text.isprintable() else "".join(c if c.isprintable() else _escape(c) for c in text)


def _first(text: str, limit: int) -> tuple[str, int]:
    """As much of the escaped text as fits into ``limit`` characters, and of how many characters it tells."""
    if text.isprintable() and "\\" not in text:
        return text, len(text)
    pieces: list[str] = []
    left = limit
    for used, char in enumerate(text):
        piece = char if char.isprintable() and char != "\\" else _escape(char)
        left -= len(piece)
        if left < 0:
            return "".join(pieces), used
        pieces.append(piece)
    return "".join(pieces), len(text)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
