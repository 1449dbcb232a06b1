"""What waits to be written to a peer that reads too slowly: of a present state only the newest, of control events all.

It knows bytes and which messages may be replaced; it writes nothing.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from ..core import messages

MAX_OUTBOX: Final = 256 * 1024
"""Bytes that may wait for one peer."""

REPLACEABLE: Final = (messages.ResultsUpdate, messages.Presence, messages.Pong, messages.Trouble)
"""What tells a present state, so that an older one says nothing that the newer does not."""


class Outbox:
    """What waits for one peer, oldest first; of what can be replaced, only the newest."""

    __slots__ = ("_control", "_newest", "size")

    def __init__(self) -> None:
        self._control: deque[bytes] = deque()
        self._newest: dict[str, bytes] = {}
        self.size = 0

    def put(self, frame: bytes, replaces: str | None) -> None:
        """Keep ``frame``; it takes the place of the one that waits under the name ``replaces``."""
        self.size += len(frame)
        if replaces is None:
            self._control.append(frame)
        else:
            self.size -= len(self._newest.pop(replaces, b""))
            self._newest[replaces] = frame

    def take(self) -> bytes | None:
        """The next frame, control events first; None if nothing waits."""
        if self._control:
            frame = self._control.popleft()
        elif self._newest:
            frame = self._newest.pop(next(iter(self._newest)))
        else:
            return None
        self.size -= len(frame)
        return frame


def replaceable(event: messages.Event) -> str | None:
    """The name under which a newer event replaces this one while it waits; None for what must not be lost."""
    if isinstance(event, messages.ResultsUpdate):
        # A closed question that is revealed has results too; they say nothing of the one that is being asked.
        return f"{event.data.questionId} {event.data.round}"
    return type(event).__name__ if isinstance(event, REPLACEABLE) else None
