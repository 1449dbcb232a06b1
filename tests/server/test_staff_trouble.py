"""When votes cannot be stored the instructor hears of it, and of its end; the class does not."""

from __future__ import annotations

import json

from disks import Disk, store_on
from hall import TOKEN, FakeClock, Hall, Socket, open_hall

FULL = "The disk is full. Make room."


async def instructor(hall: Hall, code: str) -> Socket:
    """The notebook panel's socket, greeted."""
    socket = await hall.connect(f"?room={code}", Authorization=f"Bearer {TOKEN}")
    await socket.hello()
    return socket


async def observer(hall: Hall, code: str) -> Socket:
    """The sidebar's socket, greeted."""
    token = json.loads((await hall.ask("POST", f"rooms/{code}/observers")).body)["token"]
    socket = await hall.connect(f"?room={code}")
    await socket.hello(token)
    return socket


async def troubles(socket: Socket) -> list[str | None]:
    """What this socket was told of trouble before the server answers its ping."""
    await socket.send("ping")
    found = []
    while (message := await socket.receive())["event"] != "pong":
        if message["event"] == "trouble":
            found.append(message["data"]["message"])
    return found


async def test_staff_hear_of_trouble_and_of_its_end_and_nobody_else_does() -> None:
    """In every room of the server; a peer that speaks version 1 alone is sent no such message, staff or not."""
    disk, clock = Disk(), FakeClock()
    async with open_hall(store_on(disk, clock), clock=clock) as hall:
        code, quiet = await hall.open_room(), await hall.open_room("Another class")
        question = await hall.publish(code)
        staff = [await instructor(hall, code), await observer(hall, code), await observer(hall, quiet)]
        old = await hall.connect(f"?room={code}", Authorization=f"Bearer {TOKEN}")
        voter, listener = await hall.connect(f"?room={code}"), await hall.connect(f"?room={code}")
        await voter.hello(await hall.join(code))
        await listener.hello()
        disk.fail()
        assert (await voter.vote(question, "a"))["status"] == "rejected"
        assert [await troubles(socket) for socket in staff] == [[FULL]] * 3
        disk.mend()
        assert (await voter.vote(question, "a"))["status"] == "accepted"
        assert [await troubles(socket) for socket in staff] == [[None]] * 3
        assert [await troubles(socket) for socket in (voter, listener)] == [[], []]
        clock.advance(2.0)
        seen = [(await old.receive())["event"] for _ in range(4)]
        assert seen == ["new-question", "lock-status", "results-update", "results-update"]


async def test_staff_that_come_while_it_lasts_hear_of_it_after_the_greeting() -> None:
    """A reloaded notebook shows it too; when all is well nothing is said."""
    disk, clock = Disk(), FakeClock()
    async with open_hall(store_on(disk, clock), clock=clock) as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        assert await troubles(await instructor(hall, code)) == []
        voter = await hall.connect(f"?room={code}")
        await voter.hello(await hall.join(code))
        disk.fail()
        await voter.vote(question, "a")
        for came in (await instructor(hall, code), await observer(hall, code)):
            assert (await came.receive())["event"] == "snapshot"
            assert (await came.receive())["data"] == {"message": FULL}
        student = await hall.connect(f"?room={code}")
        await student.hello(await hall.join(code))
        assert await troubles(student) == []
