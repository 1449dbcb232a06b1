"""What a stranger may send, and what comes back: an answer with a reason, and the room as it was."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from hall import TOKEN, Hall, Socket, open_hall
from tornado.httpclient import HTTPClientError, HTTPResponse

from livepoll_jupyter.core.messages import MAX_FRAME
from livepoll_jupyter.server.bodies import MAX_BODY


def said(response: HTTPResponse) -> tuple[int, str]:
    """Status and code of a refusal, which is JSON and has a sentence."""
    body = json.loads(response.body)
    assert set(body) == {"code", "message"}
    assert body["message"].endswith((".", "2M"))
    return response.code, body["code"]


async def refused(hall: Hall, query: str = "", **headers: str) -> tuple[int, str]:
    """Status and code of an upgrade that is refused."""
    with pytest.raises(HTTPClientError) as refusal:
        await hall.connect(query, **headers)
    assert refusal.value.response is not None
    return said(refusal.value.response)


async def student(hall: Hall, code: str) -> Socket:
    """A participant's socket after hello."""
    socket = await hall.connect(f"?room={code}")
    await socket.hello(await hall.join(code))
    await socket.until("snapshot")
    return socket


# ---------------------------------------------------------------- over the socket


@pytest.mark.parametrize(
    "text",
    [
        "{", "", "hello", "[1, 2]", "42", "null", '"pong"', "\x00", '{"event": "hello"',
        '{"data": {}}', '{"event": 5, "data": {}}', '{"event": "publish", "data": {}}', '{"event": "vote"}',
        '{"event": "vote", "data": []}', '{"event": "hello", "data": {"v": "2"}}',
        '{"event": "hello", "data": {"v": 1}}',
        '{"event": "hello", "data": {"v": 2, "resume": {"epoch": "e", "seq": -1}}}',
        '{"event": "vote", "data": {"questionId": 5, "round": 1, "answer": "a", "op": "x", "rev": 1}}',
        '{"event": "vote", "data": {"questionId": "q", "round": "1", "answer": "a", "op": "x", "rev": 1}}',
        '{"event": "vote", "data": {"questionId": "q", "round": 1, "answer": "a", "op": "x", "rev": 0}}',
        '{"event": "vote", "data": {"questionId": "q", "round": 1, "answer": "a", "op": "", "rev": 1}}',
        r'{"event": "vote", "data": {"questionId": "q", "round": 1, "answer": "a", "op": "a\u0000b", "rev": 1}}',
        '{"event": "vote", "data": {"questionId": "q", "round": 1, "answer": "a", "rev": 1}}',
        "[" * 5000,
    ],
)  # fmt: skip
async def test_what_is_no_message_gets_an_error_and_the_connection_is_kept(text: str) -> None:
    """An ``error`` to that peer, which then goes on as before; nobody else hears of it."""
    async with open_hall() as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        socket = await student(hall, code)
        other = await student(hall, code)
        await socket.send(text)
        error = (await socket.until("error"))["data"]
        assert (error["code"], error["retry"]) == ("bad-message", False)
        assert (await socket.vote(question))["status"] == "accepted"
        await other.send('"ping"')
        assert (await other.receive())["event"] == "pong"


async def test_a_mistake_is_logged_once_for_each_peer(caplog: pytest.LogCaptureFixture) -> None:
    """A peer that keeps sending nonsense fills no log."""
    caplog.set_level(logging.WARNING)
    async with open_hall() as hall:
        socket = await student(hall, await hall.open_room())
        for _ in range(20):
            await socket.send("{")
            await socket.until("error")
    assert len([record for record in caplog.records if "no message" in record.getMessage()]) == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"questionId": "nowhere"}, "unknown-question"),
        ({"answer": "z"}, "bad-answer"),
        ({"answer": ["a"]}, "bad-answer"),
        ({"answer": {"a": 1}}, "bad-answer"),
        ({"round": 2}, "round-closed"),
    ],
)
async def test_a_vote_that_cannot_count_is_rejected_with_its_reason(change: dict[str, Any], reason: str) -> None:
    """Unknown question, unknown option, wrong type, another round."""
    async with open_hall() as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        socket = await student(hall, code)
        vote = {"questionId": question["id"], "round": 1, "answer": "a", "op": "op", "rev": 1} | change
        await socket.send({"event": "vote", "data": vote})
        ack = (await socket.until("vote-ack"))["data"]
        assert (ack["op"], ack["status"], ack["reason"], ack["rev"]) == ("op", "rejected", reason, 0)
        assert ack["message"].endswith(".")
        assert await hall.service.store.answers(code) == []


