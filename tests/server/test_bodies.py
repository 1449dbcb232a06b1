"""What is read of a request, and for how long: decided at its head, by the address and by who asks."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hall import SECONDS, TOKEN, Hall, open_hall
from hypothesis import given
from hypothesis import strategies as st
from jupyter_hall import BASE_URL, open_jupyter
from raw_socket import RawSocket, connected
from tornado import httputil
from tornado.httputil import parse_cookie
from tornado.iostream import IOStream

from livepoll_jupyter.server import bodies, callers, heads
from livepoll_jupyter.server.auth import Role
from livepoll_jupyter.server.bodies import BODY_SECONDS, MAX_BODY, SMALL_BODY, BodyHandler
from livepoll_jupyter.server.heads import (
    END_OF_HEAD,
    LINGER,
    LINGER_BYTES,
    MAX_HEAD,
    MAX_LINES,
    PIECES,
    READ,
    WAIT,
    ClientStream,
    Newcomer,
)
from livepoll_jupyter.server.pages import CodePage
from livepoll_jupyter.server.readiness import Later
from livepoll_jupyter.server.routes import ROUTES, Route

MINE = f"Authorization: Bearer {TOKEN}\r\n"
WITH_BODY = [route for route in ROUTES if route.method in {"POST", "PUT"}]


def head(path: str, length: int | None = None, *more: str, method: str = "POST") -> bytes:
    """A request's head that announces so many bytes; each of ``more`` is a line with its end."""
    announced = "" if length is None else f"Content-Length: {length}\r\n"
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{announced}{''.join(more)}\r\n".encode()


def path_of(route: Route, code: str, base: str = "/") -> str:
    """The address of a route in a room, of a question that is not there."""
    return base + route.path.format(code=code, question_id="none")


async def until(hall: Hall, is_so: Callable[[], bool]) -> None:
    """Give the loop its turns until something holds."""
    async with asyncio.timeout(SECONDS):
        while not is_so():
            await hall.fetch("GET", "")


def are_waiting(hall: Hall, number: int) -> bool:
    """Whether so many connections owe the rest of a request."""
    return len(hall.heads.sending) == number


async def until_turns(is_so: Callable[[], bool]) -> None:
    """Give the loop its turns, and nothing else, until something holds."""
    async with asyncio.timeout(SECONDS):
        while not is_so():  # noqa: ASYNC110 - what holds is a state of the server, which tells nobody
            await asyncio.sleep(0)


async def refused(port: int, sent: bytes) -> int:
    """The status of the one answer to ``sent``, after which the connection is ended by the server."""
    async with connected(port) as raw:
        await raw.send(sent)
        answer = await raw.rest()
    assert answer.count(b"HTTP/1.1 ") == 1, answer
    return int(answer.split()[1])


# ---------------------------------------------------------------- how much, and of whom


@pytest.mark.parametrize("route", WITH_BODY, ids=lambda route: f"{route.method} {route.path}")
async def test_who_may_send_more_is_decided_at_the_head(route: Route) -> None:
    """Not one byte of the body is sent here. A stranger is told so whatever the length."""
    async with open_hall() as hall:
        path = path_of(route, await hall.open_room())
        is_open = route.role is Role.LISTENER
        assert await refused(hall.port, head(path, SMALL_BODY + 1)) == (413 if is_open else 401)
        assert await refused(hall.port, head(path, MAX_BODY, "Authorization: Bearer x\r\n")) == (
            413 if is_open else 401
        )
        assert await refused(hall.port, head(path, route.max_body + 1, MINE)) == 413
        assert await refused(hall.port, head(path, 10**15, MINE)) == 413


@pytest.mark.parametrize("path", ["/", "/K7WQ2M", "/_ws", "/assets/audience.js", "/a/b/c", "/livepoll/api/none"])
async def test_no_other_address_takes_a_body(path: str) -> None:
    """Whatever the method."""
    async with open_hall() as hall:
        for method in ("GET", "POST", "DELETE", "BREW"):
            assert await refused(hall.port, head(path, SMALL_BODY + 1, method=method)) in {400, 404, 405, 413}


