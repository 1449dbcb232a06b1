"""One WebSocket on tornado, with the server's HTTP refusals read back. It neither retries nor decodes."""

from __future__ import annotations

import asyncio
import ssl
from http import HTTPStatus
from typing import Protocol

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.simple_httpclient import HTTPStreamClosedError, HTTPTimeoutError
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, WebSocketError, websocket_connect

from .errors import Unreachable, refusal_of
from .trouble import no_redirect, no_upgrade, tls_trouble

OPENING = 10.0
"""Seconds that a socket may take to open."""


MAX_MESSAGE = 4 << 20
"""Bytes of a message; a server that sends a larger one is left."""


class Socket(Protocol):
    """What a connection needs of a WebSocket."""

    @property
    def close_code(self) -> int | None:
        """The code that the server closed with, once it has."""

    @property
    def close_reason(self) -> str | None:
        """The text beside that code."""

    async def receive(self) -> str | bytes | None:
        """The next frame, or None when the socket is closed."""

    async def send(self, text: str) -> None:
        """Send a text frame; raises :exc:`Unreachable` if the socket is closed."""

    def close(self) -> None:
        """Begin to close, and wait for nothing."""


class TornadoSocket:
    """A WebSocket of tornado's."""

    def __init__(self, stream: WebSocketClientConnection) -> None:
        self._stream = stream

    @property
    def close_code(self) -> int | None:
        """The code that the server closed with, once it has."""
        return self._stream.close_code

    @property
    def close_reason(self) -> str | None:
        """The text beside that code."""
        return self._stream.close_reason

    async def receive(self) -> str | bytes | None:
        """The next frame, or None when the socket is closed."""
        return await self._stream.read_message()

    async def send(self, text: str) -> None:
        """Send a text frame; raises :exc:`Unreachable` if the socket is closed."""
        try:
            await self._stream.write_message(text)
        except WebSocketClosedError as lost:
            raise Unreachable("The connection to the server was lost.") from lost

    def close(self) -> None:
        """Begin to close. Where nobody is on the other side any more a pending :meth:`receive` goes on for seconds."""
        self._stream.close()


async def open_socket(url: str, headers: dict[str, str]) -> Socket:
    """Open a WebSocket.

    Raises:
        Refusal: the server refused the upgrade, by its own code and text.
        Unreachable: nobody answered, or not with a WebSocket.
    """
    address = url.partition("?")[0]
    request = HTTPRequest(url, headers=headers, connect_timeout=OPENING, request_timeout=OPENING)
    # Tornado follows no redirect here, and without compression a frame is no larger than what was sent.
    opening = asyncio.ensure_future(websocket_connect(request, max_message_size=MAX_MESSAGE))
    try:
        return TornadoSocket(await asyncio.shield(opening))
    except asyncio.CancelledError:
        opening.add_done_callback(_let_go)
        raise
    except WebSocketError as answered:
        raise no_upgrade(address) from answered
    except ssl.SSLError as untrusted:
        raise tls_trouble(address, untrusted) from untrusted
    except (OSError, HTTPTimeoutError, HTTPStreamClosedError) as nobody:
        raise Unreachable(f"No livepoll server answers at {address}. Is it running?") from nobody
    except HTTPClientError as refused:
        if refused.code in {HTTPStatus.BAD_REQUEST, HTTPStatus.UPGRADE_REQUIRED}:
            # What we sent was a whole handshake, so somebody in between took a part of it away.
            raise no_upgrade(address) from refused
        raise no_redirect(address, "_ws", refused) or refusal_of(refused) from refused


def _let_go(opening: asyncio.Future[WebSocketClientConnection]) -> None:
    """Close a WebSocket that nobody waits for any more; tornado goes on opening it, and would keep it open."""
    if not opening.cancelled() and not opening.exception():
        opening.result().close()
