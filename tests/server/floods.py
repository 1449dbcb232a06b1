"""Waves of hostile traffic against a real server, each bounded in connections and bytes: what a soak is made of."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from itertools import cycle, islice
from typing import Any, Final, NamedTuple

from hall import SECONDS
from raw_socket import PING, TEXT, UPGRADE, frame

SOCKETS: Final = 20
"""Connections in each wave."""

MESSAGES: Final = 400
"""Messages that each of them sends at most; a wave ends earlier where the server closes the connection."""


class Target(NamedTuple):
    """A room with an open question on a server of this machine; ``token`` is a participant's."""

    port: int
    code: str
    question: dict[str, Any]
    token: str


def said(event: str, data: object) -> bytes:
    """A message in a frame."""
    return frame(TEXT, json.dumps({"event": event, "data": data}).encode())


def _vote(target: Target, number: int) -> bytes:
    data = {"questionId": target.question["id"], "round": 1, "answer": "ab"[number % 2], "op": str(number)}
    return said("vote", data | {"rev": number + 1})


def _hello(target: Target, number: int) -> bytes:
    return said("hello", {"v": 2, "token": target.token, "resume": {"epoch": "old", "seq": number}})


MESSAGE_KINDS: Final[dict[str, Callable[[Target, int], bytes]]] = {
    "pings": lambda _, __: frame(TEXT, b'"ping"'),
    "control pings": lambda _, __: frame(PING, b"x" * 125),
    "hellos that resume": _hello,
    "hellos with a wrong token": lambda _, __: said("hello", {"v": 2, "token": "no.token"}),
    "votes": _vote,
    "unknown events": lambda _, number: said(f"e\r\n\x1b[2J{number}", {}),
    "broken JSON": lambda _, __: frame(TEXT, b"[" * 2000),
    "empty fragments": lambda _, __: frame(TEXT, b"", is_final=False),
}
"""What one socket sends again and again."""


async def of_messages(kind: str, target: Target, *, reads: bool) -> None:
    """Sockets that send one kind of message as fast as they may; without ``reads`` they read nothing."""
    make = MESSAGE_KINDS[kind]
    hello = said("hello", {"v": 2, "token": target.token})
    data = b"".join((_upgrade(target), hello, *(make(target, number) for number in range(MESSAGES))))
    await _together(partial(_send, target, data, reads=reads))


async def of_requests(target: Target) -> None:
    """Pages, wrong codes and API requests without a token, each on a connection of its own."""
    paths = cycle((target.code, "AAAAAA", "", "livepoll/api/rooms", f"livepoll/api/rooms/{target.code}/answers"))
    heads = [f"GET /{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode() for path in islice(paths, 5)]
    for head in heads:
        await _together(partial(_send, target, head, reads=True))


async def of_unfinished(target: Target) -> None:
    """Heads and bodies that never end; the client goes away in the end."""
    path = f"/livepoll/api/rooms/{target.code}/participants"
    body = b"POST " + path.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n" + b"{" * 100_000
    await _together(partial(_send, target, b"GET /" + b"a" * 6000, reads=True))
    await _together(partial(_send, target, body, reads=True))


async def of_connections(target: Target) -> None:
    """Sockets that open and go away at once."""
    for _ in range(5):
        await _together(partial(_send, target, _upgrade(target), reads=True))


Wave = Callable[[Target], Awaitable[None]]

WAVES: Final[tuple[Wave, ...]] = (
    *(partial(of_messages, kind, reads=reads) for kind in MESSAGE_KINDS for reads in (True, False)),
    of_requests, of_unfinished, of_connections,
)  # fmt: skip


def _upgrade(target: Target) -> bytes:
    lines = (f"GET /_ws?room={target.code} HTTP/1.1", *(f"{name}: {value}" for name, value in UPGRADE.items()), "", "")
    return "\r\n".join(lines).encode()


async def _together(one: Callable[[], Awaitable[None]]) -> None:
    await asyncio.gather(*(one() for _ in range(SOCKETS)))


async def _send(target: Target, data: bytes, *, reads: bool) -> None:
    """Send ``data``, then end our side; the server may close the connection before, or take no more of it."""
    loop = asyncio.get_running_loop()
    with socket.socket() as own:
        own.setblocking(False)  # noqa: FBT003 - the name of the method
        await loop.sock_connect(own, ("127.0.0.1", target.port))
        with suppress(ConnectionError):
            if reads:
                await asyncio.gather(loop.sock_sendall(own, data), _read_all(own))
            else:
                with suppress(BlockingIOError):
                    own.send(data)


async def _read_all(own: socket.socket) -> None:
    """Read until the server ends the connection or says nothing more."""
    loop = asyncio.get_running_loop()
    with suppress(TimeoutError):
        while await asyncio.wait_for(loop.sock_recv(own, 65536), QUIET):
            pass


QUIET: Final = min(1.0, SECONDS)
"""Seconds of silence after which a hostile client goes away."""
