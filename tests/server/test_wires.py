"""What carries a WebSocket: our own socket, on epoll or on the loop, and Tornado's stream where there is TLS.

``test_rfc6455.py`` asks more of the first, which is what nearly everybody has; here all three do the same.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import weakref
from contextlib import AsyncExitStack, closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hall import open_hall
from places import KINDS, on_every_kind, on_own_sockets, place
from raw_socket import CLOSE, PING, PONG, TEXT, UPGRADE, RawSocket, frame, text
from raw_socket import closing as close_frame
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_unix_socket

from livepoll_jupyter.server import conversation, shortcut
from livepoll_jupyter.server.attendance import FAREWELL
from livepoll_jupyter.server.websocket import SocketHandler
from livepoll_jupyter.server.wire import READ
from livepoll_jupyter.server.wire_socket import SEND_BUFFER, SocketWire

HELLO = {"event": "hello", "data": {"v": 2}}

LONG = 7000
"""Characters of a question that soon fills what the system keeps."""

A_FEW = 100
"""Sockets that may be looked after before anything else: if all of them vote, the others wait some 3 ms."""


def errors_in(caplog: pytest.LogCaptureFixture) -> list[Any]:
    """What was logged as a mistake; other tests let more be logged."""
    return [record.exc_info for record in caplog.records if record.levelno >= logging.ERROR]


@on_every_kind
async def test_a_lecture_is_heard(kind: str) -> None:
    """The handshake, messages both ways, and the kind of wire that is meant."""
    async with place(kind) as here, here.socket() as raw:
        assert [type(wire) for wire in here.wires] == [KINDS[kind]]
        await raw.send(text({"event": "hello", "data": {"v": 2, "token": await here.hall.join(here.code)}}))
        assert (await raw.message("welcome"))["role"] == "participant"
        asked = await here.hall.publish(here.code)
        assert (await raw.message("new-question"))["id"] == asked["id"]
        vote = {"questionId": asked["id"], "round": 1, "answer": "a", "op": "op-1", "rev": 1}
        await raw.send(text({"event": "vote", "data": vote}))
        assert (await raw.message("vote-ack"))["status"] == "accepted"


@on_every_kind
async def test_what_comes_with_the_handshake_is_heard(kind: str) -> None:
    """Though the HTTP server has read it already, even when it is more than is read at a time and ends in a frame."""
    lines = ["{} HTTP/1.1", *(f"{name}: {value}" for name, value in UPGRADE.items()), "", ""]
    messages = [text(HELLO), *(frame(PING, str(number).encode() * 40) for number in range(100, 300)), text("ping")]
    async with place(kind) as here, here.tcp() as raw:
        sent = "\r\n".join(lines).format(f"GET {here.path}").encode() + b"".join(messages)
        assert len(sent) > READ
        await raw.send(sent[:-3], sent[-3:])
        assert (await raw._reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        await raw.message("welcome")
        await raw.message("snapshot")
        for number in range(100, 300):
            assert await raw.frame() == (0x80 | PONG, str(number).encode() * 40)
        assert (await raw.frame()).opcode == TEXT


@on_every_kind
async def test_both_ends_say_goodbye(kind: str) -> None:
    """Whoever begins; then the connection ends, and nobody is there any more."""
    async with place(kind) as here, here.socket() as first, here.socket() as second:
        await first.send(close_frame(1000))
        assert (await first.until_closed()).code == 1000
        first.close()
        (peer,) = here.hall.service.hub.live(here.code).peers
        peer.close(4503, "room-ended")
        assert (await second.until_close_frame()).code == 4503
        await second.send(close_frame(4503))
        assert await second.rest() == b""
        second.close()
        await here.until(lambda: len(here.hall.service.attendance) == 0)


@on_every_kind
async def test_who_says_no_goodbye_is_let_go_of_in_time(kind: str) -> None:
    """By the clock that is passed in; until then it counts as a socket and no longer as a peer."""
    async with place(kind) as here, here.socket() as first:
        service = here.hall.service
        (peer,) = service.hub.live(here.code).peers
        peer.close(4503, "room-ended")
        here.hall.clock.advance(FAREWELL / 2)
        async with here.socket():
            service.hub.live(here.code).close(4503, "room-ended")
            assert (len(service.attendance), len(service.hub.live(here.code).peers)) == (2, 0)
            here.hall.clock.advance(FAREWELL / 2)
            assert len(service.attendance) == 1
            assert (await first.until_closed()).code == 4503
            here.hall.clock.advance(FAREWELL / 2)
            assert len(service.attendance) == 0


@on_every_kind
async def test_who_breaks_the_rules_and_keeps_sending_reads_why(kind: str) -> None:
    """The end of the connection, not its reset."""
    async with place(kind) as here, here.socket() as raw:
        with suppress(ConnectionResetError):  # as asyncio's TLS calls it when the server has ended its side
            await raw.send(frame(5), *[bytes(65536)] * 16)
        assert (await raw.until_closed()).code == 1002


@on_every_kind
async def test_who_breaks_off_is_gone(kind: str) -> None:
    """Within a frame, with no goodbye."""
    async with place(kind) as here:
        async with here.socket() as raw:
            await raw.send(text(HELLO)[:7])
        await here.until(lambda: len(here.hall.service.attendance) == 0)


@on_every_kind
async def test_who_breaks_off_in_the_handshake_is_gone(
    kind: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The answer is what finds it out; that is no mistake of the server's, and nobody stays."""
    admit = SocketHandler._admit

    def break_off(handler: SocketHandler) -> None:
        admit(handler)
        handler.request.connection.stream.socket.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]

    monkeypatch.setattr(shortcut, "take", lambda *_: False)  # Tornado's way
    monkeypatch.setattr(SocketHandler, "_admit", break_off)
    async with place(kind) as here, here.tcp() as raw:
        with caplog.at_level(logging.ERROR), suppress(asyncio.IncompleteReadError, ConnectionError):
            await raw.shake_hands(here.path, UPGRADE)
        await here.until(lambda: len(here.hall.service.attendance) == 0)
        assert not here.hall.service.hub.live(here.code).peers
        assert errors_in(caplog) == []


