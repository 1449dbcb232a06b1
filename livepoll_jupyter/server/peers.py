"""The sockets of one room: who is behind each, and what waits to be written to it.

A message is encoded once and the same bytes go to many. A peer that reads too slowly has an outbox, and beyond
``MAX_OUTBOX`` that peer alone is closed. Nothing here knows sockets: a :class:`Transport` carries the bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Protocol

from ..core import messages
from ..core.codec import encode, encode_reason
from ..core.version1 import for_v1
from .auth import Identity
from .fanout import SLICE, Fanout, Later, soon
from .frames import TEXT
from .frames import frame as framed
from .outbox import MAX_OUTBOX, Outbox, replaceable

TOO_SLOW: Final = 4409
"""The closing code of a peer for which more waits than may."""


class Transport(Protocol):
    """One socket, as far as a peer is concerned."""

    address: str

    def send(self, frame: bytes) -> bool:
        """Write a whole frame; False if part of it still waits and no more should be written until ``drained``."""

    def ping(self) -> None:
        """Ask the other end for a sign of life (RFC 6455, 5.5.2)."""

    def close(self, code: int, reason: str) -> None:
        """Begin the closing handshake, with a code of RFC 6455 and a reason of at most 123 bytes."""

    def drop(self) -> None:
        """Let go of the socket at once, whatever still waits."""


class Peer:
    """One socket of a room. ``is_v2`` once it has said hello; ``was_heard`` if anything came from it of late."""

    __slots__ = ("_fanout", "_outbox", "_transport", "identity", "is_closed", "is_v2", "was_heard")

    def __init__(self, transport: Transport, identity: Identity) -> None:
        self.identity = identity
        self.is_v2 = False
        self.is_closed = False
        self.was_heard = True
        self._transport = transport
        self._outbox: Outbox | None = None
        self._fanout: Fanout | None = None

    @property
    def address(self) -> str:
        """The network address that the socket came from."""
        return self._transport.address

    @property
    def is_busy(self) -> bool:
        """Whether something waits for it to read on."""
        return self._outbox is not None

    def tell(self, event: messages.Event) -> None:
        """Send one event to this peer alone."""
        self.send(frame_of(event), replaceable(event))

    def send(self, frame: bytes, replaces: str | None = None) -> None:
        """Write one frame or several to this peer alone, behind all that its room has been told before."""
        self.catch_up()
        self.put(frame, replaces)

    def put(self, frame: bytes, replaces: str | None) -> None:
        """Write ``frame``, or keep it while the peer is busy; too much of that closes the peer."""
        if self.is_closed:
            return
        if self._outbox is None:
            if not self._transport.send(frame):
                self._outbox = Outbox()
            return
        self._outbox.put(frame, replaces)
        if self._outbox.size > MAX_OUTBOX:
            self.close(TOO_SLOW, "too-slow")

    def drained(self) -> None:
        """The transport has written everything; give it what waits."""
        while self._outbox is not None and not self.is_closed:
            frame = self._outbox.take()
            if frame is None:
                self._outbox = None
            elif not self._transport.send(frame):
                return

    def ping(self) -> None:
        """Ask for a sign of life."""
        self._transport.ping()

    def close(self, code: int, reason: str, retry_after_ms: int | None = None) -> None:
        """Close the socket; nothing is sent after that, and what waits for a slow reader is forgotten."""
        self.catch_up()
        if not self.is_closed:
            self.gone()
            self._transport.close(code, encode_reason(reason, retry_after_ms))

    def gone(self) -> None:
        """The socket is closed, by whichever end: nothing more is kept for it."""
        self.is_closed = True
        self._outbox = None

    def drop(self) -> None:
        """Let go of the socket without waiting for the other end."""
        self._transport.drop()

    def follow(self, fanout: Fanout) -> None:
        """Hear what a room is told from now on."""
        self._fanout = fanout

    def leave(self) -> None:
        """Hear nothing more of it."""
        if self._fanout is not None:
            self._fanout.forget(self)
            self._fanout = None

    def catch_up(self) -> None:
        """Have at once what the room was told already and this peer is still to be sent."""
        if self._fanout is not None and self._fanout.is_busy:
            self._fanout.catch_up(self)


class Peers:
    """All sockets of one room."""

    def __init__(self, later: Later = soon, at_once: int = SLICE) -> None:
        self._peers: dict[Peer, None] = {}
        self._participants: dict[str, tuple[Peer, ...]] = {}
        self._staff: dict[Peer, None] = {}
        self._fanout = Fanout(self._peers, later, at_once)

    def __iter__(self) -> Iterator[Peer]:
        return iter(list(self._peers))

    def __len__(self) -> int:
        return len(self._peers)

    @property
    def participants(self) -> int:
        """How many different participants are connected."""
        return len(self._participants)

    def of(self, participant: str) -> tuple[Peer, ...]:
        """The participant's sockets."""
        return self._participants.get(participant, ())

    def add(self, peer: Peer) -> None:
        """A socket was opened."""
        self._peers[peer] = None
        peer.follow(self._fanout)
        self._seat(peer)

    def discard(self, peer: Peer) -> None:
        """A socket was closed."""
        if peer in self._peers:
            del self._peers[peer]
            peer.leave()
            self._unseat(peer)

    def identify(self, peer: Peer, identity: Identity) -> None:
        """A peer has said who it is; what its room was told before was told to whom it was before."""
        peer.catch_up()
        self._unseat(peer)
        peer.identity = identity
        self._seat(peer)

    @property
    def staff(self) -> list[Peer]:
        """The instructor's and observers' sockets."""
        return list(self._staff)

    def broadcast(self, event: messages.Event) -> None:
        """Encode once for each version of the protocol, and send to every peer whose version knows such an event."""
        frame, v1_event = frame_of(event), for_v1(event)
        v1_frame = frame if v1_event is event else frame_of(v1_event) if v1_event else None
        self._fanout.broadcast(frame, v1_frame, replaceable(event))

    def _seat(self, peer: Peer) -> None:
        if peer.identity.is_staff:
            self._staff[peer] = None
        participant = peer.identity.participant
        if participant is not None:
            self._participants[participant] = (*self.of(participant), peer)

    def _unseat(self, peer: Peer) -> None:
        self._staff.pop(peer, None)
        participant = peer.identity.participant
        if participant is not None:
            others = tuple(other for other in self.of(participant) if other is not peer)
            self._participants[participant] = others
            if not others:
                del self._participants[participant]


def send_to_all(event: messages.Event, peers: Iterable[Peer]) -> None:
    """Send the same bytes to each of ``peers``."""
    sent, replaces = frame_of(event), replaceable(event)
    for peer in peers:
        peer.send(sent, replaces)


def frame_of(event: messages.Event) -> bytes:
    """The event as it goes over a WebSocket."""
    return framed(TEXT, encode(event))
