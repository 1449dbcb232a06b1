"""A connection that comes back: hello, pings, waits, tries and stop codes, in a world where time stands still."""

from __future__ import annotations

import json
import logging

import pytest
from doubles import FakeSocket, World, golden

from livepoll_jupyter.client.backoff import Backoff
from livepoll_jupyter.client.errors import Unreachable
from livepoll_jupyter.core.codec import encode_reason
from livepoll_jupyter.core.errors import RoomEnded, TooMany, Unauthorized
from livepoll_jupyter.core.messages import Ping


def greet(socket: FakeSocket) -> None:
    """The server's first words to a client that it does not know."""
    socket.say(golden("welcome", recovered=False), golden("snapshot"))


async def test_it_says_hello_with_its_token_and_is_open_once_the_state_is_there() -> None:
    """The token goes into the first frame, not into the address."""
    socket = FakeSocket()
    world = World([socket])
    connection = world.connect(token="participant.signature")
    assert await socket.heard() == {"event": "hello", "data": {"v": 2, "token": "participant.signature"}}
    greet(socket)
    await world.until("open")
    assert connection.session.title == "Statistics 101"
    await connection.close()
    assert connection.status.state == "closed"
    assert socket.is_closed


async def test_after_a_loss_it_resumes_where_it_was() -> None:
    """Three seconds later, with the epoch and seq of the last event that it applied."""
    first, second = FakeSocket(), FakeSocket()
    world = World([first, second])
    connection = world.connect()
    greet(first)
    await world.until("open")
    first.drop()
    lost = await world.until("reconnecting")
    assert (lost.attempt, lost.wait) == (1, 3.0)
    world.wake(await world.next_wait())
    assert (await second.heard())["data"]["resume"] == {"epoch": "Zk3vT0aQx9Lp", "seq": 3}
    second.say(golden("welcome", recovered=True))
    await world.until("open")
    await connection.close()


async def test_it_waits_longer_each_time_and_then_leaves_it_to_a_person() -> None:
    """3, 6, 12, 24, 30 … seconds, half of it chance; after the last try it says why it gave up."""
    nobody = [Unreachable("No livepoll server answers.") for _ in range(11)]
    world = World([*nobody])
    world.chance = 1.0
    connection = world.connect()
    waits = []
    for _ in range(10):
        waits.append((await world.until("reconnecting")).wait)
        world.wake(await world.next_sleep())
    failed = await world.until("failed")
    assert waits == [3, 6, 12, 24, 30, 30, 30, 30, 30, 30]
    assert failed.reason == "No livepoll server answers."
    assert world.tries == 11
    socket = FakeSocket()
    world.sockets.append(socket)
    connection.start()
    greet(socket)
    await world.until("open")
    await connection.close()


async def test_chance_takes_up_to_half_of_a_wait_but_never_of_the_first() -> None:
    """So that a class does not come back in one instant, and the seed protocol's three seconds hold."""
    backoff = Backoff()
    assert [backoff.delay(1, chance) for chance in (0.0, 0.9)] == [3.0, 3.0]
    assert [backoff.delay(2, chance) for chance in (0.0, 0.5)] == [3.0, 4.5]


async def told_to_stay_away(chance: float, reason: str, code: int = 1012) -> float:
    """The seconds that a client waits after its server closed with that reason."""
    socket = FakeSocket()
    world = World([socket])
    world.chance = chance
    connection = world.connect()
    greet(socket)
    await world.until("open")
    socket.drop(code, reason)
    wait = (await world.until("reconnecting")).wait
    await connection.close()
    return wait


@pytest.mark.parametrize("code", [1012, 1013])
async def test_a_server_that_restarts_says_when_to_come_back(code: int) -> None:
    """Each client draws its own time from half of that to one and a half, so that a hall comes back in turn."""
    reason = encode_reason("restart", 8000)
    assert [await told_to_stay_away(chance, reason, code) for chance in (0.0, 0.5, 0.75)] == [4.0, 8.0, 10.0]


async def test_a_server_that_names_no_time_is_tried_after_three_seconds() -> None:
    """Nor does another code's reason, or one that is not ours, put it off."""
    assert await told_to_stay_away(0.75, encode_reason("restart")) == 3.0
    assert await told_to_stay_away(0.75, "Going away, retryAfterMs: 8000") == 3.0
    assert await told_to_stay_away(0.75, encode_reason("no-pong", 8000), 4408) == 3.0


async def test_a_figure_beyond_reason_is_not_believed() -> None:
    """Neither a storm nor a wait without end."""
    assert await told_to_stay_away(0.5, encode_reason("restart", 0)) == 1.0
    assert await told_to_stay_away(0.5, encode_reason("restart", 10**9)) == 120.0


