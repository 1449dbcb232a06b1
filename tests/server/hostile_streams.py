"""Streams of bytes that no well-behaved client sends: HTTP heads and WebSocket frames, mutated. A seed makes a stream.

A stream is a list of segments and how it ends. The driver opens a connection, sends them, ends its side or resets the
connection, and reads until the server ends the connection too.
"""

from __future__ import annotations

import asyncio
import errno
import json
import socket
from collections import Counter
from random import Random
from typing import Final, NamedTuple

from hall import SECONDS
from raw_socket import UPGRADE, frame, head

AT_ONCE: Final = 40
"""Connections that are open at the same time."""

_RESET: Final = b"\1\0\0\0\0\0\0\0"
"""``struct linger``: closing the socket resets the connection."""

_NASTY: Final = (
    "", "\0", "\r\n", "\x1b[2J", "\u0085", "\u2028", "\ud800", "é" * 300, "A" * 9000, "../" * 40, "%00%0a%0d", "-1",
    "1e400", "9" * 400, "null", "true", "NaN", "__proto__", "constructor", "[" * 500, "{" * 500, '{"a":' * 300,
)  # fmt: skip


class Stream(NamedTuple):
    """Segments to send, each as a write of its own; then the connection is reset, or only the client's side ends."""

    segments: tuple[bytes, ...]
    is_reset: bool


def stream(seed: int, code: str, question: dict[str, object]) -> Stream:
    """The stream of that seed, against the room ``code`` in which ``question`` is open."""
    chance = Random(seed)  # noqa: S311 - the seed has to give the same stream again
    make = chance.choice((_http, _socket, _socket, _socket, _bytes))
    data = make(chance, code, question)
    if chance.random() < 0.4:
        data = _mutated(chance, data)
    if chance.random() < 0.2:
        data = data[: chance.randrange(len(data) + 1)]
    return Stream(_cut(chance, data), chance.random() < 0.15)


async def send_all(port: int, code: str, question: dict[str, object], seeds: range) -> Counter[str]:
    """Send the stream of each seed; how often which kind of answer came."""
    answers: Counter[str] = Counter()
    waiting = iter(seeds)

    async def one_after_another() -> None:
        for seed in waiting:
            try:
                answers[await _send(port, stream(seed, code, question))] += 1
            except TimeoutError as late:
                raise AssertionError(f"The server has not ended the stream of seed {seed}.") from late

    await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE)))
    return answers


# ---------------------------------------------------------------- what is sent


def _http(chance: Random, code: str, _: dict[str, object]) -> bytes:
    path = chance.choice(
        ("", code, "_ws", f"_ws?room={code}", "livepoll/api/rooms", f"livepoll/api/rooms/{code}/answers",
         f"livepoll/api/rooms/{code}/participants", "livepoll/api/openapi.json", "assets/audience.js", _nasty(chance))
    )  # fmt: skip
    method = chance.choice(("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PRI", "get", _nasty(chance)))
    body = _json(chance, {}) if chance.random() < 0.4 else b""
    headers = {"Host": "127.0.0.1"} | {_name(chance): _nasty(chance) for _ in range(chance.randrange(6))}
    if chance.random() < 0.5:
        headers["Content-Length"] = chance.choice((str(len(body)), "-1", "1e9", "99999999999", "0, 0"))
    if chance.random() < 0.1:
        headers["Transfer-Encoding"] = "chunked"
    version = chance.choice(("1.1", "1.1", "1.1", "1.0", "2.0", "9.9"))
    return _head(f"{method} /{path} HTTP/{version}", headers) + body


def _socket(chance: Random, code: str, question: dict[str, object]) -> bytes:
    sent = [_head(f"GET /_ws?room={code} HTTP/1.1", UPGRADE)]
    sent.extend(_frame(chance, question) for _ in range(chance.randrange(1, 12)))
    return b"".join(sent)


def _bytes(chance: Random, _code: str, _question: dict[str, object]) -> bytes:
    return chance.randbytes(chance.randrange(1, 600))


