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
    """

    act: Act
    keys: tuple[str, ...]
    at: float

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

    def counts_otherwise_than(self, before: Answer | None) -> bool:
        """Whether results are others than with ``before`` in its place."""
        return self.keys != before.keys or self.is_given != before.is_given if before else self.is_given


class Round(Struct):
    """The votes of one round by participant: those that were decided, and those that are settled and counted.

    ``earlier`` holds the newest acts that a decided answer replaced, by their ``op``, oldest first. It is one
    dictionary that grows: a copy for each answer would take longer than all else that is done for a vote.
    ``participants`` is how many settled answers are given and not withdrawn.
    """

    decided: dict[str, Answer] = msgspec.field(default_factory=dict)
    earlier: dict[str, dict[str, Act]] = msgspec.field(default_factory=dict)
    answers: dict[str, Answer] = msgspec.field(default_factory=dict)
    counter: Counter[str] = msgspec.field(default_factory=Counter)
    participants: int = 0

    def act_of(self, participant: str, op: str) -> Act | None:
        """The participant's act called ``op``, be it the present one or a replaced one; None for an unknown one."""
        present = self.decided.get(participant)
        if present is None:
            return None
        if present.act.op == op:
            return present.act
        earlier = self.earlier.get(participant)
        return earlier.get(op) if earlier else None

    def decide(self, participant: str, after: Answer) -> Act | None:
        """Put ``after`` in place of the participant's answer so far; return the act that is remembered no more."""
        before = self.decided.get(participant)
        self.decided[participant] = after
        if before is None:
            return None
        earlier = self.earlier.setdefault(participant, {})
        earlier[before.act.op] = before.act
        return earlier.pop(next(iter(earlier))) if len(earlier) > MAX_EARLIER else None

    def take_back(self, participant: str, forgotten: Act | None) -> None:
        """Forget what was decided of the participant's and is not settled; remember again what it had no room for."""
        settled = self.answers.get(participant)
        acts = [*self.earlier.pop(participant, {}).values(), *([forgotten] if forgotten else [])]
        if settled is None:
            self.decided.pop(participant, None)
            return
        self.decided[participant] = settled
        kept = sorted((act for act in acts if act.number < settled.act.number), key=lambda act: act.number)
        if kept:
            self.earlier[participant] = {act.op: act for act in kept}

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