@on_every_kind
async def test_a_reader_that_is_slow_gets_everything_in_order(kind: str) -> None:
    """Messages, the answers to its pings of which there may be fewer, and the close frame last."""
    async with place(kind) as here, here.socket(8192) as raw:
        await raw.send(text(HELLO))
        await raw.message("snapshot")
        (wire,) = here.wires
        (peer,) = here.hall.service.hub.live(here.code).peers
        raw.pause()
        asked = 0
        while peer._outbox is None or peer._outbox.size < LONG:
            asked += 1
            await here.hall.publish(here.code, text="x" * LONG)
        assert wire.is_busy
        await raw.send(*(frame(PING, bytes([number])) for number in range(50)), text("ping"))
        await here.until(lambda: peer._outbox is not None and "Pong" in peer._outbox._newest)
        raw.resume()
        seen: list[bytes] = []
        pongs: list[bytes] = []
        while not pongs or pongs[-1] != bytes([49]):
            received = await raw.frame()
            (pongs if received.opcode == PONG else seen).append(received.payload)
        assert pongs == sorted(pongs)
        assert len(pongs) < 50
        while sum(b'"new-question"' in payload for payload in seen) < asked:
            seen.append((await raw.frame()).payload)
        await raw.message("pong")
        assert not wire.is_busy
        peer.close(1012, "restart")
        assert (await raw.frame()).opcode == CLOSE


