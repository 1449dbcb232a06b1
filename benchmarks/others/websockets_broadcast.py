"""The ``websockets`` library with its own ``broadcast``: one frame for all, as its documentation advises."""

from __future__ import annotations

import asyncio
import sys
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.http11 import Request, Response

from .ballot import Ballot

connections: set[ServerConnection] = set()
ballot = Ballot(lambda text: broadcast(connections, text))


def do_request(connection: ServerConnection, request: Request) -> Response | None:
    """Do what the instructor asks for; None lets a socket through."""
    if request.path.startswith("/_ws"):
        return None
    is_known = ballot.obey(request.path)
    return connection.respond(HTTPStatus.OK if is_known else HTTPStatus.NOT_FOUND, "")


async def serve_socket(connection: ServerConnection) -> None:
    """Serve one socket until it is gone."""
    assert connection.request is not None  # noqa: S101 - it is there once a socket is open
    participant = parse_qs(urlsplit(connection.request.path).query)["participant"][0]
    connections.add(connection)
    try:
        async for message in connection:
            ack = ballot.answer(participant, str(message))
            if ack is not None:
                await connection.send(ack)
    finally:
        connections.discard(connection)


async def main() -> None:
    """Serve until killed."""
    server = await serve(
        serve_socket, "127.0.0.1", 0, process_request=do_request, compression=None, ping_interval=None
    )  # fmt: skip
    sys.stdout.write(f"{next(iter(server.sockets)).getsockname()[1]}\n")
    sys.stdout.flush()
    await server.wait_closed()


if __name__ == "__main__":
    asyncio.run(main())
