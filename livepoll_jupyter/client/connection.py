"""One peer's connection to a room: it opens, says hello, pings, and comes back when it is lost.

Time, chance and sockets are injected, so that a test can bring its own. What messages mean is the
business of ``session``; this room only carries them, in the order in which they came.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Final, Literal

from msgspec import UNSET, Struct

from ..core.codec import decode_server, encode_client
from ..core.errors import BadMessage, Refusal, RoomEnded
from ..core.foreign import foreign
from ..core.messages import (
    PING_MS,
    ClientMessage,
    ErrorEvent,
    Hello,
    HelloData,
    NewQuestion,
    Ping,
    Question,
    ServerEvent,
    Snapshot,
    SnapshotEvent,
    Welcome,
)
from ..logs import get_logger
from .backoff import Backoff
from .closing import stop_reason, told_to_wait
from .errors import Unreachable
from .idle_cuts import IdleCuts
from .limits import LONGEST_RETRY, ping_interval, refuse_excess
from .session import Session, after, over, parted
from .socket import Socket, open_socket

log = get_logger(__name__)


CUT: Final = 1006
"""The code of a connection that ended without a close frame: nobody said goodbye."""


class Status(Struct, frozen=True):
    """Where a connection stands.

    ``reconnecting`` says how many tries there were (``attempt``) and how many seconds pass before the
    next one (``wait``). ``failed`` and ``ended`` say why in ``reason``; after ``failed`` a person may
    ask for another try.
    """

    state: Literal["connecting", "open", "reconnecting", "failed", "ended", "closed"]
    attempt: int = 0
    wait: float = 0
    reason: str = ""


class Lost(Struct, frozen=True):
    """Why a connection went no further; a final reason would be the same at the next try.

    ``wait`` is about how many seconds the server asked to stay away.
    """

    reason: Refusal
    is_final: bool = False
    wait: float | None = None


class Surroundings(Struct, frozen=True, kw_only=True):
    """What a connection takes from the outside world, and how patient it is; seconds throughout."""

    open_socket: Callable[[str, dict[str, str]], Awaitable[Socket]] = open_socket
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random
    backoff: Backoff = Backoff()


class Connection:
    """A connection that comes back until it is closed, stopped by the server, or out of tries.

    ``on_event`` is called with every message after ``session`` has taken it in, ``on_status`` whenever
    ``status`` changes; both on the loop's thread. ``token`` is a participant's or an observer's and goes
    into the hello; the instructor's goes into ``headers``.
    """

    def __init__(  # noqa: PLR0913 - all but the first have a default
        self,
        url: str,
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
        on_event: Callable[[ServerEvent], None] = lambda _event: None,
        on_status: Callable[[Status], None] = lambda _status: None,
        surroundings: Surroundings = Surroundings(),  # noqa: B008 - it is frozen
    ) -> None:
        self.session = Session()
        self.status = Status("connecting")
        self._url, self._token, self._headers = url, token, headers or {}
        self._on_event, self._on_status = on_event, on_status
        self._around, self._backoff = surroundings, surroundings.backoff
        self._socket: Socket | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_heard = False
        self._ping_after = PING_MS / 1000
        self._open_since: float | None = None
        self._heard_at = 0.0
        self._cuts = IdleCuts()

    def __repr__(self) -> str:
        return f"<Connection {self.status.state}>"

    def start(self) -> None:
        """Connect now, and count tries from one again."""
        if self._task:
            self._task.cancel()
        self._become(Status("connecting"))
        self._task = asyncio.get_running_loop().create_task(self._run())
        self._task.add_done_callback(self._tell)

    async def close(self) -> None:
        """Close for good; a no-op if that was done before."""
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None
        self._become(Status("closed"))

    async def send(self, message: ClientMessage) -> None:
        """Send a message; raises :exc:`Unreachable` while there is no connection."""
        if self._socket is None or self.status.state != "open":
            raise Unreachable("There is no connection to the server at the moment.")
        await self._socket.send(encode_client(message))

    async def _run(self) -> None:
        attempt = losses = 0
        while True:
            lost = await self._until_lost()
            if lost.is_final:
                self._end(lost.reason)
                return
            # A room whose state came was reached, so the tries before it were not in vain. The wait is a short one
            # again only after a connection that held: one that is cut at once may be cut so for all of a class.
            attempt = 1 if self._open_since is not None else attempt + 1
            losses = 1 if self._was_stable() else losses + 1
            if attempt > self._backoff.tries:
                self._become(Status("failed", attempt - 1, reason=lost.reason.message))
                return
            wait = self._wait(lost, losses)
            self._become(Status("reconnecting", attempt, wait, lost.reason.message))
            await self._around.sleep(wait)

    def _end(self, reason: Refusal) -> None:
        if isinstance(reason, RoomEnded):
            self.session = over(self.session)
            self._become(Status("ended", reason=reason.message))
        else:
            self._become(Status("failed", reason=reason.message))

    def _was_stable(self) -> bool:
        """Whether the connection had been open for long; the time that it took to open does not count."""
        since = self._open_since
        return since is not None and self._around.clock() - since >= self._backoff.stable

    def _wait(self, lost: Lost, losses: int) -> float:
        if losses == 1 and self.session.is_behind:
            return 0
        chance = self._around.chance()
        if lost.wait is not None:
            return self._backoff.told(lost.wait, chance)
        earliest = min(lost.reason.retry_after or 0, LONGEST_RETRY)
        return max(self._backoff.delay(losses, chance), earliest * (1 + chance / 2))

    async def _until_lost(self) -> Lost:
        """Talk to the server for as long as that goes; why it went no further."""
        self._open_since = None
        try:
            socket = await self._around.open_socket(self._url, self._headers)
        except Refusal as refused:
            return Lost(refused, is_final=not refused.retry)
        self._socket = socket
        self.session = parted(self.session)
        try:
            await self._talk(socket)
        finally:
            self._socket = None
            socket.close()
        self._note_cut(socket)
        return _ended(socket)

    def _note_cut(self, socket: Socket) -> None:
        """A proxy between may cut what is idle; with a ping on its way it was not."""
        was_cut = self._open_since is not None and socket.close_code in {None, CUT} and not self.session.is_behind
        if was_cut and self._is_heard:
            self._cuts = self._cuts.with_cut(self._around.clock() - self._heard_at)

    async def _talk(self, socket: Socket) -> None:
        """Listen until the socket ends, or until pings find that nobody is there any more."""
        loop = asyncio.get_running_loop()
        halves = [loop.create_task(self._listen(socket)), loop.create_task(self._keep_alive(socket))]
        try:
            done, _ = await asyncio.wait(halves, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for half in halves:
                half.cancel()
        for half in done:
            half.result()

    def _hello(self) -> Hello:
        token, resume = self._token, self.session.resume
        return Hello(data=HelloData(v=2, token=token or UNSET, resume=resume or UNSET))

    async def _listen(self, socket: Socket) -> None:
        if not await _was_sent(socket, self._hello()):
            return
        while not self.session.is_behind:
            frame = await socket.receive()
            if frame is None:
                return
            self._take(frame)

    def _take(self, frame: str | bytes) -> None:
        self._is_heard = True
        self._heard_at = self._around.clock()
        try:
            event = decode_server(frame)
            refuse_excess(_questions_in(event))
        except BadMessage as unknown:
            log.warning("Skipped: %s", unknown.message)
            return
        if isinstance(event, ErrorEvent):
            log.warning("The server refused a message (%s): %s", foreign(event.data.code), foreign(event.data.message))
        if isinstance(event, Welcome):
            self._ping_after = ping_interval(event.data.pingMs)
        self.session = after(self.session, event)
        if self.status.state != "open" and self.session.is_current:
            self._open_since = self._around.clock()
            self._become(Status("open"))
        self._on_event(event)

    async def _keep_alive(self, socket: Socket) -> None:
        """Ping; a server that says nothing from one ping to the next is not there any more."""
        is_asked = False
        while True:
            await self._around.sleep(min(self._ping_after, self._cuts.ping_after))
            if is_asked and not self._is_heard:
                return
            is_asked, self._is_heard = True, False
            if not await _was_sent(socket, Ping()):
                return

    def _tell(self, task: asyncio.Task[None]) -> None:
        """A mistake of ours in a task that nobody awaits is logged, and the person may try again."""
        if not task.cancelled() and task.exception():
            log.error("The connection broke down.", exc_info=task.exception())
            self._become(Status("failed", reason="The connection broke down; the log says why. Try again."))

    def _become(self, status: Status) -> None:
        if status != self.status:
            self.status = status
            self._on_status(status)


def _questions_in(event: ServerEvent) -> list[Question]:
    match event:
        case NewQuestion(data=question) | SnapshotEvent(data=Snapshot(question=Question() as question)):
            return [question]
        case _:
            return []


async def _was_sent(socket: Socket, message: ClientMessage) -> bool:
    """Send a message; a socket that is closed already says why itself."""
    try:
        await socket.send(encode_client(message))
    except Unreachable:
        return False
    return True


def _ended(socket: Socket) -> Lost:
    """What the end of a socket tells."""
    stopped = stop_reason(socket.close_code)
    if stopped:
        return Lost(stopped, is_final=True)
    lost = Unreachable("The connection to the server was lost.")
    return Lost(lost, wait=told_to_wait(socket.close_code, socket.close_reason))
