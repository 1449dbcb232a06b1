"""Carries commands to the store and their effects to the peers. It knows rooms by code, and no socket, HTTP or rule.

One hub per process. An effect happens only after the store has committed, so an acknowledgement is a promise kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from ..core.commands import Command
from ..core.effects import Effect
from ..core.errors import Unavailable
from ..storage.base import Outcome, Store
from .clock import Clock, within
from .live import LiveRoom


class Hub:
    """The open rooms of a store and everybody in them."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._live: dict[str, LiveRoom] = {}
        self.is_draining = False
        store.on_trouble(self._show_trouble)
        store.on_effects(self._carry_out)

    def live(self, code: str) -> LiveRoom:
        """The open room; raises :exc:`NotFound` or :exc:`RoomEnded`."""
        room = self._store.room(code)
        live = self._live.get(code)
        if live is None:
            live = self._live[code] = LiveRoom(room, self._clock, lambda: self._store.trouble)
        elif live.room is not room:
            live.follow(room)
        return live

    def participants(self, code: str) -> int:
        """How many participants are connected to the room; makes nothing for a room that nobody is in."""
        live = self._live.get(code)
        return live.peers.participants if live else 0

    def occupied(self) -> dict[str, int]:
        """How many participants are connected to each room, by code; rooms without any are left out."""
        return {code: live.peers.participants for code, live in self._live.items() if live.peers.participants}

    def submit(self, code: str, command: Command, done: Callable[[Outcome], None]) -> None:
        """Hand a command to the store; ``done`` is called after its effects have been carried out."""
        if self.is_draining:
            done(Outcome((), Unavailable("The server is restarting. Try again in a few seconds.")))
            return
        self._store.submit(code, command, self._clock.wall(), done)

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
        return await within(self._clock, patience, self._store.settled())

    def _carry_out(self, code: str, effects: Iterable[Effect]) -> None:
        if code not in self._live:
            return
        live = self.live(code)
        live.carry_out(effects)
        if live.room.ended_at is not None:
            del self._live[code]

    def show_links(self) -> None:
        """Let all staff look at their rooms again: the links lead somewhere else now."""
        for live in self._live.values():
            live.show_change()

    def _show_trouble(self) -> None:
        for live in self._live.values():
            live.show_trouble()
