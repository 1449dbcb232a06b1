"""A student's votes on their way: put off, lost with the connection, too late, given up. The server is the test."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from doubles import SECONDS, FakeSocket, World, golden

from livepoll_jupyter.client import Student, Unreachable
from livepoll_jupyter.client.outbox import Outbox
from livepoll_jupyter.core.errors import Conflict, RoomEnded, StaleVote, Unavailable
from livepoll_jupyter.core.messages import Vote, VoteAckData, VoteData

OPEN = {"is_locked": False, "is_active": True}
PUT_OFF = {"status": "rejected", "rev": 0, "reason": "unavailable", "message": "Wait a moment.", "retry": True}


def greet(socket: FakeSocket) -> None:
    """The state of a room with an open question, and no vote of this student's."""
    socket.say(json.dumps(welcome()), asked())


def welcome() -> dict[str, Any]:
    """A welcome to somebody who has not voted."""
    message: dict[str, Any] = json.loads(golden("welcome", recovered=False))
    del message["data"]["myVote"]
    return message


def asked() -> str:
    """A snapshot with an open question."""
    question = json.loads(golden("snapshot"))["data"]["question"]
    return golden("snapshot", question=question | OPEN, results=None, correct=None)


@asynccontextmanager
async def sitting(*sockets: FakeSocket) -> AsyncIterator[tuple[Student, World]]:
    """A student who has joined over the first of the sockets."""
    world = World(list(sockets))
    student = Student("http://host/K7M2QX", token="p.signature", surroundings=world.surroundings)
    greet(sockets[0])
    await student.join()
    assert (await sockets[0].heard())["event"] == "hello"
    try:
        yield student, world
    finally:
        await student.leave()


async def vote_on(socket: FakeSocket) -> dict[str, Any]:
    """The next vote that the student sends."""
    while (message := await socket.heard()) == "ping" or message["event"] != "vote":
        pass
    data: dict[str, Any] = message["data"]
    return data


def ack(vote: dict[str, Any], **told: Any) -> str:
    """The text of an ack; by default the vote is accepted."""
    accepted = {"op": vote["op"], "status": "accepted", "rev": vote["rev"], "answer": vote["answer"]}
    return json.dumps({"event": "vote-ack", "data": accepted | told})


def put_off(vote: dict[str, Any]) -> str:
    """An ack that asks for the same vote again later."""
    return json.dumps({"event": "vote-ack", "data": PUT_OFF | {"op": vote["op"]}})


async def test_a_vote_that_is_put_off_is_sent_again_as_the_same_act() -> None:
    """Later each time, and at no time that all of a hall have in common."""
    socket = FakeSocket()
    async with sitting(socket) as (student, world):
        world.chance = 0.25
        answering = asyncio.ensure_future(student.answer("the mean"))
        first = await vote_on(socket)
        waits = []
        for _ in range(3):
            socket.say(put_off(first))
            sleep = await world.next_wait()
            assert student.waiting is not None
            waits.append(sleep.seconds)
            world.wake(sleep)
            assert await vote_on(socket) == first
        socket.say(ack(first))
        assert await answering == "a"
        assert waits == [2.25, 4.5, 9.0]
        assert student.waiting is None


async def test_a_vote_that_is_put_off_for_too_long_is_told_with_the_servers_reason() -> None:
    """It does not count, and the person knows why."""

    async def send(_vote: Vote) -> None:
        """Hand it to nobody."""

    outbox = Outbox(send, World([]).surroundings)
    pending = outbox.put(Vote(data=VoteData(questionId="q1", round=1, answer="a", op="op-1", rev=1)))
    outbox.take(VoteAckData(op="op-1", status="rejected", rev=0, reason="unavailable", message="Wait.", retry=True))
    with pytest.raises(Unavailable, match="Wait"):
        await outbox.settled(pending, 0)
    assert outbox.newest is None


