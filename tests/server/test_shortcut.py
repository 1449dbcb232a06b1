"""The short way to a socket: whoever goes it gets what Tornado's way gives, and nobody else goes it."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hall import SECONDS, Hall, open_hall
from raw_socket import CLOSE, UPGRADE, RawSocket, text

from livepoll_jupyter.server import shortcut
from livepoll_jupyter.server.listener import Listener, everything
from livepoll_jupyter.server.rates import Rates

HELLO = {"event": "hello", "data": {"v": 2}}


class Counted:
    """The short way, with a note of what it took."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.taken: list[bool] = []
        usual = shortcut.take

        def take(*arguments: Any) -> bool:
            self.taken.append(usual(*arguments))
            return self.taken[-1]

        monkeypatch.setattr(shortcut, "take", take)

    def last(self, number: int) -> list[bool]:
        """Whether it took each of the last connections."""
        return self.taken[-number:]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """What the short way takes in this test."""
    return Counted(monkeypatch)


@asynccontextmanager
async def sent(port: int, data: bytes, counted: Counted, *, at_once: bool = True) -> AsyncIterator[RawSocket]:
    """A connection with ``data`` on it; not ``at_once``: all but the first byte come after the server has looked."""
    own = socket.create_connection(("127.0.0.1", port), SECONDS)
    looked = len(counted.taken)
    own.sendall(data if at_once else data[:1])
    own.setblocking(False)  # noqa: FBT003 - the name of the method
    raw = RawSocket(*await asyncio.open_connection(sock=own))
    if not at_once:
        async with asyncio.timeout(SECONDS):
            while len(counted.taken) == looked:  # noqa: ASYNC110 - a state of the server, which tells nobody
                await asyncio.sleep(0)
        await raw.send(data[1:])
    try:
        yield raw
    finally:
        raw.close()


