"""The widgets in plain text: what a code-hosting site and a test see. Pure; no code, no port, no count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_BOXES: Final = {"choice": "( )", "multiple_choice": "[ ]"}


def room_text(title: str) -> str:
    """The panel."""
    return f"Live poll: {title}"


def question_text(text: str, kind: str, labels: Sequence[str]) -> str:
    """A question with its options, one a line."""
    box = _BOXES.get(kind, "-")
    return "\n".join([text.strip(), "", *(f"  {box} {label}" for label in labels)]).rstrip()


def seat_text(title: str) -> str:
    """A student's place."""
    return f"A seat in the live poll: {title}"


def short(text: str, width: int = 40) -> str:
    """The first line, shortened, for a repr."""
    line = text.strip().partition("\n")[0]
    return line if len(line) <= width else f"{line[: width - 1]}…"
