"""A server that is not what it should be: it redirects, answers without end, or shows a wrong certificate."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hall import open_hall

from livepoll_jupyter.client import Api, Instructor, rest
from livepoll_jupyter.client.connection import Surroundings
from livepoll_jupyter.client.errors import Unreachable
from livepoll_jupyter.client.socket import Socket, open_socket
from livepoll_jupyter.client.student import Student
from livepoll_jupyter.client.trouble import Misdirected
from livepoll_jupyter.core.errors import BadRequest, BadSetting, RoomEnded
from livepoll_jupyter.widgets.place import find_server

TOKEN = "the-secret-of-the-instructor"


class Heard(list[bytes]):
    """The requests' heads, and where the server is."""

    port = 0

    @property
    def base(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self.port}/"


@asynccontextmanager
async def server(answer: bytes, tls: ssl.SSLContext | None = None) -> AsyncIterator[Heard]:
    """A server that gives every request the same answer, bytes that we choose."""
    heard = Heard()
    done = asyncio.Event()
    done.set()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        done.clear()
        try:
            heard.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(answer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            return  # the client has seen enough
        finally:
            writer.close()
            done.set()

    async with await asyncio.start_server(take, "127.0.0.1", 0, ssl=tls) as listening:
        heard.port = listening.sockets[0].getsockname()[1]
        yield heard
        await done.wait()


def redirect(to: str, status: str = "307 Temporary Redirect") -> bytes:
    """An answer that sends on."""
    return f"HTTP/1.1 {status}\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
@pytest.mark.parametrize("token", [TOKEN, None], ids=["instructor", "student"])
async def test_no_redirect_is_followed_and_the_other_address_is_named(status: str, token: str | None) -> None:
    """Neither a token nor an act goes to a server that nobody named."""
    async with server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") as other:
        target = f"{other.base}livepoll/api/rooms/K7WQ2M/participants"
        async with server(redirect(target, status)) as named:
            with pytest.raises(Misdirected) as sent_on:
                await Api(named.base, token).join("K7WQ2M")
            assert f"{named.base} sends on to {other.base} " in sent_on.value.message
            assert len(named) == 1
        assert other == []


@pytest.mark.parametrize("to", ["", "javascript:alert(1)", "http://h/\x1b[31m", "http://h/\x9b31m"])
async def test_a_redirect_to_no_address_is_told_without_its_text(to: str) -> None:
    """What a server writes gets into no terminal and no notebook as it is."""
    async with server(redirect(to)) as named:
        with pytest.raises(Unreachable) as sent_on:
            await Api(named.base, TOKEN).room("K7WQ2M")
    assert "javascript" not in sent_on.value.message
    assert sent_on.value.message.isprintable()


async def test_a_socket_follows_no_redirect() -> None:
    """The token in its header stays with the server that was named."""
    async with server(redirect("http://192.0.2.1/_ws", "302 Found")) as named:
        with pytest.raises(Misdirected, match=r"sends on to http://192\.0\.2\.1/ "):
            await open_socket(f"ws://127.0.0.1:{named.port}/_ws?room=K7WQ2M", {"Authorization": f"Bearer {TOKEN}"})


@pytest.mark.parametrize("size", [rest.MAX_ANSWER + 1, 1 << 40])
async def test_a_body_beyond_the_limit_is_refused(size: int) -> None:
    """By its declared length, before it is read."""
    async with server(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode()) as hostile:
        with pytest.raises(Unreachable):
            await Api(hostile.base).room("K7WQ2M")


async def test_a_body_without_end_is_refused() -> None:
    """Chunk after chunk; no more than the limit is kept."""
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    async with server(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 256) as hostile:
        with pytest.raises(Unreachable):
            await Api(hostile.base).room("K7WQ2M")


async def test_the_answers_of_a_whole_room_may_be_larger() -> None:
    """200,000 rows have to come through."""
    body = b"[" + b" " * (2 * rest.MAX_ANSWER) + b"]"
    async with server(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)) as large:
        assert await Api(large.base, TOKEN).answers("K7WQ2M") == []


