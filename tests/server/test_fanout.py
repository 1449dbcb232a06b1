"""Broadcasts in slices: whatever happens between two of them, each peer has what it would have had without any."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hall import SECONDS, Caught, FakeClock
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from livepoll_jupyter.core import messages
from livepoll_jupyter.server.auth import LISTENER, OBSERVER, Identity, Role
from livepoll_jupyter.server.fanout import soon
from livepoll_jupyter.server.peers import Peer, Peers, send_to_all

EVERYBODY = 10**9

TOO_MANY = 2000
"""Peers that must not be served in one go: a vote would wait some 16 ms behind them, longer than for its commit."""


def lock(seq: int) -> messages.LockStatusEvent:
    """A control event that every version knows."""
    return messages.LockStatusEvent(data=messages.LockStatus("q1", is_locked=True), seq=seq, epoch="e")


def closed(seq: int) -> messages.QuestionClosedEvent:
    """A control event of version 2."""
    return messages.QuestionClosedEvent(data=messages.QuestionClosedData("q1", 1), seq=seq, epoch="e")


def results(name: str, rev: int) -> messages.ResultsUpdate:
    """Results of the question ``name``."""
    data = messages.Results(questionId=name, round=1, total=rev, counts={"a": rev}, participants=rev)
    return messages.ResultsUpdate(data=data, rev=rev)


def presence(number: int) -> messages.Presence:
    """How many are there."""
    return messages.Presence(data=messages.PresenceData(number))


def ack(op: str) -> messages.VoteAck:
    """A message to one peer alone."""
    return messages.VoteAck(data=messages.VoteAckData(op=op, status="accepted", rev=1))


class Side:
    """A room's peers, and what each has been sent."""

    def __init__(self, at_once: int) -> None:
        self.turns: list[Callable[[], None]] = []
        self.peers = Peers(self.turns.append, at_once)
        self.of: list[tuple[Peer, Caught]] = []

    def come(self, identity: Identity, *, is_v2: bool) -> None:
        """One more peer."""
        caught = Caught(FakeClock())
        peer = Peer(caught, identity)
        peer.is_v2 = is_v2
        self.of.append((peer, caught))
        self.peers.add(peer)

    def turn(self) -> None:
        """Let the loop have a turn."""
        due, self.turns[:] = list(self.turns), []
        for callback in due:
            callback()

    def finish(self) -> None:
        """Let it have as many as it takes."""
        while self.turns:
            self.turn()

    def sent(self, number: int) -> list[Any]:
        """All that a peer has been sent."""
        return [event for _, event in self.of[number][1].sent]


def is_state(event: Any) -> bool:
    """Whether a newer one may replace it."""
    return isinstance(event, messages.ResultsUpdate | messages.Presence)


def news(events: list[Any]) -> list[Any]:
    """What must not be lost, in order."""
    return [event for event in events if not is_state(event)]


def state(events: list[Any]) -> dict[str, Any]:
    """The newest of what may be replaced, by what it tells."""
    found: dict[str, Any] = {}
    for event in events:
        if is_state(event):
            found[event.data.questionId if isinstance(event, messages.ResultsUpdate) else "presence"] = event
    return found


class Slices(RuleBasedStateMachine):
    """The same things happen to a room that is told in slices of two, and to one that is told at once."""

    numbers = Bundle("numbers")

    def __init__(self) -> None:
        super().__init__()
        self.sliced, self.whole = self.sides = Side(2), Side(EVERYBODY)
        self.seq = 0

    def next(self) -> int:
        """A new number."""
        self.seq += 1
        return self.seq

    def agree(self, number: int) -> None:
        """A peer has had all that it would have had, but for states that a newer one has replaced."""
        had, should_have = self.sliced.sent(number), self.whole.sent(number)
        assert news(had) == news(should_have)
        assert state(had) == state(should_have)

    @rule(target=numbers, is_v2=st.booleans(), who=st.sampled_from([LISTENER, OBSERVER]))
    def come(self, who: Identity, *, is_v2: bool) -> int:
        """Somebody opens a socket."""
        for side in self.sides:
            side.come(who, is_v2=is_v2)
        return len(self.whole.of) - 1

    @rule(kind=st.sampled_from([lock, closed]))
    def tell_news(self, kind: Callable[[int], Any]) -> None:
        """A control event."""
        event = kind(self.next())
        for side in self.sides:
            side.peers.broadcast(event)

    @rule(name=st.sampled_from(["q1", "q2"]))
    def tell_results(self, name: str) -> None:
        """A bundle of results."""
        event = results(name, self.next())
        for side in self.sides:
            side.peers.broadcast(event)

    @rule()
    def tell_presence(self) -> None:
        """For version 2 alone."""
        event = presence(self.next())
        for side in self.sides:
            side.peers.broadcast(event)

    @rule()
    def tell_staff(self) -> None:
        """Results that the class does not see yet."""
        event = results("q1", self.next())
        for side in self.sides:
            send_to_all(event, side.peers.staff)

    @rule(number=numbers)
    def tell_one(self, number: int) -> None:
        """An ack, which comes behind all that was said before."""
        event = ack(f"op-{self.next()}")
        for side in self.sides:
            side.of[number][0].tell(event)
        self.agree(number)

    @rule(number=numbers)
    def greet(self, number: int) -> None:
        """A peer says hello, and from then on hears what version 2 does."""
        identity = Identity(Role.PARTICIPANT, f"p{number}")
        for side in self.sides:
            peer = side.of[number][0]
            if not peer.is_closed:
                side.peers.identify(peer, identity)
                peer.is_v2 = True
        self.agree(number)

    @rule(number=numbers)
    def close(self, number: int) -> None:
        """A peer is closed; it has had everything before."""
        for side in self.sides:
            peer = side.of[number][0]
            peer.close(4503, "room-ended")
            side.peers.discard(peer)
        self.agree(number)

    @rule()
    def turn(self) -> None:
        """The loop comes back to it."""
        self.sliced.turn()

    @invariant()
    def nobody_has_what_is_not_due(self) -> None:
        """No news is skipped or comes twice, and no state comes before news that it came after."""
        for number in range(len(self.whole.of)):
            had, should_have = self.sliced.sent(number), self.whole.sent(number)
            assert news(had) == news(should_have)[: len(news(had))]
            for place, event in enumerate(had):
                if is_state(event):
                    before = should_have.index(event)
                    assert len(news(had[:place])) >= len(news(should_have[:before]))

    def teardown(self) -> None:
        """In the end everybody has everything, and nothing is kept."""
        self.sliced.finish()
        for number in range(len(self.whole.of)):
            self.agree(number)
        fanout = self.sliced.peers._fanout
        assert not fanout.is_busy
        assert [len(lane._under_way) for lane in fanout._lanes] == [0, 0]


