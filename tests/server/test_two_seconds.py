"""The two seconds: results and presence are bundled, everything else leaves at once. With a fake clock, no sleeping."""

from __future__ import annotations

import random
from contextlib import suppress
from itertools import pairwise

import pytest
from asking import question, vote
from hall import Caught, FakeClock, steps

from livepoll_jupyter.client.session import Session, after
from livepoll_jupyter.core import messages
from livepoll_jupyter.core.commands import AddQuestion, Close, Publish, Reveal, SetLock
from livepoll_jupyter.core.errors import QuestionLocked
from livepoll_jupyter.core.messages import ResultsUpdate, ShowResults
from livepoll_jupyter.server.auth import LISTENER, OBSERVER, Identity, Role
from livepoll_jupyter.server.hub import Hub
from livepoll_jupyter.server.peers import Peer
from livepoll_jupyter.storage.memory import MemoryStore

CODE = "K7M2QX"


class Lecture:
    """A room with a hub, a clock that stands still, and peers whose messages are caught."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = MemoryStore()
        self.hub = Hub(self.store, self.clock)

    async def begin(self, show_results: ShowResults = "live") -> None:
        """Open the room and publish ``q1``."""
        await self.store.open()
        await self.store.open_room(CODE, "Statistics 101", "epoch", 0.0)
        await self.do(AddQuestion(question(show_results=show_results)))
        await self.do(Publish("q1"))

    async def do(self, command: object) -> None:
        """Carry out a command and wait until it is settled."""
        await self.hub.ask(CODE, command)  # type: ignore[arg-type]

    def seat(self, identity: Identity = LISTENER, *, is_v2: bool = True) -> Caught:
        """A peer that has said hello and seen the present state."""
        caught = Caught(self.clock)
        peer = Peer(caught, identity)
        live = self.hub.live(CODE)
        live.enter(peer)
        if is_v2:
            live.greet(peer, identity, None)
        caught.sent.clear()
        return caught

    def newcomer(self) -> Caught:
        """A listener that has said hello just now, with all that it is sent from then on."""
        caught = Caught(self.clock)
        peer = Peer(caught, LISTENER)
        self.hub.live(CODE).enter(peer)
        self.hub.live(CODE).greet(peer, LISTENER, None)
        return caught

    def snapshot(self, identity: Identity) -> messages.SnapshotEvent:
        """What such a peer is shown now."""
        caught = Caught(self.clock)
        peer = Peer(caught, identity)
        live = self.hub.live(CODE)
        live.enter(peer)
        live.greet(peer, identity, None)
        live.leave(peer)
        (event,) = caught.events_of(messages.SnapshotEvent)
        snapshot: messages.SnapshotEvent = event
        return snapshot


def participant(name: str) -> Identity:
    """A participant with that id."""
    return Identity(Role.PARTICIPANT, name)


def assert_two_seconds_apart(times: list[float]) -> None:
    """No two of ``times`` are less than a window apart."""
    assert all(later - earlier >= 2.0 - 1e-9 for earlier, later in pairwise(times)), times


async def test_a_storm_of_votes_makes_one_results_update_every_two_seconds() -> None:
    """A vote every 10 ms for 20 s: ten updates, at least 2 s apart, the last one with every vote."""
    lecture = Lecture()
    await lecture.begin()
    peers = [lecture.seat(is_v2=False), lecture.seat(), lecture.seat(OBSERVER)]
    for number in steps(20, 0.01):
        await lecture.do(vote(f"student {number}", "a"))
        lecture.clock.advance(0.01)
    lecture.clock.advance(2.0)
    for peer in peers:
        updates = peer.events_of(ResultsUpdate)
        assert len(updates) == 10
        assert_two_seconds_apart(peer.times_of(ResultsUpdate))
        assert updates[-1].data.total == updates[-1].rev == 2000


async def test_nothing_is_sent_when_nothing_changed() -> None:
    """After the last bundle, ten quiet minutes send nothing, and neither does the same answer once more."""
    lecture = Lecture()
    await lecture.begin()
    peer = lecture.seat()
    await lecture.do(vote())
    lecture.clock.advance(2.0)
    assert peer.kinds() == ["results-update"]
    await lecture.do(vote())
    lecture.clock.advance(600.0)
    for rev, answer in enumerate("aaa", start=2):
        await lecture.do(vote(answer=answer, rev=rev))
    lecture.clock.advance(600.0)
    assert peer.kinds() == ["results-update"]


async def test_a_vote_is_shown_at_the_latest_two_seconds_later() -> None:
    """The first change after a quiet time opens the window; it closes exactly two seconds later."""
    lecture = Lecture()
    await lecture.begin()
    peer = lecture.seat()
    lecture.clock.advance(100.0)
    await lecture.do(vote())
    lecture.clock.advance(1.999)
    assert peer.sent == []
    lecture.clock.advance(0.001)
    assert peer.times_of(ResultsUpdate) == [102.0]


async def test_a_timer_that_rings_early_loses_no_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop may call back within its clock's resolution before the time, which is 16 ms on some systems."""
    lecture = Lecture()
    await lecture.begin()
    peer = lecture.seat()
    with monkeypatch.context() as hasty:
        hasty.setattr(lecture.clock, "call_at", lambda when, ring: FakeClock.call_at(lecture.clock, when - 0.015, ring))
        await lecture.do(vote())
    lecture.clock.advance(2.0)
    assert peer.times_of(ResultsUpdate) == [2.0]


