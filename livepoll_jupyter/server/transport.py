"""Tornado's WebSocket as a peer's transport: where bytes meet a socket. It knows no room and no message."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any, Final

from tornado.iostream import IOStream, StreamClosedError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

SEND_BUFFER: Final = 64 * 1024
"""Bytes that the system keeps for one peer (Linux: twice as many); left alone, it keeps megabytes for a dead one."""


class TornadoTransport:
    """The open socket of ``handler``.

    ``on_drained`` is called when all that waited has gone out, ``on_closing`` as soon as the socket is being closed.
    """

    def __init__(
        self, handler: WebSocketHandler, address: str, on_drained: Callable[[], None], on_closing: Callable[[], None]
    ) -> None:
        self.address = address
        self._handler = handler
        self._on_drained = on_drained
        self._on_closing = on_closing
        self._stream = _stream(handler)
        self.descriptor = -1
        """The number of the open file that the socket is; -1 for one that is closed already."""
        if not self._stream.closed():
            self.descriptor = self._stream.socket.fileno()
            self._stream.set_nodelay(True)
            self._stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)

    def send(self, frame: bytes) -> bool:
        """Write a text frame; Tornado keeps what the system does not take yet."""
        connection = self._handler.ws_connection
        if connection is None or connection.is_closing():
            return True
        written = connection.write_message(frame)
        is_done = not self._stream.writing()
        written.add_done_callback(self._ignore_closed if is_done else self._written)
        return is_done

    def ping(self) -> None:
        """Ask for a sign of life."""
        connection = self._handler.ws_connection
        if connection is not None and not connection.is_closing():
            connection.write_ping(b"")

    def close(self, code: int, reason: str) -> None:
        """Begin the closing handshake; Tornado gives the other end 5 s for it."""
        self._handler.close(code, reason)
        self._on_closing()

    def drop(self) -> None:
        """Let go at once of the socket and of all that waits to be written to it."""
        self._stream.close()

    def _written(self, written: Any) -> None:
        if self._ignore_closed(written):
            self._on_drained()

    def _ignore_closed(self, written: Any) -> bool:
        """Take a closed socket for what it is: the handler tells the room."""
        error = None if written.cancelled() else written.exception()
        if error is not None and not isinstance(error, WebSocketClosedError | StreamClosedError):
            raise error
        return error is None


def _stream(handler: WebSocketHandler) -> IOStream:
    connection = handler.ws_connection
    if connection is None or connection.stream is None:
        raise WebSocketClosedError
    return connection.stream
