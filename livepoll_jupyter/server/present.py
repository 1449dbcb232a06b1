"""What a newcomer is shown of what is being asked: made once for all who come before it changes, since a hall comes so.

It reads a room, and knows no peer.
"""

from __future__ import annotations

from typing import NamedTuple

from ..core import messages
from ..core.questions import Question
from ..core.room import Room, results_are_visible
from .peers import frame_of


class Shown(NamedTuple):
    """The question, its results if they may be seen, and both as the frames of version 1's present state."""

    question: messages.Question
    results: messages.Results | None
    v1_state: bytes


class Present:
    """The present state of one room, for those who see everything and for the class."""

    def __init__(self) -> None:
        self._of: tuple[Question, int] | None = None
        self._shown: dict[bool, Shown] = {}

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


def _shown(room: Room, asked: Question, *, is_staff: bool) -> Shown:
    question = asked.public()
    results = room.results(asked) if is_staff or results_are_visible(asked) else None
    events: list[messages.Event] = [
        messages.NewQuestion(data=question),
        messages.LockStatusEvent(data=messages.LockStatus(asked.id, asked.is_locked)),
    ]
    if results is not None:
        events.append(messages.ResultsUpdate(data=results, rev=room.rev))
    return Shown(question, results, b"".join(map(frame_of, events)))
