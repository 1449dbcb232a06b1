"""The end of a server: what was taken is kept and acked, everybody is told when to come back, and all of it in time."""

from __future__ import annotations

import asyncio
import json

import pytest
from disks import Disk, store_on
from hall import SECONDS, Caught, FakeClock, Hall, open_hall
from raw_phone import raw_phone
from tornado.httpclient import HTTPClientError

from livepoll_jupyter.core.codec import decode_reason
from livepoll_jupyter.core.messages import CloseReason
from livepoll_jupyter.server import shortcut
from livepoll_jupyter.server.attendance import Attendance
from livepoll_jupyter.server.auth import LISTENER
from livepoll_jupyter.server.peers import Peer
from livepoll_jupyter.server.service import DRAINING, GOODBYES, LETTING_GO
from livepoll_jupyter.server.websocket import SocketHandler

RESTART = CloseReason(reason="restart", retryAfterMs=3000)


async def ended(hall: Hall, closing: asyncio.Future[None]) -> None:
    """Let time pass until the server has ended; each request gives the loop its turns."""
    for _ in range(20):
        if closing.done():
            break
        hall.clock.advance(0.25)
        await hall.fetch("GET", "")
    closing.result()


async def test_a_vote_that_was_taken_is_kept_and_acked_before_the_goodbye_and_a_later_one_is_neither() -> None:
    """Its phone has no answer, and sends it again to the server that comes next."""
    disk, clock = Disk(), FakeClock()
    async with open_hall(store_on(disk, clock), clock=clock) as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        early, late = [await hall.connect(f"?room={code}") for _ in range(2)]
        for socket in (early, late):
            await socket.hello(await hall.join(code))
        disk.hang()
        disk.committing.clear()
        voting = asyncio.ensure_future(early.vote(question, "a"))
        await asyncio.wait_for(disk.committing.wait(), SECONDS)
        closing = asyncio.ensure_future(hall.service.close())
        vote = {"questionId": question["id"], "round": 1, "answer": "b", "op": "late", "rev": 1}
        await late.send({"event": "vote", "data": vote})
        await late.send("ping")
        while (message := await late.receive())["event"] != "pong":
            assert message["event"] != "vote-ack"
        disk.go_on()
        assert (await voting)["status"] == "accepted"
        for socket in (early, late):
            while (message := await socket.receive()) is not None:
                assert message["event"] != "vote-ack"
            assert socket.close_code == 1012
            assert decode_reason(socket.close_reason) == RESTART
        await closing
        assert [row.answer async for rows in disk.answers(code) for row in rows] == ["a"]


async def test_while_a_server_ends_whoever_comes_is_told_to_come_later() -> None:
    """At the socket, on the page and in the API: 503, a sentence, and when."""
    disk, clock = Disk(), FakeClock()
    async with open_hall(store_on(disk, clock), clock=clock) as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        disk.hang()
        disk.committing.clear()
        asking = asyncio.ensure_future(hall.publish(code))
        await asyncio.wait_for(disk.committing.wait(), SECONDS)
        closing = asyncio.ensure_future(hall.service.close())
        commands = [
            await hall.ask("PUT", f"rooms/{code}/questions/{question['id']}/lock", {"is_locked": True}),
            await hall.ask("POST", "rooms", {"title": "Another class"}),
            await hall.fetch("POST", f"livepoll/api/rooms/{code}/participants"),
            await hall.fetch("GET", code),
        ]
        with pytest.raises(HTTPClientError) as refused:
            await hall.connect(f"?room={code}")
        assert refused.value.response is not None
        for answer in (*commands, refused.value.response):
            assert (answer.code, answer.headers["Retry-After"]) == (503, "5")
            assert "restarting" in answer.body.decode()
        assert json.loads(commands[0].body)["code"] == "unavailable"
        disk.go_on()
        assert (await asking)["text"] == "Which?"
        await closing


async def test_a_hanging_disk_and_a_phone_that_says_no_goodbye_hold_nobody() -> None:
    """All are sent away without a false ack, the silent one is dropped, the file is left behind, within 5 s."""
    assert DRAINING + GOODBYES + LETTING_GO < 5
    disk, clock = Disk(), FakeClock()
    async with open_hall(store_on(disk, clock), clock=clock) as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        voter = await hall.connect(f"?room={code}")
        await voter.hello(await hall.join(code))
        async with raw_phone(hall.port, f"?room={code}") as silent:
            disk.hang()
            disk.committing.clear()
            voting = asyncio.ensure_future(voter.vote(question, "a"))
            await asyncio.wait_for(disk.committing.wait(), SECONDS)
            closing = asyncio.ensure_future(hall.service.close())
            began = clock.now
            await ended(hall, closing)
            assert clock.now - began <= DRAINING + GOODBYES + LETTING_GO + 1
            with pytest.raises(AssertionError, match="closed with 1012 before vote-ack"):
                await voting
            assert await silent.until_close() == (1012, {"reason": "restart", "retryAfterMs": 3000})
        assert len(hall.service.attendance) == 0
        disk.go_on()


@pytest.mark.parametrize(("size", "retry_after_ms"), [(1, 3000), (3000, 3000), (10_000, 10_000)])
def test_a_hall_is_told_to_come_back_over_as_many_seconds_as_it_has_thousands(size: int, retry_after_ms: int) -> None:
    """Never sooner than in three."""
    attendance, clock = Attendance(FakeClock()), FakeClock()
    phones = [Caught(clock) for _ in range(size)]
    for phone in phones:
        attendance.enter(Peer(phone, LISTENER))
    attendance.close_all()
    expected = CloseReason(reason="restart", retryAfterMs=retry_after_ms)
    assert {phone.closed and (phone.closed[0], decode_reason(phone.closed[1])) for phone in phones} == {
        (1012, expected)
    }


async def test_a_socket_that_opens_at_the_last_moment_is_sent_away_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was let in just before the server began to end."""
    async with open_hall() as hall:
        code = await hall.open_room()
        admit = SocketHandler._admit

        def end_after(handler: SocketHandler) -> None:
            admit(handler)
            hall.service.hub.is_draining = True

        monkeypatch.setattr(shortcut, "take", lambda *_: False)  # Tornado's way
        monkeypatch.setattr(SocketHandler, "_admit", end_after)
        late = await hall.connect(f"?room={code}")
        assert await late.until_closed() == 1012
        assert decode_reason(late.close_reason) == RESTART


async def test_a_socket_that_opens_as_its_room_ends_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was let in just before; nobody would ever send it anything."""
    async with open_hall() as hall:
        code = await hall.open_room()
        admit = SocketHandler._admit

        def end_after(handler: SocketHandler) -> None:
            admit(handler)
            hall.service.store.room(code).ended_at = hall.clock.wall()

        monkeypatch.setattr(shortcut, "take", lambda *_: False)  # Tornado's way
        monkeypatch.setattr(SocketHandler, "_admit", end_after)
        late = await hall.connect(f"?room={code}")
        assert await late.until_closed() == 4503


async def test_an_end_may_be_asked_for_twice() -> None:
    """By a signal and by whoever started the server; both wait for the same end."""
    async with open_hall() as hall:
        await hall.open_room()
        await asyncio.wait_for(asyncio.gather(hall.service.close(), hall.service.close()), SECONDS)
        await hall.service.close()
