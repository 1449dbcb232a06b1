"""The opening handshake of RFC 6455, section 4.2, and what comes of it: Tornado's connection becomes a wire of ours.

It looks at headers, and knows no room and nobody's right to be let in.
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha1
from socket import socket
from typing import Final

from tornado.iostream import IOStream, SSLIOStream

from ..core.errors import BadRequest
from .readiness import Readiness
from .wire import Wire
from .wire_socket import SocketWire
from .wire_stream import StreamWire

VERSION: Final = "13"
"""The only version that there is."""

_KEY: Final = re.compile(r"[A-Za-z0-9+/]{22}==")
"""16 bytes in base64."""

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_SWITCHING: Final = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %b\r\n\r\n"
)
_UNREAD: Final = 1 << 20
"""More bytes than Tornado reads in advance."""


def key_of(headers: Mapping[str, str], version: str) -> str | None:
    """The client's key, None if it speaks another version; raises :exc:`BadRequest` for what is no handshake.

    ``version`` is the request's, such as ``HTTP/1.1``. The names of headers are asked for in small letters, and a
    header that came twice has both values, with a comma between them.
    """
    if version == "HTTP/1.0":
        raise BadRequest(
            "A socket needs HTTP/1.1. If a proxy is in front, let it speak that (nginx: proxy_http_version 1.1)."
        )
    if headers.get("upgrade", "").lower() != "websocket":
        raise BadRequest("This is the address of a room's socket; open it with a WebSocket.")
    if "upgrade" not in {word.strip().lower() for word in headers.get("connection", "").split(",")}:
        raise BadRequest('The Connection header must say "Upgrade". If a proxy is in front, let it pass that on.')
    if headers.get("sec-websocket-version") != VERSION:
        return None
    key = headers.get("sec-websocket-key")
    if not key:
        raise BadRequest("Sec-WebSocket-Key is missing; every WebSocket client sends it by itself.")
    if _KEY.fullmatch(key) is None:
        raise BadRequest(
            "Sec-WebSocket-Key must be 16 bytes in base64, once; WebSocket clients send that by themselves."
        )
    return key


def answer(key: str) -> bytes:
    """The whole answer to the client: no extension and no subprotocol are ever agreed on."""
    return _SWITCHING % b64encode(sha1(key.encode() + _GUID, usedforsecurity=False).digest())


def wire_on(stream: IOStream, address: str, readiness: Readiness) -> tuple[Wire, bytes]:
    """The wire on a detached ``stream`` that is open, and what has been read of it beyond the handshake."""
    if isinstance(stream, SSLIOStream):
        return StreamWire(stream, address, readiness), b""
    own, unread = _taken_over(stream)
    return SocketWire(own, address, readiness), unread


def _taken_over(stream: IOStream) -> tuple[socket, bytes]:
    with stream.socket.dup() as higher:
        reading = asyncio.ensure_future(stream.read_bytes(_UNREAD, partial=True))
        stream.close()
        # To the number that the stream had, so that the numbers still tell how many files are open.
        own = higher.dup()
    return own, b"" if reading.exception() else reading.result()
