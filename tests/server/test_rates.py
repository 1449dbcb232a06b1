"""The limits: a full hall behind one address never meets them, a program that does nothing else does."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hall import Hall, open_hall
from raw_socket import CLOSE, PING, PONG, UPGRADE, connected, frame
from tornado.httpclient import HTTPClientError
from tornado.websocket import WebSocketClosedError
from traitlets import TraitError

from livepoll_jupyter.client import Student
from livepoll_jupyter.core.errors import TooMany
from livepoll_jupyter.server.rates import KEPT_ADDRESSES, Bucket, Gate, Limit, Rates

HALL = 10_000


def test_a_bucket_gives_its_burst_at_once_and_then_its_rate() -> None:
    """Five at once, then two per second."""
    bucket = Bucket(burst=5, per_second=2, now=0.0)
    assert [bucket.take(0.0) for _ in range(6)] == [True] * 5 + [False]
    assert [bucket.take(1.0) for _ in range(3)] == [True, True, False]
    assert sum(bucket.take(1000.0) for _ in range(100)) == 5


def test_a_limit_forgets_addresses_that_have_come_to_rest() -> None:
    """Its memory does not grow with the number of addresses ever seen."""
    limit = Limit(burst=1, per_second=1)
    for number in range(3 * KEPT_ADDRESSES):
        limit.take(f"10.{number}", now=float(number))
    assert len(limit._buckets) <= KEPT_ADDRESSES


def test_a_hall_of_ten_thousand_behind_one_address_joins_votes_and_comes_back() -> None:
    """Everybody joins with page and socket, votes, changes the vote, and reconnects after a restart, in ten seconds."""
    gate = Gate(Rates())
    for number in range(HALL):
        now = number / 1000
        for _ in range(2):
            gate.join("hall", now)
            gate.vote("hall", f"participant {number}", now)
        if number % 20 == 0:
            gate.wrong_code("hall", now)
    for _ in range(HALL):
        gate.join("hall", 10.0)


def test_guessing_codes_ends_in_a_refusal_for_that_address_alone() -> None:
    """Of wrong codes: nobody asks the limit about a right one."""
    gate = Gate(Rates(wrong_code_burst=3, wrong_codes_per_second=0.1))
    for _ in range(3):
        gate.wrong_code("guesser", 0.0)
    with pytest.raises(TooMany):
        gate.wrong_code("guesser", 0.0)
    gate.wrong_code("somebody else", 0.0)
    gate.wrong_code("guesser", 10.0)


@pytest.mark.parametrize("name", sorted(Rates.class_own_traits(config=True)))
def test_every_limit_tells_its_unit_and_refuses_nonsense(name: str) -> None:
    """The help gives the unit; less than the least is an error."""
    assert "Unit: " in Rates.class_own_traits()[name].help
    with pytest.raises(TraitError):
        Rates(**{name: -1})


async def test_too_many_joins_and_openings_are_429() -> None:
    """In the API and at the upgrade, with a hint when to come back."""
    async with open_hall(rates=Rates(join_burst=2, joins_per_second=0.0)) as hall:
        code = await hall.open_room()
        await hall.join(code)
        await hall.connect(f"?room={code}")
        response = await hall.fetch("POST", f"livepoll/api/rooms/{code}/participants")
        assert (response.code, json.loads(response.body)["code"]) == (429, "too-many")
        assert "Retry-After" in response.headers
        with pytest.raises(HTTPClientError) as refused:
            await hall.connect(f"?room={code}")
        assert refused.value.code == 429
        assert refused.value.response is not None
        assert "Retry-After" in refused.value.response.headers


async def test_guessing_codes_is_429_on_the_page_at_the_socket_and_in_the_api() -> None:
    """They share one limit; an address that is no code is no guess."""
    async with open_hall(rates=Rates(wrong_code_burst=3, wrong_codes_per_second=0.0)) as hall:
        code = await hall.open_room()
        for _ in range(5):
            assert (await hall.fetch("GET", "favicon.ico")).code == 404
        assert (await hall.fetch("GET", "AAAAAA")).code == 404
        assert (await hall.fetch("POST", "livepoll/api/rooms/BBBBBB/participants")).code == 404
        with pytest.raises(HTTPClientError):
            await hall.connect("?room=CCCCCC")
        for path in ("AAAAAA", "_ws?room=AAAAAA"):
            answer = await hall.fetch("GET", path)
            assert (answer.code, "Retry-After" in answer.headers) == (429, True)
        assert (await hall.fetch("POST", "livepoll/api/rooms/AAAAAA/participants")).code == 429
        assert (await hall.ask("GET", f"rooms/{code}")).code == 200


async def spend_guesses(hall: Hall) -> None:
    """Try codes until this address may try no more."""
    while (await hall.fetch("GET", "AAAAAA")).code != 429:
        pass


async def test_a_right_code_is_let_in_whatever_others_behind_the_address_have_guessed() -> None:
    """Newcomers too: with no cookie, with one from elsewhere, on the page, at the socket and in the API."""
    async with open_hall(rates=Rates(wrong_code_burst=3, wrong_codes_per_second=0.0)) as hall:
        code, ended = await hall.open_room(), await hall.open_room()
        await hall.ask("DELETE", f"rooms/{ended}")
        await spend_guesses(hall)
        cookies: list[dict[str, str]] = [{}, {"Cookie": f"livepoll_{code}=made.up"}]
        for headers in cookies:
            page = await hall.fetch("GET", code.lower(), **headers)
            assert (page.code, len(page.headers.get_list("Set-Cookie"))) == (200, 1)
        cookie = page.headers["Set-Cookie"].partition(";")[0]
        known: dict[str, dict[str, str]] = {"listener": {}, "participant": {"Cookie": cookie}}
        for role, headers in known.items():
            assert (await (await hall.connect(f"?room={code}", **headers)).hello())["role"] == role
        await (await hall.connect(f"?room={code}")).hello(await hall.join(code))
        assert (await hall.fetch("GET", ended)).code == 410
        assert (await hall.fetch("GET", "AAAAAA")).code == 429


async def test_guesses_use_up_no_joins() -> None:
    """Whoever comes with the right code joins, after any number of wrong ones from the address."""
    rates = Rates(wrong_code_burst=1, wrong_codes_per_second=0.0, join_burst=1, joins_per_second=0.0)
    async with open_hall(rates=rates) as hall:
        code = await hall.open_room()
        for _ in range(3):
            await hall.fetch("GET", "AAAAAA")
            await hall.fetch("GET", "_ws?room=AAAAAA")
            await hall.fetch("POST", "livepoll/api/rooms/AAAAAA/participants")
        assert await hall.join(code)


async def test_a_student_in_a_notebook_comes_back_whatever_others_behind_the_address_have_guessed() -> None:
    """With the place in the room that they have."""
    async with open_hall(rates=Rates(wrong_code_burst=3, wrong_codes_per_second=0.0)) as hall:
        code = await hall.open_room()
        token = await hall.join(code)
        await spend_guesses(hall)
        student = Student(f"http://127.0.0.1:{hall.port}/{code}", token=token)
        await student.join()
        assert student.session.participant == token.partition(".")[0]
        await student.leave()


async def test_a_socket_that_sends_without_end_is_closed_with_4429() -> None:
    """That one alone."""
    async with open_hall(rates=Rates(message_burst=10, messages_per_second=0.0)) as hall:
        code = await hall.open_room()
        noisy, other = await hall.connect(f"?room={code}"), await hall.connect(f"?room={code}")
        for _ in range(11):
            await noisy.send('"ping"')
        assert await noisy.until_closed() == 4429
        assert (await other.hello())["role"] == "listener"


@pytest.mark.parametrize("opcode", [PING, PONG])
async def test_control_frames_without_end_are_messages_too(opcode: int) -> None:
    """Each has to be read, and a ping to be answered."""
    async with open_hall(rates=Rates(message_burst=10, messages_per_second=0.0)) as hall:
        code = await hall.open_room()
        async with connected(hall.port) as noisy:
            assert (await noisy.shake_hands(f"/_ws?room={code}", UPGRADE))[0] == 101
            await noisy.send(frame(opcode) * 10)
            await noisy.send(frame(opcode) * 1000)
            received = [await noisy.frame()]
            while received[-1].opcode != CLOSE:
                received.append(await noisy.frame())
            assert [each.opcode for each in received[:-1]] == ([PONG] * 10 if opcode == PING else [])
            assert received[-1].code == 4429


async def test_a_hello_beyond_the_limit_closes_the_socket_and_is_no_mistake(caplog: pytest.LogCaptureFixture) -> None:
    """A participant's sockets have one limit together. The log is for mistakes of the server's."""
    codes = set()
    async with open_hall(rates=Rates(message_burst=200, messages_per_second=0.0)) as hall:
        code = await hall.open_room()
        token = await hall.join(code)
        for _ in range(10):
            socket = await hall.connect(f"?room={code}", Authorization=f"Bearer {token}")
            with suppress(WebSocketClosedError):  # it may be closed before the last of them
                for _ in range(5):
                    await socket.send({"event": "hello", "data": {"v": 2}})
            codes.add(await socket.until_closed())
    assert codes == {4429}
    assert "mistake" not in caplog.text


async def test_a_participant_who_votes_without_end_is_rejected_and_nobody_else_is() -> None:
    """On all sockets together; what is rejected is not stored, and does not count for the address."""
    rates = Rates(participant_vote_burst=2, participant_votes_per_second=1.0, vote_burst=5, votes_per_second=0.0)
    async with open_hall(rates=rates) as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        token = await hall.join(code)
        tabs = [await hall.connect(f"?room={code}") for _ in range(2)]
        for tab in tabs:
            await tab.hello(token)
        answers = [await tabs[rev % 2].vote(question, "a", op=f"op-{rev}", rev=rev) for rev in range(1, 21)]
        assert [each["status"] for each in answers] == ["accepted"] * 2 + ["rejected"] * 18
        assert {(each["reason"], each["retry"]) for each in answers[2:]} == {("too-many", True)}
        assert hall.service.store.room(code).rev == 2
        other = await hall.connect(f"?room={code}")
        await other.hello(await hall.join(code))
        assert (await other.vote(question, "b"))["status"] == "accepted"
        hall.clock.advance(1.0)
        assert (await tabs[0].vote(question, "b", op="op-21", rev=21))["status"] == "accepted"


async def test_too_many_votes_are_rejected_and_may_be_sent_again() -> None:
    """The connection is kept; the ack says ``retry``."""
    async with open_hall(rates=Rates(vote_burst=1, votes_per_second=1.0)) as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        socket = await hall.connect(f"?room={code}")
        await socket.hello(await hall.join(code))
        assert (await socket.vote(question, "a"))["status"] == "accepted"
        ack = await socket.vote(question, "b", op="op-2", rev=2)
        assert (ack["status"], ack["reason"], ack["retry"], ack["answer"]) == ("rejected", "too-many", True, "a")
        hall.clock.advance(1.0)
        assert (await socket.vote(question, "b", op="op-2", rev=2))["status"] == "accepted"
