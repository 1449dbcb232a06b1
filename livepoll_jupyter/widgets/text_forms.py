"""The widgets in plain text: what a code-hosting site, a terminal and a test see. Pure; no code, no port, no count.

The texts may be another server's, so nothing in them moves a terminal's cursor or turns the direction of writing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_BOXES: Final = {"choice": "( )", "multiple_choice": "[ ]"}


_COMMANDS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Control characters but for tab and line feed, separators of lines, and what turns the direction of writing."""


def room_text(title: str) -> str:
    """The panel."""
    return shown_text(f"Live poll: {title}")


def question_text(text: str, kind: str, labels: Sequence[str]) -> str:
    """A question with its options, one a line."""
    box = f"  {_BOXES.get(kind, '-')} "
    further_lines = "\n" + " " * len(box)
    options = (box + label.replace("\n", further_lines) for label in labels)
    return shown_text("\n".join([text.strip(), "", *options]).rstrip())


def seat_text(title: str) -> str:
    """A student's place."""
    return shown_text(f"A seat in the live poll: {title}")


def short(text: str, width: int = 40) -> str:
    """The first line, shortened, for a repr."""
    line = text.strip().partition("\n")[0]
    return line if len(line) <= width else f"{line[: width - 1]}…"


def shown_text(text: str) -> str:
    """The text, with what would command a terminal escaped."""
    return _COMMANDS.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), text)