async def test_the_instructors_largest_question_is_taken_and_a_participant_needs_no_body() -> None:
    """To the byte; with a length, in chunks, after Expect, or with nothing at all."""
    async with open_hall() as hall:
        body = json.dumps({"title": "x"}).encode().ljust(MAX_BODY)
        chunk = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        close = "Connection: close\r\n"
        for sent in (
            head("/livepoll/api/rooms", len(body), MINE, close) + body,
            head("/livepoll/api/rooms", None, MINE, close, "Transfer-Encoding: chunked\r\n") + chunk,
        ):
            assert await refused(hall.port, sent) == 201
        code = await hall.open_room()
        for body in (b"", b"{}", b" " * SMALL_BODY):
            path = f"/livepoll/api/rooms/{code}/participants"
            assert await refused(hall.port, head(path, len(body), close) + body) == 201


async def test_chunks_without_an_announced_length_are_counted() -> None:
    """One byte too many ends the connection, and the others behind it are not read."""
    async with open_hall() as hall:
        code, chunked = await hall.open_room(), "Transfer-Encoding: chunked\r\n"
        chunk = b"80\r\n" + b"x" * 128 + b"\r\n"
        stranger = head(f"/livepoll/api/rooms/{code}/participants", None, chunked)
        assert await refused(hall.port, stranger + chunk * (SMALL_BODY // 128 + 1)) == 413
        assert await refused(hall.port, head("/livepoll/api/rooms", None, MINE, chunked) + chunk * 2049) == 413
        assert await refused(hall.port, head("/livepoll/api/rooms", None, chunked)) == 401


async def test_who_waits_to_be_told_to_go_on_is_told_only_if_it_will_be_read() -> None:
    """``Expect: 100-continue``."""
    async with open_hall() as hall:
        expect = "Expect: 100-continue\r\n"
        assert await refused(hall.port, head("/livepoll/api/rooms", 9, expect)) == 401
        assert await refused(hall.port, head("/livepoll/api/rooms", MAX_BODY + 1, MINE, expect)) == 413
        async with connected(hall.port) as raw:
            await raw.send(head("/livepoll/api/rooms", 13, MINE, expect, "Connection: close\r\n"))
            assert (await raw.body(12)).startswith(b"HTTP/1.1 100")
            await raw.send(b'{"title":"x"}')
            assert b"HTTP/1.1 201" in await raw.rest()


async def test_no_form_is_parsed_and_nothing_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tornado would do so before a handler is asked, for seconds in some versions."""

    def parse(*_: Any, **__: Any) -> None:
        raise AssertionError("A form was parsed.")

    monkeypatch.setattr(httputil, "parse_multipart_form_data", parse)
    monkeypatch.setattr(httputil, "parse_body_arguments", parse)
    monkeypatch.setattr(httputil.HTTPServerRequest, "_parse_body", parse)
    async with open_hall() as hall:
        code = await hall.open_room()
        parts = (
            b"".join(b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' for _ in range(3000)) + b"--x--\r\n"
        )
        for kind, body in {
            "multipart/form-data; boundary=x": parts,
            "application/x-www-form-urlencoded": b"a=1&" * 60_000,
        }.items():
            assert (await hall.ask("POST", "rooms", body, Content_Type=kind)).code == 400
            assert (await hall.fetch("POST", "", body, Content_Type=kind)).code in {405, 413}
        path = f"livepoll/api/rooms/{code}/participants"
        assert (await hall.fetch("POST", path, b"a=1", Content_Type="application/x-www-form-urlencoded")).code == 201
        packed = gzip.compress(json.dumps({"title": "x"}).encode())
        assert (await hall.ask("POST", "rooms", packed, Content_Encoding="gzip")).code == 400


async def test_hundreds_of_unfinished_requests_hold_no_more_than_their_small_bodies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A count of the bytes that handlers keep and streams have read and not passed on."""
    kept: list[BodyHandler] = []
    take = BodyHandler.data_received

    def data_received(self: BodyHandler, chunk: bytes) -> None:
        kept.append(self)
        take(self, chunk)

    monkeypatch.setattr(BodyHandler, "data_received", data_received)
    async with open_hall() as hall, AsyncExitStack() as open_connections:
        code = await hall.open_room()
        small = head(f"/livepoll/api/rooms/{code}/participants", SMALL_BODY) + b"x" * (SMALL_BODY - 1)
        large = head(f"/livepoll/api/rooms/{code}/participants", 10**6) + b"x" * 200_000
        half = b"GET / HTTP/1.1\r\nX: " + b"x" * (MAX_HEAD - 100)
        for sent in (small, large, half) * 100:
            raw = await open_connections.enter_async_context(connected(hall.port))
            await raw.send(sent)

        def streams() -> list[ClientStream]:
            return [each for each in hall.heads.sending._until if isinstance(each, ClientStream)]

        await until(hall, lambda: len(hall.heads.sending) == len(streams()) == 200)
        held = sum(len(handler._received) for handler in kept)
        unread = sum(stream._read_buffer_size for stream in streams())
        assert held <= 100 * SMALL_BODY
        assert unread <= 100 * MAX_HEAD


async def test_a_head_that_is_too_long_ends_the_connection() -> None:
    """Before it is whole."""
    async with open_hall() as hall:
        async with connected(hall.port) as raw:
            await raw.send(
                b"GET / HTTP/1.1\r\nHost: x\r\nCookie: " + b"x" * (MAX_HEAD - 500) + b"\r\nConnection: close\r\n\r\n"
            )
            assert b" 200 " in await raw.rest()
        async with connected(hall.port) as raw:
            await raw.send(b"GET / HTTP/1.1\r\nX: " + b"x" * (MAX_HEAD + 1))
            assert await raw.rest() == b""


@pytest.mark.parametrize(
    ("line", "more", "status"),
    [
        (f"GET /?{'a=1&' * 600} HTTP/1.1", "", b"414"),
        ("GET / HTTP/1.1", "a:\r\n" * MAX_LINES, b"431"),
        (f"GET /?{'a=1&' * 400} HTTP/1.1", "a:\r\n" * (MAX_LINES - 10), b"200"),
    ],
    ids=["a long address", "many lines", "what is left to others"],
)
async def test_a_head_of_very_many_pieces_is_refused_before_it_is_parsed(line: str, more: str, status: bytes) -> None:
    """Each piece costs time, however short it is."""
    async with open_hall() as hall, connected(hall.port) as raw:
        raw.send_now(f"{line}\r\nHost: 127.0.0.1\r\nConnection: close\r\n{more}\r\n".encode())
        assert (await raw.rest()).split()[1] == status


@given(st.text("\r\na", max_size=40))
def test_a_head_ends_where_tornado_would_find_its_end(sent: str) -> None:
    """Whatever the client takes for the end of a line."""
    ours, tornados = (re.search(pattern, sent.encode()) for pattern in (END_OF_HEAD, rb"\r?\n\r?\n"))
    assert (ours and ours.end()) == (tornados and tornados.end())


async def test_the_end_of_a_head_is_looked_for_as_we_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred connections that send one byte after the other are searched from the first byte each time."""
    patterns = list[bytes]()
    usual = IOStream.read_until_regex

    def note(stream: IOStream, regex: bytes, max_bytes: int | None = None) -> Any:
        patterns.append(regex)
        return usual(stream, regex, max_bytes)

    monkeypatch.setattr(IOStream, "read_until_regex", note)
    async with open_hall() as hall, connected(hall.port) as raw:
        await raw.send(b"GET / HTTP/1.1\nHost: 127.0.0.1\r\nConnection: close\n\r\n")
        assert (await raw.rest()).startswith(b"HTTP/1.1 200 ")
    assert END_OF_HEAD in patterns


async def test_a_head_that_comes_byte_by_byte_is_read_seldom() -> None:
    """Each byte would cost a turn of the loop and a search; a browser sends its head in one piece or two."""
    async with open_hall() as hall, connected(hall.port) as raw:
        turns = hall.heads.pieces = Later(1, lambda: 10.0**6)
        await raw.send(b"GET / HTTP/1.1\r\nX: ")
        await until(hall, lambda: [type(each) for each in hall.heads.sending._until] == [ClientStream])
        (stream,) = hall.heads.sending._until
        assert isinstance(stream, ClientStream)
        for _ in range(3 * PIECES):
            await raw.send(b"a")
            await hall.fetch("GET", "")
        assert stream._pieces == PIECES + 1
        assert len(turns._waiting) == 1


async def test_a_head_in_many_pieces_is_answered_all_the_same() -> None:
    """Some networks cut it, and a person may type it."""
    async with open_hall() as hall, connected(hall.port) as raw:
        for byte in b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n":
            await raw.send(bytes([byte]))
            await hall.fetch("GET", "")
        assert (await raw.rest()).startswith(b"HTTP/1.1 200 ")


async def test_of_thousands_of_cookies_only_those_of_the_room_are_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Browsers send along what every program on this host has set."""
    parsed = list[str]()

    def parse(part: str) -> dict[str, str]:
        parsed.append(part)
        return parse_cookie(part)

    monkeypatch.setattr(callers, "parse_cookie", parse)
    async with open_hall() as hall, connected(hall.port) as raw:
        code = await hall.open_room()
        cookies = "a;" * 500 + f" livepoll_{code}=x;" + "a;" * 3_000 + f" livepoll_{code}=y;"
        raw.send_now(f"GET /{code} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nCookie: {cookies}\r\n\r\n".encode())
        assert (await raw.rest()).split()[1] == b"200"
    assert set(parsed) == {f" livepoll_{code}=x"}


async def test_requests_that_come_together_are_answered_in_order_and_a_refused_one_ends_nothing() -> None:
    """Pipelining."""
    async with open_hall() as hall, connected(hall.port) as raw:
        close = "Connection: close\r\n"
        await raw.send(head("/a/b/c", method="GET") * 2 + head("/livepoll/api/rooms", None, MINE, close, method="GET"))
        answers = (await raw.rest()).split(b"HTTP/1.1 ")[1:]
        assert [int(answer[:3]) for answer in answers] == [404, 404, 200]


# ---------------------------------------------------------------- how long


BEGUN = {
    "nothing": b"",
    "half a head": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
    "half a body": head("/livepoll/api/rooms", 99, MINE) + b"{",
    "half a chunk": head("/livepoll/api/rooms", None, MINE, "Transfer-Encoding: chunked\r\n") + b"99\r\n{",
}


@pytest.mark.parametrize("begun", BEGUN)
async def test_a_request_that_comes_byte_by_byte_has_a_time_for_the_whole(begun: str) -> None:
    """Each byte comes long before anything is over, and moves nothing."""
    async with open_hall() as hall, connected(hall.port) as slow:
        await slow.send(BEGUN[begun])
        first = ClientStream if BEGUN[begun] else Newcomer
        await until(hall, lambda: [type(each) for each in hall.heads.sending._until] == [first])
        seconds = BODY_SECONDS if b"\r\n\r\n" in BEGUN[begun] else WAIT
        if seconds == BODY_SECONDS:
            await until(hall, lambda: any(timer.callback.__name__ == "_give_up" for _, _, timer in hall.clock._timers))
        for _ in range(9):
            hall.clock.advance(seconds / 10)
            await slow.send(b"1" if BEGUN[begun] else b"")
            await hall.fetch("GET", "")
        assert len(hall.heads.sending) == 1
        hall.clock.advance(seconds / 10)
        await until(hall, lambda: len(hall.heads.sending) == 0)
        answer = await slow.rest()
        assert answer[:13] == (b"HTTP/1.1 408 " if seconds == BODY_SECONDS else b"")


async def test_a_connection_may_be_used_again_within_the_time_and_is_closed_after_it() -> None:
    """Counted from the last answer."""
    async with open_hall() as hall, connected(hall.port) as raw:
        for _ in range(3):
            await raw.send(head("/a/b/c", method="GET"))
            length = int((await raw.answer_head())["content-length"])
            await raw.body(length)
            await until(hall, lambda: len(hall.heads.sending) == 1)
            hall.clock.advance(WAIT - 1)
        hall.clock.advance(1)
        assert await raw.rest() == b""


async def test_of_too_many_that_wait_the_one_that_waits_longest_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """So who has just come is heard."""
    monkeypatch.setattr(heads, "MAX_WAITING", 3)
    async with open_hall() as hall, AsyncExitStack() as stack:
        silent: list[RawSocket] = []
        for number in range(5):
            silent.append(await stack.enter_async_context(connected(hall.port)))
            await silent[-1].send(b"GET /%d" % number)
            await until_turns(partial(are_waiting, hall, min(number + 1, 3)))
        assert [await silent[number].rest() for number in (0, 1)] == [b"", b""]
        await silent[4].send(b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b" 404 " in await silent[4].rest()


async def test_who_still_sends_can_read_the_refusal_for_a_while() -> None:
    """A close at once would be a reset, and that may overtake the answer."""
    async with open_hall() as hall:
        async with connected(hall.port) as raw:
            await raw.send(head("/livepoll/api/rooms", 900_000))
            assert (await raw.answer_head())["connection"] == "close"
            await raw.send(b"x" * 900_000)
            assert b"Bearer" in await raw.rest()
            assert len(hall.heads.lingering) == 1
            hall.clock.advance(LINGER)
            assert len(hall.heads.lingering) == 0
        async with connected(hall.port) as endless:
            await endless.send(head("/livepoll/api/rooms", 10**12))
            with pytest.raises(OSError, match=r"(?i)reset|broken"):
                await endless.send(*[b"x" * (LINGER_BYTES // 100)] * 10_000)
        assert len(hall.heads.lingering) == 0


async def test_who_does_not_read_an_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for them would be held for ever."""

    def get(self: CodePage) -> None:
        self.finish(b"x" * 2**24)

    monkeypatch.setattr(CodePage, "get", get)
    async with open_hall() as hall, connected(hall.port, receive_buffer=8192) as raw:
        raw.pause()
        await raw.send(head("/", method="GET"))
        await until_turns(lambda: len(hall.heads.reading) == 1)
        hall.clock.advance(READ)
        assert len(hall.heads.reading) == 0
        raw.resume()
        assert len(await raw.rest()) < 2**24


# ---------------------------------------------------------------- on Jupyter's port


@pytest.mark.usefixtures("jp_environ")
async def test_on_jupyters_port_the_limits_of_our_addresses_are_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its server asks our handlers at the head too; there it has read no more than came along with the head."""
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.05)
    async with open_jupyter(tmp_path) as app:
        rooms = f"{BASE_URL}livepoll/api/rooms"
        assert await refused(app.port, head(rooms, 10**6)) == 401
        assert await refused(app.port, head(rooms, 10**8, "Authorization: token the-login-of-jupyter\r\n")) == 413
        assert await refused(app.port, head(f"{BASE_URL}livepoll/K7WQ2M", 10**6)) in {404, 405, 413}
        assert await refused(app.port, head(f"{BASE_URL}_ws", 10**6, method="GET")) in {400, 404, 413}
        late = head(rooms, 100, "Authorization: token the-login-of-jupyter\r\n") + b"{"
        assert await refused(app.port, late) == 408


async def test_a_length_of_thousands_of_digits_is_too_much_and_no_mistake(caplog: pytest.LogCaptureFixture) -> None:
    """Python reads no number of more than 4,300 digits."""
    async with open_hall() as hall, connected(hall.port) as raw:
        await raw.send(b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: " + b"1" * 5000 + b"\r\n\r\n")
        assert (await raw.rest()).split()[1] == b"413"
    assert "Traceback" not in caplog.text


async def test_json_that_is_nested_without_end_is_refused() -> None:
    """Before any of it is taken."""
    async with open_hall() as hall:
        body = '{"title": "x", "y": ' + "[" * 100_000
        assert (await hall.ask("POST", "rooms", body)).code == 400
