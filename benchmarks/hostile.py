"""A program that attacks a server with many sockets at once: ``python -m benchmarks.hostile``, started by ``flood``.

It is told what to do by one line of JSON on stdin, says ``ready`` once every socket is open and has begun to send, and
goes on until its stdin ends. Then it prints what it has sent. Frames are masked with zeros, which the RFC allows, so
that the attacker's own work is small; it runs at the lowest priority, so that it does not delay the honest clients
that share its core.
"""

from __future__ import annotations

import errno
import json
import os
import re
import select
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, Final

import msgspec
from msgspec import Struct

TEXT, CONTINUATION, CLOSE, PING, PONG = 0x1, 0x0, 0x8, 0x9, 0xA
BLOB: Final = 16 * 1024
"""Bytes that are sent at once: what a server may find in one read."""


class Target(Struct, frozen=True):
    """What is attacked, and with what."""

    kind: str
    port: int
    sockets: int
    code: str
    tokens: list[str]
    question: str
    round: int
    other_question: str
    epoch: str


def frame(opcode: int, payload: bytes, *, is_final: bool = True) -> bytes:
    """A client's frame."""
    first, size = (0x80 if is_final else 0) | opcode, len(payload)
    length = bytes((0x80 | size,)) if size <= 125 else bytes((0x80 | 126,)) + size.to_bytes(2)  # noqa: PLR2004
    return bytes((first,)) + length + bytes(4) + payload


def text(message: Any) -> bytes:
    """A text frame with JSON."""
    return frame(TEXT, json.dumps(message).encode())


