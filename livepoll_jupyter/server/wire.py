"""One peer's WebSocket after the handshake: pings, closing, and whose turn it is to write. RFC 6455 over any bytes.

What the bytes go over is a subclass's: a socket of our own (``wire_socket``), or Tornado's stream where there is TLS
(``wire_stream``). What messages mean is the listener's. Nothing here knows rooms, and nothing waits: who has to
wait for the other end is called back.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import IntEnum
from typing import Final, Protocol

from ..core.messages import MAX_FRAME
from .frames import BINARY, CLOSE, PING, PONG, TEXT, FrameReader, Violation, close_frame, frame, whole_text

READ: Final = MAX_FRAME + 256
"""Bytes that are read before other sockets have their turn: the longest message, with room for its head."""

TURN: Final = 4
"""Units of work (see ``rates``) after which other sockets have their turn, even if more of this one's is here: what a
page sends at once, a hello and the answer that it has kept."""

NOISY_TURN: Final = 2
"""The same for the rest of what was read, and for a socket that has sent more than a phone does.

With ``readiness.LATER_AT_ONCE`` and ``LATER_EVERY`` that makes at most some 4,000 messages a second of all of these
together, which take a fraction of the loop's time and add little to each commit.
"""

_PING_FRAME: Final = frame(PING, b"")
_CODE: Final = 2


class State(IntEnum):
    """How far a socket has come.

    In ``PARTED`` both have said goodbye. In ``UNHEARD`` the client has broken the rules; what it says is thrown away.
    In ``ENDED`` the client has ended its side after one of these, and still reads what waits for it.
    """

    OPEN = 0
    CLOSING = 1
    PARTED = 2
    UNHEARD = 3
    ENDED = 4
    GONE = 5


class Listener(Protocol):
    """Who hears what comes over a wire, for as long as it is there; may raise :exc:`Violation` to hear no more."""

    @property
    def work(self) -> int:
        """Units of work that the wire has caused so far."""

    @property
    def is_noisy(self) -> bool:
        """Whether so much has come of late that the wire has its turns after the others."""

    def on_text(self, text: str) -> None:
        """A text message has come."""

    def on_binary(self, data: bytes) -> None:
        """A binary message has come."""

    def on_sign_of_life(self) -> None:
        """A ping has come, which will be answered, or a pong."""

    def on_part(self) -> None:
        """A part of a message has come: a fragment, or bytes that are no whole frame."""

    def on_violation(self, code: int, reason: str) -> None:
        """The client has broken the RFC or another rule: close the wire with that code."""

    def on_drained(self) -> None:
        """All that waited has gone out."""

    def on_closing(self) -> None:
        """The wire is being closed, by whichever end; nothing can be sent any more."""

    def on_gone(self) -> None:
        """The connection has ended."""


class Wire(ABC):
    """An open WebSocket. ``address`` is where it comes from; ``listener`` is to be set before anything else is done."""

    __slots__ = ("_is_behind", "_pong", "_reader", "_state", "address", "listener")

    listener: Listener

    def __init__(self, address: str) -> None:
        self.address = address
        self._state = State.OPEN
        self._reader: FrameReader | None = None
        self._pong: bytes | None = None
        self._is_behind = False

    @property
    @abstractmethod
    def descriptor(self) -> int:
        """The number of the open file that the socket is."""

    @abstractmethod
    def start(self, first: bytes) -> None:
        """Begin to read, and to write with ``first``, which may wait for more up to :meth:`flush`."""

    @abstractmethod
    def flush(self) -> None:
        """Write what waits."""

    # ------------------------------------------------------------ out

    @abstractmethod
    def send(self, data: bytes) -> bool:
        """Write whole frames; False if part of them still waits, and the listener's ``on_drained`` will be called."""

    @property
    @abstractmethod
    def is_busy(self) -> bool:
        """Whether something waits to be written."""

    @abstractmethod
    def _end_writing(self) -> None:
        """Tell the other end that nothing more comes."""

    @abstractmethod
    def _let_go(self) -> None:
        """Close the connection at once."""

    def _part(self) -> None:
        """Both ends have said all, and all is written: end the connection."""
        self.drop()

    def ping(self) -> None:
        """Ask for a sign of life."""
        if self._state is State.OPEN:
            self.send(_PING_FRAME)

    def close(self, code: int, reason: str) -> None:
        """Say goodbye, and wait for the other end to say so too; :meth:`drop` ends the waiting."""
        if self._state is State.OPEN:
            self._say_goodbye(close_frame(code, reason))

    def drop(self) -> None:
        """Let go of the connection at once, whatever still waits."""
        if self._state is not State.GONE:
            self._state = State.GONE
            self._reader = self._pong = None
            self._is_behind = False
            self._let_go()
            listener = self.listener
            del self.listener  # a cycle, which would wait for the collector
            listener.on_gone()

    def written(self) -> None:
        """All that waited has gone out: the subclass says so."""
        if self._pong is not None and self._state is State.OPEN:
            pong, self._pong = self._pong, None
            self.send(pong)
        if self.is_busy:
            return
        if self._state is State.OPEN:
            self.listener.on_drained()
        elif self._state is State.UNHEARD:
            self._end_writing()
        elif self._state in {State.PARTED, State.ENDED}:
            self._part()

    def _say_goodbye(self, goodbye: bytes) -> None:
        self._state = State.CLOSING
        self.send(goodbye)
        self.listener.on_closing()

    def _become(self, last: State) -> None:
        """Hear nothing more, and end the connection once all is written.

        With a client that has broken the rules our side ends, and what still comes is thrown away until the client ends
        its own (RFC 6455, section 7.1.1): closing a socket in which bytes wait unread resets it, and a reset overtakes
        the close frame.
        """
        if self._state < State.PARTED:
            self._state = last
            self._reader = None
            self._is_behind = False
            if not self.is_busy:
                self.written()

    # ------------------------------------------------------------ in

    @abstractmethod
    def hear(self, unread: bytes) -> None:
        """Hear what has been read before the wire was there; called once, after :meth:`start`."""

    @property
    def is_gone(self) -> bool:
        """Whether the connection was let go of."""
        return self._state is State.GONE

    @property
    def is_last(self) -> bool:
        """Whether the wire has its turns after the others: it has sent more than a peer does, or is heard no more."""
        return self._state >= State.PARTED or self.listener.is_noisy

    def received(self, data: bytes) -> None:
        """Bytes have come: the subclass says so.

        At most about :data:`TURN` units of work are done. If ``_is_behind`` then, the rest is kept, and the subclass
        calls this again, with no bytes, before it reads more, but after other sockets have had their turns. Then, and
        for a socket that sends too much, :data:`NOISY_TURN` units are done.
        """
        if self._state >= State.PARTED:
            return
        try:
            self._read(data)
        except Violation as broken:
            self.listener.on_violation(broken.code, broken.reason)
            self._become(State.UNHEARD)

    def _read(self, data: bytes) -> None:
        if self._reader is None:
            text = whole_text(data, MAX_FRAME)
            if text is not None:
                self.listener.on_text(text)
                return
            self._reader = FrameReader(MAX_FRAME)
        self._reader.take(data)
        self._read_frames(self._reader)

    def _read_frames(self, reader: FrameReader) -> None:
        most = NOISY_TURN if self._is_behind or self.listener.is_noisy else TURN
        self._is_behind = False
        begun = self.listener.work
        for message in reader.frames():
            if message is None:
                self.listener.on_part()
            else:
                self._hear(*message)
            if self._state >= State.PARTED:
                return
            if self.listener.work - begun >= most:
                self._is_behind = reader.holds_bytes
                break
        if self.listener.work == begun:
            self.listener.on_part()
        if reader.is_between_messages:
            self._reader = None

    def _hear(self, opcode: int, payload: bytes) -> None:
        if opcode == TEXT:
            self.listener.on_text(payload.decode())
        elif opcode == BINARY:
            self.listener.on_binary(payload)
        elif opcode == CLOSE:
            self._hear_goodbye(payload)
        else:
            self.listener.on_sign_of_life()
            if opcode == PING and self._state is State.OPEN:
                self._answer(frame(PONG, payload))

    def _answer(self, pong: bytes) -> None:
        """Of pings that come faster than their answers can be written, the newest is answered (section 5.5.3)."""
        if self.is_busy:
            self._pong = pong
        else:
            self.send(pong)

    def _hear_goodbye(self, payload: bytes) -> None:
        if self._state is State.OPEN:
            self._say_goodbye(frame(CLOSE, payload[:_CODE]))
        self._become(State.PARTED)
