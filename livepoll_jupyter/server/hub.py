"""Carries commands to the store and their effects to the peers. It knows rooms by code, and no socket, HTTP or rule.

One hub per process. An effect happens only after the store has committed, so an acknowledgement is a promise kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

from ..core.commands import Command
from ..core.errors import RoomEnded, Unavailable
from ..storage.base import Outcome, Store
from .clock import Clock, within
from .live import LiveRoom

HEAL_EVERY: Final = 1.0
"""Seconds between two looks at a room that the store has to load anew."""


class Hub:
    """The open rooms of a store and everybody in them."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._live: dict[str, LiveRoom] = {}
        self._lost: set[str] = set()
        self._waiting = 0
        self._settled = asyncio.Event()
        self._settled.set()
        self.is_draining = False
        store.on_trouble(self._show_trouble)

    def live(self, code: str) -> LiveRoom:
        """The open room; raises :exc:`NotFound` or :exc:`RoomEnded`."""
        room = self._store.room(code)
        live = self._live.get(code)
        if live is None:
            live = self._live[code] = LiveRoom(room, self._clock, lambda: self._store.trouble)
        elif live.room is not room:
            live.follow(room)
        return live

    def submit(self, code: str, command: Command, done: Callable[[Outcome], None]) -> None:
        """Hand a command to the store; ``done`` is called after its effects have been carried out."""
        if self.is_draining:
            done(Outcome((), Unavailable("The server is restarting. Try again in a few seconds.")))
            return
        self._waiting += 1
        self._settled.clear()
        self._store.submit(code, command, self._clock.wall(), partial(self._done, code, done))

    async def ask(self, code: str, command: Command) -> None:
        """Carry out a command; raises its refusal."""
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

        def done(outcome: Outcome) -> None:
            if not answer.done():
                answer.set_result(outcome)

        self.submit(code, command, done)
        refusal = (await answer).refusal
        if refusal is not None:
            raise refusal

    async def drain(self, patience: float) -> bool:
        """Take no more commands, and wait until every one that was taken is committed and acknowledged.

        False if that took longer than ``patience`` seconds; what is not committed by then is not acknowledged.
        """
        self.is_draining = True
        return await within(self._clock, patience, self._settled.wait())

    def _done(self, code: str, done: Callable[[Outcome], None], outcome: Outcome) -> None:
        try:
            self._carry_out(code, outcome)
            done(outcome)
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._settled.set()

    def _carry_out(self, code: str, outcome: Outcome) -> None:
        live = self._live.get(code)
        if live is None:
            return
        self._follow(code)
        live.carry_out(outcome.effects)
        if live.room.ended_at is not None:
            del self._live[code]

    def _follow(self, code: str) -> None:
        """Read the room that the store has now."""
        try:
            self.live(code)
        except RoomEnded:
            return  # the effects that ended it tell its peers
        except Unavailable:
            self._look_again(code)

    def _look_again(self, code: str) -> None:
        """Follow a room that the store has to load anew as soon as it has."""
        if code not in self._lost:
            self._lost.add(code)
            self._clock.call_at(self._clock.monotonic() + HEAL_EVERY, partial(self._look, code))

    def _look(self, code: str) -> None:
        self._lost.discard(code)
        if code in self._live and not self.is_draining:
            self._follow(code)

    def _show_trouble(self) -> None:
        for live in self._live.values():
            live.show_trouble()
