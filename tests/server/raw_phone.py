"""A phone of which nothing is read by itself: it answers no ping and says no goodbye unless a test does it."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from hall import SECONDS
from raw_socket import CLOSE, PING, TEXT, UPGRADE, Frame, frame, text


class RawPhone:
    """An open WebSocket on a plain socket; what is not read waits in this system, then in the server."""

    def __init__(self, connection: socket.socket, unread: bytes) -> None:
        self._connection = connection
        self._unread = bytearray(unread)

    async def send(self, message: Any) -> None:
        """Send a message as JSON."""
        await self.send_bytes(text(message))

    async def send_frame(self, opcode: int, payload: bytes = b"") -> None:
        """Send a frame of the protocol's own."""
        await self.send_bytes(frame(opcode, payload))

    async def frame(self) -> Frame | None:
        """The next frame, None at the end of the connection."""
        head = await self._read(2)
        if head is None:
            return None
        more = {126: 2, 127: 8}.get(head[1], 0)
        length = int.from_bytes(await self._read(more) or b"") if more else head[1]
        payload = await self._read(length)
        return None if payload is None else Frame(head[0], payload)

    async def event(self) -> Any:
        """The next message, as JSON; pings before it are passed over."""
        while (found := await self.frame()) is not None:
            if found.opcode != PING:
                assert found.opcode == TEXT, found
                return json.loads(found.payload)
        raise AssertionError("The connection ended before another message.")

    async def until(self, event: str) -> Any:
        """The next message of that kind; others are passed over."""
        while (message := await self.event())["event"] != event:
            pass
        return message

    async def until_close(self) -> tuple[int | None, Any]:
        """The code and the reason of the close frame; what comes before it is passed over."""
        while (found := await self.frame()) is not None:
            if found.opcode == CLOSE:
                return found.code, json.loads(found.payload[2:])
        raise AssertionError("The connection ended without a close frame.")

    async def hello(self, token: str | None = None) -> None:
        """Say hello, and read up to the snapshot."""
        await self.send({"event": "hello", "data": {"v": 2} | ({"token": token} if token else {})})
        await self.until("snapshot")

    async def send_bytes(self, data: bytes) -> None:
        """Send bytes as they are."""
        await asyncio.get_running_loop().sock_sendall(self._connection, data)

    async def _read(self, length: int) -> bytes | None:
        loop = asyncio.get_running_loop()
        while len(self._unread) < length:
            try:
                chunk = await asyncio.wait_for(loop.sock_recv(self._connection, 65536), SECONDS)
            except ConnectionResetError:
                return None
            if not chunk:
                return None
            self._unread += chunk
        taken = bytes(self._unread[:length])
        del self._unread[:length]
        return taken


@asynccontextmanager
async def raw_phone(port: int, query: str = "", *, receive_buffer: int | None = None) -> AsyncIterator[RawPhone]:
    """A phone whose system keeps about ``receive_buffer`` unread bytes; its socket is closed at the end."""
    loop = asyncio.get_running_loop()
    with socket.socket() as connection:
        connection.settimeout(0)
        if receive_buffer is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        await loop.sock_connect(connection, ("127.0.0.1", port))
        lines = [f"GET /_ws{query} HTTP/1.1", *(f"{name}: {value}" for name, value in UPGRADE.items()), "", ""]
        await loop.sock_sendall(connection, "\r\n".join(lines).encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += await asyncio.wait_for(loop.sock_recv(connection, 4096), SECONDS)
        head, _, unread = answer.partition(b"\r\n\r\n")
        assert b" 101 " in head, head
        yield RawPhone(connection, unread)
