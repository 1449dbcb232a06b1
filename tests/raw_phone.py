"""A phone down to its bytes: a WebSocket client that reads, answers pings and says goodbye only when it is told to."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from hall import SECONDS

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
_NO_MASK = bytes(4)


class RawPhone:
    """An open socket of which nothing is read by itself."""

    def __init__(self, connection: socket.socket, unread: bytes) -> None:
        self._connection = connection
        self._unread = bytearray(unread)

    async def send(self, message: Any, opcode: int = TEXT) -> None:
        """Send a text frame with JSON, or bytes with another ``opcode``."""
        payload = message if isinstance(message, bytes) else json.dumps(message).encode()
        length = bytes([0x80 | len(payload)]) if len(payload) < 126 else struct.pack("!BH", 0x80 | 126, len(payload))
        frame = bytes([0x80 | opcode]) + length + _NO_MASK + payload
        await asyncio.get_running_loop().sock_sendall(self._connection, frame)

    async def frame(self) -> tuple[int, bytes] | None:
        """The next frame as ``(opcode, payload)``; None at the end of the connection."""
        head = await self._read(2)
        if head is None:
            return None
        length = head[1] & 0x7F
        if length >= 126:
            length = int.from_bytes(await self._read(2 if length == 126 else 8) or b"")
        payload = await self._read(length)
        return None if payload is None else (head[0] & 0x0F, payload)

    async def event(self) -> Any:
        """The next message, as JSON."""
        found = await self.frame()
        assert found is not None
        assert found[0] == TEXT, found
        return json.loads(found[1])

    async def until(self, event: str) -> Any:
        """The next message of that kind; others are passed over."""
        while True:
            message = await self.event()
            if message["event"] == event:
                return message

    async def rest(self) -> list[tuple[int, bytes]]:
        """All that still comes until the connection ends; a frame that was cut off is not counted."""
        frames = []
        while (found := await self.frame()) is not None:
            frames.append(found)
        return frames

    async def hello(self, token: str | None = None) -> None:
        """Say hello, and read up to the snapshot."""
        await self.send({"event": "hello", "data": {"v": 2} | ({"token": token} if token else {})})
        await self.until("snapshot")

    async def _read(self, length: int) -> bytes | None:
        while len(self._unread) < length:
            try:
                chunk = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(self._connection, 65536), SECONDS)
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
        request = (
            f"GET /_ws{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        await loop.sock_sendall(connection, request.encode())
        answer = bytearray()
        while b"\r\n\r\n" not in answer:
            answer += await asyncio.wait_for(loop.sock_recv(connection, 4096), SECONDS)
        head, _, unread = bytes(answer).partition(b"\r\n\r\n")
        assert b" 101 " in head, head
        yield RawPhone(connection, unread)


def close_frame(payload: bytes) -> tuple[int, dict[str, Any]]:
    """A close frame's code, and its reason as JSON."""
    return int.from_bytes(payload[:2]), json.loads(payload[2:])
