"""Who is still there: one sweep pings every socket and finds those that are only half there, within two intervals."""

from __future__ import annotations

import asyncio

import pytest
from hall import SECONDS, Caught, FakeClock, open_hall
from raw_phone import raw_phone
from raw_socket import PING, PONG

from livepoll_jupyter.server.attendance import CATCH_UP, SWEEP_EVERY, Attendance
from livepoll_jupyter.server.auth import LISTENER
from livepoll_jupyter.server.peers import Peer
from livepoll_jupyter.server.wire import Wire


class Swept:
    """A peer in attendance whose transport is caught."""

    def __init__(self, attendance: Attendance, clock: FakeClock) -> None:
        self.caught = Caught(clock)
        self.peer = Peer(self.caught, LISTENER)
        attendance.enter(self.peer)


def test_a_peer_that_is_heard_is_pinged_once_in_each_interval() -> None:
    """And never closed."""
    clock = FakeClock()
    attendance = Attendance(clock)
    swept = Swept(attendance, clock)
    for number in range(1, 20):
        clock.advance(SWEEP_EVERY)
        assert swept.caught.pings == number
        swept.peer.was_heard = True
    assert swept.caught.closed is None


@pytest.mark.parametrize("age", [0.0, 0.001, 15.0, 29.999])
def test_a_peer_that_falls_silent_is_dropped_within_two_intervals(age: float) -> None:
    """Whenever in the interval it was heard last; with 4408, and without waiting for its goodbye."""
    clock = FakeClock()
    attendance = Attendance(clock)
    Swept(attendance, clock)  # somebody else's coming has set the timer
    clock.advance(age)
    swept = Swept(attendance, clock)
    clock.advance(2 * SWEEP_EVERY)
    assert swept.caught.closed == (4408, '{"reason":"no-pong"}')
    assert swept.caught.is_dropped


def test_a_peer_is_given_an_interval_to_answer() -> None:
    """Who has just been pinged is not closed for not having answered yet."""
    clock = FakeClock()
    attendance = Attendance(clock)
    swept = Swept(attendance, clock)
    clock.advance(2 * SWEEP_EVERY - 0.001)
    assert (swept.caught.pings, swept.caught.closed) == (1, None)


def test_an_empty_server_has_no_timer() -> None:
    """The sweep begins with the first socket and ends with the last."""
    clock = FakeClock()
    attendance = Attendance(clock)
    swept = Swept(attendance, clock)
    attendance.leave(swept.peer)
    clock.advance(10 * SWEEP_EVERY)
    assert swept.caught.pings == 0
    assert not [timer for *_, timer in clock._timers if not timer.is_cancelled]
    again = Swept(attendance, clock)
    clock.advance(SWEEP_EVERY)
    assert again.caught.pings == 1


async def test_a_participant_whose_connection_is_only_half_there_leaves_presence() -> None:
    """A phone that went out of reach reads nothing and answers nothing; its socket is closed after two intervals."""
    async with open_hall() as hall:
        code = await hall.open_room()
        live = hall.service.hub.live(code)
        async with raw_phone(hall.port, f"?room={code}") as phone:
            await phone.hello(await hall.join(code))
            assert live.peers.participants == 1
            hall.clock.advance(SWEEP_EVERY)
            assert live.peers.participants == 1
            hall.clock.advance(SWEEP_EVERY)
            assert live.peers.participants == 0
            assert await phone.until_close() == (4408, {"reason": "no-pong"})
            assert await phone.frame() is None
        assert len(hall.service.attendance) == 0


@pytest.mark.parametrize("opcode", [PING, PONG], ids=["its own pings", "pongs"])
async def test_a_listener_that_sends_nothing_but_frames_of_the_protocol_stays(
    monkeypatch: pytest.MonkeyPatch, opcode: int
) -> None:
    """Ten intervals long; it says no word of ours."""
    heard = asyncio.Queue[bytes]()
    usual = Wire._hear

    def hear(wire: Wire, opcode: int, payload: bytes) -> None:
        usual(wire, opcode, payload)
        heard.put_nowait(payload)

    monkeypatch.setattr(Wire, "_hear", hear)
    async with open_hall() as hall:
        code = await hall.open_room()
        async with raw_phone(hall.port, f"?room={code}") as listener:
            for number in range(10):
                hall.clock.advance(SWEEP_EVERY)
                await listener.send_frame(opcode, str(number).encode())
                assert await asyncio.wait_for(heard.get(), SECONDS) == str(number).encode()
            assert len(hall.service.attendance) == 1
            assert len(hall.service.hub.live(code).peers) == 1


async def test_a_client_that_pings_by_the_seeds_word_stays() -> None:
    """A browser's page sends ``"ping"``; that too is a sign of life."""
    async with open_hall() as hall:
        code = await hall.open_room()
        async with raw_phone(hall.port, f"?room={code}") as phone:
            await phone.hello()
            for _ in range(10):
                hall.clock.advance(SWEEP_EVERY)
                await phone.send("ping")
                assert (await phone.event())["event"] == "pong"
            assert len(hall.service.attendance) == 1


async def test_a_server_that_was_held_up_hears_first_what_came_meanwhile() -> None:
    """Its machine was suspended, say. Who has answered stays; who has not is closed a moment later."""
    async with open_hall() as hall:
        code = await hall.open_room()
        async with raw_phone(hall.port, f"?room={code}") as phone, raw_phone(hall.port, f"?room={code}") as silent:
            for each in (phone, silent):
                await each.hello()
            hall.clock.advance(SWEEP_EVERY)
            await phone.send_frame(PONG)
            hall.clock.jump(2 * SWEEP_EVERY)
            await phone.send("ping")
            assert (await phone.event())["event"] == "pong"
            hall.clock.advance(CATCH_UP)
            assert await silent.until_close() == (4408, {"reason": "no-pong"})
            await phone.send("ping")
            assert (await phone.event())["event"] == "pong"


def test_a_server_that_is_held_up_again_and_again_still_sweeps() -> None:
    """It waits once for what came meanwhile, not for ever."""
    clock = FakeClock()
    attendance = Attendance(clock)
    swept = Swept(attendance, clock)
    clock.jump(2 * SWEEP_EVERY)
    clock.jump(2 * SWEEP_EVERY)
    assert swept.caught.pings == 1
    clock.jump(2 * SWEEP_EVERY)
    clock.jump(2 * SWEEP_EVERY)
    assert swept.caught.is_dropped
