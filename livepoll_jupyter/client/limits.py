"""What a client takes from a server, which may be anybody's: no more than it can show, no id that is a path."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from msgspec import UNSET

from ..core.errors import BadMessage
from ..core.messages import PING_MS, Question
from ..core.room import MAX_QUESTIONS

MAX_OPTIONS: Final = 200
"""Options of a question; ours have at most 26, and a browser must show all of them."""
MAX_TEXT: Final = 150_000
"""Characters of a question in all its fields; ours have at most 98,304 (``MAX_SIZE`` of ``core.drafts``)."""
LONGEST_RETRY: Final = 120.0
"""Seconds; a server cannot keep a client away for longer."""
PING: Final = 1.0, 20 * PING_MS / 1000
"""Seconds between which a server's own figure for pings is believed."""


def segment(name: str) -> str:
    """A code or an id as one part of a path, whatever it holds."""
    return quote(name, safe="")


def ping_interval(milliseconds: int) -> float:
    """Seconds between two pings, as far as the server's wish neither floods it nor leaves a loss unnoticed."""
    least, most = PING
    # Limit it as an integer: one of hundreds of digits is no float.
    return min(int(most * 1000), max(int(least * 1000), milliseconds)) / 1000


def refuse_excess(questions: Iterable[Question]) -> None:
    """Raise :exc:`BadMessage` for questions that no server of ours makes, before anything is built for them."""
    for number, question in enumerate(questions, 1):
        if number > MAX_QUESTIONS:
            raise BadMessage(f"The server sent more than {MAX_QUESTIONS} questions.")
        if len(question.options) > MAX_OPTIONS:
            raise BadMessage(f"The server sent a question with more than {MAX_OPTIONS} options.")
        if _characters(question) > MAX_TEXT:
            raise BadMessage(f"The server sent a question of more than {MAX_TEXT} characters.")


def _characters(question: Question) -> int:
    texts = [question.id, question.kind, question.text, question.html, question.plain]
    texts += [text for each in question.options for text in (each.id, each.label, each.html, each.plain)]
    return sum(len(text) for text in texts if text is not UNSET)