async def test_a_vote_without_a_word_from_the_server_is_told_as_unknown() -> None:
    """Whether it counts, nobody knows yet; an ack that comes late is understood all the same."""
    socket = FakeSocket()
    async with sitting(socket) as (student, _):
        answering = asyncio.ensure_future(student.answer("the mean", deadline=0))
        vote = await vote_on(socket)
        with pytest.raises(Unreachable, match="did not confirm"):
            await answering
        assert student.session.counted is None
        socket.say(ack(vote))
        await student.until(lambda each: each.session.counted is not None)


async def test_a_vote_survives_the_connection_as_the_same_act() -> None:
    """Sent, lost, and sent once more after the resume."""
    first, second = FakeSocket(), FakeSocket()
    async with sitting(first, second) as (student, world):
        answering = asyncio.ensure_future(student.answer("the mean", deadline=math.inf))
        vote = await vote_on(first)
        first.drop()
        world.wake(await world.next_wait())
        greet(second)
        assert await vote_on(second) == vote
        second.say(ack(vote))
        assert await answering == "a"


async def test_an_ack_of_an_earlier_act_does_not_undo_a_later_one() -> None:
    """Two answers are on their way when the connection is lost; the first one's ack comes last."""
    socket = FakeSocket()
    async with sitting(socket) as (student, _):
        first = asyncio.ensure_future(student.answer("the mean"))
        earlier = await vote_on(socket)
        second = asyncio.ensure_future(student.answer("the median"))
        later = await vote_on(socket)
        socket.say(ack(later), ack(earlier))
        assert (await first, await second) == ("a", "b")
        assert student.session.counted is not None
        assert student.session.counted.answer == "b"


async def test_a_vote_that_another_device_was_ahead_of_is_told() -> None:
    """And the answer that counts is shown; the next one is ahead of it."""
    socket = FakeSocket()
    async with sitting(socket) as (student, _):
        answering = asyncio.ensure_future(student.answer("the mean"))
        stale = {"status": "rejected", "reason": "stale-vote", "message": "A newer vote counts.", "retry": False}
        socket.say(ack(await vote_on(socket), **stale, rev=5, answer="b"))
        with pytest.raises(StaleVote, match="newer"):
            await answering
        assert student.session.counted is not None
        assert student.session.counted.answer == "b"
        again = asyncio.ensure_future(student.answer("the mean"))
        vote = await vote_on(socket)
        assert vote["rev"] == 6
        socket.say(ack(vote))
        assert await again == "a"


async def test_when_the_room_ends_whoever_waits_is_told() -> None:
    """However patient they are."""
    socket = FakeSocket()
    async with sitting(socket) as (student, _):
        answering = asyncio.ensure_future(student.answer("the mean", deadline=math.inf))
        await vote_on(socket)
        socket.drop(4503)
        with pytest.raises(RoomEnded):
            await asyncio.wait_for(answering, SECONDS)
        with pytest.raises(RoomEnded):
            await student.answer("the mean")


async def test_who_leaves_is_told_that_the_answer_was_not_confirmed() -> None:
    """And nobody answers from a seat that was left."""
    socket = FakeSocket()
    async with sitting(socket) as (student, _):
        answering = asyncio.ensure_future(student.answer("the mean", deadline=math.inf))
        await vote_on(socket)
        await student.leave()
        with pytest.raises(Conflict, match="before the answer was confirmed"):
            await asyncio.wait_for(answering, SECONDS)
        with pytest.raises(Conflict, match="join"):
            await student.answer("the mean")


async def test_a_student_who_could_not_join_does_not_go_on_trying() -> None:
    """The connection is given up with the call."""
    socket = FakeSocket()
    world = World([socket])
    student = Student("http://host/K7M2QX", token="p.signature", surroundings=world.surroundings)
    with pytest.raises(Unreachable):
        await student.join(deadline=0)
    assert student.status.state == "closed"
    assert socket.is_closed
