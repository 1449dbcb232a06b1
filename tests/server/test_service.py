"""Rooms of a server: which one is the default, how one is opened, and the server inside a kernel."""

from __future__ import annotations

import asyncio
import json
import socket

import pytest
from hall import Hall, open_hall

from livepoll_jupyter.server import service as services
from livepoll_jupyter.server.codes import ALPHABET, LENGTH, looks_like_code, new_code, normal_code
from livepoll_jupyter.server.embedded import EmbeddedServer
from livepoll_jupyter.server.links import Links


async def title_of_default(hall: Hall) -> str:
    """The title of the room that a socket without ``?room=`` gets."""
    default = await hall.connect()
    await default.hello()
    return str((await default.until("snapshot"))["data"]["title"])


async def test_the_default_room_is_the_one_that_was_opened_last_and_is_still_open() -> None:
    """It changes as rooms are opened and ended."""
    async with open_hall() as hall:
        await hall.open_room("First")
        second = await hall.open_room("Second")
        assert await title_of_default(hall) == "Second"
        await hall.ask("DELETE", f"rooms/{second}")
        assert await title_of_default(hall) == "First"


async def test_two_who_reopen_the_same_title_at_once_get_the_same_room() -> None:
    """A panel and a notebook cell, say; one of them opened it."""
    async with open_hall() as hall:
        body = {"title": "Statistics 101", "reopen": True}
        answers = await asyncio.gather(*(hall.ask("POST", "rooms", body) for _ in range(5)))
        assert sorted(answer.code for answer in answers) == [200] * 4 + [201]
        assert len({json.loads(answer.body)["code"] for answer in answers}) == 1


async def test_a_title_may_be_used_twice_and_the_newest_room_is_taken_up() -> None:
    """Another class of the same course; whoever reopens wants the present one."""
    async with open_hall() as hall:
        first, second = await hall.open_room("Statistics 101"), await hall.open_room("Statistics 101")
        assert first != second
        reopened = await hall.ask("POST", "rooms", {"title": "Statistics 101", "reopen": True})
        assert (reopened.code, json.loads(reopened.body)["code"]) == (200, second)


async def test_a_code_that_was_ever_used_is_not_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even after its room has ended: its answers stay."""
    async with open_hall() as hall:
        old = await hall.open_room("Old")
        await hall.ask("DELETE", f"rooms/{old}")
        drawn = iter([old, old, "NEWCDE"])
        monkeypatch.setattr(services, "new_code", lambda: next(drawn))
        assert await hall.open_room("New") == "NEWCDE"


async def test_answers_of_an_ended_room_stay_readable() -> None:
    """As JSON, and as CSV by ``Accept``."""
    async with open_hall() as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        phone = await hall.connect(f"?room={code}")
        await phone.hello(await hall.join(code))
        await phone.vote(question, "b")
        await hall.ask("DELETE", f"rooms/{code}")
        (row,) = json.loads((await hall.ask("GET", f"rooms/{code}/answers")).body)
        assert (row["answer"], row["correct"], row["rev"]) == ("b", False, 1)
        assert row["at"] == "2025-06-15T15:06:40Z"
        table = (
            (await hall.ask("GET", f"rooms/{code}/answers", Accept="text/csv")).body.decode("utf-8-sig").splitlines()
        )
        assert table[0] == "participant,questionId,round,answer,correct,rev,at,question,labels"
        started = f"{row['participant']},{question['id']},1,b,False,1,2025-06-15T15:06:40Z,"
        assert table[1] == f"{started}{question['text']},{question['options'][1]['label']}"


async def test_several_options_of_one_answer_are_joined_in_csv() -> None:
    """By a semicolon, as ids."""
    async with open_hall() as hall:
        code = await hall.open_room()
        question = await hall.publish(code, kind="multiple_choice", correct=["mean", "median"])
        phone = await hall.connect(f"?room={code}")
        await phone.hello(await hall.join(code))
        await phone.vote(question, ["b", "a"])
        table = (await hall.ask("GET", f"rooms/{code}/answers", Accept="text/csv")).body.decode()
        assert ",a;b,True," in table


def test_codes_are_random_and_easy_to_type() -> None:
    """Six characters, none of which looks like another; case and spaces do not matter."""
    codes = {new_code() for _ in range(1000)}
    assert len(codes) > 990
    assert all(looks_like_code(code) and len(code) == LENGTH for code in codes)
    assert set("01IO").isdisjoint(ALPHABET)
    assert normal_code(" k7m2qx\n") == "K7M2QX"
    assert not looks_like_code("favicon.ico")


@pytest.mark.parametrize(
    ("pages", "ws_url"),
    [
        ("http://192.168.1.5:3000/", "ws://192.168.1.5:3000/_ws?room=K7M2QX"),
        ("https://hub.example.org/user/ada/livepoll/", "wss://hub.example.org/user/ada/livepoll/_ws?room=K7M2QX"),
        ("https://livepoll/", "wss://livepoll/_ws?room=K7M2QX"),
    ],
)
def test_the_socket_lies_beside_the_pages(pages: str, ws_url: str) -> None:
    """Whatever the path is called: nothing is guessed from it."""
    assert Links(pages).ws_url("K7M2QX") == ws_url
    assert Links(pages).join_url("K7M2QX") == f"{pages}K7M2QX"


def test_a_base_url_that_is_known_is_told() -> None:
    """A Jupyter server knows under which its pages lie."""
    links = Links("https://hub.example.org/user/ada/livepoll/", "https://hub.example.org/user/ada/")
    assert links.ws_url("K7M2QX") == "wss://hub.example.org/user/ada/_ws?room=K7M2QX"


def test_a_server_inside_a_kernel_serves_until_it_is_closed() -> None:
    """On a free port, in a thread, with a token of its own."""
    server = EmbeddedServer("127.0.0.1")
    port = int(server.url.rstrip("/").rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\nHost: x\r\n\r\n")
        assert connection.recv(64).startswith(b"HTTP/1.1 200")
    assert len(server.instructor_token) >= 32
    server.close()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