async def test_after_the_time_that_was_named_the_waits_go_on_as_ever() -> None:
    """The next try is the second."""
    socket = FakeSocket()
    world = World([socket, Unreachable("nobody")])
    connection = world.connect()
    greet(socket)
    await world.until("open")
    socket.drop(1012, encode_reason("restart", 20_000))
    assert (await world.until("reconnecting")).wait == 10.0
    world.wake(await world.next_wait())
    again = await world.until("reconnecting")
    assert (again.attempt, again.wait) == (2, 3.0)
    await connection.close()


async def test_an_upgrade_that_was_put_off_is_not_tried_before_its_time() -> None:
    """By the Retry-After of the answer, and a little later, so that not all come at once."""
    crowded = TooMany("later")
    crowded.retry_after = 20.0
    world = World([crowded], chance=0.5)
    connection = world.connect()
    assert (await world.until("reconnecting")).wait == 25.0
    await connection.close()


async def test_a_close_before_the_hello_is_understood_too() -> None:
    """A room that ended a moment ago: its socket is closed before anything could be sent."""
    socket = FakeSocket()
    socket.is_closed = True
    socket.drop(4503)
    world = World([socket])
    connection = world.connect()
    assert (await world.until("ended")).reason
    await connection.close()


async def test_tries_count_from_one_again_once_the_rooms_state_has_come() -> None:
    """The wait is a short one again only after five seconds without a loss."""
    first, second, third = FakeSocket(), FakeSocket(), FakeSocket()
    world = World([Unreachable("nobody"), first, second, third], chance=0.5)
    connection = world.connect()
    world.wake(await world.next_wait())
    greet(first)
    await world.until("open")
    first.drop()
    lost = await world.until("reconnecting")
    assert (lost.attempt, lost.wait > 3) == (1, True)
    world.wake(await world.next_wait())
    greet(second)
    await world.until("open")
    world.now += 5
    second.drop()
    lost = await world.until("reconnecting")
    assert (lost.attempt, lost.wait) == (1, 3)
    await connection.close()


async def test_the_time_that_it_takes_to_open_makes_no_connection_stable() -> None:
    """A server that answers after half a minute, and is lost at once, is not there."""
    first, second = FakeSocket(), FakeSocket()
    world = World([Unreachable("nobody"), first, second], chance=0.5)
    connection = world.connect()
    world.wake(await world.next_wait())
    await first.heard()
    world.now += 40
    greet(first)
    await world.until("open")
    world.now += 4
    first.drop()
    assert (await world.until("reconnecting")).wait > 3
    await connection.close()


async def test_a_proxy_that_cuts_what_is_idle_makes_nobody_give_up_and_is_pinged_in_time() -> None:
    """After the second cut that came after the same silence the pings come after half of it."""
    sockets = [FakeSocket() for _ in range(14)]
    world = World([*sockets, FakeSocket()])
    connection = world.connect()
    pings = []
    for socket in sockets:
        greet(socket)
        await world.until("open")
        pings.append((await world.next_sleep()).seconds)
        world.now += 10
        socket.drop()
        assert (await world.until("reconnecting")).attempt == 1
        world.wake(await world.next_wait())
    assert pings[:4] == [30, 30, 5, 5]
    await connection.close()


async def test_cuts_at_any_time_change_no_pings() -> None:
    """A server that is killed, or a network that comes and goes, cuts after another silence each time."""
    sockets = [FakeSocket() for _ in range(4)]
    world = World([*sockets, FakeSocket()])
    connection = world.connect()
    for silence, socket in zip([10, 20, 8, 25], sockets, strict=True):
        greet(socket)
        await world.until("open")
        assert (await world.next_sleep()).seconds == 30
        world.now += silence
        socket.drop()
        await world.until("reconnecting")
        world.wake(await world.next_wait())
    await connection.close()


async def test_a_server_that_says_goodbye_is_no_proxy_that_cuts() -> None:
    """Its close frame tells."""
    sockets = [FakeSocket() for _ in range(3)]
    world = World([*sockets, FakeSocket()])
    connection = world.connect()
    for socket in sockets:
        greet(socket)
        await world.until("open")
        assert (await world.next_sleep()).seconds == 30
        world.now += 10
        socket.drop(4408)
        await world.until("reconnecting")
        world.wake(await world.next_wait())
    await connection.close()


@pytest.mark.parametrize("code", [1003, 1008, 1009, 4501, 4503, 4504])
async def test_a_stop_code_stops_it_and_tells_why(code: int) -> None:
    """No further try is made."""
    socket = FakeSocket()
    world = World([socket])
    connection = world.connect()
    greet(socket)
    await world.until("open")
    socket.drop(code)
    stopped = await world.until("ended" if code == 4503 else "failed")
    assert stopped.reason
    assert world.tries == 1
    await connection.close()


@pytest.mark.parametrize("code", [None, 1001, 1006, 1012, 1013, 4408, 4409, 4410, 4429])
async def test_any_other_close_is_tried_again(code: int | None) -> None:
    """A restart, overload, a lost network."""
    socket = FakeSocket()
    world = World([socket])
    connection = world.connect()
    greet(socket)
    await world.until("open")
    socket.drop(code)
    await world.until("reconnecting")
    await connection.close()


