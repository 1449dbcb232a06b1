"""One peer from its first word to its last: what it says is heard here, by what its role may say.

It knows messages and rooms; bytes, frames and the handshake are behind it.
"""

from __future__ import annotations

import msgspec

from ..core import messages
from ..core.codec import decode_client, refusal_event
from ..core.commands import CastVote
from ..core.errors import BadMessage, Forbidden, Refusal, TooMany, Unauthorized
from ..core.foreign import foreign
from ..storage.base import Outcome
from .acks import Acknowledgement
from .attendance import RESTARTING
from .auth import Identity, Role
from .client_log import caused_by
from .frames import Violation
from .live import ROOM_OVER, LiveRoom
from .open_files import is_scarce
from .peers import Peer
from .rates import HELLO, HELLO_AGAIN, UNIT
from .service import Service
from .wire import Wire

NOT_TEXT, MISTAKE, OVERLOAD, RATE, BAD_TOKEN = 1003, 1011, 1013, 4429, 4501


class Conversation:
    """What ``wire`` hears from a peer that has just come to ``live``."""

    __slots__ = ("_allowance", "_greeting", "_has_erred", "_has_greeted", "_live", "_peer", "_service")

    def __init__(self, service: Service, live: LiveRoom, wire: Wire, identity: Identity) -> None:
        self._service = service
        self._live = live
        self._peer = Peer(wire, identity)
        self._allowance = service.gate.allowance(wire.address, service.clock.monotonic())
        self._count_as(identity)
        self._has_erred = False
        self._has_greeted = False
        self._greeting: messages.HelloData | None = None
        wire.listener = self

    def begin(self, descriptor: int) -> None:
        """Take the peer in; ``descriptor`` is the number of its open file."""
        self._service.attendance.enter(self._peer)
        self._turn_away(descriptor)
        if not self._peer.is_closed:
            self._allowance.owe(self._live.enter(self._peer))

    def _turn_away(self, descriptor: int) -> None:
        """Close what cannot be served. A browser tells its page the code of a close, and no status of an upgrade."""
        retry_after_ms = self._service.attendance.retry_after_ms
        if self._service.is_closing:
            self._peer.close(RESTARTING, "restart", retry_after_ms)
        elif is_scarce(descriptor):
            self._peer.close(OVERLOAD, "overload", retry_after_ms)
            self._service.attendance.turn_away(self._peer)
        elif self._live.room.ended_at is not None:
            self._peer.close(ROOM_OVER, "room-ended")

    # ------------------------------------------------------------ what the wire tells

    @property
    def work(self) -> int:
        """Units of work that the peer has caused so far."""
        return self._allowance.work

    @property
    def is_noisy(self) -> bool:
        """Whether so much has come of late that the peer has its turns after the others."""
        return self._allowance.is_noisy

    def on_text(self, text: str) -> None:
        """Read one message; what is wrong with it is told to its sender."""
        self._peer.was_heard = True
        self._count(1 + len(text) // UNIT)
        if self._peer.is_closed:
            return
        try:
            self._hear(decode_client(text))
        except Refusal as refusal:
            self._note(refusal)
            self._allowance.refused()
            self._peer.tell(refusal_event(refusal))
        except Violation:
            raise  # the client's doing: its connection closes with that code
        except Exception:
            log, who = self._service.client_log, caused_by(self._peer.address)
            log.exception("A mistake of the server's, in room %s", self._live.room.code, extra=who)
            self._peer.close(MISTAKE, "internal-error")

    def on_binary(self, data: bytes) -> None:  # noqa: ARG002 - the listener's signature
        """Nothing here is binary."""
        self._peer.was_heard = True
        self._peer.close(NOT_TEXT, "text-only")

    def on_sign_of_life(self) -> None:
        """The peer is still there; what says so is a message like others, and no more of them may come."""
        self._peer.was_heard = True
        self._count()

    def on_part(self) -> None:
        """A part of a message has to be read like a whole one."""
        self._count()

    def on_violation(self, code: int, reason: str) -> None:
        """The peer does not speak RFC 6455, or says too much."""
        self._peer.close(code, reason)

    def on_drained(self) -> None:
        """The peer has read on."""
        self._peer.drained()
        if self._greeting is not None and not self._peer.is_busy:
            self._answer(self._greeting, self._peer.identity)

    def on_closing(self) -> None:
        """The peer hears nothing any more, though its socket may still be closing."""
        self._peer.gone()
        self._live.leave(self._peer)
        self._service.attendance.part(self._peer)

    def on_gone(self) -> None:
        """The socket is gone."""
        self._allowance.settle(self._service.clock.monotonic())
        self._peer.gone()
        self._live.leave(self._peer)
        self._service.attendance.leave(self._peer)

    # ------------------------------------------------------------ messages

    def _count(self, units: int = 1) -> None:
        if not self._allowance.take(units, self._service.clock.monotonic()):
            raise Violation(RATE, "too-many")

    def _count_as(self, identity: Identity) -> None:
        has_vote = identity.role is not Role.LISTENER
        now = self._service.clock.monotonic()
        self._service.gate.identify(self._allowance, identity.participant, now, has_vote=has_vote)

    def _hear(self, message: messages.ClientMessage) -> None:
        match message:
            case messages.Vote(data=vote):
                self._vote(vote)
            case messages.Ping():
                if self._peer.is_v2:
                    self._peer.tell(messages.Pong(data=messages.PongData(self._live.room.seq)))
            case messages.Hello(data=hello):
                self._greet(hello)

    def _note(self, refusal: Refusal) -> None:
        if isinstance(refusal, BadMessage) and not self._has_erred:
            self._has_erred = True
            self._service.client_log.warning(
                "A socket of room %s sent what is no message: %s", self._live.room.code, foreign(refusal.message),
                extra=caused_by(self._peer.address),
            )  # fmt: skip

    # ------------------------------------------------------------ hello

    def _greet(self, hello: messages.HelloData) -> None:
        self._count(HELLO_AGAIN if self._has_greeted else HELLO)
        self._has_greeted = True
        try:
            identity = self._introduce(hello)
        except Unauthorized as refusal:
            self._peer.close(BAD_TOKEN, refusal.code)
            return
        if identity != self._peer.identity:
            self._count_as(identity)
        if self._peer.is_busy:
            self._live.identify(self._peer, identity)
            self._greeting = hello  # for who does not read nothing is made; of several the newest is answered
        else:
            self._answer(hello, identity)

    def _answer(self, hello: messages.HelloData, identity: Identity) -> None:
        self._greeting = None
        resume = None if hello.resume is msgspec.UNSET else hello.resume
        self._allowance.owe(self._live.greet(self._peer, identity, resume))

    def _introduce(self, hello: messages.HelloData) -> Identity:
        if hello.token is msgspec.UNSET:
            return self._peer.identity
        return self._service.tokens.identify(self._live.room.code, hello.token)

    # ------------------------------------------------------------ vote

    def _vote(self, vote: messages.VoteData) -> None:
        service, peer = self._service, self._peer
        if service.is_closing:
            return  # no ack: the phone sends it again to the server that comes next
        acknowledge = Acknowledgement(peer, self._live, vote, self._allowance)
        participant = peer.identity.participant
        if participant is None:
            acknowledge(Outcome((), _no_vote_for(peer.identity.role)))
            return
        try:
            service.gate.vote(peer.address, participant, service.clock.monotonic())
        except TooMany as refusal:
            acknowledge(Outcome((), refusal))
            return
        command = CastVote(participant, vote.questionId, vote.round, vote.answer, vote.op, vote.rev)
        service.hub.submit(self._live.room.code, command, acknowledge)


def _no_vote_for(role: Role) -> Forbidden:
    if role is Role.LISTENER:
        return Forbidden("Join the room before you answer; a listener has no vote.")
    return Forbidden(f"Only participants vote; this connection is the {role}'s.")
