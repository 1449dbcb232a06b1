"""``/_ws``: one socket, from the upgrade to the close. It reads messages, and knows what each role may say.

A refusal at the upgrade is an HTTP status with ``{code, message}``. A browser hides those from its page, which
therefore asks its own address why no socket opens (404, 410), and gets a new cookie there if its old one no longer
holds (401).
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from jupyter_server.auth.decorator import allow_unauthenticated
from tornado.websocket import WebSocketHandler

from ..core import messages
from ..core.codec import decode_client, refusal_event
from ..core.commands import CastVote
from ..core.errors import BadMessage, BadRequest, Forbidden, Refusal, TooMany, Unauthorized
from ..storage.base import Outcome
from .acks import Acknowledgement
from .attendance import RESTARTING
from .auth import LISTENER, Identity, Role
from .live import ROOM_OVER, LiveRoom
from .open_files import is_scarce
from .peers import Peer
from .rates import Bucket
from .rfc6455 import StrictProtocol, strict
from .transport import TornadoTransport
from .web import ServiceHandler, host_of

NOT_TEXT, OVERLOAD, RATE, BAD_TOKEN = 1003, 1013, 4429, 4501


class SocketHandler(ServiceHandler, WebSocketHandler):
    """The socket of one peer."""

    ping_interval: ClassVar[float] = 0.0
    """No timer of Tornado's for each socket: ``attendance`` looks after all of them."""
    max_message_size: ClassVar[int] = messages.MAX_FRAME
    """Bytes of a message, over all its fragments; the head of a bigger one closes the socket with 1009."""

    _live: LiveRoom
    _peer: Peer
    _bucket: Bucket
    _code: str
    _identity: Identity = LISTENER
    _has_erred: bool = False

    # ------------------------------------------------------------ the upgrade

    async def prepare(self) -> None:
        """Decide who may open a socket to which room."""
        await self.service.ready()
        self._admit()

    @allow_unauthenticated
    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Upgrade."""
        if self.request.headers.get("Upgrade", "").lower() != "websocket":
            raise BadRequest("This is the address of a room's socket; open it with a WebSocket.")
        host_of(self.request.headers.get("Origin", ""))  # Tornado makes a 500 of what is no address
        await super().get(*args, **kwargs)

    def check_origin(self, origin: str) -> bool:  # noqa: ARG002 - Tornado's signature
        """Every page may listen: another site's page gets no identity from the cookie (see ``cookie_identity``)."""
        return True

    def get_websocket_protocol(self) -> StrictProtocol | None:
        """Tornado's reading of frames is too lenient."""
        return strict(super().get_websocket_protocol(), self._refuse)

    def _admit(self) -> None:
        self.service.gate.join(self.address, self.service.clock.monotonic())
        asked = self.get_query_argument("room", None)
        room = self.service.default_room() if asked is None else self.find_room(asked)
        self._code = room.code
        self._identity = self.identify(room.code)
        self._live = self.service.hub.live(self._code)

    # ------------------------------------------------------------ the socket

    def open(self, *_: str, **__: str) -> None:
        """The socket is open: take the peer in."""
        self._bucket = self.service.gate.rates.messages(self.service.clock.monotonic())
        transport = TornadoTransport(self, self.address, self._drained, self._leave)
        self._peer = Peer(transport, self._identity)
        self.service.attendance.enter(self._peer)
        self._turn_away(transport.descriptor)
        if not self._peer.is_closed:
            self._live.enter(self._peer)

    def _turn_away(self, descriptor: int) -> None:
        """Close what cannot be served. A browser tells its page the code of a close, and no status of an upgrade."""
        retry_after_ms = self.service.attendance.retry_after_ms
        if self.service.is_closing:
            self._peer.close(RESTARTING, "restart", retry_after_ms)
        elif is_scarce(descriptor):
            self._peer.close(OVERLOAD, "overload", retry_after_ms)
        elif self._live.room.ended_at is not None:
            self._peer.close(ROOM_OVER, "room-ended")

    def on_message(self, message: str | bytes) -> None:
        """Read one message; what is wrong with it is told to its sender."""
        self._peer.was_heard = True
        if self._peer.is_closed or not self._accept(message):
            return
        try:
            self._hear(decode_client(str(message)))
        except Refusal as refusal:
            self._note(refusal)
            self._peer.tell(refusal_event(refusal))

    def on_ping(self, data: bytes) -> None:  # noqa: ARG002 - Tornado's signature
        """The peer asks for a sign of life, which Tornado gives."""
        self._peer.was_heard = True

    def on_pong(self, data: bytes) -> None:  # noqa: ARG002
        """The peer gives a sign of life."""
        self._peer.was_heard = True

    def on_close(self) -> None:
        """The socket is gone."""
        self._peer.gone()
        self._leave()
        self.service.attendance.leave(self._peer)

    def _leave(self) -> None:
        """The peer hears nothing any more, though its socket may still be closing."""
        self._live.leave(self._peer)

    def _refuse(self, code: int, reason: str) -> None:
        self._peer.close(code, reason)

    def _drained(self) -> None:
        self._peer.drained()

    def _accept(self, message: str | bytes) -> bool:
        if isinstance(message, bytes):
            self._peer.close(NOT_TEXT, "text-only")
        elif not self._bucket.take(self.service.clock.monotonic()):
            self._peer.close(RATE, "too-many")
        return not self._peer.is_closed

    def _hear(self, message: messages.ClientMessage) -> None:
        match message:
            case messages.Ping():
                if self._peer.is_v2:
                    self._peer.tell(messages.Pong(data=messages.PongData(self._live.room.seq)))
            case messages.Hello(data=hello):
                self._greet(hello)
            case messages.Vote(data=vote):
                self._vote(vote)

    def _note(self, refusal: Refusal) -> None:
        if isinstance(refusal, BadMessage) and not self._has_erred:
            self._has_erred = True
            self.service.log.warning("A socket of room %s sent what is no message: %s", self._code, refusal.message)

    # ------------------------------------------------------------ hello

    def _greet(self, hello: messages.HelloData) -> None:
        try:
            identity = self._introduce(hello)
        except Unauthorized as refusal:
            self._peer.close(BAD_TOKEN, refusal.code)
            return
        resume = None if hello.resume is msgspec.UNSET else hello.resume
        self._live.greet(self._peer, identity, resume)

    def _introduce(self, hello: messages.HelloData) -> Identity:
        if hello.token is msgspec.UNSET:
            return self._peer.identity
        return self.service.tokens.identify(self._code, hello.token)

    # ------------------------------------------------------------ vote

    def _vote(self, vote: messages.VoteData) -> None:
        if self.service.is_closing:
            return  # no ack: the phone sends it again to the server that comes next
        acknowledge = Acknowledgement(self._peer, self._live, vote)
        participant = self._peer.identity.participant
        if participant is None:
            acknowledge(Outcome((), self._no_vote_for(self._peer.identity.role)))
            return
        try:
            self.service.gate.vote(self.address, self.service.clock.monotonic())
        except TooMany as refusal:
            acknowledge(Outcome((), refusal))
            return
        command = CastVote(participant, vote.questionId, vote.round, vote.answer, vote.op, vote.rev)
        self.service.hub.submit(self._code, command, acknowledge)

    def _no_vote_for(self, role: Role) -> Forbidden:
        if role is Role.LISTENER:
            return Forbidden("Join the room before you answer; a listener has no vote.")
        return Forbidden(f"Only participants vote; this connection is the {role}'s.")
