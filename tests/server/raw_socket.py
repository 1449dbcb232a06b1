"""A client that sends any bytes, so that a test may break RFC 6455. It reads the server's frames and nothing more."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ssl import SSLContext
from typing import Any, NamedTuple

from hall import SECONDS

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
MASK = b"\x37\xfa\x21\x3d"

UPGRADE = {
    "Host": "127.0.0.1",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}
"""The headers of RFC 6455's own example (section 1.3)."""

ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
"""What the RFC says their answer is."""


def head(opcode: int, length: int, *, is_final: bool = True, reserved: int = 0, is_masked: bool = True) -> bytes:
    """A frame's head, up to the mask; what it says need not be so."""
    first = (0x80 if is_final else 0) | reserved << 4 | opcode
    masked = 0x80 if is_masked else 0
    if length <= 125:
        return bytes([first, masked | length])
    if length < 2**16:
        return bytes([first, masked | 126]) + length.to_bytes(2)
    return bytes([first, masked | 127]) + length.to_bytes(8)


def frame(opcode: int, payload: bytes = b"", *, is_final: bool = True, reserved: int = 0) -> bytes:
    """A masked frame."""
    masked = bytes(byte ^ MASK[i % 4] for i, byte in enumerate(payload))
    return head(opcode, len(payload), is_final=is_final, reserved=reserved) + MASK + masked


def text(message: Any) -> bytes:
    """A text frame with a JSON message."""
    return frame(TEXT, json.dumps(message).encode())


def closing(code: int, reason: bytes = b"") -> bytes:
    """A close frame."""
    return frame(CLOSE, code.to_bytes(2) + reason)


class Frame(NamedTuple):
    """A frame of the server's."""

    first: int
    payload: bytes

    @property
    def opcode(self) -> int:
        """The kind of frame."""
        return self.first & 0x0F

    @property
    def code(self) -> int | None:
        """A close frame's code, None without one."""
        return int.from_bytes(self.payload[:2]) if self.payload else None


class RawSocket:
    """A TCP connection; every wait has a deadline."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, *segments: bytes) -> None:
        """Send each of ``segments`` as a TCP segment of its own."""
        for segment in segments:
            self._writer.write(segment)
            await asyncio.wait_for(self._writer.drain(), SECONDS)

    def send_now(self, data: bytes) -> None:
        """Send before the loop has its next turn."""
        self._writer.write(data)

    async def shake_hands(self, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str]]:
        """Ask for an upgrade; the status and the headers of the answer, whose names are in small letters."""
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        await self.send("\r\n".join([*lines, "", ""]).encode())
        answer = await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), SECONDS)
        status, *fields = answer.decode().strip().split("\r\n")
        return int(status.split()[1]), {name.lower(): value for name, _, value in (f.partition(": ") for f in fields)}

    async def answer_head(self) -> dict[str, str]:
        """The headers of the next answer, whose names are in small letters."""
        answer = await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), SECONDS)
        fields = answer.decode().strip().split("\r\n")[1:]
        return {name.lower(): value for name, _, value in (field.partition(": ") for field in fields)}

    async def body(self, length: int) -> bytes:
        """The body of an answer of so many bytes."""
        return await self._read(length)

    async def frame(self) -> Frame:
        """The next frame; the server must neither mask nor fragment it nor agree with itself on an extension."""
        first, second = await self._read(2)
        assert first & 0xF0 == 0x80
        assert second & 0x80 == 0
        more = {126: 2, 127: 8}.get(second, 0)
        length = int.from_bytes(await self._read(more)) if more else second
        return Frame(first, await self._read(length))

    async def message(self, event: str) -> Any:
        """The data of the next message of that kind; others are passed over, a closed socket is not."""
        while True:
            received = await self.frame()
            assert received.opcode == TEXT, f"frame {received} before {event}"
            message = json.loads(received.payload)
            if message["event"] == event:
                return message["data"]

    async def until_close_frame(self) -> Frame:
        """The close frame; what comes before it is passed over."""
        while (received := await self.frame()).opcode != CLOSE:
            pass
        return received

    async def until_closed(self) -> Frame:
        """The close frame, after which comes nothing but the end, which the server does not wait for us to bring."""
        closed = await self.until_close_frame()
        assert await self.rest() == b""
        return closed

    async def rest(self) -> bytes:
        """All that comes until the server ends the connection; raises ``ConnectionResetError`` if it resets it."""
        return await asyncio.wait_for(self._reader.read(), SECONDS)

    def pause(self) -> None:
        """Read nothing more from the system, which keeps little."""
        transport: Any = self._writer.transport
        transport.pause_reading()
        if hasattr(transport, "set_read_buffer_limits"):
            transport.set_read_buffer_limits(0)  # with TLS it would decrypt in advance

    def resume(self) -> None:
        """Read on."""
        transport: Any = self._writer.transport
        transport.resume_reading()
        if hasattr(transport, "set_read_buffer_limits"):
            transport.set_read_buffer_limits()

    def end(self) -> None:
        """Say nothing more, and let the other end know; what it says can still be read."""
        self._writer.get_extra_info("socket").shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Break off with bytes unread, which the system tells the other end."""
        self._writer.transport.abort()

    def close(self) -> None:
        """Let go of the connection."""
        self._writer.close()

    async def _read(self, size: int) -> bytes:
        return await asyncio.wait_for(self._reader.readexactly(size), SECONDS)


@asynccontextmanager
async def connected(
    port: int, tls: SSLContext | None = None, receive_buffer: int | None = None
) -> AsyncIterator[RawSocket]:
    """A TCP connection to a server on this machine, whose system keeps about ``receive_buffer`` unread bytes."""
    own = socket.socket()
    own.settimeout(0)
    own.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if receive_buffer is not None:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    await asyncio.get_running_loop().sock_connect(own, ("127.0.0.1", port))
    host = "localhost" if tls else None
    reader, writer = await asyncio.open_connection(sock=own, ssl=tls, server_hostname=host)
    raw = RawSocket(reader, writer)
    try:
        yield raw
    finally:
        raw.close()