TestSlices = Slices.TestCase
TestSlices.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)


def many(size: int) -> Side:
    """A room of listeners."""
    side = Side(500)
    for _ in range(size):
        side.come(LISTENER, is_v2=True)
    return side


def test_a_small_room_is_told_at_once() -> None:
    """As one that needs no slices."""
    side = many(500)
    side.peers.broadcast(lock(1))
    assert side.turns == []
    assert all(side.sent(number) == [lock(1)] for number in range(500))


async def test_others_have_their_turns_while_a_hall_is_told() -> None:
    """On a real loop and in slices as large as a server's: what else is due is done long before all are served."""
    told: list[None] = []

    class Told(Caught):
        def send(self, frame: bytes) -> bool:  # noqa: ARG002 - the transport's signature
            told.append(None)
            return True

    peers, hall, seen, over = Peers(), 3 * TOO_MANY, [0], asyncio.Event()
    for _ in range(hall):
        peers.add(Peer(Told(FakeClock()), LISTENER))

    def do_something_else() -> None:
        seen.append(len(told))
        (over.set if seen[-1] == hall else lambda: soon(do_something_else))()

    soon(do_something_else)
    peers.broadcast(lock(1))
    await asyncio.wait_for(over.wait(), SECONDS)
    assert max(after - before for before, after in pairwise(seen)) < TOO_MANY


def test_a_large_room_is_told_five_hundred_at_a_time() -> None:
    """Who came first is first."""
    side = many(1200)
    side.peers.broadcast(lock(1))
    for served in (500, 1000, 1200):
        assert [len(side.sent(number)) for number in range(1200)] == [1] * served + [0] * (1200 - served)
        side.turn()
    assert side.turns == []


def test_a_lock_does_not_wait_for_results_that_are_on_their_way() -> None:
    """Everybody has the lock before anybody else has results."""
    side = many(1000)
    side.peers.broadcast(results("q1", 1))
    side.peers.broadcast(lock(1))
    side.turn()
    side.turn()
    assert all(lock(1) in side.sent(number) for number in range(1000))
    assert sum(results("q1", 1) in side.sent(number) for number in range(1000)) == 500


def test_results_that_newer_ones_overtake_are_not_sent() -> None:
    """As for a peer that reads slowly."""
    side = many(1000)
    side.peers.broadcast(results("q1", 1))
    side.peers.broadcast(results("q1", 2))
    side.finish()
    assert side.sent(0) == [results("q1", 1), results("q1", 2)]
    assert side.sent(999) == [results("q1", 2)]


def test_whoever_goes_on_talking_starves_nobody() -> None:
    """Each broadcast queues behind those who wait for the one before."""
    side = many(1500)
    for seq in range(1, 30):
        side.peers.broadcast(lock(seq))
        side.turn()
    assert all(len(side.sent(number)) >= 29 - 6 for number in range(1500))


def test_a_peer_that_fails_costs_the_others_nothing() -> None:
    """A mistake of ours with one of them is raised, and the others are served."""

    class Broken(Caught):
        def send(self, frame: bytes) -> bool:
            raise ZeroDivisionError(frame)

    side = Side(5)
    for _ in range(3):
        side.peers.add(Peer(Broken(FakeClock()), LISTENER))
    for _ in range(12):
        side.come(LISTENER, is_v2=True)
    with pytest.raises(ZeroDivisionError):
        side.peers.broadcast(lock(1))
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            side.turn()
    side.finish()
    assert [side.sent(number) for number in range(12)] == [[lock(1)]] * 12
