"""A listener of its own for the class: an HTTP server that knows the audience's addresses and nothing of Jupyter."""

from __future__ import annotations

import errno
import re
import socket
from functools import partial
from typing import Any

from tornado import web
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.netutil import bind_sockets

from ..core.errors import BadSetting
from . import shortcut
from .api import audience_rules, instructor_rules, join_rule
from .bodies import MAX_BODY
from .client_log import within_request
from .documents import document_rules
from .heads import MAX_HEAD, ClientStream, Heads, Newcomer
from .health import health_rule
from .open_files import is_last
from .pages import NothingHere, page_rules
from .readiness import Later
from .service import Service
from .web import Rule, log_answer
from .websocket import SocketHandler

BACKLOG = 4096
"""Connections that may wait to be accepted: a class that comes at once."""

ACCEPTED_AT_ONCE = 8
"""Connections that are taken in one turn of the loop, about a tenth of a millisecond's work each: fewer than sockets
that are looked after (``readiness``), or who connects and leaves in a loop would make all others wait behind what is
left of his connections."""

ACCEPTED_BESIDE_VOTES = 2
"""The same while votes are being committed, once every :data:`PAUSE`: the thread that commits needs the interpreter
several times. So however many vote, connections are taken, some 2,000 a second at most."""

PAUSE = 0.001
"""Seconds."""

TRIES = 50
"""How many ports after the wanted one are tried."""


def socket_rule(service: Service, under: str = "", *, handler: type[SocketHandler] = SocketHandler) -> Rule:
    """``_ws``: under the base URL, and beside the pages where these lie elsewhere."""
    return (f"{under}_ws", handler, {"service": service})


def audience(service: Service) -> list[Rule]:
    """All that the class may reach."""
    return [socket_rule(service), *audience_rules(service), join_rule(service), *page_rules(service)]


def everything(service: Service) -> list[Rule]:
    """What the class may reach, the instructor's API and the documents."""
    return [
        socket_rule(service), *instructor_rules(service), *document_rules(service), *audience_rules(service),
        join_rule(service), health_rule(service), *page_rules(service),
    ]  # fmt: skip


class Listener:
    """An HTTP server for ``rules`` with Tornado's ``settings``; ``port`` is known once it is open.

    The rules lie under ``base_url``, a path that begins and ends in a slash.
    """

    def __init__(self, service: Service, rules: list[Rule], *, base_url: str = "/", **settings: Any) -> None:
        self.application = web.Application(
            [(f"{re.escape(base_url)}{pattern}", handler, arguments) for pattern, handler, arguments in rules],
            default_handler_class=NothingHere,
            default_handler_args={"service": service},
            **{"log_function": log_answer} | settings,
        )
        self.heads = Heads(self.application, service.clock, service.heads)
        self._server = HTTPServer(self.heads, max_header_size=MAX_HEAD, max_body_size=4 * MAX_BODY)
        self._listening: list[socket.socket] = []
        self._paused = Later(2, lambda: PAUSE)
        self._service = service
        self._plain = shortcut.plain_request(base_url)
        self.port = 0

    def open(self, ip: str, port: int, *, is_exact: bool) -> None:
        """Listen on ``port``, or unless ``is_exact`` on the next free one; raises :exc:`BadSetting`.

        Port 0 is any free port.
        """
        last = port if is_exact or port == 0 else min(port + TRIES, 65535)
        for candidate in range(port, last + 1):
            sockets = _bind(ip, candidate, is_last=candidate == last)
            if sockets:
                self.port = sockets[0].getsockname()[1]
                self._listening = sockets
                for each in sockets:
                    self._accept_from(each)
                return

    @property
    def sockets(self) -> list[socket.socket]:
        """On which connections come."""
        return list(self._listening)

    def stop_accepting(self) -> None:
        """Take no more connections; those that are open stay."""
        for each in self._listening:
            IOLoop.current().remove_handler(each)
            each.close()
        self._listening.clear()

    async def close(self) -> None:
        """Close what is still open."""
        self.stop_accepting()
        self.heads.sending.end()
        await self._server.close_all_connections()
        self.heads.close()

    def _accept_from(self, listening: socket.socket) -> None:
        if listening in self._listening:  # it may have been closed during a pause
            IOLoop.current().add_handler(listening, self._accept, IOLoop.READ)

    def _accept(self, listening: socket.socket, _: int) -> None:
        """Take a few of the connections that wait; the loop comes back for the others."""
        if not self._service.store.is_busy:
            self._take_some(listening, ACCEPTED_AT_ONCE)
        else:
            self._take_some(listening, ACCEPTED_BESIDE_VOTES)
            IOLoop.current().remove_handler(listening)
            self._paused.later(partial(self._accept_from, listening))

    def _take_some(self, listening: socket.socket, most: int) -> None:
        for _ in range(most):
            if not self._listening:
                return
            try:
                connection, address = listening.accept()
            except BlockingIOError:
                return
            except ConnectionAbortedError:
                continue  # it was closed while it waited
            self._take(connection, address)

    def _take(self, connection: socket.socket, address: tuple[Any, ...]) -> None:
        """A new connection: a phone that goes the short way, or a request for Tornado."""
        if is_last(connection.fileno()):
            connection.close()
            return
        connection.setblocking(False)  # noqa: FBT003 - the name of the method
        if not shortcut.has_come(connection):
            # Tornado's way costs four times as much, and in a rush 2 to 11 heads of 100 come a moment later.
            Newcomer(connection, self.heads, partial(self._hear, connection, address))
        else:
            self._hear(connection, address)

    def _hear(self, connection: socket.socket, address: tuple[Any, ...]) -> None:
        if not shortcut.take(self._service, connection, address[0], self._plain):
            with within_request(self._service.client_log, str(address[0])):
                stream = ClientStream(connection, self.heads)
                self._server.handle_stream(stream, address)


def deepen_backlog(server: HTTPServer) -> None:
    """Let as many connections wait at somebody else's server: with Tornado's 128 a hall of thousands tries for long."""
    for each in sockets_of(server):
        each.listen(BACKLOG)


def sockets_of(server: HTTPServer) -> list[socket.socket]:
    """On which sockets somebody else's server listens."""
    # No public name: a test fails on the version of Tornado that changes it, and that server has what it had before.
    listening: dict[int, socket.socket] = getattr(server, "_sockets", {})
    return list(listening.values())


def _bind(ip: str, port: int, *, is_last: bool) -> list[socket.socket]:
    try:
        return bind_sockets(port, ip or None, backlog=BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE and not is_last:
            return []
        raise _bad_address(ip, port, error) from error


def _bad_address(ip: str, port: int, error: OSError) -> BadSetting:
    if error.errno == errno.EADDRINUSE:
        return BadSetting(f"Port {port} is in use. Name another one, or stop the program that uses it.")
    if error.errno in {errno.EACCES, errno.EPERM}:
        return BadSetting(f"Port {port} may not be opened by this user. Name one above 1023.")
    return BadSetting(
        f"This machine has no address {ip!r} to listen on. Use 0.0.0.0 for all, 127.0.0.1 for itself alone."
    )
