"""Every socket of a server, whichever its room: who is still there, and how all are sent away.

One sweep looks after all of them: a peer that was heard since the last one is pinged, a peer that was not is gone. So
the server finds a connection that is only half there within two intervals. Nothing here knows rooms or what peers say.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from .clock import Clock, Timer, within
from .open_files import share
from .peers import Peer

SWEEP_EVERY: Final = 30.0
"""Seconds between two sweeps."""

CATCH_UP: Final = 2.0
"""Seconds that a sweep may come late; one that comes later was held up, and waits so long for what was not read yet."""

NO_PONG: Final = 4408
"""The closing code of a peer from which nothing came between two of them."""

FAREWELL: Final = 5.0
"""Seconds in which a peer that is being closed may say goodbye."""

TURNED_AWAY: Final = 1.0
"""The same for a peer that came while open files were scarce: it keeps one of them."""

TURNED_AWAY_SHARE, MOST_TURNED_AWAY = 32, 2_048
"""One in so many of the process's open files may be kept by these, at most so many; of more, the first is dropped."""

RESTARTING: Final = 1012
"""The closing code of a server that is going down and will be back (RFC 6455's registry)."""

LEAST_RETRY_MS: Final = 3000
"""Milliseconds after which anybody may come back; for a full hall it is one for each peer, so a thousand a second."""


class Attendance:
    """The open sockets, by their peers. ``len()`` of it counts those too that are only being closed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._peers: dict[Peer, None] = {}
        self._timer: Timer | None = None
        self._due = 0.0
        self._has_waited = False
        self._parting: deque[tuple[float, Peer]] = deque()
        self._turned_away: deque[tuple[float, Peer]] = deque()
        self._nobody_left = asyncio.Event()

    def __len__(self) -> int:
        return len(self._peers)

    @property
    def retry_after_ms(self) -> int:
        """About when those who are sent away now should come back."""
        return max(LEAST_RETRY_MS, len(self._peers))

    def enter(self, peer: Peer) -> None:
        """A socket was opened."""
        self._peers[peer] = None
        self._nobody_left.clear()
        if self._timer is None:
            self._set_timer(SWEEP_EVERY)

    def part(self, peer: Peer) -> None:
        """A socket is being closed; if the other end does not do its part in time it is dropped."""
        self._parting.append((self._clock.monotonic() + FAREWELL, peer))
        if len(self._parting) == 1:
            self._wait_for_goodbyes()

    def turn_away(self, peer: Peer) -> None:
        """A socket is being closed since open files are scarce: it has less time to say goodbye."""
        self._turned_away.append((self._clock.monotonic() + TURNED_AWAY, peer))
        if len(self._turned_away) == 1:
            self._clock.call_at(self._turned_away[0][0], self._drop_turned_away)
        elif len(self._turned_away) > share(TURNED_AWAY_SHARE, MOST_TURNED_AWAY):
            self._turned_away.popleft()[1].drop()

    def leave(self, peer: Peer) -> None:
        """A socket is gone."""
        self._peers.pop(peer, None)
        if not self._peers:
            self._nobody_left.set()

    def close_all(self) -> None:
        """Send everybody away until the server is there again."""
        retry_after_ms = self.retry_after_ms
        for peer in list(self._peers):
            peer.close(RESTARTING, "restart", retry_after_ms)

    async def gone(self, patience: float) -> None:
        """Wait until every socket is gone; those that still say goodbye after ``patience`` seconds are dropped."""
        if self._peers:
            await within(self._clock, patience, self._nobody_left.wait())
        for peer in list(self._peers):
            peer.drop()

    # ------------------------------------------------------------ goodbyes

    def _wait_for_goodbyes(self) -> None:
        """One timer for all: who was closed first is first to be dropped."""
        self._clock.call_at(self._parting[0][0], self._drop_late)

    def _drop_late(self) -> None:
        while self._parting and self._parting[0][0] <= self._clock.monotonic():
            self._parting.popleft()[1].drop()
        if self._parting:
            self._wait_for_goodbyes()

    def _drop_turned_away(self) -> None:
        waiting = self._turned_away
        while waiting and waiting[0][0] <= self._clock.monotonic():
            waiting.popleft()[1].drop()
        if waiting:
            self._clock.call_at(waiting[0][0], self._drop_turned_away)

    # ------------------------------------------------------------ the sweep

    def _set_timer(self, seconds: float) -> None:
        self._due = self._clock.monotonic() + seconds
        self._timer = self._clock.call_at(self._due, self._sweep)

    def _sweep(self) -> None:
        self._timer = None
        was_held_up = self._clock.monotonic() - self._due > CATCH_UP
        self._has_waited = was_held_up and not self._has_waited
        if self._has_waited:
            # The machine was suspended, say: what the peers have answered waits unread in the system.
            self._set_timer(CATCH_UP)
            return
        for peer in list(self._peers):
            self._look_after(peer)
        if self._peers:
            self._set_timer(SWEEP_EVERY)

    def _look_after(self, peer: Peer) -> None:
        if not peer.was_heard:
            peer.close(NO_PONG, "no-pong")
            peer.drop()
        elif not peer.is_closed:
            peer.was_heard = False
            peer.ping()
