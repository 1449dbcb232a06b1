"""A server for tests: a real listener on a free port, over a store in memory, with a clock that the test moves."""

from __future__ import annotations

import asyncio
import heapq
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from server_frames import payloads
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from tornado.websocket import WebSocketClientConnection, websocket_connect

from livepoll_jupyter.core import messages
from livepoll_jupyter.core.codec import decode_server
from livepoll_jupyter.server.links import Links
from livepoll_jupyter.server.listener import Listener, everything
from livepoll_jupyter.server.rates import Rates
from livepoll_jupyter.server.rendering.process import Renderer
from livepoll_jupyter.server.rendering.shapes import Done, Task
from livepoll_jupyter.server.rendering.worker import carry_out
from livepoll_jupyter.server.service import Service
from livepoll_jupyter.server.web import Rule
from livepoll_jupyter.storage.base import Store
from livepoll_jupyter.storage.memory import MemoryStore

TOKEN = "the-instructor's-token"
SECONDS = 30.0
"""What anything that a test waits for may take."""

WALL = 1_750_000_000.0


class FakeClock:
    """A clock that stands still until :meth:`advance`."""

    def __init__(self) -> None:
        self.now = 0.0
        self._order = count()
        self._timers: list[tuple[float, int, FakeTimer]] = []

    def monotonic(self) -> float:
        """Seconds since the test began."""
        return self.now

    def wall(self) -> float:
        """Seconds since the epoch."""
        return WALL + self.now

    def call_at(self, when: float, callback: Callable[[], None]) -> FakeTimer:
        """Call back when ``advance`` has come to ``when``."""
        timer = FakeTimer(callback)
        heapq.heappush(self._timers, (when, next(self._order), timer))
        return timer

    def advance(self, seconds: float) -> None:
        """Let time pass; each timer rings at its own moment."""
        end = self.now + seconds
        while self._timers and self._timers[0][0] <= end:
            when, _, timer = heapq.heappop(self._timers)
            self.now = max(self.now, when)
            timer.ring()
        self.now = end

    def jump(self, seconds: float) -> None:
        """Let time pass in which the program stands still: what is due rings late, all of it at the end."""
        self.now += seconds
        self.advance(0.0)


@dataclass
class FakeTimer:
    """A timer of the fake clock."""

    callback: Callable[[], None]
    is_cancelled: bool = False

    def cancel(self) -> None:
        """Do not ring."""
        self.is_cancelled = True

    def ring(self) -> None:
        """Call back, unless cancelled."""
        if not self.is_cancelled:
            self.callback()


@dataclass
class Caught:
    """A transport that keeps what it is given, with the time; ``is_stuck`` while its reader does not read."""

    clock: FakeClock
    address: str = "10.0.0.1"
    is_stuck: bool = False
    is_dropped: bool = False
    pings: int = 0
    sent: list[tuple[float, Any]] = field(default_factory=list)
    closed: tuple[int, str] | None = None

    def send(self, frame: bytes) -> bool:
        """Keep the messages."""
        self.sent.extend((self.clock.now, decode_server(payload)) for payload in payloads(frame))
        return not self.is_stuck

    def ping(self) -> None:
        """Count."""
        self.pings += 1

    def close(self, code: int, reason: str) -> None:
        """Keep the code."""
        self.closed = (code, reason)

    def drop(self) -> None:
        """Remember."""
        self.is_dropped = True

    def times_of(self, kind: type[messages.Event]) -> list[float]:
        """When events of that kind were sent."""
        return [when for when, event in self.sent if isinstance(event, kind)]

    def events_of(self, kind: type[messages.Event]) -> list[Any]:
        """The events of that kind."""
        return [event for _, event in self.sent if isinstance(event, kind)]

    def kinds(self) -> list[str]:
        """The names of all that was sent, in order."""
        return [event.__struct_config__.tag for _, event in self.sent]


class Socket:
    """A client's socket; every wait has a deadline."""

    def __init__(self, connection: WebSocketClientConnection) -> None:
        self._connection = connection

    async def send(self, message: Any) -> None:
        """Send text as it is, anything else as JSON."""
        await self._connection.write_message(message if isinstance(message, str) else json.dumps(message))

    async def send_binary(self, message: bytes) -> None:
        """Send a binary frame."""
        await self._connection.write_message(message, binary=True)

    async def receive(self) -> Any:
        """The next message, as JSON; None once the socket is closed."""
        text = await asyncio.wait_for(self._connection.read_message(), SECONDS)
        return None if text is None else json.loads(text)

    async def until(self, event: str) -> Any:
        """The next message of that kind; others are passed over."""
        while True:
            message = await self.receive()
            assert message is not None, f"closed with {self.close_code} before {event}"
            if message["event"] == event:
                return message

    async def until_closed(self) -> int | None:
        """The closing code; messages before it are passed over."""
        while await self.receive() is not None:
            pass
        return self.close_code

    async def hello(self, token: str | None = None, **data: Any) -> dict[str, Any]:
        """Say hello; the welcome's data."""
        said = {"v": 2, **({"token": token} if token else {}), **data}
        await self.send({"event": "hello", "data": said})
        welcome: dict[str, Any] = (await self.until("welcome"))["data"]
        return welcome

    async def vote(self, question: dict[str, Any], answer: Any = "a", *, op: str = "op-1", rev: int = 1) -> Any:
        """Vote; the ack's data."""
        data = {"questionId": question["id"], "round": question["round"], "answer": answer, "op": op, "rev": rev}
        await self.send({"event": "vote", "data": data})
        while True:
            ack = (await self.until("vote-ack"))["data"]
            if ack["op"] == op:
                return ack

    @property
    def close_code(self) -> int | None:
        """The code that the server closed with."""
        return self._connection.close_code

    @property
    def close_reason(self) -> str | None:
        """The reason that the server closed with."""
        return self._connection.close_reason

    def close(self) -> None:
        """Begin to close."""
        self._connection.close()


