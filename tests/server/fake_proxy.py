"""A reverse proxy of a few lines: it changes the head of the one request of a connection, and carries all the rest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class FakeProxy:
    """What stands before ``port``. It takes ``prefix`` from each path and adds ``headers`` to what the client said."""

    def __init__(self, port: int, prefix: str = "", headers: dict[str, str] | None = None) -> None:
        self.port = port
        self.prefix = prefix
        self.headers = headers or {}
        self._carrying: set[asyncio.Task[None]] = set()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection to its end."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, _, rest = head.partition("\r\n")
        method, path, version = first.split(" ")
        added = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        there, back = await asyncio.open_connection("127.0.0.1", self.port)
        stripped = path.removeprefix(self.prefix)
        assert stripped.startswith("/")
        back.write(f"{method} {stripped} {version}\r\n{added}{rest}".encode("latin-1"))
        for one, other in ((reader, back), (there, writer)):
            carrying = asyncio.ensure_future(_carry(one, other))
            self._carrying.add(carrying)
            carrying.add_done_callback(self._carrying.discard)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass  # the one end is gone, and so is soon the other
    finally:
        writer.close()


@asynccontextmanager
async def in_front_of(port: int, prefix: str = "", headers: dict[str, str] | None = None) -> AsyncIterator[int]:
    """The port of a proxy in front of ``port``."""
    proxy = FakeProxy(port, prefix, headers)
    server = await asyncio.start_server(proxy.take, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