@on_every_kind
async def test_a_mistake_of_ours_ends_one_conversation_and_is_logged(
    kind: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """With 1011; its text stays in the log, and the others go on."""

    def fail(text: str) -> Any:
        raise ZeroDivisionError(text)

    async with place(kind) as here, here.socket() as first, here.socket() as second:
        with monkeypatch.context() as patched, caplog.at_level(logging.ERROR):
            patched.setattr(conversation, "decode_client", fail)
            await first.send(text(HELLO))
            closed = await first.until_close_frame()
        assert (closed.code, b"internal-error" in closed.payload, b"Zero" in closed.payload) == (1011, True, False)
        assert any(record.exc_info and record.exc_info[0] is ZeroDivisionError for record in caplog.records)
        await second.send(text(HELLO))
        await second.message("welcome")


@on_every_kind
async def test_nothing_of_the_upgrade_stays(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither Tornado's handler nor its request, and without the collector's help: a hall comes at once."""
    handlers: list[weakref.ref[SocketHandler]] = []
    requests: list[weakref.ref[Any]] = []
    admit = SocketHandler._admit

    def note(handler: SocketHandler) -> None:
        handlers.append(weakref.ref(handler))
        requests.append(weakref.ref(handler.request))
        admit(handler)

    monkeypatch.setattr(shortcut, "take", lambda *_: False)  # Tornado's way
    monkeypatch.setattr(SocketHandler, "_admit", note)
    async with place(kind) as here:
        gc.disable()
        try:
            async with here.socket() as raw:
                await raw.send(text(HELLO))
                await raw.message("welcome")
                assert [handler() for handler in handlers] == [None]
                assert [request() for request in requests] == [None]
        finally:
            gc.enable()


@on_every_kind
async def test_nothing_of_a_peer_that_is_gone_stays(kind: str) -> None:
    """Without the collector's help too: a hall may leave at once."""

    def conversations() -> int:
        return sum(isinstance(each, conversation.Conversation) for each in gc.get_objects())

    async with place(kind) as here:
        gc.collect()
        before = conversations()
        gc.disable()
        try:
            async with here.socket() as raw:
                await raw.send(text(HELLO))
                await raw.message("snapshot")
                assert conversations() == before + 1
            await here.until(lambda: len(here.hall.service.attendance) == 0)
            assert conversations() == before
        finally:
            gc.enable()


@pytest.mark.parametrize("kind", ["epoll", "tls"])
async def test_the_system_keeps_little_for_a_peer_and_sends_at_once(kind: str) -> None:
    """And it gives up a peer that acknowledges nothing, where it knows how."""
    async with place(kind) as here, here.socket():
        (wire,) = here.wires
        with closing(socket.socket(fileno=socket.dup(wire.descriptor))) as own:
            assert own.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) in {SEND_BUFFER, 2 * SEND_BUFFER}
            assert own.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            if hasattr(socket, "TCP_USER_TIMEOUT"):
                assert own.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 60_000


async def test_a_unix_socket_serves_too(tmp_path: Path) -> None:
    """As Jupyter can be told to listen; it has none of TCP's options."""
    async with open_hall() as hall:
        code = await hall.open_room()
        server = HTTPServer(hall.application)
        server.add_socket(bind_unix_socket(str(tmp_path / "socket")))
        raw = RawSocket(*await asyncio.open_unix_connection(str(tmp_path / "socket")))
        assert (await raw.shake_hands(f"/_ws?room={code}", UPGRADE))[0] == 101
        await raw.send(text(HELLO))
        await raw.message("welcome")
        raw.close()
        server.stop()


async def test_a_hall_that_speaks_at_once_leaves_the_loop_its_turns() -> None:
    """No more than a few sockets are looked after before whatever else there is to do."""
    async with place("epoll") as here, asyncio.TaskGroup() as going:
        heard: list[str] = []

        class Ear:
            """A socket that counts."""

            def __init__(self, own: socket.socket) -> None:
                self.own = own

            def readable(self) -> None:
                """Read a byte."""
                heard.append(self.own.recv(1).decode())

            def writable(self) -> None:
                """Never asked for."""

        pairs = [socket.socketpair() for _ in range(200)]
        for speaker, own in pairs:
            here.hall.service.readiness.add(own.fileno(), Ear(own))
            speaker.send(b"x")
        turns: list[int] = []

        async def look() -> None:
            while len(heard) < len(pairs):
                turns.append(len(heard))
                await asyncio.sleep(0)

        await going.create_task(look())
        assert max(after - before for before, after in zip(turns, [*turns[1:], len(pairs)], strict=True)) <= A_FEW
        for speaker, own in pairs:
            here.hall.service.readiness.remove(own.fileno())
            own.close()
            speaker.close()


@on_own_sockets
async def test_a_socket_that_always_fails_costs_the_others_nothing(
    kind: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Though it has its turn again and again; each time is logged."""

    def fail(wire: SocketWire) -> None:
        if wire is broken:
            raise ZeroDivisionError
        readable(wire)

    async with place(kind) as here, here.socket() as first, here.socket() as second:
        broken, readable = here.wires[0], SocketWire.readable
        monkeypatch.setattr(SocketWire, "readable", fail)
        with caplog.at_level(logging.ERROR):
            await first.send(text(HELLO))
            await here.until(lambda: bool(errors_in(caplog)))
            await second.send(text(HELLO))
            await second.message("welcome")
            broken.drop()
        assert {error and error[0] for error in errors_in(caplog)} == {ZeroDivisionError}


async def test_the_numbers_of_sockets_tell_how_many_files_are_open() -> None:
    """Each has the lowest that was free when it came, since the last eighth is kept by number."""
    async with place("epoll") as here, AsyncExitStack() as sockets:
        for _ in range(5):
            with closing(socket.socket()), closing(socket.socket()) as probe:
                second = probe.fileno()
            await sockets.enter_async_context(here.socket())
            # The client's end took the lowest one.
            assert here.wires[-1].descriptor == second