class Hall:
    """A running server and everything a test does to it."""

    def __init__(self, service: Service, clock: FakeClock, listener: Listener) -> None:
        self.service = service
        self.clock = clock
        self.port = listener.port
        self.application = listener.application
        self.heads = listener.heads
        self.sockets: list[Socket] = []

    async def fetch(self, method: str, path: str, body: Any = None, **headers: str) -> HTTPResponse:
        """One request; nothing is added and no status raises. Header names with ``_`` for ``-``."""
        request = HTTPRequest(
            f"http://127.0.0.1:{self.port}/{path}",
            method,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            body=json.dumps(body) if body is not None and not isinstance(body, (str, bytes)) else body,
            allow_nonstandard_methods=True,
            follow_redirects=False,
            request_timeout=SECONDS,
        )
        return await AsyncHTTPClient().fetch(request, raise_error=False)

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> HTTPResponse:
        """One request of the instructor's, under the API."""
        return await self.fetch(method, f"livepoll/api/{path}", body, Authorization=f"Bearer {TOKEN}", **headers)

    async def open_room(self, title: str = "Statistics 101") -> str:
        """A new room's code."""
        opened = await self.ask("POST", "rooms", {"title": title})
        return str(json.loads(opened.body)["code"])

    async def publish(self, code: str, **question: Any) -> dict[str, Any]:
        """Publish a question with two options, of which the first is right."""
        body = {"text": "Which?", "options": ["mean", "median"], "correct": "mean", "publish": True} | question
        made = await self.ask("POST", f"rooms/{code}/questions", body)
        assert made.code == 201, made.body
        answered: dict[str, Any] = json.loads(made.body)
        return answered

    async def join(self, code: str) -> str:
        """A new participant's token."""
        joined = await self.fetch("POST", f"livepoll/api/rooms/{code}/participants", {})
        return str(json.loads(joined.body)["token"])

    async def connect(self, query: str = "", **headers: str) -> Socket:
        """A socket; raises ``HTTPClientError`` if the upgrade is refused."""
        request = HTTPRequest(
            f"ws://127.0.0.1:{self.port}/_ws{query}",
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )
        self.sockets.append(Socket(await asyncio.wait_for(websocket_connect(request), SECONDS)))
        return self.sockets[-1]


class RendersHere:
    """A renderer without a process of its own: for tests that are about something else."""

    def start(self) -> None:
        """Nothing has to be started."""

    async def render(self, task: Task) -> Done:
        """What the process would make of it."""
        return carry_out(task)

    async def close(self) -> None:
        """Nothing has to end."""


@asynccontextmanager
async def open_hall(
    store: Store | None = None,
    *,
    clock: FakeClock | None = None,
    rates: Rates | None = None,
    rules: Callable[[Service], list[Rule]] = everything,
    renderer: Renderer | None = None,
) -> AsyncIterator[Hall]:
    """A hall that is closed at the end."""
    clock = clock or FakeClock()
    service = Service(
        store=store or MemoryStore(),
        instructor_token=TOKEN,
        links=Links("http://127.0.0.1/"),
        log=logging.getLogger("hall"),
        rates=rates,
        clock=clock,
        renderer=renderer or RendersHere(),
    )
    listener = Listener(service, rules(service))
    listener.open("127.0.0.1", 0, is_exact=True)
    service.links = Links(f"http://127.0.0.1:{listener.port}/")
    hall = Hall(service, clock, listener)
    try:
        yield hall
    finally:
        for socket in hall.sockets:
            socket.close()
        listener.stop_accepting()
        await _closed(service, clock)
        await listener.close()


async def _closed(service: Service, clock: FakeClock) -> None:
    """Close, and let time pass if something holds that up, so that a test that failed in the middle still ends."""
    closing = asyncio.ensure_future(service.close())
    while not closing.done():
        await asyncio.wait({closing}, timeout=1.0)
        clock.advance(1.0)
    closing.result()


def steps(seconds: float, step: float) -> Iterator[int]:
    """So many steps of ``step`` seconds."""
    return iter(range(round(seconds / step)))
