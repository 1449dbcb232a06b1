"""One WebSocket on tornado, with the server's HTTP refusals read back. It neither retries nor decodes."""

from __future__ import annotations

import asyncio
from typing import Protocol

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.simple_httpclient import HTTPStreamClosedError, HTTPTimeoutError
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, WebSocketError, websocket_connect

from .errors import Unreachable, refusal_of

OPENING = 10.0
"""Seconds that a socket may take to open."""


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
    request = HTTPRequest(url, headers=headers, connect_timeout=OPENING, request_timeout=OPENING)
    opening = asyncio.ensure_future(websocket_connect(request))
    try:
        return TornadoSocket(await asyncio.shield(opening))
    except asyncio.CancelledError:
        opening.add_done_callback(_let_go)
        raise
    except (OSError, WebSocketError, HTTPTimeoutError, HTTPStreamClosedError) as nobody:
        raise Unreachable(f"No livepoll server answers at {url.partition('?')[0]}. Is it running?") from nobody
    except HTTPClientError as refused:
        raise refusal_of(refused) from refused


def _let_go(opening: asyncio.Future[WebSocketClientConnection]) -> None:
    """Close a WebSocket that nobody waits for any more; tornado goes on opening it, and would keep it open."""
    if not opening.cancelled() and not opening.exception():
        opening.result().close()