@pytest.mark.parametrize(
    ("refusal", "state"),
    [(Unauthorized("no"), "failed"), (RoomEnded("over"), "ended"), (TooMany("later"), "reconnecting")],
)
async def test_a_refused_upgrade_is_tried_again_only_if_that_can_help(
    refusal: Unauthorized | RoomEnded | TooMany, state: str
) -> None:
    """A wrong token stays wrong; a crowd passes."""
    world = World([refusal])
    connection = world.connect()
    assert (await world.until(state)).reason == refusal.message
    await connection.close()


async def test_it_pings_every_thirty_seconds() -> None:
    """With the JSON string of the seed protocol."""
    socket = FakeSocket()
    world = World([socket])
    connection = world.connect()
    await socket.heard()
    greet(socket)
    await world.until("open")
    sleep = await world.next_sleep()
    assert sleep.seconds == 30
    world.wake(sleep)
    assert await socket.heard() == "ping"
    await connection.close()


async def test_it_pings_as_often_as_the_server_asks() -> None:
    """From the next ping on."""
    socket = FakeSocket()
    world = World([socket])
    connection = world.connect()
    socket.say(golden("welcome", recovered=False, pingMs=10_000), golden("snapshot"))
    await world.until("open")
    world.wake(await world.next_sleep())
    assert (await world.next_sleep()).seconds == 10
    await connection.close()


@pytest.mark.parametrize(("asked", "seconds"), [(0, 1), (2**53, 600)])
async def test_it_pings_no_more_and_no_less_often_than_is_good_whatever_the_server_asks(
    asked: int, seconds: float
) -> None:
    """A hostile server could make a kernel busy with pings, or have it wait for years."""
    socket = FakeSocket()
    world = World([socket])
    connection = world.connect()
    socket.say(golden("welcome", recovered=False, pingMs=asked), golden("snapshot"))
    await world.until("open")
    world.wake(await world.next_sleep())
    assert (await world.next_sleep()).seconds == seconds
    await connection.close()


async def test_a_question_that_is_far_too_large_is_skipped() -> None:
    """The widget that would have to show it never hears of it."""
    socket = FakeSocket()
    world = World([socket])
    connection = world.connect()
    many = [{"id": str(number), "label": "x", "html": "x"} for number in range(201)]
    question = json.loads(golden("new-question"))["data"] | {"options": many}
    socket.say(golden("welcome", recovered=False), golden("snapshot", question=question), golden("snapshot"))
    await world.until("open")
    assert connection.session.question is not None
    assert len(connection.session.question.options) < 201
    await connection.close()


async def test_a_server_that_says_nothing_between_two_pings_is_given_up() -> None:
    """A half-open socket is found within two intervals, without waiting for a close that nobody answers."""
    socket = FakeSocket()
    world = World([socket])
    connection = world.connect()
    greet(socket)
    await world.until("open")
    world.wake(await world.next_sleep())
    world.wake(await world.next_sleep())
    await world.until("reconnecting")
    await connection.close()


async def test_a_missing_event_is_fetched_at_once() -> None:
    """By a new connection that resumes, without a wait."""
    first, second = FakeSocket(), FakeSocket()
    world = World([first, second])
    connection = world.connect()
    greet(first)
    await world.until("open")
    first.say(golden("pong", seq=9))
    assert (await world.until("reconnecting")).wait == 0
    world.wake(await world.next_wait())
    assert (await second.heard())["data"]["resume"]["seq"] == 3
    await connection.close()


async def test_a_server_that_lost_its_history_sends_a_snapshot_on_the_open_connection() -> None:
    """That is no gap."""
    socket = FakeSocket()
    world = World([socket])
    connection = world.connect()
    greet(socket)
    await world.until("open")
    socket.say(golden("welcome", recovered=False, epoch="new"), golden("snapshot"), golden("presence", participants=7))
    while connection.session.participants != 7:
        await world.events.get()
    assert connection.status.state == "open"
    await connection.close()


@pytest.mark.parametrize("frame", ["no JSON", "[]", '{"event": "timer", "data": {}}', b"\xff\x00"])
async def test_what_it_does_not_know_is_logged_and_passed_over(
    frame: str | bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """A newer server, or a broken proxy, is no reason to fall silent."""
    socket = FakeSocket()
    world = World([socket])
    connection = world.connect()
    with caplog.at_level(logging.WARNING):
        socket.say(frame)
        greet(socket)
        await world.until("open")
    assert "Skipped" in caplog.text
    await connection.close()


async def test_nothing_is_sent_while_there_is_no_connection() -> None:
    """The caller is told."""
    world = World([Unreachable("nobody")])
    connection = world.connect()
    await world.until("reconnecting")
    with pytest.raises(Unreachable):
        await connection.send(Ping())
    await connection.close()