def _frame(chance: Random, question: dict[str, object]) -> bytes:
    payload = chance.choice((_json(chance, question), b'"ping"', _nasty(chance).encode("utf-8", "surrogatepass")))
    opcode = chance.choice((0x1, 0x1, 0x1, 0x0, 0x2, 0x8, 0x9, 0xA, 0x3, 0xF))
    if chance.random() < 0.8:
        return frame(opcode, payload, is_final=chance.random() < 0.8, reserved=0 if chance.random() < 0.9 else 4)
    length = chance.choice((0, 1, 125, 126, 65535, 65536, 2**31, 2**63, 2**64 - 1))
    return head(opcode, length, is_masked=chance.random() < 0.8) + chance.randbytes(chance.randrange(200))


def _json(chance: Random, question: dict[str, object]) -> bytes:
    vote = {
        "questionId": question.get("id", _nasty(chance)), "round": chance.choice((1, 0, -1, 2**70, "1", None)),
        "answer": chance.choice(("a", "b", None, ["a"], {}, _nasty(chance))), "op": _nasty(chance)[:80],
        "rev": chance.choice((1, 0, -5, 2**63, 1.5)),
    }  # fmt: skip
    hello = {
        "v": chance.choice((2, 1, "2", 10**30)), "token": _nasty(chance),
        "resume": {"epoch": _nasty(chance), "seq": chance.choice((0, -1, 2**64, "x"))},
    }  # fmt: skip
    data: object = chance.choice((vote, hello, _nasty(chance), [vote] * 40, None))
    if isinstance(data, dict) and chance.random() < 0.5:
        data.pop(chance.choice(list(data)))
    event = chance.choice(("vote", "hello", "vote", "hello", "new-question", _nasty(chance)))
    return json.dumps({"event": event, "data": data, _nasty(chance): 1}).encode()


def _head(line: str, headers: dict[str, str]) -> bytes:
    lines = [line, *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogatepass")


def _name(chance: Random) -> str:
    known = ("Cookie", "Authorization", "Origin", "X-Forwarded-For", "Forwarded", "Upgrade", "Connection", "Expect",
             "Content-Encoding", "Content-Type", "Sec-Fetch-Site", "Accept")  # fmt: skip
    return chance.choice((*known, _nasty(chance)))


def _nasty(chance: Random) -> str:
    return chance.choice(_NASTY)


def _mutated(chance: Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randrange(1, 8)):
        place = chance.randrange(len(changed) + 1)
        match chance.randrange(3):
            case 0:
                changed[place : place + 1] = chance.randbytes(1)
            case 1:
                del changed[place : place + chance.randrange(1, 20)]
            case _:
                changed[place:place] = changed[: chance.randrange(1, 40)]
    return bytes(changed)


def _cut(chance: Random, data: bytes) -> tuple[bytes, ...]:
    cuts = sorted(chance.randrange(len(data) + 1) for _ in range(chance.choice((0, 0, 1, 3))))
    return tuple(data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True))


# ---------------------------------------------------------------- the driver


async def _send(port: int, sent: Stream) -> str:
    loop = asyncio.get_running_loop()
    with socket.socket() as own:
        own.setblocking(False)  # noqa: FBT003 - the name of the method
        await loop.sock_connect(own, ("127.0.0.1", port))
        try:
            for segment in sent.segments:
                await loop.sock_sendall(own, segment)
            if sent.is_reset:
                own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                return "reset by us"
            own.shutdown(socket.SHUT_WR)
            return _kind(await asyncio.wait_for(_read_all(loop, own), SECONDS))
        except (ConnectionResetError, BrokenPipeError):
            return "reset"
        except OSError as error:
            if error.errno != errno.ENOTCONN:
                raise
            return "reset"


async def _read_all(loop: asyncio.AbstractEventLoop, own: socket.socket) -> bytes:
    first = b""
    while chunk := await loop.sock_recv(own, 65536):
        first = first or chunk
    return first


def _kind(answer: bytes) -> str:
    return answer[9:12].decode("ascii", "replace") if answer.startswith(b"HTTP/1.1 ") else "nothing"
