"""A WebSocket on Tornado's stream: with TLS the stream holds the keys, so that the socket alone would be of no use."""

from __future__ import annotations

import asyncio
import socket

from tornado.iostream import IOStream, StreamClosedError

from .readiness import Readiness
from .wire import READ, State, Wire
from .wire_socket import tune


class StreamWire(Wire):
    """The WebSocket on ``stream``. Call :meth:`start` once there is a listener."""

    __slots__ = ("_readiness", "_reading", "_stream")

    def __init__(self, stream: IOStream, address: str, readiness: Readiness) -> None:
        super().__init__(address)
        self._stream = stream
        self._readiness = readiness
        self._reading: asyncio.Future[None] | None = None
        tune(stream.socket)

    @property
    def descriptor(self) -> int:
        """The number of the open file that the socket is."""
        return self._stream.socket.fileno()

    def start(self, first: bytes) -> None:
        """Begin to read and to write."""
        self.send(first)
        self._reading = asyncio.ensure_future(self._read_on())

    # ------------------------------------------------------------ out

    def send(self, data: bytes) -> bool:
        """Write; Tornado keeps what the system does not take yet."""
        try:
            written = self._stream.write(data)
        except StreamClosedError:
            return True  # the reading ends too, and tells of it
        if not self._stream.writing():
            return True
        written.add_done_callback(self._on_written)
        return False

    def flush(self) -> None:
        """Nothing waits but in Tornado's stream, which writes by itself."""

    @property
    def is_busy(self) -> bool:
        """Whether something waits to be written."""
        return self._stream.writing()

    def _on_written(self, _: object) -> None:
        if not self._stream.closed() and not self._stream.writing():
            self.written()

    def _part(self) -> None:
        # TLS has a goodbye of its own, and a socket that is closed before it has come may be reset by it.
        self._end_writing()

    def _end_writing(self) -> None:
        if self._stream.closed():
            return  # a write has found it broken and Tornado has let go of the socket; the reading ends too
        try:
            self._stream.socket.shutdown(socket.SHUT_WR)
        except OSError:
            asyncio.get_running_loop().call_soon(self.drop)

    def _let_go(self) -> None:
        self._stream.close()

    # ------------------------------------------------------------ in

    def hear(self, unread: bytes) -> None:
        """Nothing has been read: it waits in Tornado's stream."""
        if unread:
            raise RuntimeError("Tornado's stream keeps what it has read.")

    async def _read_on(self) -> None:
        try:
            while True:
                self.received(await self._stream.read_bytes(READ, partial=True))
                while self._is_behind:
                    await self._readiness.turn()
                    self.received(b"")
                if self._state is State.PARTED:
                    # Tornado closes the stream where it reads the end, and what waits would be lost.
                    await self._stream.write(b"")
                if not self.is_gone and self.is_last:
                    await self._readiness.turn()
                else:
                    await asyncio.sleep(0)
        except StreamClosedError:
            self.drop()
