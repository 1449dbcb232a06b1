"""A WebSocket of the client's: nothing of it is left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hall import SECONDS
from tornado.websocket import WebSocketProtocol13

from livepoll_jupyter.client.socket import open_socket

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def asked_to_upgrade() -> AsyncIterator[tuple[asyncio.Task[object], Stream, str]]:
    """A socket that is being opened: its task, the server's end, and the key of the request that came in there."""
    accepted: asyncio.Queue[Stream] = asyncio.Queue()
    listener = await asyncio.start_server(lambda *stream: accepted.put_nowait(stream), "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    opening: asyncio.Task[object] = asyncio.ensure_future(open_socket(f"ws://127.0.0.1:{port}/_ws", {}))
    reader, writer = await asyncio.wait_for(accepted.get(), SECONDS)
    request = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), SECONDS)).decode()
    key = next(line.partition(": ")[2] for line in request.splitlines() if line.startswith("Sec-Websocket-Key"))
    try:
        yield opening, (reader, writer), key
    finally:
        writer.close()
        listener.close()


async def test_a_socket_that_nobody_waits_for_any_more_is_closed_as_soon_as_it_opens() -> None:
    """Who leaves while the connection is on its way is no silent listener for ever."""
    async with asked_to_upgrade() as (opening, (reader, writer), key):
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        accept = WebSocketProtocol13.compute_accept_value(key)
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept.encode() + b"\r\n\r\n"
        )
        closing = await asyncio.wait_for(reader.read(1), SECONDS)
        assert closing in {b"", b"\x88"}, "neither an end nor a close frame"
