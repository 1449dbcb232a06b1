"""What Tornado's own examples do: a handler for each socket, and ``write_message`` to one after the other."""

from __future__ import annotations

import asyncio
import sys

from tornado import web
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.websocket import WebSocketHandler

from .ballot import Ballot

handlers: set[SocketHandler] = set()


def broadcast(text: str) -> None:
    """Send ``text`` to everybody."""
    for handler in handlers:
        handler.write_message(text)


class SocketHandler(WebSocketHandler):
    """One socket."""

    ballot: Ballot

    def initialize(self, ballot: Ballot) -> None:
        """Tornado's constructor."""
        self.ballot = ballot

    def check_origin(self, _origin: str) -> bool:
        """Everybody may listen."""
        return True

    def open(self, *_: str, **__: str) -> None:
        """The socket is open."""
        handlers.add(self)

    def on_message(self, message: str | bytes) -> None:
        """A vote."""
        ack = self.ballot.answer(self.get_query_argument("participant"), str(message))
        if ack is not None:
            self.write_message(ack)

    def on_close(self) -> None:
        """The socket is gone."""
        handlers.discard(self)


class InstructorHandler(web.RequestHandler):
    """What the instructor does."""

    ballot: Ballot

    def initialize(self, ballot: Ballot) -> None:
        """Tornado's constructor."""
        self.ballot = ballot

    def get(self) -> None:
        """Do it."""
        if not self.ballot.obey(self.request.uri or ""):
            raise web.HTTPError(404)


async def main() -> None:
    """Serve until killed."""
    arguments = {"ballot": Ballot(broadcast)}
    rules = [(r"/_ws", SocketHandler, arguments), (r"/.*", InstructorHandler, arguments)]
    server = HTTPServer(web.Application(rules, log_function=lambda _handler: None))
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    sys.stdout.write(f"{sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
