"""Who comes back, and when the store has lost what was decided: everybody sees the right state without a reload."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from disks import Disk, store_on
from hall import FakeClock, Hall, Socket, open_hall
from raw_phone import raw_phone
from tornado.httpclient import HTTPClientError

from livepoll_jupyter.core.commands import SetLock
from livepoll_jupyter.core.errors import Unavailable


async def events(socket: Socket, number: int) -> list[str]:
    """The names of the next messages."""
    return [(await socket.receive())["event"] for _ in range(number)]


async def opened(hall: Hall, code: str, token: str, **hello: Any) -> tuple[Socket, dict[str, Any]]:
    """A participant's socket and its welcome."""
    socket = await hall.connect(f"?room={code}")
    return socket, await socket.hello(token, **hello)


async def test_who_was_away_gets_each_missed_control_event_once_and_in_order() -> None:
    """Then the present results and presence, which are never replayed."""
    async with open_hall() as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        token = await hall.join(code)
        socket, first = await opened(hall, code, token)
        socket.close()
        await socket.until_closed()
        path = f"rooms/{code}/questions/{question['id']}"
        await hall.ask("PUT", f"{path}/lock", {"is_locked": True})
        await hall.ask("POST", f"{path}/reveal")
        again, welcome = await opened(hall, code, token, resume={"epoch": first["epoch"], "seq": first["seq"]})
        assert (welcome["recovered"], welcome["seq"]) == (True, first["seq"] + 2)
        assert await events(again, 4) == ["lock-status", "answer-revealed", "results-update", "presence"]


async def test_a_history_that_is_not_at_hand_makes_a_snapshot() -> None:
    """Another epoch, a seq of the future, or none at all."""
    async with open_hall() as hall:
        code = await hall.open_room()
        token = await hall.join(code)
        _, first = await opened(hall, code, token)
        for resume in ({"epoch": "another", "seq": 0}, {"epoch": first["epoch"], "seq": 99}):
            socket, welcome = await opened(hall, code, token, resume=resume)
            assert welcome["recovered"] is False
            assert await events(socket, 1) == ["snapshot"]


async def test_who_missed_more_than_a_connection_may_hold_gets_the_present_state() -> None:
    """Half an hour of long questions at once would close it as too slow, and again each time it comes back."""
    async with open_hall() as hall:
        code = await hall.open_room()
        token = await hall.join(code)
        socket, first = await opened(hall, code, token)
        socket.close()
        await socket.until_closed()
        for number in range(30):
            last = await hall.publish(code, options=[f"{number} {n} {'x' * 900}" for n in range(26)], correct=None)
        async with raw_phone(hall.port, f"?room={code}", receive_buffer=64 * 1024) as phone:
            resume = {"epoch": first["epoch"], "seq": first["seq"]}
            await phone.send({"event": "hello", "data": {"v": 2, "token": token, "resume": resume}})
            assert (await phone.until("welcome"))["data"]["recovered"] is False
            assert (await phone.until("snapshot"))["data"]["question"]["id"] == last["id"]
            await phone.send("ping")
            assert (await phone.until("pong"))["data"]["seq"] == hall.service.store.room(code).seq


async def test_a_participants_own_answer_comes_with_the_welcome() -> None:
    """After a reload the phone knows what was answered."""
    async with open_hall() as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        token = await hall.join(code)
        socket, welcome = await opened(hall, code, token)
        assert "myVote" not in welcome
        await socket.vote(question, "b")
        _, welcome = await opened(hall, code, token)
        assert welcome["myVote"] == {"questionId": question["id"], "round": 1, "answer": "b", "rev": 1}


async def test_the_same_op_gets_the_same_ack_and_counts_once() -> None:
    """A phone that did not hear the ack sends again, on another socket."""
    async with open_hall() as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        token = await hall.join(code)
        acks = [await (await opened(hall, code, token))[0].vote(question, "b") for _ in range(3)]
        assert acks == [{"op": "op-1", "status": "accepted", "rev": 1, "answer": "b"}] * 3
        assert len(await hall.service.store.answers(code)) == 1


# ---------------------------------------------------------------- what the store could not keep


@asynccontextmanager
async def lecture_on(disk: Disk) -> AsyncIterator[tuple[Hall, str, dict[str, Any]]]:
    """A hall on ``disk`` with the code of its room and the question that is asked."""
    clock = FakeClock()
    async with open_hall(store_on(disk, clock), clock=clock) as hall:
        code = await hall.open_room()
        yield hall, code, await hall.publish(code)


async def lock(hall: Hall, code: str, question: dict[str, Any]) -> int:
    """Lock the question; the status."""
    answer = await hall.ask("PUT", f"rooms/{code}/questions/{question['id']}/lock", {"is_locked": True})
    return answer.code