def upgrade(code: str, port: int) -> bytes:
    """The request for a socket in the room."""
    return (
        f"GET /_ws?room={code} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


def filled(piece: bytes) -> bytes:
    """As many of ``piece`` as one read brings."""
    return piece * max(1, BLOB // len(piece))


def always(piece: bytes) -> Callable[[Target, int], Iterator[bytes]]:
    """The same again and again."""

    def sends(_: Target, __: int) -> Iterator[bytes]:
        blob = filled(piece)
        while True:
            yield blob

    return sends


def hello(**data: Any) -> bytes:
    """Says hello."""
    return text({"event": "hello", "data": {"v": 2, **data}})


def hellos(make: Callable[[Target, int], dict[str, Any]]) -> Callable[[Target, int], Iterator[bytes]]:
    """Hello without end."""

    def sends(target: Target, number: int) -> Iterator[bytes]:
        blob = filled(hello(**make(target, number)))
        while True:
            yield blob

    return sends


def token_of(target: Target, number: int) -> str:
    """The token of one of the hostile participants."""
    return target.tokens[number % len(target.tokens)]


_revs = count(1)


def votes(answer: Any = "a", *, is_stale: bool = False, is_old: bool = False, is_in: bool = True) -> Any:
    """Votes without end, each with an ``op`` of its own."""

    def sends(target: Target, number: int) -> Iterator[bytes]:
        if is_in:
            yield hello(token=token_of(target, number))
        question = target.other_question if is_old else target.question
        while True:
            revs = [1 if is_stale else next(_revs) for _ in range(64)]
            yield b"".join(
                text({
                    "event": "vote",
                    "data": {"questionId": question, "round": target.round, "answer": answer, "op": f"{number}-{rev}",
                             "rev": rev},
                })
                for rev in revs
            )  # fmt: skip

    return sends


def drip(_: Target, __: int) -> Iterator[bytes]:
    """A long message, a byte at a time."""
    while True:
        yield from (bytes((byte,)) for byte in frame(TEXT, b"x" * 16_000))


def requests(line: Callable[[Target], str], body: str = "", *, is_kept: bool = True) -> Any:
    """Plain HTTP, one request after the other's answer."""

    def sends(target: Target, _: int) -> Iterator[bytes]:
        head = f"{line(target)} HTTP/1.1\r\nHost: 127.0.0.1:{target.port}\r\nContent-Length: {len(body)}\r\n"
        head += "" if is_kept else "Connection: close\r\n"
        while True:
            yield f"{head}\r\n{body}".encode()

    return sends


def nothing(_: Target, __: int) -> Iterator[bytes]:
    """Come and go."""
    return iter(())


class Kind(Struct, frozen=True):
    """One way to attack.

    ``sends`` makes what a socket sends. ``is_http`` asks for no upgrade and sends the next request after an answer.
    ``is_deaf`` never reads. One that has no more to send breaks off, and comes again.
    """

    sends: Callable[[Target, int], Iterator[bytes]]
    is_http: bool = False
    is_deaf: bool = False


_ping_pieces = b"".join(frame(CONTINUATION if i else TEXT, b"", is_final=False) for i in range(255))

KINDS: Final[dict[str, Kind]] = {
    "ping": Kind(always(text("ping"))),
    "rfc-ping": Kind(always(frame(PING, b""))),
    "rfc-ping-deaf": Kind(always(frame(PING, b"x" * 125)), is_deaf=True),
    "pong": Kind(always(frame(PONG, b""))),
    "fragments": Kind(always(frame(TEXT, b'"', is_final=False) + frame(CONTINUATION, b"p", is_final=False) * 250
                             + frame(CONTINUATION, b'"'))),
    "empty-fragments": Kind(always(_ping_pieces + frame(CONTINUATION, b"ping"))),
    "drip": Kind(drip),
    "hello": Kind(always(hello())),
    "hello-token": Kind(hellos(lambda target, number: {"token": token_of(target, number)})),
    "hello-wrong-token": Kind(hellos(lambda _, __: {"token": "made.up"})),
    "resume": Kind(hellos(lambda target, _: {"resume": {"epoch": target.epoch, "seq": 0}})),
    "resume-token": Kind(hellos(lambda target, number: {
        "token": token_of(target, number), "resume": {"epoch": target.epoch, "seq": 0}})),
    "resume-deaf": Kind(hellos(lambda target, _: {"resume": {"epoch": target.epoch, "seq": 0}}), is_deaf=True),
    "resume-old": Kind(hellos(lambda _, __: {"resume": {"epoch": "gone", "seq": 7}})),
    "vote": Kind(votes()),
    "vote-stale": Kind(votes(is_stale=True)),
    "vote-rejected": Kind(votes("no such option")),
    "vote-closed": Kind(votes(is_old=True)),
    "vote-listener": Kind(votes(is_in=False)),
    "unknown-event": Kind(always(text({"event": "x" * 50, "data": {}}))),
    "no-json": Kind(always(frame(TEXT, b"{"))),
    "deep-json": Kind(always(frame(TEXT, b'{"event":"vote","data":' + b"[" * 16_000))),
    "digits": Kind(always(frame(TEXT, b'{"event":"vote","data":{"rev":' + b"9" * 16_000 + b"}}"))),
    "backslashes": Kind(always(frame(TEXT, b'{"event":"' + b"\\\\" * 8_000 + b'\\u0000"}'))),
    "connect": Kind(nothing),
    "connect-hello": Kind(lambda _, __: iter([hello()])),
    "page": Kind(requests(lambda target: f"GET /{target.code}"), is_http=True),
    "page-new": Kind(requests(lambda target: f"GET /{target.code}", is_kept=False), is_http=True),
    "asset": Kind(requests(lambda _: "GET /assets/audience.js"), is_http=True),
    "join": Kind(requests(lambda target: f"POST /livepoll/api/rooms/{target.code}/participants", "{}"), is_http=True),
    "nothing-there": Kind(requests(lambda _: "GET /no/such/thing"), is_http=True),
}  # fmt: skip


class Attacker:
    """One socket at a time, and what it has still to send."""

    def __init__(self, swarm: Swarm, number: int) -> None:
        self._swarm = swarm
        self._kind = swarm.kind
        self._number = number
        self.has_begun = False
        self._open()

    def _open(self) -> None:
        self._own = socket.socket()
        self._own.setblocking(False)  # noqa: FBT003 - the name of the method
        self._own.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._own.connect_ex(("127.0.0.1", self._swarm.target.port)) not in {0, errno.EINPROGRESS}:
            raise OSError("The server cannot be reached.")
        self._sends = self._kind.sends(self._swarm.target, self._number)
        self._is_upgraded = self._kind.is_http
        self._rest = next(self._sends) if self._is_upgraded else self._swarm.upgrade
        self._answer = b""
        self._wanted = select.EPOLLOUT
        self._swarm.watch(self._own, self, self._wanted)

    def ready(self, events: int) -> None:
        """Something can be read or written."""
        try:
            if events & select.EPOLLIN:
                self._read()
            elif events & ~select.EPOLLOUT:
                raise ConnectionResetError
            elif self._rest:
                self._write()
            else:
                self._next()
        except BlockingIOError:
            pass
        except OSError:
            self._swarm.forget(self._own)
            self._own.close()
            self._swarm.counts["connects"] += 1
            self._open()
        self._ask()

    def _ask(self) -> None:
        """A WebSocket that floods always wants to write; HTTP only while part of its request waits."""
        is_flooding = self._is_upgraded and not self._kind.is_http
        wanted = select.EPOLLOUT if self._rest or is_flooding else 0
        if not (is_flooding and self._kind.is_deaf):
            wanted |= select.EPOLLIN
        if wanted != self._wanted:
            self._wanted = wanted
            self._swarm.ask(self._own, wanted)

    def _read(self) -> None:
        data = self._own.recv(1 << 18)
        if not data:
            raise ConnectionResetError
        self._swarm.counts["bytes read"] += len(data)
        if self._kind.is_http or not self._is_upgraded:
            self._answer += data
            if is_whole(self._answer):
                self._swarm.counts["answers"] += 1
                self._answer = b""
                self._is_upgraded = True
                self._next()

    def _next(self) -> None:
        self.has_begun = True
        piece = next(self._sends, None)
        if piece is None:
            raise ConnectionResetError  # it has said all
        self._rest = piece
        self._write()

    def _write(self) -> None:
        sent = self._own.send(self._rest)
        self._swarm.counts["bytes sent"] += sent
        self._rest = self._rest[sent:]


def is_whole(answer: bytes) -> bool:
    """Whether that is all of an HTTP answer."""
    head, end, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    return bool(end) and len(body) >= int(length[1] if length else 0)


class Swarm:
    """All sockets of the attack."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.kind = KINDS[target.kind]
        self.counts: Counter[str] = Counter()
        self.upgrade = upgrade(target.code, target.port)
        self._epoll = select.epoll()
        self._all: dict[int, Attacker] = {}

    def watch(self, own: socket.socket, attacker: Attacker, wanted: int) -> None:
        """Hear of a new socket."""
        self._epoll.register(own, wanted)
        self._all[own.fileno()] = attacker

    def ask(self, own: socket.socket, wanted: int) -> None:
        """Hear of something else."""
        self._epoll.modify(own, wanted)

    def forget(self, own: socket.socket) -> None:
        """Hear nothing more."""
        self._epoll.unregister(own)
        del self._all[own.fileno()]

    def run(self) -> None:
        """Attack until stdin ends."""
        self._epoll.register(0, select.EPOLLIN)
        attackers = [Attacker(self, number) for number in range(self.target.sockets)]
        is_ready, until = False, time.monotonic() + 20
        while True:
            for descriptor, events in self._epoll.poll(1.0, 64):
                if descriptor == 0:
                    return
                if descriptor in self._all:
                    self._all[descriptor].ready(events)
            if not is_ready and (all(each.has_begun for each in attackers) or time.monotonic() > until):
                is_ready = True
                sys.stdout.write("ready\n")
                sys.stdout.flush()


def main() -> None:
    """Attack as stdin says."""
    target = msgspec.json.decode(sys.stdin.buffer.readline(), type=Target)
    os.nice(19)
    swarm = Swarm(target)
    swarm.run()
    sys.stdout.write(json.dumps(swarm.counts) + "\n")


if __name__ == "__main__":
    main()
