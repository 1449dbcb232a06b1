"""What every store promises, whatever it keeps its rooms in."""

from __future__ import annotations

from pathlib import Path

import pytest
from asking import CODE, NOW, question, vote
from stores import all_settled, asking, carried_out, memory_store, opened, settled, sqlite_store

from livepoll_jupyter.core.commands import AddQuestion, Close, EndRoom, Publish, Reveal, SetLock
from livepoll_jupyter.core.effects import Announce, FinalResults, RoomOver, TallyChanged
from livepoll_jupyter.core.errors import (
    BadAnswer,
    Conflict,
    NotFound,
    QuestionLocked,
    Refusal,
    RoomEnded,
    StaleVote,
    UnknownQuestion,
)
from livepoll_jupyter.core.votes import Act
from livepoll_jupyter.storage.base import Outcome, Store


@pytest.fixture(params=[memory_store, sqlite_store], ids=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Each store in turn, not yet open."""
    made: Store = request.param(tmp_path)
    return made


async def test_a_vote_is_settled_with_its_tally(store: Store) -> None:
    """The outcome of an accepted vote holds the keys it put in, and the tally counts it."""
    async with asking(store):
        outcome = await settled(store, vote("ada", "b"))
        assert outcome == Outcome(
            (TallyChanged("q1", 1, (), ("b",), participants=1, rev=1),), act=Act("ada-1-1", 1, "b")
        )
        room = store.room(CODE)
        assert room.results(room.question("q1")).counts == {"a": 0, "b": 1, "c": 0}


async def test_a_vote_is_not_counted_before_it_is_settled(store: Store) -> None:
    """Between decision and commit nobody sees the vote."""
    async with asking(store):
        done: list[Outcome] = []
        store.submit(CODE, vote(), NOW, done.append)
        room = store.room(CODE)
        assert done == []
        assert room.results(room.question("q1")).total == 0


async def test_a_changed_vote_replaces_the_one_before(store: Store) -> None:
    """One participant, one vote, whichever way the mind is changed."""
    async with asking(store):
        await all_settled(store, vote("ada", "a", rev=1), vote("ada", "b", rev=2), vote("eve", "b"))
        room = store.room(CODE)
        results = room.results(room.question("q1"))
        assert (results.counts, results.total, results.participants) == ({"a": 0, "b": 2, "c": 0}, 2, 2)


async def test_outcomes_come_in_the_order_of_submission(store: Store) -> None:
    """Accepted votes and refusals are told in one order, that of the decisions."""
    async with asking(store):
        outcomes = await all_settled(
            store, vote("ada"), vote("eve", "z"), vote("bob"), vote("bob", rev=1, op="late"), vote("kim", name="q9")
        )
        kinds = [type(outcome.refusal) for outcome in outcomes]
        assert kinds == [type(None), BadAnswer, type(None), StaleVote, UnknownQuestion]


async def test_a_vote_before_the_lock_counts_and_one_after_it_does_not(store: Store) -> None:
    """All three gather in one commit; their order alone decides."""
    async with asking(store):
        before, lock, after = await all_settled(store, vote("ada"), SetLock("q1", is_locked=True), vote("eve"))
        assert before.refusal is None
        assert [type(effect) for effect in lock.effects[:2]] == [Announce, FinalResults]
        assert isinstance(after.refusal, QuestionLocked)
        room = store.room(CODE)
        assert room.results(room.question("q1")).total == 1


async def test_the_same_op_gets_the_same_answer_and_counts_once(store: Store) -> None:
    """A repeated vote is accepted again, even after the lock, and changes nothing."""
    async with asking(store):
        await carried_out(store, vote("ada", op="one"), SetLock("q1", is_locked=True))
        again = await settled(store, vote("ada", op="one"))
        assert again == Outcome((), act=Act("one", 1, "a"))
        assert len(await store.answers(CODE)) == 1


async def test_control_events_are_numbered_without_a_gap(store: Store) -> None:
    """Every announcement carries the next number of its room."""
    async with asking(store):
        outcomes = await all_settled(
            store,
            SetLock("q1", is_locked=True),
            SetLock("q1", is_locked=False),
            Reveal("q1"),
            Close("q1"),
            Publish("q1"),
        )
        effects = [effect for outcome in outcomes for effect in outcome.effects]
        numbers = [effect.event.seq for effect in effects if isinstance(effect, Announce)]
        assert numbers == list(range(2, 2 + len(numbers)))


async def test_answers_are_rows_by_question_round_and_participant(store: Store) -> None:
    """The present answer of each participant in each round, in its normal form."""
    asked = question("q2", kind="multiple_choice", correct=())
    async with asking(store):
        await carried_out(store, vote("eve", "c"), vote("ada", "a"), vote("ada", "b", rev=2))
        await carried_out(store, Close("q1"), Publish("q1"), vote("ada", "c", number=2))
        await carried_out(store, AddQuestion(asked), Publish("q2"), vote("ada", ["c", "a"], name="q2"))
        rows = await store.answers(CODE)
        assert [(row.questionId, row.round, row.participant, row.answer, row.rev) for row in rows] == [
            ("q1", 1, "ada", "b", 2),
            ("q1", 1, "eve", "c", 1),
            ("q1", 2, "ada", "c", 1),
            ("q2", 1, "ada", ["a", "c"], 1),
        ]
        assert {row.at for row in rows} == {NOW}


async def test_an_unknown_room_is_not_found(store: Store) -> None:
    """Reading, asking and listing a code that was never used all say so."""
    async with opened(store):
        with pytest.raises(NotFound):
            store.room("NEVER2")
        with pytest.raises(NotFound):
            await store.answers("NEVER2")
        assert isinstance((await settled(store, vote(), "NEVER2")).refusal, NotFound)


async def test_an_ended_room_is_over_but_its_answers_stay(store: Store) -> None:
    """Commands and the room itself are refused as ended; the answers can be read."""
    async with asking(store):
        await carried_out(store, vote("ada"))
        outcome = await settled(store, EndRoom())
        assert isinstance(outcome.effects[-1], RoomOver)
        with pytest.raises(RoomEnded):
            store.room(CODE)
        assert isinstance((await settled(store, vote("eve"))).refusal, RoomEnded)
        assert [row.participant for row in await store.answers(CODE)] == ["ada"]
        assert list(store.rooms()) == []


async def test_the_room_can_still_be_read_while_its_end_is_told(store: Store) -> None:
    """Who carries out the last effects may look at the room once more."""
    async with asking(store):
        seen: list[str] = []

        def look(_: Outcome) -> None:
            seen.append(store.room(CODE).title)

        store.submit(CODE, EndRoom(), NOW, look)
        await settled(store, vote())
        assert seen == ["Statistics 101"]


async def test_a_code_is_never_used_twice(store: Store) -> None:
    """Neither while its room is open nor after it has ended."""
    async with asking(store):
        with pytest.raises(Conflict):
            await store.open_room(CODE, "Another", "epoch-2", NOW)
        await carried_out(store, EndRoom())
        with pytest.raises(Conflict):
            await store.open_room(CODE, "Another", "epoch-2", NOW)


async def test_rooms_are_listed_oldest_first_and_do_not_mix(store: Store) -> None:
    """A vote in one room is in no other, even for a question of the same id."""
    async with asking(store):
        await store.open_room("ABCDEF", "Physics", "epoch-2", NOW + 1)
        for command in (AddQuestion(question()), Publish("q1"), vote("ada", "c")):
            assert (await settled(store, command, "ABCDEF")).refusal is None
        assert [room.code for room in store.rooms()] == [CODE, "ABCDEF"]
        room = store.room(CODE)
        assert room.results(room.question("q1")).total == 0
        assert len(await store.answers("ABCDEF")) == 1


async def test_the_secret_stays_the_same(store: Store) -> None:
    """A token that was signed once stays valid."""
    async with opened(store):
        first = await store.secret()
        assert len(first) >= 32
        assert await store.secret() == first


async def test_closing_commits_what_was_submitted(store: Store) -> None:
    """Nothing is left unanswered by a planned stop."""
    outcomes: list[Outcome] = []
    async with asking(store):
        for name in ("ada", "eve", "bob"):
            store.submit(CODE, vote(name), NOW, outcomes.append)
    assert [outcome.refusal for outcome in outcomes] == [None, None, None]


async def test_a_mistake_in_one_callback_costs_the_others_nothing(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, and every other waiting command hears of its outcome."""

    def broken(_: Outcome) -> None:
        raise RuntimeError

    async with asking(store):
        store.submit(CODE, vote("ada"), NOW, broken)
        assert (await settled(store, vote("eve"))).refusal is None
        assert "RuntimeError" in caplog.text


async def test_a_refused_command_leaves_the_room_as_it_was(store: Store) -> None:
    """A refusal is an outcome with no effects, and no change."""
    async with asking(store):
        outcome = await settled(store, vote("ada", "z"))
        assert isinstance(outcome.refusal, Refusal)
        assert outcome.effects == ()
        assert await store.answers(CODE) == []
