"""Takes connections of somebody else's HTTP server, Jupyter's, a few at a time; with TLS each shakes hands by turns.

Tornado takes up to 128 connections in one turn of the loop. Jupyter gives it the names of the certificate's files, and
for each connection it reads these anew, and all certificates of the system, which takes 4 ms; and each handshake makes
a signature. A hundred clients that do nothing but shake hands held up votes for more than a second.
"""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any, Final

from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.iostream import SSLIOStream
from tornado.netutil import ssl_options_to_context, ssl_wrap_socket

from .client_log import within_request
from .readiness import Later
from .service import Service

AT_ONCE: Final = 8
"""Connections that are taken in one turn of the loop."""

TLS_AT_ONCE: Final = 2
"""The same with TLS, where each costs more before anything has come of it."""

BESIDE_VOTES: Final = 0.004
"""Seconds between two handshakes while votes are being committed."""

_FILES: Final = ("certfile", "keyfile", "ca_certs")
_GONE: Final = {errno.ECONNABORTED, errno.EINVAL, errno.ENOTCONN}


class PacedAccept:
    """Accepts in place of ``server``, which stops it as it would have stopped by itself. :meth:`install` once.

    Where a version of Tornado has no such names as are used here, the server goes on as it did.
    """

    def __init__(self, server: HTTPServer, service: Service) -> None:
        self._server = server
        self._service = service
        self._accepts = Later(1, self._rest)
        self._handshakes = Later(1, self._rest)
        self._listening: set[socket.socket] = set()
        self._context: tuple[list[int], ssl.SSLContext] | None = None

    def install(self) -> None:
        """Take over; on the loop's thread, once the server listens."""
        sockets: dict[int, socket.socket] = getattr(self._server, "_sockets", {})
        removers: dict[int, Callable[[], None]] = getattr(self._server, "_handlers", {})
        for number, listening in sockets.items():
            if number in removers:
                removers[number]()
                removers[number] = partial(self._remove, listening)
                self._listening.add(listening)
                self._ask(listening)

    def _rest(self) -> float:
        return BESIDE_VOTES if self._service.store.is_busy else 0.0

    def _ask(self, listening: socket.socket) -> None:
        if listening in self._listening:
            IOLoop.current().add_handler(listening, self._accept, IOLoop.READ)

    def _remove(self, listening: socket.socket) -> None:
        self._listening.discard(listening)
        IOLoop.current().remove_handler(listening)

    def _accept(self, listening: socket.socket, _: int) -> None:
        """Take a few connections, and the next ones in a later turn; ``accepting`` knows the name of this function."""
        for _ in range(AT_ONCE if self._server.ssl_options is None else TLS_AT_ONCE):
            try:
                connection, address = listening.accept()
            except BlockingIOError:
                return
            except ConnectionAbortedError:
                continue  # it was closed while it waited
            self._take(connection, address)
            if listening not in self._listening:
                return
        IOLoop.current().remove_handler(listening)
        self._accepts.later(partial(self._ask, listening))

    def _take(self, connection: socket.socket, address: Any) -> None:
        if self._server.ssl_options is None:
            self._server._handle_connection(connection, address)  # noqa: SLF001 - what it would have done itself
            return
        try:
            wrapped = ssl_wrap_socket(
                connection, self._tls(self._server.ssl_options), server_side=True, do_handshake_on_connect=False
            )
        except OSError as error:
            connection.close()
            if not isinstance(error, ssl.SSLEOFError) and error.errno not in _GONE:
                raise
            return
        address_alone = str(address[0]) if isinstance(address, tuple) else "unknown"
        stream = TurnStream(
            wrapped, self._handshakes, partial(within_request, self._service.client_log, address_alone),
            max_buffer_size=self._server.max_buffer_size, read_chunk_size=self._server.read_chunk_size,
        )  # fmt: skip
        self._server.handle_stream(stream, address)

    def _tls(self, options: dict[str, Any] | ssl.SSLContext) -> ssl.SSLContext:
        """What a connection is wrapped with: made once, and again when a file of it has changed."""
        if isinstance(options, ssl.SSLContext):
            return options
        changed = [Path(options[name]).stat().st_mtime_ns for name in _FILES if options.get(name)]
        if self._context is None or self._context[0] != changed:
            self._context = changed, ssl_options_to_context(options, server_side=True)
        return self._context[1]


class TurnStream(SSLIOStream):
    """A connection each of whose steps of the handshake waits for one of ``turns``; then it is like any other.

    What is logged of a handshake is logged within ``blaming``.
    """

    def __init__(
        self, own: ssl.SSLSocket, turns: Later, blaming: Callable[[], AbstractContextManager[None]], **sizes: int | None
    ) -> None:
        super().__init__(own, **sizes)
        self._turns = turns
        self._blaming = blaming
        self._is_waiting = False

    def _handle_events(self, fd: Any, events: int) -> None:
        """Called by Tornado when there is something to read or room to write, and when the connection has broken."""
        if not self._ssl_accepting or self.closed():
            super()._handle_events(fd, events)
        elif events & IOLoop.ERROR:
            self.close()
        elif not self._is_waiting:
            # At the first event, that there is room to write, the client's hello may have come already.
            self._is_waiting = True
            self._state = IOLoop.ERROR
            self.io_loop.update_handler(fd, self._state)
            self._turns.later(partial(self._go_on, fd, events))

    def _go_on(self, fd: Any, events: int) -> None:
        self._is_waiting = False
        if not self.closed():
            with self._blaming():
                super()._handle_events(fd, events)
