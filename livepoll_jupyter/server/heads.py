"""Connections of our own listener that owe something: the rest of a request, or the reading of an answer.

Tornado tells its delegate when it begins to wait for a request, when the head has come and when the body has. Between
them time runs here, by the service's clock. What a connection holds meanwhile is bounded: its head by :data:`MAX_HEAD`,
its body by what ``bodies`` allows, an answer by what there is to send, and the number of each by :data:`MAX_WAITING`.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any, Final, NoReturn, Protocol, cast

from tornado import httputil
from tornado.http1connection import HTTP1Connection
from tornado.ioloop import IOLoop
from tornado.iostream import IOStream, StreamClosedError
from tornado.log import gen_log

from .bodies import has_body
from .clock import Clock, Timer
from .open_files import share
from .readiness import Later

MAX_HEAD: Final = 16 * 1024
"""Bytes of a request's head; a browser sends less than a thousand, and cookies of other programs on this machine."""

MAX_LINES: Final = 128
"""Lines of a request's head; a browser sends twenty, and each costs time, however short it is."""

MAX_ADDRESS: Final = 2_048
"""Bytes of a head's first line, for the same reason: pieces of a query are parsed one by one."""

END_OF_HEAD: Final = rb"\n\r?\n"
"""The same places as Tornado's own ``\\r?\\n\\r?\\n`` ends at, found in a hundredth of the time: a search begins at the
head's first byte whenever something has come, and in 16 KiB of one long line took a millisecond."""

PIECES: Final = 8
"""Pieces of a head that are read as soon as they come; a browser sends one or two. Of further ones, those of all
connections together, :data:`PIECES_AT_ONCE` are read every :data:`BETWEEN_PIECES` seconds."""

PIECES_AT_ONCE: Final = 4

BETWEEN_PIECES: Final = 0.002

WAIT: Final = 30.0
"""Seconds in which a whole head must have come, counted from the last answer or the first byte of a new connection; in
which that byte must have come; and then a whole body."""

READ: Final = 120.0
"""Seconds in which an answer must have been made and read; those to the instructor may take longer."""

MAX_WAITING: Final = 4_096
"""Connections that may be waited for, for each of the two; of more, the one that is waited for longest is closed."""

WAITING_SHARE: Final = 4
"""One in so many of the process's open files is the most, where that is fewer: others need some too."""

LINGER: Final = 2.0
"""Seconds in which a client that still sends may read that it was refused."""

LINGER_BYTES: Final = 2**20
"""Bytes that are thrown away meanwhile."""


class ClientStream(IOStream):
    """A client's connection. While it ``lingers``, closing it lets the other end read the answer first."""

    def __init__(self, own: socket.socket, heads: Heads) -> None:
        super().__init__(own, read_chunk_size=MAX_HEAD)
        self.lingers = False
        self.may_read_slowly = False
        self._heads = heads
        self._pieces: int | None = None

    def read_from_fd(self, buf: bytearray | memoryview) -> int | None:
        """Read what has come; called by Tornado."""
        read = super().read_from_fd(buf)
        if read and self._pieces is not None:
            self._pieces += 1
            if self._pieces > PIECES and not self.writing():
                # Tornado knows nothing of it: the loop tells of nothing to read until the turn comes.
                self.io_loop.update_handler(self.fileno(), IOLoop.ERROR)
                self._heads.pieces.later(self._read_on)
        return read

    def _read_on(self) -> None:
        if not self.closed() and not self.writing():
            self.io_loop.update_handler(self.fileno(), IOLoop.READ | IOLoop.ERROR)

    def take_time(self) -> None:
        """The answer to this request is for somebody who may read it slowly."""
        self.may_read_slowly = True
        self._heads.reading.discard(self)

    async def read_until_regex(self, regex: bytes, max_bytes: int | None = None) -> bytes:  # noqa: ARG002 - see above
        """The next head, when it is its turn to be parsed; called by Tornado.

        Of a connection that is closed nothing more is read. Tornado would begin all the requests in its buffer at once:
        it waits for an answer to be written only while somebody is there to read it.
        """
        if self.closed():
            raise StreamClosedError
        self._pieces = 0
        head = await super().read_until_regex(END_OF_HEAD, max_bytes)
        self._pieces = None
        await self._heads.turns.turn()
        if self.closed():
            raise StreamClosedError
        if head.find(b"\n") > MAX_ADDRESS:
            self._refuse(b"414 URI Too Long")
        if head.count(b"\n") > MAX_LINES:
            self._refuse(b"431 Request Header Fields Too Large")
        return head

    def _refuse(self, status: bytes) -> NoReturn:
        gen_log.info("Refused before its head was parsed: %s", status.decode())
        self.write(b"HTTP/1.1 %b\r\nConnection: close\r\nContent-Length: 0\r\n\r\n" % status)
        self.lingers = True
        self.close()
        raise StreamClosedError

    def close_fd(self) -> None:
        """Close the socket; called by Tornado."""
        self._heads.forget(self)
        if self.lingers:
            own, self.socket = self.socket, cast("Any", None)
            self._heads.lingering.take(own)
        else:
            super().close_fd()


class Newcomer:
    """A connection on which nothing has come yet. Once something does, ``hear`` is called, and has the socket.

    It waits among those that are still sending their heads, and is closed with the one that waits too long.
    """

    def __init__(self, own: socket.socket, heads: Heads, hear: Callable[[], None]) -> None:
        self.lingers = False
        self._own = own
        self._heads = heads
        self._hear = hear
        asyncio.get_running_loop().add_reader(own, self._readable)
        heads.sending.add(self)

    def close(self) -> None:
        """Close the connection."""
        self._let_go()
        self._own.close()

    def _readable(self) -> None:
        self._let_go()
        self._hear()

    def _let_go(self) -> None:
        asyncio.get_running_loop().remove_reader(self._own)
        self._heads.sending.discard(self)


