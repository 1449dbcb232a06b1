"""Everything that a listener needs to serve rooms, in one object: the store, the hub, tokens, rates and links.

Made once per server and handed to every handler. It opens rooms; it knows no HTTP.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from logging import Logger
from typing import Final

from ..core.errors import BadSetting, Conflict, NotFound, Unavailable
from ..core.foreign import foreign
from ..core.room import Room
from ..logs import ONE_LINE
from ..storage.base import Store
from .attendance import Attendance
from .auth import Tokens, kept_instructor_token
from .client_log import ClientLog
from .clock import Clock, LoopClock, within
from .codes import new_code
from .copies import remove_left
from .hub import Hub
from .links import Links
from .lists import Pace
from .panels import Panels
from .proxies import Proxies
from .rates import Gate, Rates
from .readiness import REQUESTS_AT_ONCE, REQUESTS_BESIDE_VOTES, Later, Readiness, best
from .rendering.process import Renderer, RenderingProcess

DRAINING: Final = 2.5
"""Seconds that commits under way may take when the server stops."""

GOODBYES: Final = 1.0
"""Seconds that peers then have to hear that it stops."""

LETTING_GO: Final = 0.5
"""Seconds that the store then has. All together stay below the 5 s in which a stopped server is gone."""


async def _nothing() -> None:
    """A service whose doors need no opening."""


class Service:
    """A running server. Call :meth:`open` before anything else; it may be called again.

    Without an ``instructor_token`` it has the one that goes with the store.
    """

    tokens: Tokens

    def __init__(  # noqa: PLR0913 - the parts of a server, each named by its caller
        self,
        *,
        store: Store,
        instructor_token: str,
        links: Links,
        log: Logger,
        rates: Rates | None = None,
        proxies: Proxies | None = None,
        clock: Clock | None = None,
        before_room: Callable[[], Awaitable[None]] = _nothing,
        renderer: Renderer | None = None,
    ) -> None:
        self.store = store
        self.links = links
        self.log = log
        log.addFilter(ONE_LINE)
        self.clock = clock or LoopClock()
        self.client_log = ClientLog(log, self.clock)
        self.proxies = proxies or Proxies()
        self.gate = Gate(rates or Rates())
        self.hub = Hub(store, self.clock)
        self.attendance = Attendance(self.clock)
        self.panels = Panels()
        self.readiness: Readiness = best()
        self.heads = Later(REQUESTS_AT_ONCE, self._rest)
        self.requests = Later(REQUESTS_AT_ONCE, self._rest)
        self.pace = Pace()
        self.renderer: Renderer = renderer or RenderingProcess(self.clock, log)
        self._instructor_token = instructor_token
        self._before_room = before_room
        self._opening: asyncio.Future[None] | None = None
        self._closing: asyncio.Future[None] | None = None
        self._opening_room = asyncio.Lock()

    # ------------------------------------------------------------ opening and closing

    async def open(self) -> None:
        """Open the store, once; raises :exc:`BadSetting` if it cannot be opened, and may be tried again."""
        if self._opening is None:
            self._opening = asyncio.ensure_future(self._open())
        opening = self._opening
        try:
            await asyncio.shield(opening)
        except BadSetting:
            if self._opening is opening:
                self._opening = None
            raise

    async def ready(self) -> None:
        """Wait for a request's turn, and open the service for it.

        Raises :exc:`Unavailable` with nothing in it that a stranger may not know.
        """
        await self.requests.turn()
        if self.is_closing:
            raise Unavailable("The server is restarting. Try again in a few seconds.")
        try:
            await self.open()
        except BadSetting as refusal:
            self.log.debug("A request was refused: %s", foreign(refusal.message))
            raise Unavailable("This server cannot keep rooms at the moment; its log says why.") from refusal

    @property
    def is_open(self) -> bool:
        """Whether :meth:`open` has succeeded."""
        return self._opening is not None and self._opening.done() and self._opening.exception() is None

    @property
    def is_closing(self) -> bool:
        """Whether nothing new is taken any more."""
        return self.hub.is_draining

    async def close(self) -> None:
        """Commit what was taken, tell every peer to come back later, and let go of the store, all within 5 s.

        A disk that takes longer is left behind: nothing that it has not kept was acknowledged. May be called again.
        """
        self.hub.is_draining = True
        if self._opening is not None:
            if self._closing is None:
                self._closing = asyncio.ensure_future(self._close())
            await asyncio.shield(self._closing)
        self.client_log.end()

    async def _close(self) -> None:
        if not await self.hub.drain(DRAINING):
            self.log.error("The disk does not answer. What was not acknowledged may be lost; phones send it again.")
        self.attendance.close_all()
        await self.attendance.gone(GOODBYES)
        await self.renderer.close()
        if not await within(self.clock, LETTING_GO, self.store.close()):
            self.log.error("The file of the rooms could not be closed in time; what was acknowledged is in it.")

    async def _open(self) -> None:
        try:
            await self.store.open()
        except BadSetting:
            raise
        except Exception as error:
            self.log.exception("The rooms could not be opened.")
            raise BadSetting("The rooms could not be opened; the server's log says why.") from error
        remove_left(self.log)
        secret = await self.store.secret()
        self.tokens = Tokens(secret, self._instructor_token or kept_instructor_token(secret))

    def _rest(self) -> float:
        """Seconds between turns of requests."""
        return REQUESTS_BESIDE_VOTES if self.store.is_busy else 0.0

    # ------------------------------------------------------------ rooms

    def default_room(self) -> Room:
        """The room that was opened last and is still open; raises :exc:`NotFound`."""
        newest = self.store.newest()
        if newest is None:
            raise NotFound("No room is open. Ask for a link when the lecture begins.")
        return newest

    def room_of_title(self, title: str) -> Room | None:
        """The room of that title that was opened last and is still open."""
        return self.store.newest(title)

    async def take_up_room(self, title: str) -> tuple[Room, bool]:
        """The open room of that title, or a new one; and whether it is new. Two who ask at once get the same one."""
        async with self._opening_room:
            held = self.room_of_title(title)
            return (held, False) if held else (await self.open_room(title), True)

    async def open_room(self, title: str) -> Room:
        """A new room with a new code."""
        await self._before_room()
        self.renderer.start()
        while True:
            try:
                return await self.store.open_room(new_code(), title, secrets.token_hex(8), self.clock.wall())
            except Conflict:
                self.log.debug("A random code was taken; another one is drawn.")