async def test_a_compressed_answer_is_not_unpacked() -> None:
    """None was asked for; a small one may hold gigabytes."""
    async with server(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b") as hostile:
        with pytest.raises(Unreachable, match="not a livepoll server"):
            await Api(hostile.base).room("K7WQ2M")
        assert b"gzip" not in hostile[0].lower()


async def test_what_is_no_livepoll_server_is_told() -> None:
    """A router's page, for example."""
    async with server(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>") as router:
        with pytest.raises(Unreachable, match="is not a livepoll server"):
            await Api(router.base).join("K7WQ2M")


async def test_a_proxy_that_lets_no_websocket_through_is_told() -> None:
    """It takes the headers of the handshake away, so the server sees a plain request."""
    async with open_hall() as hall:
        code = await hall.open_room()
        answer = (
            b"HTTP/1.1 400 Bad Request\r\nContent-Length: 53\r\n\r\n"
            b'{"code": "bad-request", "message": "open with a ..."}'
        )
        async with server(answer) as proxy:
            with pytest.raises(Unreachable, match="pass on the headers Upgrade and Connection"):
                await open_socket(f"ws://127.0.0.1:{proxy.port}/_ws?room={code}", {})


async def test_a_certificate_that_is_not_trusted_is_told() -> None:
    """The server runs, so asking whether it does is no help."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).with_name("elsewhere.pem"))
    async with server(b"", context) as secure:
        with pytest.raises(Misdirected, match=r"certificate of the server at https.* is not trusted here.*SSL_CERT"):
            await Api(f"https://127.0.0.1:{secure.port}/", TOKEN).room("K7WQ2M")
        with pytest.raises(Misdirected, match="is not trusted here"):
            await open_socket(f"wss://127.0.0.1:{secure.port}/_ws", {})


async def test_a_socket_goes_to_the_server_that_was_named() -> None:
    """Whatever addresses that server's answer names; none of them is given the token."""
    state: dict[str, object] = {
        "code": "K7WQ2M",
        "title": "x",
        "created_at": "2026-01-01T00:00:00Z",
        "questions": [],
        "qr_svg": "",
    }
    state |= {"join_url": "http://192.0.2.1/", "ws_url": "ws://192.0.2.1/_ws", "participants": 0}
    body = json.dumps(state).encode()
    async with server(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)) as named:
        opened: asyncio.Queue[str] = asyncio.Queue()

        async def open_socket(url: str, _headers: dict[str, str]) -> Socket:
            opened.put_nowait(url)
            raise RoomEnded("no further")

        instructor = await Instructor.open(Api(named.base, TOKEN), "x", Surroundings(open_socket=open_socket))
        assert await opened.get() == f"ws://127.0.0.1:{named.port}/_ws?room=K7WQ2M"
        await instructor.leave()


@pytest.mark.parametrize("around", ["\n", "\r\n", " ", "\t", "\u2028"])
def test_what_stands_around_a_token_is_taken_off(around: str) -> None:
    """As a file or a copied line brings it."""
    api = find_server("http://127.0.0.1:3000", f"{around}{TOKEN}{around}")
    assert api.headers == {"Authorization": f"Bearer {TOKEN}"}


@pytest.mark.parametrize("token", [f"{TOKEN}\nx", f"{TOKEN}\0", f"a {TOKEN}", f"{TOKEN}é", 7])
def test_a_token_that_is_none_is_refused_without_showing_it(token: str) -> None:
    """The text of an error ends in the notebook."""
    with pytest.raises(BadSetting) as refused:
        find_server("http://127.0.0.1:3000", token)
    assert TOKEN not in str(refused.value)
    assert TOKEN not in repr(refused.value)


@pytest.mark.parametrize("link", [None, 7, b"http://h/K7WQ2M"])
def test_what_is_no_text_is_no_join_link(link: str) -> None:
    """With the sentence that tells where to find one."""
    with pytest.raises(BadRequest, match="is not a join link"):
        Student(link)
