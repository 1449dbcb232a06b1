"""A WebSocket on a socket of our own, which Tornado has opened and handed over; it needs no future, timer or task."""

from __future__ import annotations

import asyncio
import socket
from typing import Final

from .readiness import Readiness
from .wire import READ, State, Wire

SEND_BUFFER: Final = 64 * 1024
"""Bytes that the system keeps for one peer (Linux: twice as many); left alone, it keeps megabytes for a dead one."""

UNACKNOWLEDGED_MS: Final = 60_000
"""Milliseconds after which the system gives up a peer that acknowledges nothing (Linux): two of our own sweeps."""

_OF_TCP: Final = {socket.AF_INET, socket.AF_INET6}


class SocketWire(Wire):
    """The WebSocket on ``own``, a socket that does not block. Call :meth:`start` once there is a listener."""

    __slots__ = ("_descriptor", "_is_waiting", "_readiness", "_rest", "_socket", "_wants_room")

    def __init__(self, own: socket.socket, address: str, readiness: Readiness) -> None:
        super().__init__(address)
        self._socket = own
        self._readiness = readiness
        self._rest = b""
        self._wants_room = False
        self._is_waiting = False
        self._descriptor = own.fileno()
        tune(own)

    @property
    def descriptor(self) -> int:
        """The number of the open file that the socket is."""
        return self._descriptor

    def start(self, first: bytes) -> None:
        """Begin to read; ``first`` leaves with what comes before :meth:`flush`."""
        self._readiness.add(self._descriptor, self)
        self._rest = first

    # ------------------------------------------------------------ out

    def send(self, data: bytes) -> bool:
        """Write at once what the system takes, and keep the rest."""
        if self._rest:
            self._rest += data
            return False
        try:
            sent = self._socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            # Not at once: whoever sends is in the middle of something, such as a walk through all peers.
            asyncio.get_running_loop().call_soon(self.drop)
            return True
        if sent == len(data):
            return True
        self._rest = data[sent:]
        self._wants_room = True
        self._ask()
        return False

    @property
    def is_busy(self) -> bool:
        """Whether something waits to be written."""
        return bool(self._rest)

    @property
    def waiting(self) -> int:
        """How many bytes wait to be written."""
        return len(self._rest)

    def flush(self) -> None:
        """Write what waits, or as soon as there is room for it."""
        rest, self._rest = self._rest, b""
        if self.send(rest):
            self.written()

    def writable(self) -> None:
        """There is room for what waits."""
        self._wants_room = False
        self._ask()
        self.flush()

    def _ask(self) -> None:
        # An end that was read is there to read for ever.
        data = self._state < State.ENDED and not self._is_waiting
        self._readiness.ask_for(self._descriptor, data=data, room=self._wants_room)

    def _end_writing(self) -> None:
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            asyncio.get_running_loop().call_soon(self.drop)

    def _let_go(self) -> None:
        self._readiness.remove(self._descriptor)
        self._socket.close()
        self._rest = b""

    # ------------------------------------------------------------ in

    def hear(self, unread: bytes) -> None:
        """Hear what has been read before the wire was there."""
        self.received(unread)
        if self._is_behind:
            self._wait()

    def readable(self) -> None:
        """There is something to read."""
        if self._is_waiting:
            self.drop()  # nothing to read was asked for, so the connection is broken
        elif self.is_last:
            self._wait()
        else:
            self._receive()
            if self._is_behind:
                self._wait()

    def _wait(self) -> None:
        """Ask for nothing to read, and read on after others have had their turns."""
        self._is_waiting = True
        self._ask()
        self._readiness.later(self._read_on)

    def _read_on(self) -> None:
        if self.is_gone:
            return
        if self._is_behind:
            self.received(b"")
        else:
            self._receive()
        if self._is_behind:
            self._readiness.later(self._read_on)
        elif not self.is_gone:
            self._is_waiting = False
            self._ask()

    def _receive(self) -> None:
        try:
            data = self._socket.recv(READ)
        except BlockingIOError:
            return
        except OSError:
            self.drop()
            return
        if data:
            self.received(data)
        else:
            self._ended()

    def _ended(self) -> None:
        """The client says nothing more. If it has said goodbye it may still read; otherwise it is gone."""
        if self._rest and self._state in {State.PARTED, State.UNHEARD}:
            self._state = State.ENDED
            self._wants_room = True
            self._ask()
        else:
            self.drop()


def tune(own: socket.socket) -> None:
    """Let small messages leave at once, and let the system keep little for a peer that does not read."""
    own.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    if own.family in _OF_TCP:
        own.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            own.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS)
