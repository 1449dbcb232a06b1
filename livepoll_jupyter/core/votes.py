"""The votes of a round: what is kept of each, and how they are counted."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import msgspec
from msgspec import Struct

MAX_EARLIER: Final = 64
"""How many acts of voting a participant's answer remembers that it replaced; an older one, sent again, is stale."""


class Act(Struct, frozen=True, array_like=True, gc=False):
    """One accepted act of voting, as its voter is told; ``answer`` is in normal form, None where it withdrew."""

    op: str
    rev: int
    answer: Any


class Answer(Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A participant's present answer in one round, in normal form; ``at`` in seconds since the epoch.

    A withdrawn answer is None and has no keys; it is kept so that a late retry of an older vote still loses to it.
    ``earlier`` holds the newest acts that this one replaced, oldest first.
    """

    answer: Any
    keys: tuple[str, ...]
    op: str
    rev: int
    at: float
    earlier: tuple[Act, ...] = ()

    @property
    def is_given(self) -> bool:
        """Whether there is an answer, and it was not withdrawn."""
        return self.answer is not None

    @property
    def act(self) -> Act:
        """The act of voting that made this the answer."""
        return Act(self.op, self.rev, self.answer)

    @property
    def replaced(self) -> tuple[Act, ...]:
        """What ``earlier`` is for the answer that comes after this one."""
        return (*self.earlier, self.act)[-MAX_EARLIER:]

    def act_of(self, op: str) -> Act | None:
        """The act called ``op``, be it the present one or one that it replaced; None for an unknown one."""
        if op == self.op:
            return self.act
        return next((act for act in self.earlier if act.op == op), None)


class Round(Struct):
    """The votes of one round by participant: those that were decided, and those that are settled and counted.

    ``participants`` is how many settled answers are given and not withdrawn.
    """

    decided: dict[str, Answer] = msgspec.field(default_factory=dict)
    answers: dict[str, Answer] = msgspec.field(default_factory=dict)
    counter: Counter[str] = msgspec.field(default_factory=Counter)
    participants: int = 0
