"""A room whose sockets are carried in one of the ways that there are, and a client in it that does not read."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from hall import SECONDS, Hall, open_hall
from raw_socket import UPGRADE, RawSocket, connected
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from livepoll_jupyter.server.frames import TEXT, frame
from livepoll_jupyter.server.peers import Peer
from livepoll_jupyter.server.readiness import LoopReadiness, best
from livepoll_jupyter.server.wire import Wire
from livepoll_jupyter.server.wire_socket import SocketWire
from livepoll_jupyter.server.wire_stream import StreamWire

CERTIFICATE = Path(__file__).with_name("localhost.pem")
"""Of this machine's name, signed by itself, with its key: good for a hundred years of tests."""

HALF_WRITTEN = b"x" * 2**20
"""A message that is many times larger than what the systems between server and client take."""

KINDS = {"epoll": SocketWire, "loop": SocketWire, "tls": StreamWire}

on_every_kind = pytest.mark.parametrize("kind", KINDS)
on_own_sockets = pytest.mark.parametrize("kind", [kind for kind, carrier in KINDS.items() if carrier is SocketWire])


class Place:
    """A room, where its sockets are, and how they are carried."""

    def __init__(self, hall: Hall, code: str, port: int, tls: ssl.SSLContext | None) -> None:
        self.hall = hall
        self.code = code
        self.path = f"/_ws?room={code}"
        self.port = port
        self._tls = tls

    def tcp(self, receive_buffer: int | None = None) -> AbstractAsyncContextManager[RawSocket]:
        """A connection on which nothing was said."""
        return connected(self.port, self._tls, receive_buffer)

    @asynccontextmanager
    async def socket(self, receive_buffer: int | None = None) -> AsyncIterator[RawSocket]:
        """An open socket in the room."""
        async with self.tcp(receive_buffer) as raw:
            assert (await raw.shake_hands(self.path, UPGRADE))[0] == 101
            yield raw

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Give the loop its turns until something holds."""
        async with asyncio.timeout(SECONDS):
            while not is_so():
                await self.hall.fetch("GET", "")

    @property
    def wires(self) -> list[Wire]:
        """The server's ends."""
        return [peer._transport for peer in self.hall.service.attendance._peers]  # type: ignore[misc]


def trusting() -> ssl.SSLContext:
    """A client that takes every certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@contextmanager
def behind_tls(hall: Hall) -> Iterator[int]:
    """The same addresses with TLS; the port."""
    server = HTTPServer(hall.application, ssl_options={"certfile": str(CERTIFICATE)})
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    yield sockets[0].getsockname()[1]
    server.stop()


@asynccontextmanager
async def place(kind: str) -> AsyncIterator[Place]:
    """A room whose sockets are of that kind."""
    async with open_hall() as hall:
        hall.service.readiness = LoopReadiness() if kind == "loop" else best()
        code = await hall.open_room()
        if kind == "tls":
            with behind_tls(hall) as port:
                yield Place(hall, code, port, trusting())
        else:
            yield Place(hall, code, hall.port, None)


class Deaf(NamedTuple):
    """A client that does not read for now, and the server's side of it, where most of :data:`HALF_WRITTEN` waits."""

    raw: RawSocket
    peer: Peer
    wire: Wire

    async def read_on(self) -> None:
        """Read up to the end of what was half written."""
        self.raw.resume()
        while (await self.raw.frame()).payload != HALF_WRITTEN:
            pass


@asynccontextmanager
async def deaf_client(kind: str) -> AsyncIterator[tuple[Place, Deaf]]:
    """The only client of a room; it has read nothing, and does not until it is told to."""
    async with place(kind) as here, here.socket(8192) as raw:
        (peer,) = here.hall.service.hub.live(here.code).peers
        (wire,) = here.wires
        raw.pause()
        wire.send(frame(TEXT, HALF_WRITTEN))
        await here.hall.fetch("GET", "")
        assert wire.is_busy
        yield here, Deaf(raw, peer, wire)