async def test_control_events_never_wait_for_the_bundle() -> None:
    """In the middle of a window: lock, reveal, close and a new question leave at that very moment."""
    lecture = Lecture()
    await lecture.begin()
    await lecture.do(AddQuestion(question("q2")))
    v1, v2 = lecture.seat(is_v2=False), lecture.seat()
    lecture.clock.advance(50.0)
    await lecture.do(vote())
    lecture.clock.advance(0.5)
    await lecture.do(SetLock("q1", is_locked=True))
    await lecture.do(Reveal("q1"))
    await lecture.do(Close("q1"))
    await lecture.do(Publish("q2"))
    assert {when for when, _ in v1.sent + v2.sent} == {50.5}
    assert v1.kinds() == ["lock-status", "results-update", "new-question"]
    assert v2.kinds() == ["lock-status", "results-update", "answer-revealed", "question-closed", "new-question"]


async def test_a_lock_sends_final_results_at_once_and_drops_the_waiting_bundle() -> None:
    """After the lock one update with ``final``, with every vote before it; nothing more follows."""
    lecture = Lecture()
    await lecture.begin()
    peer = lecture.seat()
    await lecture.do(vote("ada"))
    await lecture.do(vote("ben", "b"))
    await lecture.do(SetLock("q1", is_locked=True))
    (update,) = peer.events_of(ResultsUpdate)
    assert (update.data.final, update.data.total, update.rev) == (True, 2, 2)
    lecture.clock.advance(60.0)
    assert len(peer.events_of(ResultsUpdate)) == 1


async def test_a_reveal_of_a_closed_question_drops_no_bundle_of_the_one_being_asked() -> None:
    """Its final results leave at once, and the waiting ones in their time."""
    lecture = Lecture()
    await lecture.begin("revealed")
    await lecture.do(AddQuestion(question("q2"), publish=True))
    peer = lecture.seat()
    await lecture.do(vote(name="q2"))
    lecture.clock.advance(1.0)
    await lecture.do(Reveal("q1"))
    lecture.clock.advance(60.0)
    updates = [(when, event.data.questionId) for when, event in peer.sent if isinstance(event, ResultsUpdate)]
    assert updates == [(1.0, "q1"), (2.0, "q2")]


async def test_an_unlock_makes_results_open_again() -> None:
    """The next bundle after an unlock is not final, and two seconds after its vote."""
    lecture = Lecture()
    await lecture.begin()
    peer = lecture.seat()
    await lecture.do(SetLock("q1", is_locked=True))
    await lecture.do(SetLock("q1", is_locked=False))
    await lecture.do(vote())
    lecture.clock.advance(2.0)
    first, second = peer.events_of(ResultsUpdate)
    assert first.data.final is True
    assert second.data.final is not True


