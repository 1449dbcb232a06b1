"""The control events that a room keeps for those who resume, as frames: each encoded once, whoever asks.

It reads a room, and knows no peer.
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import Final

from ..core.room import Room
from .outbox import MAX_OUTBOX
from .peers import frame_of

MAX_REPLAY: Final = MAX_OUTBOX // 2
"""Bytes of missed control events that are sent one by one; more would close a peer as too slow each time it resumes."""


class Replay:
    """The newest control events of one room, at most :data:`MAX_REPLAY` bytes of them."""

    def __init__(self) -> None:
        self._frames: deque[bytes] = deque()
        self._size = 0
        self._epoch = ""
        self._seq = 0

    def newest(self, room: Room, number: int) -> bytes | None:
        """The frames of the newest ``number`` events, of at most as many as ``room`` keeps.

        None if they are larger than :data:`MAX_REPLAY`, which is known without encoding or joining them again.
        """
        self._follow(room)
        if number > len(self._frames):
            return None
        return b"".join(islice(self._frames, len(self._frames) - number, None))

    def _follow(self, room: Room) -> None:
        """Encode what was announced since the last time."""
        if room.epoch != self._epoch:
            self._frames.clear()
            self._size, self._epoch, self._seq = 0, room.epoch, room.seq - len(room.replay)
        new = min(room.seq - self._seq, len(room.replay))
        for event in islice(room.replay, len(room.replay) - new, None) if new else ():
            frame = frame_of(event)
            self._frames.append(frame)
            self._size += len(frame)
        self._seq = room.seq
        while self._size > MAX_REPLAY or len(self._frames) > len(room.replay):
            self._size -= len(self._frames.popleft())
