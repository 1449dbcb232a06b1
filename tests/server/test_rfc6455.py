"""RFC 6455 over a real socket: what breaks it gets a close frame with the right code, and nobody else notices.

The client here is one of our own that knows nothing of the server's library, so the tests hold whichever reads and
writes the frames. ``test_autobahn.py`` asks the same of Autobahn|Testsuite.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hall import open_hall
from raw_socket import (
    ACCEPT,
    BINARY,
    CLOSE,
    CONTINUATION,
    MASK,
    PING,
    PONG,
    TEXT,
    UPGRADE,
    RawSocket,
    closing,
    connected,
    frame,
    head,
    text,
)

from livepoll_jupyter.core.messages import MAX_FRAME
from livepoll_jupyter.server.attendance import SWEEP_EVERY

HELLO = {"event": "hello", "data": {"v": 2}}
PING_MESSAGE = frame(TEXT, b'"ping"')


@asynccontextmanager
async def tcp_beside_a_healthy_peer() -> AsyncIterator[tuple[RawSocket, str]]:
    """A TCP connection and the path of a room, in which another peer gets its events in the end."""
    async with open_hall() as hall:
        code = await hall.open_room()
        healthy = await hall.connect(f"?room={code}")
        async with connected(hall.port) as raw:
            yield raw, f"/_ws?room={code}"
            asked = await hall.publish(code)
            assert (await healthy.until("new-question"))["data"]["id"] == asked["id"]


@asynccontextmanager
async def beside_a_healthy_peer() -> AsyncIterator[RawSocket]:
    """An open socket in a room, in which another peer gets its events in the end."""
    async with tcp_beside_a_healthy_peer() as (raw, path):
        assert (await raw.shake_hands(path, UPGRADE))[0] == 101
        yield raw


# ---------------------------------------------------------------- the handshake


async def test_the_handshake_is_the_one_of_the_rfc() -> None:
    """Its own example gets its own answer."""
    async with tcp_beside_a_healthy_peer() as (raw, path):
        status, headers = await raw.shake_hands(path, UPGRADE)
        assert status == 101
        assert headers["sec-websocket-accept"] == ACCEPT
        assert headers["upgrade"].lower() == "websocket"
        assert headers["connection"].lower() == "upgrade"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Sec-WebSocket-Key": None}, 400),
        ({"Sec-WebSocket-Version": None}, 426),
        ({"Sec-WebSocket-Version": "12"}, 426),
        ({"Sec-WebSocket-Version": "14"}, 426),
        ({"Upgrade": None}, 400),
        ({"Upgrade": "h2c"}, 400),
        ({"Connection": None}, 400),
        ({"Connection": "keep-alive"}, 400),
    ],
    ids=str,
)
async def test_a_bad_handshake_is_refused(change: dict[str, str | None], status: int) -> None:
    """As an HTTP status; who asks for a version that the server does not speak is told which it does."""
    headers = {name: value for name, value in (UPGRADE | change).items() if value is not None}
    async with tcp_beside_a_healthy_peer() as (raw, path):
        refused, answered = await raw.shake_hands(path, headers)
        assert refused == status
        assert ("13" in answered.get("sec-websocket-version", "")) is (status == 426)
        problem = json.loads(await raw.body(int(answered["content-length"])))
        assert problem["code"] == "bad-request"
        assert problem["message"]


async def test_an_offered_compression_is_not_agreed_on() -> None:
    """Nor is any other extension or subprotocol."""
    offer = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits", "Sec-WebSocket-Protocol": "wamp"}
    async with tcp_beside_a_healthy_peer() as (raw, path):
        status, headers = await raw.shake_hands(path, UPGRADE | offer)
        assert status == 101
        assert not headers.keys() & {"sec-websocket-extensions", "sec-websocket-protocol"}


# ---------------------------------------------------------------- what breaks the rules

VIOLATIONS: dict[str, tuple[int, list[bytes]]] = {
    "unmasked": (1002, [head(TEXT, 6, is_masked=False) + b'"ping"']),
    "unmasked close": (1002, [head(CLOSE, 2, is_masked=False) + b"\x03\xe8"]),
    "first reserved bit, which is compression's": (1002, [frame(TEXT, b"\xf2\x48\x05\x00", reserved=4)]),
    "second reserved bit": (1002, [frame(TEXT, b'"ping"', reserved=2)]),
    "third reserved bit": (1002, [frame(TEXT, b'"ping"', reserved=1)]),
    "reserved bit of a ping": (1002, [frame(PING, reserved=4)]),
    **{f"opcode {opcode}": (1002, [frame(opcode)]) for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)},
    "a bad head and no more": (1002, [head(5, 100)]),
    "fragmented ping": (1002, [frame(PING, is_final=False)]),
    "fragmented pong": (1002, [frame(PONG, is_final=False)]),
    "fragmented close": (1002, [frame(CLOSE, b"\x03\xe8", is_final=False)]),
    "ping of 126 bytes": (1002, [frame(PING, bytes(126))]),
    "pong of 126 bytes": (1002, [frame(PONG, bytes(126))]),
    "close of 126 bytes": (1002, [closing(1000, b"x" * 124)]),
    "continuation of nothing": (1002, [frame(CONTINUATION, b'"ping"')]),
    "continuation after the end": (1002, [PING_MESSAGE, frame(CONTINUATION)]),
    "text within a fragmented text": (1002, [frame(TEXT, b'"pi', is_final=False), PING_MESSAGE]),
    "binary within a fragmented text": (1002, [frame(TEXT, b'"pi', is_final=False), frame(BINARY)]),
    "2^63 bytes": (1002, [head(TEXT, 2**63) + MASK]),
    "2^63 - 1 bytes": (1009, [head(TEXT, 2**63 - 1) + MASK]),
    "one byte too many": (1009, [head(TEXT, MAX_FRAME + 1)]),
    "one byte too many in fragments": (
        1009,
        [frame(TEXT, b"x" * MAX_FRAME, is_final=False), frame(CONTINUATION, b"x")],
    ),
    "text that is not UTF-8": (1007, [frame(TEXT, b"\xff")]),
    "text that ends within a character": (1007, [frame(TEXT, "π".encode()[:1])]),
    "a surrogate": (1007, [frame(TEXT, b"\xed\xa0\x80")]),
    "a surrogate pair": (1007, [frame(TEXT, b"\xed\xa0\xbd\xed\xb8\x80")]),
    "an overlong character": (1007, [frame(TEXT, b"\xc0\xaf")]),
    "beyond Unicode": (1007, [frame(TEXT, b"\xf4\x90\x80\x80")]),
    "not UTF-8 across fragments": (1007, [frame(TEXT, b"\xcf", is_final=False), frame(CONTINUATION, b"x")]),
    "a fragment that cannot become UTF-8": (1007, [frame(TEXT, b"\xf4\x90", is_final=False)]),
    "a character that the last fragment lacks": (1007, [frame(TEXT, b"\xcf", is_final=False), frame(CONTINUATION)]),
    "close reason that is not UTF-8": (1007, [closing(1000, b"\xff")]),
    "close reason that ends within a character": (1007, [closing(1000, b"ok \xcf")]),
    "close of one byte": (1002, [frame(CLOSE, b"\x03")]),
    **{
        f"close with {code}": (1002, [closing(code)])
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
    },
}


@pytest.mark.parametrize(("code", "segments"), VIOLATIONS.values(), ids=VIOLATIONS)
async def test_what_breaks_the_rules_is_answered_by_a_close_frame(code: int, segments: list[bytes]) -> None:
    """With the code, a reason in our JSON, and the end of the connection rather than its reset."""
    async with beside_a_healthy_peer() as raw:
        await raw.send(*segments)
        closed = await raw.until_closed()
        assert closed.code == code
        assert set(json.loads(closed.payload[2:])) == {"reason"}


@pytest.mark.parametrize(
    ("code", "broken"),
    [(1002, frame(5)), (1007, frame(TEXT, b"\xff")), (1009, head(TEXT, 2**40) + MASK)],
    ids=["1002", "1007", "1009"],
)
async def test_a_client_that_keeps_sending_still_reads_why_it_was_closed(code: int, broken: bytes) -> None:
    """What comes after the breach is thrown away and resets nothing, however much it is."""
    async with beside_a_healthy_peer() as raw:
        await raw.send(broken, *[bytes(65536)] * 64)
        assert (await raw.until_closed()).code == code


async def test_who_breaks_the_rules_is_no_longer_present() -> None:
    """The room is told at once, though the connection is half open until the client ends it."""
    async with open_hall() as hall:
        code = await hall.open_room()
        healthy = await hall.connect(f"?room={code}")
        await healthy.hello()
        async with connected(hall.port) as raw:
            assert (await raw.shake_hands(f"/_ws?room={code}", UPGRADE))[0] == 101
            await raw.send(text({"event": "hello", "data": {"v": 2, "token": await hall.join(code)}}))
            await raw.message("welcome")
            hall.clock.advance(2)
            assert (await healthy.until("presence"))["data"]["participants"] == 1
            await raw.send(frame(5))
            await raw.until_close_frame()
            hall.clock.advance(2)
            assert (await healthy.until("presence"))["data"]["participants"] == 0


async def test_the_end_does_not_wait_for_an_answer_to_the_close_frame() -> None:
    """The server ends its side at once; with no answer it would take it five seconds to give up."""
    async with beside_a_healthy_peer() as raw:
        await raw.send(frame(5))
        assert (await raw.until_close_frame()).code == 1002
        async with asyncio.timeout(4):
            assert await raw.rest() == b""


@pytest.mark.parametrize(
    "segments",
    [[frame(BINARY, b'"ping"')], [frame(BINARY, is_final=False), frame(PING), frame(CONTINUATION, b"\xff")]],
    ids=["whole", "fragmented"],
)
async def test_binary_messages_are_closed_with_1003(segments: list[bytes]) -> None:
    """They break no rule of the RFC, so the closing handshake is the usual one."""
    async with beside_a_healthy_peer() as raw:
        await raw.send(*segments)
        closed = await raw.until_close_frame()
        assert closed.code == 1003
        await raw.send(closing(1003))
        assert await raw.rest() == b""


async def test_nothing_is_heard_after_a_breach() -> None:
    """A good message behind a bad frame is not answered."""
    async with beside_a_healthy_peer() as raw:
        await raw.send(frame(5) + text(HELLO) + frame(PING, b"there?"))
        assert (await raw.frame()).opcode == CLOSE


# ---------------------------------------------------------------- the closing handshake


@pytest.mark.parametrize(
    "code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]
)
async def test_a_close_frame_is_echoed(code: int) -> None:
    """With the code that it came with, when that is one that may be sent."""
    async with beside_a_healthy_peer() as raw:
        await raw.send(closing(code, "adiós".encode()))
        assert (await raw.until_closed()).code == code


async def test_a_close_frame_without_a_code_is_echoed_without_one() -> None:
    """1005 stands for no code and is not sent."""
    async with beside_a_healthy_peer() as raw:
        await raw.send(frame(CLOSE))
        assert (await raw.until_closed()).payload == b""


async def test_a_close_reason_may_be_as_long_as_a_control_frame() -> None:
    """125 bytes with the code."""
    async with beside_a_healthy_peer() as raw:
        await raw.send(closing(1000, b"x" * 123))
        assert (await raw.until_closed()).code == 1000


async def test_bytes_after_a_close_frame_are_not_read() -> None:
    """Neither a message, nor a ping, nor what would break the rules."""
    async with beside_a_healthy_peer() as raw:
        await raw.send(closing(1000) + text(HELLO) + frame(PING, b"there?") + frame(5))
        first = await raw.frame()
        assert (first.opcode, first.code) == (CLOSE, 1000)


async def test_a_close_frame_within_a_fragmented_message_closes() -> None:
    """The message is never complete, and nobody hears of it."""
    async with beside_a_healthy_peer() as raw:
        await raw.send(frame(TEXT, b'"pi', is_final=False), closing(1000))
        assert (await raw.until_closed()).code == 1000


async def test_a_connection_that_breaks_off_within_a_frame_troubles_nobody() -> None:
    """As when a phone leaves the network."""
    async with beside_a_healthy_peer() as raw:
        await raw.send(frame(TEXT, b'"ping"')[:-2])
        raw.close()


# ---------------------------------------------------------------- what holds


async def test_half_a_frame_and_silence_holds_nobody_up() -> None:
    """The socket stays, gets what the room is told, and is answered once the other half is there."""
    async with open_hall() as hall:
        code = await hall.open_room()
        async with connected(hall.port) as raw:
            assert (await raw.shake_hands(f"/_ws?room={code}", UPGRADE))[0] == 101
            hello = text(HELLO)
            await raw.send(hello[:9])
            asked = await hall.publish(code)
            assert (await raw.message("new-question"))["id"] == asked["id"]
            await raw.send(hello[9:])
            assert (await raw.message("welcome"))["recovered"] is False


async def test_half_a_frame_is_no_sign_of_life() -> None:
    """A socket that never sends the other half is closed like one from which nothing comes."""
    async with open_hall() as hall:
        code = await hall.open_room()
        async with connected(hall.port) as raw:
            assert (await raw.shake_hands(f"/_ws?room={code}", UPGRADE))[0] == 101
            await raw.send(frame(PING, b"there?"))
            assert (await raw.frame()).payload == b"there?"
            hall.clock.advance(SWEEP_EVERY)
            await raw.send(text(HELLO)[:9])
            assert (await raw.frame()).opcode == PING
            await hall.publish(code)
            hall.clock.advance(SWEEP_EVERY)
            assert (await raw.until_close_frame()).code == 4408


@pytest.mark.parametrize("payload", [b"", b"there?", bytes(range(125)), b"\xff\xfe"])
async def test_a_ping_is_answered_with_its_payload(payload: bytes) -> None:
    """Whatever bytes these are."""
    async with beside_a_healthy_peer() as raw:
        await raw.send(frame(PING, payload))
        answer = await raw.frame()
        assert (answer.opcode, answer.payload) == (PONG, payload)


async def test_a_pong_that_nobody_asked_for_is_not_answered() -> None:
    """The next frame is the answer to the ping behind it."""
    async with beside_a_healthy_peer() as raw:
        await raw.send(frame(PONG, b"here"), frame(PING, b"there?"))
        assert (await raw.frame()).payload == b"there?"


async def test_a_ping_within_a_fragmented_message_is_answered_at_once() -> None:
    """And the message is whole after it, though a character of it was torn."""
    said = b'{"event": "hello", "data": {"v": 2, "name": "' + "ü".encode() + b'"}}'
    torn = said.index(b"\xc3") + 1
    async with beside_a_healthy_peer() as raw:
        await raw.send(frame(TEXT, said[:torn], is_final=False), frame(PING, b"there?"))
        assert (await raw.frame()).payload == b"there?"
        await raw.send(frame(CONTINUATION, is_final=False), frame(CONTINUATION, said[torn:]))
        await raw.message("welcome")


async def test_frames_in_one_segment_are_all_answered_in_order() -> None:
    """As a client writes them that does not wait."""
    async with beside_a_healthy_peer() as raw:
        await raw.send(text(HELLO) + PING_MESSAGE + PING_MESSAGE + frame(PING, b"there?") + PING_MESSAGE)
        await raw.message("welcome")
        await raw.message("pong")
        await raw.message("pong")
        while (answer := await raw.frame()).opcode == TEXT:
            assert json.loads(answer.payload)["event"] != "pong"
        assert answer.payload == b"there?"
        await raw.message("pong")


async def test_one_byte_in_each_segment_is_as_good() -> None:
    """A frame has no borders but its own."""
    async with beside_a_healthy_peer() as raw:
        await raw.send(*(bytes([byte]) for byte in text(HELLO) + PING_MESSAGE))
        await raw.message("welcome")
        await raw.message("pong")


async def test_a_message_may_be_as_long_as_the_limit() -> None:
    """In one frame or in many; 16 KiB of what is no message is an error, and the socket stays."""
    most = json.dumps("x" * (MAX_FRAME - 2)).encode()
    async with beside_a_healthy_peer() as raw:
        await raw.send(frame(TEXT, most))
        assert (await raw.message("error"))["code"] == "bad-message"
        await raw.send(frame(TEXT, most[:9000], is_final=False), frame(CONTINUATION, most[9000:]))
        assert (await raw.message("error"))["code"] == "bad-message"
