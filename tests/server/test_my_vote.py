"""A participant with two tabs: what one of them votes the other learns, once it is on the disk and never before."""

from __future__ import annotations

import asyncio
from typing import Any

from disks import Disk, store_on
from hall import SECONDS, FakeClock, Hall, Socket, open_hall

from livepoll_jupyter.server.live import SIBLINGS


async def tabs(hall: Hall, code: str, number: int = 2) -> list[Socket]:
    """So many sockets of one new participant."""
    token = await hall.join(code)
    sockets = [await hall.connect(f"?room={code}") for _ in range(number)]
    for socket in sockets:
        await socket.hello(token)
        await socket.until("snapshot")
    return sockets


async def said_until_pong(socket: Socket) -> list[Any]:
    """All that the server had said to this socket before it answers a ping."""
    await socket.send("ping")
    found = []
    while (message := await socket.receive())["event"] != "pong":
        found.append(message)
    return found


async def votes_shown(socket: Socket) -> list[Any]:
    """The votes of their own that this socket was shown by now."""
    return [message["data"] for message in await said_until_pong(socket) if message["event"] == "my-vote"]


async def test_the_other_tab_learns_what_now_counts() -> None:
    """Each change, with its ``rev``, and a withdrawal as null; the tab that voted has its ack and no more."""
    async with open_hall() as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        first, second = await tabs(hall, code)
        for rev, answer in enumerate(["a", "b", None], start=1):
            await first.vote(question, answer, op=f"op-{rev}", rev=rev)
        expected = {"questionId": question["id"], "round": 1}
        assert await votes_shown(second) == [
            expected | {"answer": "a", "rev": 1},
            expected | {"answer": "b", "rev": 2},
            expected | {"answer": None, "rev": 3},
        ]
        assert await votes_shown(first) == []


async def test_nobody_else_learns_it() -> None:
    """Another participant, an observer, and a tab that speaks version 1 alone."""
    async with open_hall() as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        (voter,), (other,) = await tabs(hall, code, 1), await tabs(hall, code, 1)
        observer = await hall.connect(f"?room={code}")
        await observer.hello((await hall.ask("POST", f"rooms/{code}/observers")).body.decode().split('"')[3])
        page = await hall.fetch("GET", code)
        cookie = page.headers["Set-Cookie"].partition(";")[0]
        old, new = (
            await hall.connect(f"?room={code}", Cookie=cookie),
            await hall.connect(f"?room={code}", Cookie=cookie),
        )
        await new.hello()
        await new.vote(question, "a")
        await voter.vote(question, "b")
        for socket in (other, observer):
            assert await votes_shown(socket) == []
        hall.clock.advance(2.0)
        seen: list[int | None] = []
        while not seen or seen[-1] != 2:
            message = await old.receive()
            assert message["event"] in {"new-question", "lock-status", "results-update"}
            seen.append(message["data"].get("total"))


async def test_what_changed_nothing_is_not_shown() -> None:
    """The same act again, an older one, and one that is refused."""
    async with open_hall() as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        first, second = await tabs(hall, code)
        await first.vote(question, "b", op="op-2", rev=2)
        assert len(await votes_shown(second)) == 1
        assert (await first.vote(question, "b", op="op-2", rev=2))["status"] == "accepted"
        assert (await first.vote(question, "a", op="op-1", rev=1))["reason"] == "stale-vote"
        assert (await first.vote(question, "z", op="op-3", rev=3))["reason"] == "bad-answer"
        assert await votes_shown(second) == []


async def test_it_is_never_shown_before_the_commit() -> None:
    """While the disk hangs the other tab knows nothing; then it learns it."""
    disk, clock = Disk(), FakeClock()
    async with open_hall(store_on(disk, clock), clock=clock) as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        first, second = await tabs(hall, code)
        disk.hang()
        disk.committing.clear()
        voting = asyncio.ensure_future(first.vote(question, "a"))
        await asyncio.wait_for(disk.committing.wait(), SECONDS)
        assert await votes_shown(second) == []
        disk.go_on()
        assert (await voting)["status"] == "accepted"
        assert [vote["answer"] for vote in await votes_shown(second)] == ["a"]


async def test_a_vote_that_could_not_be_stored_is_not_shown() -> None:
    """The tab that voted is told to send it again; the other has nothing to know."""
    disk, clock = Disk(), FakeClock()
    async with open_hall(store_on(disk, clock), clock=clock) as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        first, second = await tabs(hall, code)
        disk.fail()
        assert (await first.vote(question, "a"))["retry"] is True
        assert await votes_shown(second) == []


async def test_a_participant_with_very_many_sockets_does_not_make_each_vote_cost_as_many_messages() -> None:
    """The newest few are told; a person has no more tabs in use."""
    async with open_hall() as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        sockets = await tabs(hall, code, SIBLINGS + 3)
        await sockets[0].vote(question, "a")
        assert [len(await votes_shown(socket)) for socket in sockets] == [0] * 3 + [1] * SIBLINGS
