"""What a newcomer is shown of what is being asked: made once for all who come before it changes, since a hall comes so.

It reads a room, and knows no peer.
"""

from __future__ import annotations

from typing import NamedTuple

from ..core import messages, version1
from ..core.questions import Question
from ..core.room import Room, results_are_visible
from .peers import frame_of


class Shown(NamedTuple):
    """The question, its results if they may be seen, and both as the frames of version 1's present state.

    ``results_frame`` is empty where they may not be seen.
    """

    question: messages.Question
    results: messages.Results | None
    results_frame: bytes
    v1_state: bytes


class Snapped(NamedTuple):
    """All that a snapshot shows, or what changes whenever that does."""

    room: Room
    asked: Question | None
    seq: int
    rev: int
    participants: int

    def is_like(self, other: Snapped) -> bool:
        """Whether both show the same."""
        # A room that was loaded anew and a question that was changed are other objects.
        return self.room is other.room and self.asked is other.asked and self[2:] == other[2:]


class Present:
    """The present state of one room, for those who see everything and for the class."""

    def __init__(self) -> None:
        self._of: tuple[Question, int] | None = None
        self._shown: dict[bool, Shown] = {}
        self._snapshots: dict[bool, tuple[Snapped, bytes]] = {}

    def of(self, room: Room, *, is_staff: bool) -> Shown | None:
        """What is shown now; None if nothing is being asked."""
        asked = room.active
        if asked is None:
            return None
        # A question is never changed, another one takes its place; and whatever changes its results raises ``rev``.
        if self._of is None or self._of[0] is not asked or self._of[1] != room.rev:
            self._of = asked, room.rev
            self._shown.clear()
        if is_staff not in self._shown:
            self._shown[is_staff] = _shown(room, asked, is_staff=is_staff)
        return self._shown[is_staff]

    def snapshot(self, room: Room, participants: int, *, is_staff: bool) -> bytes:
        """The frame of a snapshot, while ``participants`` are connected; made once until something changes."""
        asked = room.active
        shows = Snapped(room, asked, room.seq, room.rev, participants)
        held = self._snapshots.get(is_staff)
        if held is not None and held[0].is_like(shows):
            return held[1]
        frame = frame_of(self._snapshot(shows, self.of(room, is_staff=is_staff)))
        self._snapshots[is_staff] = shows, frame
        return frame

    def _snapshot(self, shows: Snapped, shown: Shown | None) -> messages.SnapshotEvent:
        room, asked = shows.room, shows.asked
        data = messages.Snapshot(
            title=room.title,
            question=shown.question if shown else None,
            results=shown.results if shown else None,
            correct=asked.correct if asked and asked.is_revealed else None,
            participants=shows.participants,
        )
        # Without results there is nothing to order, and the room's own number would tell how many have voted.
        rev = 0 if data.results is None else room.rev
        return messages.SnapshotEvent(data=data, seq=room.seq, epoch=room.epoch, rev=rev)


def _shown(room: Room, asked: Question, *, is_staff: bool) -> Shown:
    question = asked.public()
    results = room.results(asked) if is_staff or results_are_visible(asked) else None
    events: list[messages.Event] = [
        version1.new_question(messages.NewQuestion(data=question)),
        messages.LockStatusEvent(data=messages.LockStatus(asked.id, asked.is_locked)),
    ]
    results_frame = b"" if results is None else frame_of(messages.ResultsUpdate(data=results, rev=room.rev))
    return Shown(question, results, results_frame, b"".join(map(frame_of, events)) + results_frame)
