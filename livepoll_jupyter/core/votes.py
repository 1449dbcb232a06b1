"""The votes of a round: what is kept of each, and how they are counted."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import msgspec
from msgspec import Struct

MAX_EARLIER: Final = 64
"""How many acts of voting a participant's answer remembers that it replaced; an older one, sent again, is stale."""


class Act(Struct, frozen=True, gc=False):
    """One accepted act of voting; ``answer`` is in normal form, None where it withdrew.

    ``number`` counts the acts of a room in the order they were decided, and so in the order of their commits.
    """

    op: str
    rev: int
    answer: Any
    number: int


class Answer(Struct, frozen=True, gc=False):
    """A participant's present answer in one round: the ``act`` that made it; ``at`` in seconds since the epoch.

    A withdrawn answer is None and has no keys; it is kept so that a late retry of an older vote still loses to it.
    ``earlier`` holds the newest acts that this one replaced, oldest first; ``ops`` are their names, which can so be
    looked through without a step for each.
    """

    act: Act
    keys: tuple[str, ...]
    at: float
    earlier: tuple[Act, ...] = ()
    ops: tuple[str, ...] = ()

    @classmethod
    def after(cls, before: Answer | None, act: Act, keys: tuple[str, ...], at: float) -> Answer:
        """What ``act`` makes of the answer ``before``."""
        if before is None:
            return cls(act, keys, at)
        earlier, ops = (*before.earlier, before.act), (*before.ops, before.act.op)
        return cls(act, keys, at, earlier[-MAX_EARLIER:], ops[-MAX_EARLIER:])

    @property
    def answer(self) -> Any:
        """The answer itself, in normal form."""
        return self.act.answer

    @property
    def rev(self) -> int:
        """Where the voter's own counter stood."""
        return self.act.rev

    @property
    def is_given(self) -> bool:
        """Whether there is an answer, and it was not withdrawn."""
        return self.act.answer is not None

    @property
    def forgotten(self) -> Act | None:
        """The act that the next answer has no room for."""
        return self.earlier[0] if len(self.earlier) == MAX_EARLIER else None

    def counts_otherwise_than(self, before: Answer | None) -> bool:
        """Whether results are others than with ``before`` in its place."""
        return self.keys != before.keys or self.is_given != before.is_given if before else self.is_given

    def act_of(self, op: str) -> Act | None:
        """The act called ``op``, be it the present one or one that it replaced; None for an unknown one."""
        if op == self.act.op:
            return self.act
        return self.earlier[self.ops.index(op)] if op in self.ops else None


class Round(Struct):
    """The votes of one round by participant: those that were decided, and those that are settled and counted.

    ``participants`` is how many settled answers are given and not withdrawn.
    """

    decided: dict[str, Answer] = msgspec.field(default_factory=dict)
    answers: dict[str, Answer] = msgspec.field(default_factory=dict)
    counter: Counter[str] = msgspec.field(default_factory=Counter)
    participants: int = 0

    def settle(self, participant: str, after: Answer) -> None:
        """Count ``after`` in place of the participant's answer so far."""
        before = self.answers.get(participant)
        if before is not None:
            for key in before.keys:
                self.counter[key] -= 1
            self.participants -= before.is_given
        for key in after.keys:
            self.counter[key] += 1
        self.participants += after.is_given
        self.answers[participant] = after