async def test_votes_after_lock_close_and_a_new_round_are_rejected() -> None:
    """The reason says which of them it was; the earlier answer is named and stays."""
    async with open_hall() as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        path = f"rooms/{code}/questions/{question['id']}"
        socket = await student(hall, code)
        await socket.vote(question, "a")
        await hall.ask("PUT", f"{path}/lock", {"is_locked": True})
        ack = await socket.vote(question, "b", op="op-2", rev=2)
        assert (ack["status"], ack["reason"], ack["answer"], ack["rev"]) == ("rejected", "question-locked", "a", 1)
        await hall.ask("POST", f"{path}/close")
        assert (await socket.vote(question, "b", op="op-3", rev=3))["reason"] == "question-closed"
        await hall.ask("POST", f"{path}/publish")
        assert (await socket.vote(question, "b", op="op-4", rev=4))["reason"] == "round-closed"


async def test_nobody_votes_without_being_a_participant() -> None:
    """A listener, an observer and the instructor are told so."""
    async with open_hall() as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        observer = json.loads((await hall.ask("POST", f"rooms/{code}/observers")).body)["token"]
        listener = await hall.connect(f"?room={code}")
        await listener.hello()
        watching = await hall.connect(f"?room={code}")
        await watching.hello(observer)
        instructor = await hall.connect(f"?room={code}", Authorization=f"Bearer {TOKEN}")
        assert (await instructor.hello())["role"] == "instructor"
        for socket in (listener, watching, instructor):
            ack = await socket.vote(question)
            assert (ack["status"], ack["reason"]) == ("rejected", "forbidden")


async def test_a_binary_frame_closes_with_1003() -> None:
    """The protocol is text."""
    async with open_hall() as hall:
        socket = await student(hall, await hall.open_room())
        await socket.send_binary(b"\x00\x01")
        assert await socket.until_closed() == 1003


@pytest.mark.parametrize("size", [MAX_FRAME + 1, 17 * 1024, 60 * 1024, 1024 * 1024])
async def test_a_frame_over_16_kib_closes_with_1009(size: int) -> None:
    """That peer alone is closed."""
    async with open_hall() as hall:
        code = await hall.open_room()
        socket, other = await student(hall, code), await student(hall, code)
        await socket.send("x" * size)
        assert await socket.until_closed() == 1009
        await other.send('"ping"')
        assert (await other.until("pong"))["data"] == {"seq": 0}


async def test_a_frame_of_exactly_16_kib_is_read() -> None:
    """The limit is the one that ``welcome`` tells."""
    async with open_hall() as hall:
        socket = await student(hall, await hall.open_room())
        await socket.send(json.dumps("x" * (MAX_FRAME - 2)))
        assert (await socket.until("error"))["data"]["code"] == "bad-message"


@pytest.mark.parametrize("token", ["", "x", "x.y", "a.b.c", "é", "0" * 256, TOKEN])
async def test_a_wrong_token_in_hello_closes_with_4501(token: str) -> None:
    """The instructor's token is wrong there too: it travels in a header only."""
    async with open_hall() as hall:
        socket = await hall.connect(f"?room={await hall.open_room()}")
        await socket.send({"event": "hello", "data": {"v": 2, "token": token}})
        assert await socket.until_closed() == 4501


async def test_a_participant_of_one_room_is_nobody_in_another() -> None:
    """Tokens are bound to their room."""
    async with open_hall() as hall:
        here, there = await hall.open_room("Here"), await hall.open_room("There")
        socket = await hall.connect(f"?room={there}")
        await socket.send({"event": "hello", "data": {"v": 2, "token": await hall.join(here)}})
        assert await socket.until_closed() == 4501


# ---------------------------------------------------------------- at the upgrade


async def test_a_wrong_token_at_the_upgrade_is_401() -> None:
    """It is refused, never quietly taken for the audience."""
    async with open_hall() as hall:
        code = await hall.open_room()
        for wrong in ("Bearer wrong", "token wrong", f"Bearer {TOKEN}x", "Bearer "):
            assert await refused(hall, f"?room={code}", Authorization=wrong) == (401, "unauthorized")
        assert await refused(hall, f"?room={code}", Cookie=f"livepoll_{code}=wrong.token") == (401, "unauthorized")


async def test_an_origin_that_is_no_address_is_400() -> None:
    """With the room's cookie and without; a stranger can make the server log no mistake of its own."""
    async with open_hall() as hall:
        code = await hall.open_room()
        for cookie in ({}, {"Cookie": f"livepoll_{code}={await hall.join(code)}"}):
            wrong = {"Origin": "http://["} | cookie
            assert await refused(hall, f"?room={code}", **wrong) == (400, "bad-request")


async def test_unknown_and_ended_rooms_are_404_and_410() -> None:
    """At the upgrade, on the page and in the API."""
    async with open_hall() as hall:
        code = await hall.open_room()
        socket = await student(hall, code)
        assert (await hall.ask("DELETE", f"rooms/{code}")).code == 204
        assert await socket.until_closed() == 4503
        assert await refused(hall, f"?room={code}") == (410, "room-ended")
        assert await refused(hall, "?room=ZZZZZZ") == (404, "not-found")
        assert await refused(hall) == (404, "not-found")
        assert (await hall.fetch("GET", code)).code == 410
        assert (await hall.fetch("GET", "ZZZZZZ")).code == 404
        assert said(await hall.ask("GET", f"rooms/{code}")) == (410, "room-ended")
        assert said(await hall.ask("GET", "rooms/ZZZZZZ")) == (404, "not-found")
        assert said(await hall.fetch("POST", f"livepoll/api/rooms/{code}/participants")) == (410, "room-ended")


