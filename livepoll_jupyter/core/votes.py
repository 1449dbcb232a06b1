"""The votes of a round: what is kept of each, and how they are counted."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
from msgspec import Struct


class Answer(Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A participant's present answer in one round, in normal form; ``at`` in seconds since the epoch."""

    answer: Any
    keys: tuple[str, ...]
    op: str
    rev: int
    at: float


class Round(Struct):
    """The votes of one round by participant: those that were decided, and those that are settled and counted."""

    decided: dict[str, Answer] = msgspec.field(default_factory=dict)
    answers: dict[str, Answer] = msgspec.field(default_factory=dict)
    counter: Counter[str] = msgspec.field(default_factory=Counter)