class Lingering:
    """Sockets on which nothing more is said.

    A close with bytes unread would be a reset, which makes the other end forget the answer that it has not read yet.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[socket.socket, tuple[int, Timer]] = {}

    def __len__(self) -> int:
        return len(self._held)

    def take(self, own: socket.socket) -> None:
        """Say that nothing comes any more, throw away what still comes, and close."""
        try:
            own.shutdown(socket.SHUT_WR)
        except OSError:
            own.close()  # the other end has gone
            return
        timer = self._clock.call_at(self._clock.monotonic() + LINGER, lambda: self._close(own))
        self._held[own] = (LINGER_BYTES, timer)
        asyncio.get_running_loop().add_reader(own, self._discard, own)

    def close(self) -> None:
        """Close all of them."""
        for own in list(self._held):
            self._close(own)

    def _discard(self, own: socket.socket) -> None:
        left, timer = self._held[own]
        try:
            read = len(own.recv(65_536))
        except BlockingIOError:
            return
        except OSError:
            read = 0
        self._held[own] = (left - read, timer)
        if not 0 < read < left:
            self._close(own)

    def _close(self, own: socket.socket) -> None:
        _, timer = self._held.pop(own)
        timer.cancel()
        asyncio.get_running_loop().remove_reader(own)
        own.close()


class Connection(Protocol):
    """What may be waited for."""

    lingers: bool

    def close(self) -> None:
        """Close it; it is waited for no more."""


class Waiting:
    """The connections that are waited for, each for so many ``seconds``, longest first."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._until: dict[Connection, float] = {}
        self._timer: Timer | None = None

    def __len__(self) -> int:
        return len(self._until)

    def add(self, stream: Connection) -> None:
        """Wait for ``stream`` from now on; it is the youngest."""
        self._until.pop(stream, None)
        self._until[stream] = self._clock.monotonic() + self._seconds
        if len(self._until) > share(WAITING_SHARE, MAX_WAITING):
            self._drop(next(iter(self._until)))
        if self._timer is None:
            self._timer = self._clock.call_at(self._clock.monotonic() + self._seconds, self._look)

    def discard(self, stream: Connection) -> None:
        """``stream`` is not waited for any more."""
        self._until.pop(stream, None)

    def end(self) -> None:
        """Look no more, and close what says nothing: nobody else knows of it."""
        for each in [each for each in self._until if isinstance(each, Newcomer)]:
            each.close()
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        """Each waits equally long, so the first in the order is the first to be late: one timer is enough."""
        self._timer = None
        now = self._clock.monotonic()
        while self._until:
            stream, until = next(iter(self._until.items()))
            if until > now:
                self._timer = self._clock.call_at(until, self._look)
                return
            self._drop(stream)

    def _drop(self, stream: Connection) -> None:
        self.discard(stream)
        stream.lingers = False
        stream.close()


class Heads(httputil.HTTPServerConnectionDelegate):
    """Stands before ``application``, for connections that are :class:`ClientStream`.

    Each head waits for one of ``turns`` before it is parsed.
    """

    def __init__(self, application: httputil.HTTPServerConnectionDelegate, clock: Clock, turns: Later) -> None:
        self.turns = turns
        self.pieces = Later(PIECES_AT_ONCE, lambda: BETWEEN_PIECES)
        self.sending = Waiting(clock, WAIT)
        self.reading = Waiting(clock, READ)
        self.lingering = Lingering(clock)
        self._application = application

    def start_request(self, server_conn: object, request_conn: httputil.HTTPConnection) -> httputil.HTTPMessageDelegate:
        """A connection begins to wait for a request; called by Tornado."""
        stream = cast("ClientStream", cast("HTTP1Connection", request_conn).stream)
        self.reading.discard(stream)
        stream.may_read_slowly = False
        if not stream.closed():
            self.sending.add(stream)
        return _Request(self._application.start_request(server_conn, request_conn), self, stream)

    def forget(self, stream: ClientStream) -> None:
        """The connection is closed."""
        self.sending.discard(stream)
        self.reading.discard(stream)

    def close(self) -> None:
        """Let go of everything; the listener is closed."""
        self.sending.end()
        self.reading.end()
        self.lingering.close()


class _Request(httputil.HTTPMessageDelegate):
    """One request on its way to the application.

    A request without a body is passed on when it has come as a whole: an answer that is given before that ends the
    connection, and a refused request is no reason to do so.
    """

    def __init__(self, to: httputil.HTTPMessageDelegate, heads: Heads, stream: ClientStream) -> None:
        self._to = to
        self._heads = heads
        self._stream = stream
        self._head: tuple[Any, httputil.HTTPHeaders] | None = None
        self._is_begun = False

    def headers_received(
        self, start_line: httputil.RequestStartLine | httputil.ResponseStartLine, headers: httputil.HTTPHeaders
    ) -> Awaitable[None] | None:
        if not has_body(headers):
            self._head = (start_line, headers)
            return None
        self._heads.sending.add(self._stream)
        self._stream.lingers = True
        self._is_begun = True
        return self._to.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        return self._to.data_received(chunk)

    def finish(self) -> None:
        self._stream.lingers = False
        self._heads.sending.discard(self._stream)
        if not self._stream.may_read_slowly:
            self._heads.reading.add(self._stream)
        if self._head is not None:
            self._is_begun = True
            self._to.headers_received(*self._head)
        self._to.finish()

    def on_connection_close(self) -> None:
        if self._is_begun:
            self._to.on_connection_close()