async def test_what_is_no_upgrade_is_400() -> None:
    """A plain GET of the socket's address."""
    async with open_hall() as hall:
        await hall.open_room()
        assert said(await hall.fetch("GET", "_ws")) == (400, "bad-request")


# ---------------------------------------------------------------- over REST


@pytest.mark.parametrize(
    "question",
    [
        {"options": []}, {"options": ["one"]}, {"options": ["same", "same"]}, {"options": ["same", " same "]},
        {"options": ["a", ""]}, {"options": "ab"}, {"options": [1, 2]}, {"options": [f"{n}" for n in range(27)]},
        {"options": ["x" * 1001, "y"]}, {"correct": "neither"}, {"correct": ["mean", "median"]}, {"correct": 5},
        {"text": ""}, {"text": "  "}, {"text": "x" * 8001}, {"text": 5}, {"kind": "essay"}, {"kind": 5},
        {"show_results": "never"}, {"publish": "yes"},
    ],
)  # fmt: skip
async def test_a_question_that_cannot_be_asked_is_400(question: dict[str, Any]) -> None:
    """And nothing is added to the room."""
    async with open_hall() as hall:
        code = await hall.open_room()
        body = {"text": "Which?", "options": ["mean", "median"], "publish": True} | question
        response = await hall.ask("POST", f"rooms/{code}/questions", body)
        assert said(response)[0] == 400
        assert json.loads((await hall.ask("GET", f"rooms/{code}")).body)["questions"] == []


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", "\xff", '{"title": 5}', '{"title": ""}', '{"title": "  "}', "{}"]
)
async def test_a_body_that_is_not_what_is_asked_for_is_400(body: str) -> None:
    """No JSON, or JSON of another shape."""
    async with open_hall() as hall:
        assert said(await hall.ask("POST", "rooms", body.encode("latin-1")))[0] == 400


async def test_a_body_that_is_too_large_is_413() -> None:
    """More than any question needs."""
    async with open_hall() as hall:
        assert said(await hall.ask("POST", "rooms", "x" * (MAX_BODY + 1))) == (413, "too-large")


async def test_commands_that_do_not_fit_the_state_are_409() -> None:
    """A lock of a draft, an unlock after the reveal."""
    async with open_hall() as hall:
        code = await hall.open_room("Statistics 101")
        question = await hall.publish(code)
        draft = await hall.publish(code, publish=False)
        path = f"rooms/{code}/questions"
        assert said(await hall.ask("PUT", f"{path}/{draft['id']}/lock", {"is_locked": True}))[0] == 409
        await hall.ask("POST", f"{path}/{question['id']}/reveal")
        unlock = await hall.ask("PUT", f"{path}/{question['id']}/lock", {"is_locked": False})
        assert said(unlock) == (409, "already-revealed")


async def test_unknown_addresses_and_methods_are_404_and_405() -> None:
    """In JSON under the API, and with the methods that there are."""
    async with open_hall() as hall:
        code = await hall.open_room()
        assert said(await hall.ask("GET", "nothing/here")) == (404, "not-found")
        assert said(await hall.ask("POST", f"rooms/{code}/questions/nowhere/publish")) == (404, "unknown-question")
        response = await hall.ask("PATCH", "rooms")
        assert said(response) == (405, "method-not-allowed")
        assert response.headers["Allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("", "GET, HEAD"), ("{code}", "GET, HEAD"), ("assets/audience.js", "GET, HEAD"), ("_ws", "GET"),
        ("livepoll/api/openapi.json", "GET"), ("livepoll/api/rooms/{code}/participants", "POST"),
        ("livepoll/api/rooms/{code}", "DELETE, GET"),
    ],
)  # fmt: skip
async def test_a_method_that_is_not_there_is_told_those_that_are(path: str, allowed: str) -> None:
    """RFC 9110, 15.5.6: a 405 has ``Allow``."""
    async with open_hall() as hall:
        where = path.format(code=await hall.open_room())
        response = await hall.fetch("PATCH", where, Authorization=f"Bearer {TOKEN}")
        assert (response.code, response.headers["Allow"]) == (405, allowed)


async def test_a_mistake_of_the_server_tells_a_stranger_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exception's text stays in the log."""
    async with open_hall() as hall:
        code = await hall.open_room()

        def fail(_: object) -> str:
            raise RuntimeError("/home/instructor/secret")

        monkeypatch.setattr(hall.service.store, "room", fail)
        response = await hall.ask("GET", f"rooms/{code}")
        assert said(response) == (500, "internal-error")
        assert b"secret" not in response.body
