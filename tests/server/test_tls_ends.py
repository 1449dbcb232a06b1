"""TLS connections that end at any byte, in any way: no exception is left over, and no peer."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from itertools import product

import pytest
from hall import SECONDS
from places import Place, place, trusting
from raw_socket import PING, UPGRADE, closing, frame, text

RESET = struct.pack("ii", 1, 0)
"""The option by which the system resets a connection that is closed."""

HELLO = text({"event": "hello", "data": {"v": 2}})
LAST_WORDS = {
    "close frame": closing(1000),
    "close frame and more": closing(1000) + frame(PING, b"x" * 100) * 20,
    "violation": frame(5),
    "violation and more": frame(5) + bytes(20_000),
    "binary": frame(2, b"x"),
    "pings": frame(PING, b"x" * 125) * 100,
    "nothing": b"",
}
ENDS = ("end", "reset", "close", "close_notify")


class Enough(Exception):
    """So many bytes as were allowed are sent."""


class CutClient:
    """A TLS client on bytes of its own: it stops after ``limit`` bytes of what it sends, encrypted ones."""

    def __init__(self, own: socket.socket, limit: int) -> None:
        self._own = own
        self._left = limit
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = trusting().wrap_bio(self._in, self._out, server_hostname="localhost")
        self.sent = 0

    async def shake_hands(self) -> None:
        """TLS's handshake."""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                await self._receive()
            else:
                return await self._flush()

    async def send(self, data: bytes) -> None:
        """Encrypt and send."""
        if data:
            self._tls.write(data)
            await self._flush()

    async def until(self, wanted: bytes) -> None:
        """Read until that has come."""
        heard = b""
        while wanted not in heard:
            try:
                heard += self._tls.read(65536)
            except ssl.SSLWantReadError:
                await self._receive()

    async def end(self, how: str) -> None:
        """End the connection."""
        if how == "close_notify":
            with contextlib.suppress(ssl.SSLError):  # it writes its goodbye, and would wait for the other
                self._tls.unwrap()
            self._left = 1 << 20
            await self._flush()
        if how == "end":
            self._own.shutdown(socket.SHUT_WR)
            await self._drain()
        if how == "reset":
            self._own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while await asyncio.wait_for(loop.sock_recv(self._own, 65536), SECONDS):
            pass

    async def _receive(self) -> None:
        data = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(self._own, 65536), SECONDS)
        if not data:
            raise ConnectionResetError
        self._in.write(data)

    async def _flush(self) -> None:
        data = self._out.read()
        allowed = data[: self._left]
        self._left -= len(allowed)
        self.sent += len(allowed)
        await asyncio.get_running_loop().sock_sendall(self._own, allowed)
        if len(allowed) < len(data):
            raise Enough


async def speak(here: Place, limit: int, last: bytes, how: str) -> int:
    """Handshake, upgrade, hello and ``last``, cut after ``limit`` bytes; how many were sent."""
    lines = [f"GET {here.path} HTTP/1.1", *(f"{name}: {value}" for name, value in UPGRADE.items()), "", ""]
    with socket.socket() as own:
        own.settimeout(0)
        own.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(own, ("127.0.0.1", here.port))
        client = CutClient(own, limit)
        try:
            await client.shake_hands()
            await client.send("\r\n".join(lines).encode())
            await client.until(b" 101 ")
            await client.send(HELLO)
            await client.send(last)
        except Enough:
            pass
        with contextlib.suppress(ConnectionError):
            await client.end(how)
        return client.sent


def errors_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged as a mistake; tasks tell of theirs when they are collected."""
    gc.collect()
    return [caplog.handler.format(record) for record in caplog.records if record.levelno >= logging.ERROR]


async def all_of(here: Place, cases: Iterator[tuple[int, bytes, str]]) -> None:
    """Every case, some at a time; then nobody is left."""

    async def work() -> None:
        for case in cases:
            await speak(here, *case)

    async with asyncio.TaskGroup() as going:
        for _ in range(10):
            going.create_task(work())
    here.hall.clock.advance(10.0)
    await here.until(lambda: len(here.hall.service.attendance) == 0)


@pytest.mark.parametrize("step", [11, pytest.param(1, marks=pytest.mark.long)])
async def test_a_connection_may_be_cut_at_any_byte(step: int, caplog: pytest.LogCaptureFixture) -> None:
    """In TLS's handshake, the request or a frame; by an end, a reset or a close, with TLS's goodbye or without."""
    async with place("tls") as here:
        whole = await speak(here, 1 << 20, closing(1000), "close")
        assert whole > 500
        cuts = range(0, whole, step)
        await all_of(here, ((cut, closing(1000), how) for cut, how in product(cuts, ENDS)))
    assert errors_in(caplog) == []


async def test_a_connection_may_end_after_any_last_words(caplog: pytest.LogCaptureFixture) -> None:
    """Before, while and after the server has answered them."""
    async with place("tls") as here:
        await all_of(here, ((1 << 20, last, how) for last, how, _ in product(LAST_WORDS.values(), ENDS, range(5))))
    assert errors_in(caplog) == []


@pytest.mark.parametrize("reason", ["goodbye", "violation", "closed by the server"])
async def test_a_socket_that_tornado_has_let_go_of_is_not_touched(
    reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A write finds the connection broken and Tornado drops its socket, while what has come is still being heard."""
    async with place("tls") as here, here.socket() as raw:
        await raw.send(HELLO)
        await raw.message("snapshot")
        (wire,) = here.wires
        (peer,) = here.hall.service.hub.live(here.code).peers
        close: Callable[[], None] = wire._stream.close  # type: ignore[attr-defined]
        usual = type(wire).send

        def broken(data: bytes) -> bool:
            close()
            return usual(wire, data)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(type(wire), "send", lambda _, data: broken(data))
            if reason == "closed by the server":
                peer.close(4503, "room-ended")
            else:
                wire.received(closing(1000) if reason == "goodbye" else frame(5))
        await here.until(lambda: len(here.hall.service.attendance) == 0)
    assert errors_in(caplog) == []