def request(code: str, *, first: str = "GET /_ws?room={} HTTP/1.1", **changes: str | None) -> bytes:
    """The head of an upgrade; names of headers with ``_`` for ``-``, None for one that is left out."""
    changed = {name.replace("_", "-"): value for name, value in changes.items()}
    headers = {name: value for name, value in (UPGRADE | changed).items() if value is not None}
    return "\r\n".join([first.format(code), *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode()


async def said(raw: RawSocket) -> tuple[bytes, bytes]:
    """The status line, and the role that the welcome tells or the body of the refusal."""
    head = await asyncio.wait_for(raw._reader.readuntil(b"\r\n\r\n"), SECONDS)
    if head.startswith(b"HTTP/1.1 101 "):
        await raw.send(text(HELLO))
        while (received := await raw.frame()).opcode != CLOSE:
            if b'"welcome"' in received.payload:
                return head, json.loads(received.payload)["data"]["role"].encode()
        return head, received.payload
    length = re.search(rb"\r\nContent-Length: (\d+)", head)
    return head.partition(b"\r\n")[0], await raw.body(int(length[1]) if length else 0)


class Class:
    """A hall with rooms and tokens of all kinds."""

    def __init__(self, hall: Hall, codes: list[str], token: str, observer: str) -> None:
        self.hall = hall
        self.code, self.other, self.ended = codes
        self.cookie = f"livepoll_{self.code}={token}"
        self.observer = observer


@asynccontextmanager
async def a_class(rates: Rates | None = None) -> AsyncIterator[Class]:
    """Two rooms, and one that has ended."""
    async with open_hall(rates=rates) as hall:
        codes = [await hall.open_room(str(number)) for number in range(3)]
        await hall.ask("DELETE", f"rooms/{codes[2]}")
        observer = hall.service.tokens.new_observer(codes[0])
        yield Class(hall, codes, await hall.join(codes[0]), observer)


SHORT = {
    "a listener": lambda _: {},
    "a participant": lambda c: {"Cookie": c.cookie},
    "among other cookies": lambda c: {"Cookie": f'a=b; {c.cookie}; theme="dark"'},
    "a page of ours": lambda c: {"Cookie": c.cookie, "Origin": f"http://127.0.0.1:{c.hall.port}"},
    "another site's page": lambda c: {"Cookie": c.cookie, "Origin": "https://elsewhere.example"},
    "another site's page, as its browser says": lambda c: {"Cookie": c.cookie, "Sec_Fetch_Site": "cross-site"},
    "an observer": lambda c: {"Authorization": f"Bearer {c.observer}"},
    "an instructor": lambda c: {"Authorization": f"Bearer {c.hall.service.tokens.instructor}"},
    "small letters": lambda _: {"Connection": "keep-alive, upgrade", "Upgrade": "WebSocket"},
    "a browser": lambda _: {
        "User_Agent": "Mozilla/5.0 (X11; Linux x86_64)",
        "Accept_Language": "en;q=0.9",
        "X_Empty": "",
    },
}
"""What the short way is for, by headers that are changed."""

LONG = {
    "an unknown room": lambda _: {"first": "GET /_ws?room=ZZZZZZ HTTP/1.1"},
    "a room that has ended": lambda c: {"first": f"GET /_ws?room={c.ended} HTTP/1.1"},
    "no room": lambda _: {"first": "GET /_ws HTTP/1.1"},
    "more than a room": lambda c: {"first": f"GET /_ws?room={c.code}&x=1 HTTP/1.1"},
    "two rooms": lambda c: {"first": f"GET /_ws?room={c.code}&room={c.other} HTTP/1.1"},
    "a quoted room": lambda c: {"first": f"GET /_ws?room=%20{c.code} HTTP/1.1"},
    "another address": lambda c: {"first": f"GET /{c.code} HTTP/1.1"},
    "another method": lambda _: {"first": "POST /_ws?room={} HTTP/1.1"},
    "an older protocol": lambda _: {"first": "GET /_ws?room={} HTTP/1.0"},
    "no key": lambda _: {"Sec_WebSocket_Key": None},
    "an empty key": lambda _: {"Sec_WebSocket_Key": ""},
    "a key that is too short": lambda _: {"Sec_WebSocket_Key": "dGhlIHNhbXBsZQ=="},
    "a key that is too long": lambda _: {"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZSE="},
    "a key of 16 letters": lambda _: {"Sec_WebSocket_Key": "the sample nonce"},
    "a key without its end": lambda _: {"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ"},
    "a key in another alphabet": lambda _: {"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25j_-=="},
    "two keys in one": lambda _: {"Sec_WebSocket_Key": ",".join([UPGRADE["Sec-WebSocket-Key"]] * 2)},
    "no version": lambda _: {"Sec_WebSocket_Version": None},
    "another version": lambda _: {"Sec_WebSocket_Version": "12"},
    "no upgrade": lambda _: {"Upgrade": None},
    "another upgrade": lambda _: {"Upgrade": "h2c"},
    "no connection": lambda _: {"Connection": "close"},
    "a wrong cookie": lambda c: {"Cookie": f"livepoll_{c.code}=wrong.token"},
    "another room's token": lambda c: {
        "Cookie": f"livepoll_{c.other}={c.cookie.partition('=')[2]}", "first": f"GET /_ws?room={c.other} HTTP/1.1",
    },
    "a wrong token": lambda _: {"Authorization": "Bearer wrong"},
    "an origin that is no address": lambda _: {"Origin": "http://["},
    "no host": lambda _: {"Host": None},
    "an odd host": lambda _: {"Host": "a b"},
    "a body": lambda _: {"Content_Length": "2", "X": "y\r\n\r\n{}"},
    "a header twice": lambda _: {"X": "1\r\nX: 2"},
    "a key twice": lambda _: {"X": f"1\r\nSec-WebSocket-Key: {UPGRADE['Sec-WebSocket-Key']}"},
    "a folded header": lambda _: {"X": "1\r\n folded"},
    "a header that is not ASCII": lambda _: {"X": "ü"},
    "an odd name": lambda _: {"X y": "1"},
    "a head that is too long": lambda _: {"X": "x" * 9000},
}  # fmt: skip
"""What is Tornado's to answer, with a refusal or without."""


@pytest.mark.parametrize("change", [*SHORT.values(), *LONG.values()], ids=[*SHORT, *LONG])
async def test_both_ways_say_the_same(change: Any, counted: Counted) -> None:
    """To the byte, and whoever is let in is who they are."""
    async with a_class() as here:
        head = request(here.code, **change(here))
        answers = []
        for at_once in (True, False):
            async with sent(here.hall.port, head, counted, at_once=at_once) as raw:
                answers.append(await said(raw))
        assert answers[0] == answers[1]
        assert counted.last(2) == [change in SHORT.values(), False]


async def test_a_head_that_comes_after_the_connection_goes_the_short_way(counted: Counted) -> None:
    """In a rush that is so for 2 to 11 phones in 100, and Tornado's way costs four times as much."""
    async with a_class() as here:
        own = socket.create_connection(("127.0.0.1", here.hall.port), SECONDS)
        own.setblocking(False)  # noqa: FBT003 - the name of the method
        raw = RawSocket(*await asyncio.open_connection(sock=own))
        looked = len(counted.taken)
        async with asyncio.timeout(SECONDS):
            while len(here.hall.heads.sending) == 0:  # noqa: ASYNC110 - the same
                await asyncio.sleep(0)
        await raw.send(request(here.code))
        assert (await said(raw))[1] == b"listener"
        assert counted.taken[looked:] == [True]
        raw.close()


BROKEN = [
    *[name for name in LONG if "key" in name], "an older protocol", "no version", "another version", "no upgrade",
    "another upgrade", "no connection",
]  # fmt: skip
"""What is no handshake of RFC 6455 (section 4.2.1)."""


@pytest.mark.parametrize("name", BROKEN)
async def test_what_is_no_handshake_opens_no_socket(name: str, counted: Counted) -> None:
    """The key is 16 bytes in base64, once, and the request is one of HTTP/1.1."""
    async with a_class() as here:
        changes: Any = LONG[name]
        head = request(here.code, **changes(here))
        for at_once in (True, False):
            async with sent(here.hall.port, head, counted, at_once=at_once) as raw:
                status, body = await said(raw)
                assert status.split()[1] == (b"426" if "version" in name else b"400")
                assert json.loads(body)["code"] == "bad-request"


async def test_any_16_bytes_are_a_key(counted: Counted) -> None:
    """Which bits the last letter has beyond them is nobody's business."""
    async with a_class() as here:
        for key in ("AAAAAAAAAAAAAAAAAAAAAA==", "////++++////++++////+/==", "dGhlIHNhbXBsZSBub25jZR=="):
            async with sent(here.hall.port, request(here.code, Sec_WebSocket_Key=key), counted) as raw:
                assert (await said(raw))[1] == b"listener"


async def test_under_a_base_url_both_ways_know_the_same_address(counted: Counted) -> None:
    """Nothing is opened outside of it, and a class under it comes the short way too."""
    async with open_hall() as hall:
        code = await hall.open_room()
        listener = Listener(hall.service, everything(hall.service), base_url="/poll/")
        listener.open("127.0.0.1", 0, is_exact=True)
        for at_once in (True, False):
            for path, status in (("/_ws", b"404"), ("/poll/_ws", b"101")):
                first = f"GET {path}?room={code} HTTP/1.1"
                async with sent(listener.port, request(code, first=first), counted, at_once=at_once) as raw:
                    head, _ = await said(raw)
                    assert head.split()[1] == status
        # Of the first two only the one under the base URL; what comes after the server has looked goes the long way.
        assert counted.last(4) == [False, True, False, False]
        await listener.close()


async def test_a_head_that_is_cut_is_put_together(counted: Counted) -> None:
    """By Tornado, wherever the cut is."""
    async with a_class() as here:
        head = request(here.code)
        for cut in (1, 20, len(head) - 1):
            async with sent(here.hall.port, head[:cut], counted) as raw:
                await raw.send(head[cut:])
                assert (await said(raw))[1] == b"listener"
        assert counted.last(3) == [False] * 3


async def test_what_comes_behind_the_head_is_heard(counted: Counted) -> None:
    """A program need not wait for the answer before it says hello."""
    async with a_class() as here:
        async with sent(here.hall.port, request(here.code) + text(HELLO), counted) as raw:
            assert b" 101 " in await asyncio.wait_for(raw._reader.readuntil(b"\r\n\r\n"), SECONDS)
            assert (await raw.message("welcome"))["role"] == "listener"
        assert counted.last(1) == [True]


async def test_the_present_state_comes_with_the_answer(counted: Counted) -> None:
    """In one piece, as the first thing that a client of version 1 hears."""
    async with a_class() as here:
        asked = await here.hall.publish(here.code)
        async with sent(here.hall.port, request(here.code), counted) as raw:
            assert b" 101 " in await asyncio.wait_for(raw._reader.readuntil(b"\r\n\r\n"), SECONDS)
            assert (await raw.message("new-question"))["id"] == asked["id"]
            assert (await raw.message("lock-status"))["is_locked"] is False
        assert counted.last(1) == [True]


async def test_a_guess_counts_once(counted: Counted) -> None:
    """Though two have looked at it; then the address has to wait."""
    async with a_class(Rates(wrong_code_burst=3, wrong_codes_per_second=0.0)) as here:
        statuses = []
        for _ in range(4):
            async with sent(here.hall.port, request("ZZZZZZ"), counted) as raw:
                statuses.append((await asyncio.wait_for(raw._reader.readline(), SECONDS)).split()[1])
        assert statuses == [b"404", b"404", b"404", b"429"]


async def test_who_is_refused_counts_once(counted: Counted) -> None:
    """With a wrong token, say."""
    async with a_class(Rates(join_burst=4, joins_per_second=0.0)) as here:
        statuses = []
        for _ in range(4):  # a_class has joined once
            async with sent(here.hall.port, request(here.code, Authorization="Bearer wrong"), counted) as raw:
                statuses.append((await asyncio.wait_for(raw._reader.readline(), SECONDS)).split()[1])
        assert statuses == [b"401", b"401", b"401", b"429"]


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_right_code_opens_a_socket_after_any_number_of_wrong_ones(counted: Counted, *, at_once: bool) -> None:
    """On both ways, and wrong codes use up no joins."""
    rates = Rates(wrong_code_burst=1, wrong_codes_per_second=0.0, join_burst=3, joins_per_second=0.0)
    async with a_class(rates) as here:
        statuses = []
        for head in (*[request("ZZZZZZ")] * 3, request(here.code), request(here.code, Cookie=here.cookie)):
            async with sent(here.hall.port, head, counted, at_once=at_once) as raw:
                statuses.append((await asyncio.wait_for(raw._reader.readline(), SECONDS)).split()[1])
        assert statuses == [b"404", b"429", b"429", b"101", b"101"]  # a_class has joined once
        assert counted.last(1) == [at_once]


async def test_who_comes_too_often_is_told_so(counted: Counted) -> None:
    """The short way counts as well."""
    async with a_class(Rates(join_burst=3, joins_per_second=0.0)) as here:
        answers = []
        for _ in range(3):  # a_class has joined once
            async with sent(here.hall.port, request(here.code), counted) as raw:
                answers.append((await asyncio.wait_for(raw._reader.readline(), SECONDS)).split()[1])
        assert answers == [b"101", b"101", b"429"]
        assert counted.last(3) == [True, True, False]


async def test_a_server_that_ends_takes_nobody_the_short_way(counted: Counted) -> None:
    """It says when to come back."""
    async with a_class() as here:
        here.hall.service.hub.is_draining = True
        async with sent(here.hall.port, request(here.code), counted) as raw:
            assert (await asyncio.wait_for(raw._reader.readline(), SECONDS)).split()[1] == b"503"
        assert counted.last(1) == [False]
