"""What every store promises, whatever it keeps its rooms in."""

from __future__ import annotations

import asyncio
import inspect
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from asking import CODE, NOW, question, vote
from stores import STORES, all_settled, asking, carried_out, opened, settled

from livepoll_jupyter import storage
from livepoll_jupyter.core.commands import AddQuestion, Close, DeleteDraft, EditDraft, EndRoom, Publish, Reveal, SetLock
from livepoll_jupyter.core.effects import Announce, FinalResults, RoomOver, Voted
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


@pytest.fixture(params=STORES.values(), ids=list(STORES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Each store in turn, not yet open."""
    made: Store = request.param(tmp_path)
    return made


def is_store(found: object) -> bool:
    """Whether that is a class of the package with all that the contract asks for."""
    if not inspect.isclass(found) or found is Store or not found.__module__.startswith(storage.__name__):
        return False
    return all(hasattr(found, name) for name in vars(Store) if not name.startswith("_"))


def test_every_store_of_the_package_is_held_to_the_contract(tmp_path: Path) -> None:
    """A class that others are made of is held to it through them; a new store has to be named in ``STORES``."""
    modules = [import_module(f"{storage.__name__}.{found.name}") for found in iter_modules(storage.__path__)]
    classes = {found for module in modules for found in vars(module).values() if is_store(found)}
    bases = {base for found in classes for base in found.__mro__[1:]}
    assert classes - bases == {type(make(tmp_path)) for make in STORES.values()}


async def test_a_vote_is_settled_with_its_tally(store: Store) -> None:
    """The outcome of an accepted vote holds its act, and the tally counts it."""
    async with asking(store):
        outcome = await settled(store, vote("ada", "b"))
        assert outcome == Outcome((Voted("q1", 1, changes_results=True),), act=Act("ada-1-1", 1, "b", 1))
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
        assert room.answer_of("ada") is None


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


async def test_a_draft_stays_edited_or_deleted_after_a_restart(store: Store) -> None:
    """With everything else in its place, and of a question that came and went in one commit there is nothing."""
    async with asking(store):
        await all_settled(
            store,
            *(AddQuestion(question(name)) for name in ("q2", "q3", "q4")),
            EditDraft(question("q4", correct="the median")),
            AddQuestion(question("q5")),
            DeleteDraft("q5"),
        )
        await all_settled(store, DeleteDraft("q2"), AddQuestion(question("q6")))
    async with opened(store):
        room = store.room(CODE)
        assert [each.id for each in room.questions.values()] == ["q1", "q3", "q4", "q6"]
        assert room.question("q4").correct == ("b",)
        assert [each.id for each in await store.questions(CODE)] == ["q1", "q3", "q4", "q6"]
        # What comes after a gap keeps its place beside what is added now, and so after the next restart.
        await all_settled(store, DeleteDraft("q6"), AddQuestion(question("q7")), EditDraft(question("q4")))
    async with opened(store):
        assert [each.id for each in await store.questions(CODE)] == ["q1", "q3", "q4", "q7"]
        assert [each.id for each in store.room(CODE).questions.values()] == ["q1", "q3", "q4", "q7"]


async def test_the_same_op_gets_the_same_answer_and_counts_once(store: Store) -> None:
    """A repeated vote is accepted again, even after the lock, and changes nothing."""
    async with asking(store):
        await carried_out(store, vote("ada", op="one"), SetLock("q1", is_locked=True))
        again = await settled(store, vote("ada", op="one"))
        assert again == Outcome((), act=Act("one", 1, "a", 1))
        assert len(await store.answers(CODE)) == 1


async def test_every_act_gets_its_own_answer_again(store: Store) -> None:
    """A change and a withdrawal later, after the lock, in the next round: always what was told the first time."""
    acts = [vote("ada", "a", op="one"), vote("ada", None, rev=2, op="two"), vote("ada", "b", rev=3, op="three")]
    told = [Act("one", 1, "a", 1), Act("two", 2, None, 2), Act("three", 3, "b", 3)]
    async with asking(store):
        assert [outcome.act for outcome in await all_settled(store, *acts)] == told
        for later in (SetLock("q1", is_locked=True), Close("q1"), Publish("q1")):
            await carried_out(store, later)
            assert await all_settled(store, *acts) == [Outcome((), act=act) for act in told]
        assert store.room(CODE).rev == 3


async def test_an_act_that_is_sent_again_before_its_commit_waits_for_it(store: Store) -> None:
    """Neither is told before the commit, both are told the same, and it counts once."""
    told: list[tuple[Outcome, int]] = []
    act = vote("ada", "a", op="one")
    async with asking(store):
        for each in (act, act, vote("ada", "b", rev=2), act):
            store.submit(CODE, each, NOW, lambda outcome: told.append((outcome, store.room(CODE).rev)))
        assert told == []
        await settled(store, SetLock("q1", is_locked=True))
    one = Act("one", 1, "a", 1)
    assert [(outcome.act, rev, bool(outcome.effects)) for outcome, rev in told] == [
        (one, 1, True),
        (one, 1, False),
        (Act("ada-1-2", 2, "b", 2), 2, True),
        (one, 2, False),
    ]


async def test_a_refused_act_is_decided_anew(store: Store) -> None:
    """Refusals are not remembered: once the question is open again, the same act counts."""
    act = vote("ada", op="one")
    async with asking(store):
        lock, unlock = SetLock("q1", is_locked=True), SetLock("q1", is_locked=False)
        _, first, _, second = await all_settled(store, lock, act, unlock, act)
        assert isinstance(first.refusal, QuestionLocked)
        assert (second.refusal, second.act) == (None, Act("one", 1, "a", 1))


async def test_a_withdrawn_vote_is_in_no_tally_and_no_row(store: Store) -> None:
    """The others' votes stay, and the participant is reminded of the withdrawal."""
    async with asking(store):
        await carried_out(store, vote("ada", "a"), vote("eve", "b"), vote("ada", None, rev=2))
        room = store.room(CODE)
        results = room.results(room.question("q1"))
        assert (results.counts, results.total, results.participants) == ({"a": 0, "b": 1, "c": 0}, 1, 1)
        assert [row.participant for row in await store.answers(CODE)] == ["eve"]
        mine = room.answer_of("ada")
        assert mine is not None
        assert (mine.answer, mine.rev) == (None, 2)


async def test_a_withdrawal_is_ordered_like_any_vote(store: Store) -> None:
    """A late retry loses to it, it loses to a newer vote, and after the lock it is refused."""
    async with asking(store):
        await carried_out(store, vote("ada", None, rev=2), vote("eve", "a", rev=2))
        late, early = vote("ada", "a", rev=1, op="late"), vote("eve", None, rev=1, op="early")
        outcomes = await all_settled(store, late, early, SetLock("q1", is_locked=True), vote("eve", None, rev=3))
        assert [type(outcome.refusal) for outcome in outcomes] == [StaleVote, StaleVote, type(None), QuestionLocked]
        assert [row.participant for row in await store.answers(CODE)] == ["eve"]


async def test_votes_are_numbered_in_the_order_they_are_settled(store: Store) -> None:
    """Changes and withdrawals too; refused and repeated ones take no number."""
    async with asking(store):
        outcomes = await all_settled(
            store,
            vote("ada"),
            vote("eve", "z"),
            vote("ada"),
            vote("eve"),
            vote("ada", "b", rev=2),
            vote("eve", None, rev=2),
        )
        numbers = [outcome.act.number if outcome.act else None for outcome in outcomes]
        assert numbers == [1, None, 1, 2, 3, 4]
        assert store.room(CODE).rev == 4


async def test_who_is_told_of_a_command_sees_the_room_as_it_is_after_it(store: Store) -> None:
    """Not as later commands of the same commit leave it."""
    seen: list[tuple[bool, int, int]] = []

    def look(_: Outcome) -> None:
        room = store.room(CODE)
        asked = room.question("q1")
        seen.append((asked.is_locked, room.seq, room.results(asked).total))

    async with asking(store):
        for command in (vote("ada"), SetLock("q1", is_locked=True), SetLock("q1", is_locked=False), vote("eve")):
            store.submit(CODE, command, NOW, look)
        look(Outcome(()))
        await settled(store, vote("bob"))
    assert seen == [(False, 1, 0), (False, 1, 1), (True, 2, 1), (False, 3, 1), (False, 3, 2)]


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
        with pytest.raises(NotFound):
            store.title("NEVER2")
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
        assert store.title(CODE) == "Statistics 101"


async def test_the_end_of_a_room_is_ordered_like_any_command(store: Store) -> None:
    """What was voted before it counts; what comes after it is refused, with every kind of command."""
    after = (vote("eve"), SetLock("q1", is_locked=True), AddQuestion(question("q2")), EndRoom())
    async with asking(store):
        before, end, *late = await all_settled(store, vote("ada"), EndRoom(), *after)
        assert (before.refusal, end.refusal) == (None, None)
        assert {type(outcome.refusal) for outcome in late} == {RoomEnded}
        assert [(asked.id, asked.is_active, asked.is_locked) for asked in await store.questions(CODE)] == [
            ("q1", False, True)
        ]
        assert [row.participant for row in await store.answers(CODE)] == ["ada"]


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


async def test_what_follows_is_carried_out_once_for_votes_in_a_row(store: Store) -> None:
    """Before who voted is told; what a lock does comes between the votes before it and those after the unlock."""
    seen: list[object] = []
    store.on_effects(lambda code, effects: seen.append((code, type(effects[0]))))
    async with asking(store):
        seen.clear()
        for command in (
            vote("ada"), vote("eve"), vote("bob", "z"), vote("kim"),
            SetLock("q1", is_locked=True), SetLock("q1", is_locked=False), vote("tom"), vote("tom", rev=2),
        ):  # fmt: skip
            store.submit(CODE, command, NOW, seen.append)
        await asyncio.wait_for(store.settled(), 10)
        voted, announced = (CODE, Voted), (CODE, Announce)
        followed = [each for each in seen if isinstance(each, tuple)]
        assert followed == [voted, announced, announced, voted, voted]
        assert [isinstance(each, tuple) for each in seen[:3]] == [True, False, False]
        assert len(seen) == len(followed) + 8


async def test_what_follows_is_carried_out_in_each_room(store: Store) -> None:
    """Votes of two rooms that come by turns, in questions of one name, are no votes in a row."""
    codes: list[str] = []
    async with asking(store):
        await store.open_room("ABCDEF", "Physics", "epoch-2", NOW + 1)
        for command in (AddQuestion(question()), Publish("q1")):
            await settled(store, command, "ABCDEF")
        store.on_effects(lambda code, _: codes.append(code))
        for code, who in ((CODE, "ada"), ("ABCDEF", "ada"), ("ABCDEF", "eve"), (CODE, "eve")):
            store.submit(code, vote(who), NOW, lambda _: None)
        await asyncio.wait_for(store.settled(), 10)
    assert codes == [CODE, "ABCDEF", CODE]


async def test_waiting_until_all_is_settled_may_be_given_up(store: Store) -> None:
    """It stops no commit; and where nothing was submitted, nothing is waited for."""
    outcomes: list[Outcome] = []
    async with asking(store):
        await store.settled()
        store.submit(CODE, vote("ada"), NOW, outcomes.append)
        waiting = asyncio.ensure_future(store.settled())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait_for(store.settled(), 10)
        assert [outcome.refusal for outcome in outcomes] == [None]


async def test_a_refused_command_leaves_the_room_as_it_was(store: Store) -> None:
    """A refusal is an outcome with no effects, and no change."""
    async with asking(store):
        outcome = await settled(store, vote("ada", "z"))
        assert isinstance(outcome.refusal, Refusal)
        assert outcome.effects == ()
        assert await store.answers(CODE) == []


async def test_a_store_that_stores_has_no_trouble(store: Store) -> None:
    """Nobody is told of any, whatever is refused by the rules."""
    told: list[str | None] = []
    async with opened(store):
        store.on_trouble(lambda: told.append(store.trouble))
        await store.open_room(CODE, "Statistics 101", "epoch-1", NOW)
        await carried_out(store, AddQuestion(question()), Publish("q1"), vote("ada"))
        assert (await settled(store, vote("eve", "z"))).refusal is not None
        assert (store.trouble, told) == (None, [])
