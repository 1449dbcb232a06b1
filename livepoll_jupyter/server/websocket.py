"""``/_ws``: who may open a socket to which room. Tornado's part ends with the upgrade.

A refusal at the upgrade is an HTTP status with ``{code, message}``. A browser hides those from its page, which
therefore asks its own address why no socket opens (404, 410), and gets a new cookie there if its old one no longer
holds (401).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated
from tornado.iostream import IOStream

from ..core.errors import Forbidden, Unauthorized
from ..core.rest import Problem
from .auth import LISTENER, Identity
from .callers import Caller
from .conversation import Conversation
from .handshake import VERSION, answer, key_of, wire_on
from .live import LiveRoom
from .service import Service
from .web import ServiceHandler
from .wire import Wire


class SocketHandler(ServiceHandler):
    """The upgrade of one peer's connection; what comes after it keeps nothing of this."""

    _live: LiveRoom
    _identity: Identity = LISTENER

    async def prepare(self) -> None:
        """Decide who may open a socket to which room."""
        await self.service.ready()
        try:
            self._admit()
        except Unauthorized:
            identity = await self.ask_host()
            if identity is None:
                raise
            self._admit(identity)
        await ServiceHandler.prepare(self)

    async def ask_host(self) -> Identity | None:
        """Ask the server that this is mounted on who has a token that is none of ours; alone, it is nobody's."""
        return None

    @allow_unauthenticated
    def get(self, *_: Any) -> None:
        """Upgrade.

        Every page that knows the code may listen, so no ``Origin`` that is one is refused: another site's page gets no
        identity from the cookie (see ``cookie_identity``).
        """
        key = key_of(self.request.headers, self.request.version)
        if key is None:
            self._refuse_version()
        else:
            self._hand_over(self.detach(), answer(key))

    def _admit(self, identity: Identity | None = None) -> None:
        asked = self.get_query_argument("room", None)
        self._live, self._identity = admit(self.service, self.caller, asked, identity)

    def _refuse_version(self) -> None:
        self.set_status(HTTPStatus.UPGRADE_REQUIRED)
        self.set_header("Sec-WebSocket-Version", VERSION)
        self.write_problem(Problem("bad-request", f"Open the socket with version {VERSION} of the protocol."))

    def _hand_over(self, stream: IOStream, welcome: bytes) -> None:
        # A cycle that Tornado breaks only at the end of an ordinary answer; ten thousand would wait for the collector.
        self.ui.clear()
        if stream.closed():
            return
        wire, unread = wire_on(stream, self.address, self.service.readiness)
        begin(self.service, wire, self._live, self._identity, welcome)
        if unread:
            wire.hear(unread)


def admit(
    service: Service, caller: Caller, asked: str | None, identity: Identity | None = None
) -> tuple[LiveRoom, Identity]:
    """The room that is asked for, the one opened last if none is, and who the caller is there; raises a refusal.

    Who asks for no room counts as guessing, not as joining: a guesser would use up the joins of who belongs there.
    ``identity`` is the caller's, if it is known already.
    """
    caller.check_origin()
    if asked is None and not caller.may_have_newest_room():
        raise Forbidden("A page of another site must name the room: open the socket with ?room= and the room's code.")
    room = service.default_room() if asked is None else caller.find_room(asked)
    service.gate.join(caller.address, service.clock.monotonic())
    return service.hub.live(room.code), identity or caller.identify(room.code)


def begin(service: Service, wire: Wire, live: LiveRoom, identity: Identity, welcome: bytes) -> None:
    """Answer the handshake with ``welcome``, and let the peer in."""
    conversation = Conversation(service, live, wire, identity)
    descriptor = wire.descriptor  # the first write may be what finds the connection broken
    wire.start(welcome)
    conversation.begin(descriptor)
    wire.flush()