@pytest.mark.parametrize("seed", range(8))
async def test_bundles_keep_their_distance_whatever_else_happens(seed: int) -> None:
    """Votes, locks and unlocks at random times: updates that are not final are never less than two seconds apart."""
    chance = random.Random(seed)  # noqa: S311 - it has to be the same again
    lecture = Lecture()
    await lecture.begin()
    peer = lecture.seat()
    for number in range(300):
        act = vote(f"student {number}") if chance.random() < 0.8 else SetLock("q1", is_locked=chance.random() < 0.5)
        with suppress(QuestionLocked):
            await lecture.do(act)
        lecture.clock.advance(chance.expovariate(5))
    times = [when for when, event in peer.sent if isinstance(event, ResultsUpdate) and event.data.final is not True]
    assert len(times) > 3
    assert_two_seconds_apart(times)


async def test_presence_is_bundled_and_counts_people_not_sockets() -> None:
    """A hundred joins in a moment make one message; a second socket of the same participant makes none."""
    lecture = Lecture()
    await lecture.begin()
    watcher, v1 = lecture.seat(), lecture.seat(is_v2=False)
    for number in range(100):
        lecture.seat(participant(f"student {number}"))
    lecture.clock.advance(2.0)
    assert [event.data.participants for event in watcher.events_of(messages.Presence)] == [100]
    lecture.seat(participant("student 1"))
    lecture.clock.advance(60.0)
    assert len(watcher.events_of(messages.Presence)) == 1
    assert v1.sent == []


@pytest.mark.parametrize(
    ("show_results", "shown_after"), [("live", 0), ("locked", 1), ("revealed", 2)], ids=["live", "locked", "revealed"]
)
async def test_hidden_results_go_to_staff_alone(show_results: ShowResults, shown_after: int) -> None:
    """Participants and listeners see results from the moment the question says; observers always do."""
    lecture = Lecture()
    await lecture.begin(show_results)
    public = [lecture.seat(participant("ada")), lecture.seat(is_v2=False)]
    observer = lecture.seat(OBSERVER)
    await lecture.do(vote("ada"))
    lecture.clock.advance(2.0)
    for stage, command in enumerate([None, SetLock("q1", is_locked=True), Reveal("q1")]):
        if command is not None:
            await lecture.do(command)
        is_shown = stage >= shown_after
        assert [bool(peer.events_of(ResultsUpdate)) for peer in public] == [is_shown, is_shown]
        assert observer.events_of(ResultsUpdate)


@pytest.mark.parametrize("show_results", ["live", "locked", "revealed"])
async def test_a_snapshot_without_results_does_not_tell_how_many_voted(show_results: ShowResults) -> None:
    """Not by ``rev`` either; and whoever holds such a snapshot takes the results that come when they are due."""
    lecture = Lecture()
    await lecture.begin(show_results)
    for name in ("ada", "ben", "cem"):
        await lecture.do(vote(name))
    for command in (None, SetLock("q1", is_locked=True), Reveal("q1"), Close("q1")):
        newcomer = lecture.newcomer()
        if command is not None:
            await lecture.do(command)
        told = [lecture.snapshot(participant("ada")), lecture.snapshot(LISTENER), lecture.snapshot(OBSERVER)]
        assert [event.rev for event in told] == [0 if event.data.results is None else 3 for event in told]
        lecture.clock.advance(2.0)
        session = Session()
        for _, event in newcomer.sent:
            session = after(session, event)
        shown = told[1].data.results
        if shown is not None:
            assert session.results is not None
            assert session.results.counts == shown.counts


async def test_the_list_of_questions_is_told_to_staff_alone_and_once() -> None:
    """Publishing while another question is active changes both; staff hear of it once."""
    lecture = Lecture()
    await lecture.begin()
    await lecture.do(AddQuestion(question("q2")))
    student, observer = lecture.seat(participant("ada")), lecture.seat(OBSERVER)
    await lecture.do(Publish("q2"))
    assert len(observer.events_of(messages.RoomChanged)) == 1
    assert student.events_of(messages.RoomChanged) == []


async def test_a_number_of_participants_that_a_snapshot_told_is_corrected() -> None:
    """Somebody comes, another sees two in the snapshot, the first leaves again: in the end everybody knows of one."""
    lecture = Lecture()
    await lecture.begin()
    live = lecture.hub.live(CODE)
    passing = Peer(Caught(lecture.clock), participant("ada"))
    lecture.seat(participant("ben"))
    lecture.clock.advance(2.0)
    live.enter(passing)
    watcher = lecture.seat()
    live.leave(passing)
    lecture.clock.advance(2.0)
    assert [event.data.participants for event in watcher.events_of(messages.Presence)] == [1]