async def test_a_store_that_failed_acks_nothing_and_nobody_is_sent_anything() -> None:
    """What is settled has not changed. The same act, sent again, is accepted; the next thing that others see is it."""
    disk = Disk()
    async with lecture_on(disk) as (hall, code, question):
        voter, first = await opened(hall, code, await hall.join(code))
        other, _ = await opened(hall, code, await hall.join(code))
        listener = await hall.connect(f"?room={code}")
        await events(listener, 3)
        await events(other, 1)
        disk.fail()
        ack = await voter.vote(question, "a")
        assert (ack["status"], ack["reason"], ack["retry"]) == ("rejected", Unavailable.code, True)
        assert await lock(hall, code, question) == 503
        disk.mend()
        assert (await voter.vote(question, "a"))["status"] == "accepted"
        hall.clock.advance(2.0)
        assert await events(listener, 1) == ["results-update"]
        assert set(await events(other, 2)) == {"results-update", "presence"}
        again, welcome = await opened(hall, code, await hall.join(code), resume={"epoch": first["epoch"], "seq": 1})
        assert welcome["recovered"] is True
        assert len(await hall.service.store.answers(code)) == 1
        again.close()


async def test_a_commit_in_doubt_that_was_none_sends_nothing() -> None:
    """The file was looked at, and holds what everybody was told."""
    disk = Disk()
    async with lecture_on(disk) as (hall, code, question):
        voter, _ = await opened(hall, code, await hall.join(code))
        listener = await hall.connect(f"?room={code}")
        await events(listener, 3)
        disk.leave_in_doubt(writes_anyway=False)
        assert (await voter.vote(question, "a"))["retry"] is True
        disk.mend()
        assert (await voter.vote(question, "a"))["status"] == "accepted"
        hall.clock.advance(2.0)
        assert await events(listener, 1) == ["results-update"]


async def test_a_commit_in_doubt_that_was_one_brings_everybody_to_what_is_on_the_disk() -> None:
    """In a new epoch, version 1 included; the vote that was not acked is counted once when it is sent again."""
    disk = Disk()
    async with lecture_on(disk) as (hall, code, question):
        voter, first = await opened(hall, code, await hall.join(code))
        await events(voter, 1)
        listener = await hall.connect(f"?room={code}")
        await events(listener, 3)
        disk.leave_in_doubt(writes_anyway=True)
        vote = {"questionId": question["id"], "round": 1, "answer": "a", "op": "op-1", "rev": 1}
        await voter.send({"event": "vote", "data": vote})
        welcome = (await voter.until("welcome"))["data"]
        assert welcome["epoch"] != first["epoch"]
        assert welcome["myVote"]["answer"] == "a"
        assert (await voter.receive())["data"]["results"]["counts"] == {"a": 1, "b": 0}
        assert (await voter.receive())["data"]["retry"] is True
        disk.mend()
        assert await events(listener, 3) == ["new-question", "lock-status", "results-update"]
        assert (await voter.vote(question, "a"))["status"] == "accepted"
        assert (await hall.service.store.answers(code))[0].rev == 1


async def test_who_says_hello_while_the_disk_cannot_be_read_has_what_was_settled() -> None:
    """The socket was open already; a new one is told to come later, since nobody knows what holds."""
    disk = Disk()
    async with lecture_on(disk) as (hall, code, question):
        voter, _ = await opened(hall, code, await hall.join(code))
        late, token = await hall.connect(f"?room={code}"), await hall.join(code)
        disk.leave_in_doubt(writes_anyway=False)
        disk.is_unreadable = True
        await voter.vote(question, "a")
        assert (await late.hello(token))["seq"] == 1
        assert (await late.until("snapshot"))["data"]["results"]["total"] == 0
        with pytest.raises(HTTPClientError) as refused:
            await hall.connect(f"?room={code}")
        assert refused.value.code == 503


async def test_phones_are_brought_back_though_nobody_sends_anything() -> None:
    """A disk that cannot even be read is looked at again and again until it can."""
    disk = Disk()
    async with lecture_on(disk) as (hall, code, question):
        voter, first = await opened(hall, code, await hall.join(code))
        disk.leave_in_doubt(writes_anyway=True)
        disk.is_unreadable = True
        assert (await voter.vote(question, "a"))["retry"] is True
        hall.clock.advance(10.0)
        disk.mend()
        hall.clock.advance(1.0)
        assert (await voter.until("welcome"))["data"]["epoch"] != first["epoch"]


async def test_what_follows_from_a_command_is_read_from_the_room_that_was_loaded_anew() -> None:
    """Another room's command made the store look; the very next lock of this one sends the right final results."""
    disk = Disk()
    async with lecture_on(disk) as (hall, code, question):
        voter, _ = await opened(hall, code, await hall.join(code))
        listener = await hall.connect(f"?room={code}")
        await events(listener, 3)
        disk.leave_in_doubt(writes_anyway=True)
        disk.is_unreadable = True
        await voter.vote(question, "a")
        disk.mend()
        await hall.service.open_room("Another room")
        await hall.service.hub.ask(code, SetLock(question["id"], is_locked=True))
        while True:
            message = await listener.receive()
            if message["event"] == "results-update":
                assert message["data"]["counts"] == {"a": 1, "b": 0}
                if message["data"].get("final"):
                    break
