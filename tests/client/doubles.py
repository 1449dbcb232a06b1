"""Doubles for a connection's surroundings: sockets that a test speaks through, and time that stands still."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from livepoll_jupyter.client.connection import Connection, Status, Surroundings
from livepoll_jupyter.client.errors import Unreachable
from livepoll_jupyter.core.codec import decode_server
from livepoll_jupyter.core.errors import Refusal
from livepoll_jupyter.core.messages import PING_MS, ServerEvent

SECONDS = 10.0
"""What anything that a test waits for may take."""

WIRE = Path(__file__).parents[1] / "wire"


def golden(name: str, **data: Any) -> str:
    """The text of a golden message, with some fields of its data changed."""
    message = json.loads((WIRE / f"{name}.json").read_text(encoding="utf-8"))["message"]
    message["data"] |= data
    return json.dumps(message)


def event(name: str, beside: dict[str, Any] | None = None, **data: Any) -> ServerEvent:
    """A golden message as an event, with some of its data and of what stands ``beside`` it changed."""
    return decode_server(json.dumps(json.loads(golden(name, **data)) | (beside or {})))


class FakeSocket:
    """A socket whose server is the test."""

    def __init__(self) -> None:
        self.close_code: int | None = None
        self.close_reason: str | None = None
        self.sent: asyncio.Queue[str] = asyncio.Queue()
        self._received: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self.is_closed = False

    async def receive(self) -> str | bytes | None:
        """The next frame that the test says."""
        return await self._received.get()

    async def send(self, text: str) -> None:
        """Keep the frame for the test."""
        if self.is_closed:
            raise Unreachable("closed")
        self.sent.put_nowait(text)

    def close(self) -> None:
        """The client lets go; that this is heard by nobody is how it is on a dead network."""
        self.is_closed = True

    def say(self, *frames: str | bytes) -> None:
        """Speak as the server."""
        for frame in frames:
            self._received.put_nowait(frame)

    def drop(self, code: int | None = None, reason: str | None = None) -> None:
        """End the connection as the server or the network does."""
        self.close_code, self.close_reason = code, reason
        self._received.put_nowait(None)

    async def heard(self) -> Any:
        """The next frame of the client, as JSON."""
        return json.loads(await asyncio.wait_for(self.sent.get(), SECONDS))


@dataclass
class Sleep:
    """A sleep that ends when the test says so."""

    seconds: float
    over: asyncio.Future[None]


@dataclass
class World:
    """All that a connection knows of the outside; ``sockets`` are what it gets, one per try."""

    sockets: list[FakeSocket | Refusal]
    now: float = 0.0
    chance: float = 0.0
    tries: int = 0
    statuses: asyncio.Queue[Status] = field(default_factory=asyncio.Queue)
    events: asyncio.Queue[ServerEvent] = field(default_factory=asyncio.Queue)
    _sleeps: asyncio.Queue[Sleep] = field(default_factory=asyncio.Queue)

    @property
    def surroundings(self) -> Surroundings:
        """What the connection is given."""
        return Surroundings(
            open_socket=self._open, sleep=self._sleep, clock=lambda: self.now, chance=lambda: self.chance
        )

    def connect(self, **options: Any) -> Connection:
        """A started connection in this world."""
        connection = Connection(
            "ws://host/_ws?room=K7M2QX",
            on_event=self.events.put_nowait,
            on_status=self.statuses.put_nowait,
            surroundings=self.surroundings,
            **options,
        )
        connection.start()
        return connection

    async def until(self, state: str) -> Status:
        """The next status of that state; others are passed over."""
        while True:
            status = await asyncio.wait_for(self.statuses.get(), SECONDS)
            if status.state == state:
                return status

    async def next_sleep(self) -> Sleep:
        """The next sleep that is begun: between tries, or between pings."""
        return await asyncio.wait_for(self._sleeps.get(), SECONDS)

    async def next_wait(self) -> Sleep:
        """The next sleep between tries; those between pings go on."""
        while (sleep := await self.next_sleep()).seconds == PING_MS / 1000:
            pass
        return sleep

    def wake(self, sleep: Sleep) -> None:
        """Let the time of a sleep pass."""
        self.now += sleep.seconds
        sleep.over.set_result(None)

    async def _open(self, _url: str, _headers: dict[str, str]) -> FakeSocket:
        self.tries += 1
        given = self.sockets.pop(0)
        if isinstance(given, Refusal):
            raise given
        return given

    async def _sleep(self, seconds: float) -> None:
        sleep = Sleep(seconds, asyncio.get_running_loop().create_future())
        self._sleeps.put_nowait(sleep)
        await sleep.over
