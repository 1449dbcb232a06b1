"""The broadcasts of one room on their way: some hundred peers at a time, so that the loop has its turns in between.

A peer that a broadcast has not come to yet is like one that reads slowly. It is still to have every control event, in
order, then of each present state the newest; and whatever is sent to that peer alone comes after all of these. So each
peer has what it would have if a broadcast took no time: slices change who is first, and nothing else. Nothing here
encodes a message or knows a socket.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple, Protocol

SLICE: Final = 500
"""Peers that are served before other work has its turn: some 4 ms of one core."""

Later = Callable[[Callable[[], None]], object]
"""Calls back once the loop has had a turn."""


class Reached(Protocol):
    """A peer, as far as broadcasts are concerned."""

    is_v2: bool

    def put(self, frame: bytes, replaces: str | None) -> None:
        """Write ``frame`` now, or as soon as the peer reads on."""


class Broadcast(NamedTuple):
    """One frame for peers of version 2, and one for those of version 1, who may have none.

    ``due`` is when the last of them has been looked at.
    """

    number: int
    frame: bytes
    v1_frame: bytes | None
    replaces: str | None
    due: int


class Lane:
    """Broadcasts of one kind, each of which comes to every peer that was there, in their order.

    A peer waits from the first broadcast that it has not had; nothing is noted of one that has had all.
    """

    def __init__(self) -> None:
        self._count = 0
        self._under_way: deque[Broadcast] = deque()
        self._waiting: dict[Reached, int] = {}
        self._order: deque[Reached] = deque()
        self._looked_at = 0

    @property
    def is_busy(self) -> bool:
        """Whether somebody is still to be served."""
        return bool(self._order)

    def issue(self, peers: Iterable[Reached], frame: bytes, v1_frame: bytes | None, replaces: str | None) -> None:
        """Begin a broadcast: behind those who wait for an earlier one come all who do not."""
        self._count += 1
        others = [peer for peer in peers if peer not in self._waiting] if self._waiting else list(peers)
        self._order.extend(others)
        self._waiting.update(dict.fromkeys(others, self._count))
        due = self._looked_at + len(self._order)
        self._under_way.append(Broadcast(self._count, frame, v1_frame, replaces, due))

    def serve(self, at_most: int) -> int:
        """Serve the next peers; how many these were."""
        served = min(at_most, len(self._order))
        self._serve(served)
        while self._under_way and self._under_way[0].due <= self._looked_at:
            self._under_way.popleft()
        return served

    def _serve(self, number: int) -> None:
        """Serve so many. Most wait for the newest broadcast alone: for thousands of them, no call for each."""
        next_one, taken_off, under_way = self._order.popleft, self._waiting.pop, self._under_way
        for _ in range(number):
            self._looked_at += 1  # before a put that may fail, and for this peer alone
            peer = next_one()
            first = taken_off(peer, None)
            last, frame, v1_frame, replaces, _ = under_way[-1]
            if first != last:
                self._give(peer, first)
            elif peer.is_v2:
                peer.put(frame, replaces)
            elif v1_frame is not None:
                peer.put(v1_frame, replaces)

    def catch_up(self, peer: Reached) -> None:
        """Give the peer what it has not had."""
        self._give(peer, self._waiting.pop(peer, None))

    def _give(self, peer: Reached, first: int | None) -> None:
        if first is not None:
            for broadcast in newest(each for each in self._under_way if each.number >= first):
                frame = broadcast.frame if peer.is_v2 else broadcast.v1_frame
                if frame is not None:
                    peer.put(frame, broadcast.replaces)

    def forget(self, peer: Reached) -> None:
        """The peer is gone."""
        self._waiting.pop(peer, None)


def newest(broadcasts: Iterable[Broadcast]) -> list[Broadcast]:
    """Without those that a later one replaces."""
    return list({each.number if each.replaces is None else each.replaces: each for each in broadcasts}.values())


class Fanout:
    """What is under way in one room, to ``peers``, which may change at any time; ``at_once`` of them are a slice.

    Of what is under way a new peer hears nothing: it is told the present state.
    """

    def __init__(self, peers: Iterable[Reached], later: Later, at_once: int) -> None:
        self._peers = peers
        self._later = later
        self._at_once = at_once
        self._control, self._state = self._lanes = Lane(), Lane()
        self.is_busy = False
        """Whether a broadcast has not come to everybody yet."""

    def broadcast(self, frame: bytes, v1_frame: bytes | None, replaces: str | None) -> None:
        """Begin to send, to peers of version 1 the ``v1_frame`` if there is one; in a small room that is all."""
        lane = self._control if replaces is None else self._state
        lane.issue(self._peers, frame, v1_frame, replaces)
        if not self.is_busy:
            self._go_on()

    def catch_up(self, peer: Reached) -> None:
        """Give one peer all that is under way: it is about to be told something else, or to be somebody else."""
        for lane in self._lanes:
            lane.catch_up(peer)

    def forget(self, peer: Reached) -> None:
        """A peer is gone."""
        for lane in self._lanes:
            lane.forget(peer)

    def _go_on(self) -> None:
        try:
            left = self._at_once - self._control.serve(self._at_once)
            self._state.serve(left)
        finally:
            self.is_busy = any(lane.is_busy for lane in self._lanes)
            if self.is_busy:
                self._later(self._go_on)


def soon(callback: Callable[[], None]) -> None:
    """Call back in the loop's next turn."""
    asyncio.get_running_loop().call_soon(callback)
