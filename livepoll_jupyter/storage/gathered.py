"""What was decided since the last batch was handed over, and who waits to hear of it. It commits and tells nothing."""

from __future__ import annotations

from msgspec import Struct

from ..core.effects import Change, Decision
from ..core.errors import Refusal, Unavailable
from ..core.room import Room
from .base import Done, Outcome
from .journal import Batch, Writes, head_of


class Waiting(Struct, frozen=True):
    """A command that was decided: its decision or refusal, its room where it has one, and who hears of it."""

    room: Room | None
    decision: Decision
    refusal: Refusal | None
    done: Done
    is_vote: bool

    def settle(self) -> Outcome:
        """What became of it, once all that it rests upon is committed."""
        if self.room is not None:
            self.room.settle(self.decision)
        return Outcome(self.decision.effects, self.refusal, self.decision.act)

    def refuse(self, advice: str) -> Outcome:
        """What became of it if that could not be committed; only an instructor's command is told why."""
        if self.is_vote:
            return Outcome((), Unavailable("The server could not store your vote. It is sent again by itself."))
        return Outcome((), Unavailable(f"This could not be stored, so it was not done. {advice}"))


class Gathered:
    """The next batch. ``is_try`` has it committed even if it is empty."""

    __slots__ = ("changes", "is_try", "touched", "waiting")

    def __init__(self) -> None:
        self.waiting: list[Waiting] = []
        self.changes: dict[str, list[Change]] = {}
        self.touched: dict[str, Room] = {}
        self.is_try = False

    @property
    def codes(self) -> set[str]:
        """The rooms that something was decided in."""
        return {*self.changes, *self.touched}

    @property
    def is_written(self) -> bool:
        """Whether there is anything for the disk."""
        return self.is_try or bool(self.changes or self.touched)

    def batch(self) -> Batch:
        """The writes of all rooms, their heads taken as they now are."""
        batch = {code: Writes() for code in self.codes}
        for code, room in self.touched.items():
            batch[code].head = head_of(room)
        for code, changes in self.changes.items():
            batch[code].add(changes)
        return batch
