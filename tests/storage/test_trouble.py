"""What the engine does while its journal fails: what is told, how it ends, what a room holds meanwhile."""

from __future__ import annotations

import asyncio
from random import Random

import msgspec
import pytest
from asking import CODE, NOW, question, vote
from hand_timers import HandTimers
from stores import all_settled, asking, carried_out, settled, submitted

from livepoll_jupyter.core.commands import AddQuestion, Close, Command, EndRoom, Publish, Reveal, SetLock
from livepoll_jupyter.core.effects import Effect, RoomOver
from livepoll_jupyter.core.errors import Conflict, RoomEnded, Unavailable
from livepoll_jupyter.core.room import Room
from livepoll_jupyter.storage.base import Outcome, Store
from livepoll_jupyter.storage.journal import Batch, CommitInDoubt, JournalError
from livepoll_jupyter.storage.local import LocalStore
from livepoll_jupyter.storage.memory import MemoryJournal
from livepoll_jupyter.storage.trouble import SLOW, SLOW_DISK, TRY_AGAIN

ADVICE = "The dog ate the disk. Feed the dog."


class Disk(MemoryJournal):
    """Fails each commit with ``failure`` while there is one, waits while ``hold`` was called, counts what it is asked.

    With ``keeps_what_fails``, what it says has failed is there nevertheless.
    """

    def __init__(self) -> None:
        super().__init__()
        self.failure: Exception | None = None
        self.keeps_what_fails = False
        self.commits = 0
        self.reads = 0
        self.is_given_up = False
        self.began = asyncio.Event()
        self._held: asyncio.Semaphore | None = None

    def hold(self) -> None:
        """Let no commit end from now on."""
        self.began.clear()
        self._held = asyncio.Semaphore(0)

    def let_one_go(self) -> None:
        """Let one commit end, and hold the next."""
        assert self._held is not None
        self.began.clear()
        self._held.release()

    def let_go(self) -> None:
        """Let all commits end."""
        self.let_one_go()
        self._held = None

    async def commit(self, batch: Batch) -> None:
        """Wait, then fail or keep the batch."""
        self.commits += 1
        self.began.set()
        if self._held is not None:
            await self._held.acquire()
        if self.failure is None or self.keeps_what_fails:
            await super().commit(batch)
        if self.failure is not None:
            raise self.failure

    async def room(self, code: str) -> Room | None:
        """Count, and read the room."""
        self.reads += 1
        return await super().room(code)

    def give_up(self) -> None:
        """Note it."""
        self.is_given_up = True


class Told:
    """What somebody who listens has been told of a store's trouble, and waits for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changed = asyncio.Event()
        self.sentences: list[str | None] = []
        store.on_trouble(self._note)

    def _note(self) -> None:
        self.sentences.append(self._store.trouble)
        self._changed.set()

    async def next(self) -> str | None:
        """The present sentence after the next change, or the last one that was not waited for."""
        await asyncio.wait_for(self._changed.wait(), 10)
        self._changed.clear()
        return self.sentences[-1]


@pytest.fixture
def disk() -> Disk:
    """A disk that works."""
    return Disk()


@pytest.fixture
def timers() -> HandTimers:
    """Time in the test's hand."""
    return HandTimers()


@pytest.fixture
def store(disk: Disk, timers: HandTimers) -> LocalStore:
    """A store over them, not yet open."""
    return LocalStore(disk, after=timers.after)


# ---------------------------------------------------------------- what is told


async def test_the_trouble_is_told_once_and_ends_with_the_next_commit(store: LocalStore, disk: Disk) -> None:
    """However many votes are refused meanwhile, the instructor reads one sentence."""
    async with asking(store):
        told = Told(store)
        disk.failure = JournalError("errno 28", ADVICE)
        for _ in range(3):
            assert isinstance((await settled(store, vote())).refusal, Unavailable)
        assert store.trouble == ADVICE
        disk.failure = None
        assert (await settled(store, vote())).refusal is None
        assert told.sentences == [ADVICE, None]


async def test_a_new_cause_is_told(store: LocalStore, disk: Disk) -> None:
    """Room was made, and now the disk is read-only."""
    async with asking(store):
        told = Told(store)
        for advice in ("Make room.", "Make it writable."):
            disk.failure = JournalError("", advice)
            await settled(store, vote())
        disk.failure = OSError("what nobody thought of")
        await settled(store, vote())
        disk.failure = None
        assert told.sentences[:2] == ["Make room.", "Make it writable."]
        assert told.sentences[2] is not None
        assert "nobody thought of" not in told.sentences[2]


async def test_only_the_instructor_is_told_why(store: LocalStore, disk: Disk) -> None:
    """A lock is refused with the sentence; a vote with one that asks nothing of the student."""
    async with asking(store):
        disk.failure = JournalError("", ADVICE)
        lock, cast = await all_settled(store, SetLock("q1", is_locked=True), vote())
        assert lock.refusal is not None
        assert cast.refusal is not None
        assert "was not done" in lock.refusal.message
        assert ADVICE in lock.refusal.message
        assert "sent again by itself" in cast.refusal.message
        assert "dog" not in cast.refusal.message
        assert lock.refusal.retry is cast.refusal.retry is True
        with pytest.raises(Unavailable, match="Feed the dog"):
            await store.open_room("ABCDEF", "Physics", "epoch-2", NOW)
        disk.failure = None


async def test_a_listener_that_fails_costs_nobody_their_ack(
    store: LocalStore, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged."""

    def broken() -> None:
        raise RuntimeError

    async with asking(store):
        store.on_trouble(broken)
        disk.failure = JournalError()
        assert isinstance((await settled(store, vote())).refusal, Unavailable)
        disk.failure = None
        assert (await settled(store, vote())).refusal is None
        assert "RuntimeError" in caplog.text


# ---------------------------------------------------------------- recovery


async def test_the_trouble_ends_although_nobody_asks_for_anything(
    store: LocalStore, disk: Disk, timers: HandTimers
) -> None:
    """The store tries each second; the first try that works is told."""
    async with asking(store):
        told = Told(store)
        disk.failure = JournalError("", ADVICE)
        await settled(store, vote())
        assert await told.next() == ADVICE
        for _ in range(3):
            disk.began.clear()
            timers.advance(TRY_AGAIN)
            await asyncio.wait_for(disk.began.wait(), 10)
            await settled(store, Reveal("no such question"))
            assert store.trouble == ADVICE
        disk.failure = None
        timers.advance(TRY_AGAIN)
        assert await told.next() is None
        assert timers.waiting == 0


async def test_a_failed_room_may_be_opened_under_the_same_code_later(store: LocalStore, disk: Disk) -> None:
    """A code that no room was ever given is not used up."""
    async with asking(store):
        disk.failure = JournalError()
        with pytest.raises(Unavailable):
            await store.open_room("ABCDEF", "Physics", "epoch-2", NOW)
        disk.failure = None
        assert (await store.open_room("ABCDEF", "Physics", "epoch-2", NOW)).code == "ABCDEF"


async def test_a_room_that_was_opened_after_all_keeps_its_code(store: LocalStore, disk: Disk) -> None:
    """The instructor was refused, and the file has it: the code is never given to another room."""
    async with asking(store):
        disk.failure, disk.keeps_what_fails = CommitInDoubt(), True
        with pytest.raises(Unavailable):
            await store.open_room("ABCDEF", "Physics", "epoch-2", NOW)
        disk.failure = None
        assert store.room("ABCDEF").title == "Physics"
        with pytest.raises(Conflict):
            await store.open_room("ABCDEF", "Chemistry", "epoch-3", NOW)


# ---------------------------------------------------------------- a slow disk


async def test_a_commit_that_takes_long_is_told_until_it_is_done(
    store: LocalStore, disk: Disk, timers: HandTimers
) -> None:
    """The vote waits and is neither refused nor acknowledged before it is stored."""
    async with asking(store):
        told = Told(store)
        disk.hold()
        waiting = submitted(store, vote())
        await asyncio.wait_for(disk.began.wait(), 10)
        timers.advance(SLOW - 0.1)
        assert store.trouble is None
        timers.advance(0.1)
        assert store.trouble == SLOW_DISK
        assert not waiting.done()
        disk.let_go()
        assert (await asyncio.wait_for(waiting, 10)).refusal is None
        assert told.sentences == [SLOW_DISK, None]
        assert timers.waiting == 0


async def test_a_disk_that_stays_slow_is_told_once(store: LocalStore, disk: Disk, timers: HandTimers) -> None:
    """While more votes wait, the end of one slow commit is not the end of it."""
    async with asking(store):
        told = Told(store)
        disk.hold()
        first = submitted(store, vote("ada"))
        await asyncio.wait_for(disk.began.wait(), 10)
        timers.advance(SLOW)
        second = submitted(store, vote("eve"))
        disk.let_one_go()
        await asyncio.wait_for(disk.began.wait(), 10)
        assert first.done()
        assert store.trouble == SLOW_DISK
        timers.advance(SLOW)
        disk.let_go()
        await asyncio.wait_for(second, 10)
        assert told.sentences == [SLOW_DISK, None]


async def test_a_slow_commit_that_then_fails_is_told_as_a_failure(
    store: LocalStore, disk: Disk, timers: HandTimers
) -> None:
    """What the instructor has to do is another thing now."""
    async with asking(store):
        told = Told(store)
        disk.hold()
        waiting = submitted(store, vote())
        await asyncio.wait_for(disk.began.wait(), 10)
        timers.advance(SLOW)
        disk.failure = JournalError("", ADVICE)
        disk.let_go()
        assert isinstance((await asyncio.wait_for(waiting, 10)).refusal, Unavailable)
        assert told.sentences == [SLOW_DISK, ADVICE]
        disk.failure = None


# ---------------------------------------------------------------- the room meanwhile


def any_command(chance: Random) -> Command:
    """Mostly votes."""
    others: list[Command] = [
        SetLock("q1", is_locked=True), SetLock("q1", is_locked=False), Close("q1"), Publish("q1"), Reveal("q1"),
        AddQuestion(question(f"q{chance.randint(2, 9)}"), publish=True),
    ]  # fmt: skip
    answer = chance.choice(("a", "b", None))
    cast = vote(f"p{chance.randrange(5)}", answer, number=chance.randint(1, 3), rev=chance.randint(1, 9))
    return chance.choice(others) if chance.random() < 0.3 else cast


@pytest.mark.parametrize("seed", range(20))
async def test_a_failed_batch_leaves_the_room_as_it_is_stored(seed: int, store: LocalStore, disk: Disk) -> None:
    """The very object that readers hold, with its history, equal to what the journal holds; nothing is read for it."""
    chance = Random(seed)
    async with asking(store):
        room = store.room(CODE)
        for _ in range(30):
            disk.failure = chance.choice((None, JournalError()))
            before = list(room.replay)
            outcomes = await all_settled(store, *(any_command(chance) for _ in range(chance.randint(1, 5))))
            assert disk.reads == 0
            assert store.room(CODE) is room
            stored = await MemoryJournal.room(disk, CODE)
            assert stored is not None
            assert msgspec.structs.replace(stored, replay=room.replay) == room
            if disk.failure and any(isinstance(outcome.refusal, Unavailable) for outcome in outcomes):
                assert list(room.replay) == before
        disk.failure = None


async def test_what_was_decided_behind_a_batch_that_failed_is_forgotten_too(store: LocalStore, disk: Disk) -> None:
    """A vote that came while the disk was failing is refused, and its retry is stored: it is not taken for known."""
    async with asking(store):
        disk.hold()
        first = submitted(store, vote("ada"))
        await asyncio.wait_for(disk.began.wait(), 10)
        behind = submitted(store, vote("bob", "b"))
        disk.failure = JournalError("no")
        disk.let_go()
        refusals = [(await asyncio.wait_for(outcome, 10)).refusal for outcome in (first, behind)]
        assert [type(refusal) for refusal in refusals] == [Unavailable, Unavailable]
        disk.failure = None
        await carried_out(store, vote("bob", "b"))
        assert [row.participant for row in await store.answers(CODE)] == ["bob"]


async def test_an_end_that_could_not_be_stored_is_none(store: LocalStore, disk: Disk) -> None:
    """The room goes on."""
    async with asking(store):
        disk.failure = JournalError()
        assert isinstance((await settled(store, EndRoom())).refusal, Unavailable)
        disk.failure = None
        await carried_out(store, vote())
        assert store.room(CODE).rev == 1


async def test_a_commit_in_doubt_that_did_not_happen_changes_nothing(store: LocalStore, disk: Disk) -> None:
    """The journal is read, and what readers hold stays."""
    async with asking(store):
        room = store.room(CODE)
        epoch = room.epoch
        disk.failure = CommitInDoubt()
        assert isinstance((await settled(store, vote())).refusal, Unavailable)
        disk.failure = None
        assert disk.reads == 1
        assert store.room(CODE) is room
        assert (room.epoch, room.rev) == (epoch, 0)


async def test_a_commit_in_doubt_that_happened_is_the_truth(store: LocalStore, disk: Disk) -> None:
    """The room is another one, in a new epoch; a vote that is sent again is the same one."""
    async with asking(store):
        epoch, seq = store.room(CODE).epoch, store.room(CODE).seq
        disk.failure, disk.keeps_what_fails = CommitInDoubt(), True
        outcomes = await all_settled(store, vote("ada", op="one"), SetLock("q1", is_locked=True))
        assert {type(outcome.refusal) for outcome in outcomes} == {Unavailable}
        disk.failure = None
        room = store.room(CODE)
        assert room.epoch != epoch
        assert (room.seq, room.rev, room.question("q1").is_locked) == (seq + 1, 1, True)
        assert (await settled(store, vote("ada", op="one"))).refusal is None
        assert room.results(room.question("q1")).total == 1


async def test_an_end_in_doubt_that_happened_ends_the_room(store: LocalStore, disk: Disk) -> None:
    """Everybody in it is told, and neither its code nor its title leads to it any more."""
    async with asking(store):
        told: list[Effect] = []
        store.on_effects(lambda _, effects: told.extend(effects))
        disk.failure, disk.keeps_what_fails = CommitInDoubt(), True
        assert isinstance((await settled(store, EndRoom())).refusal, Unavailable)
        disk.failure = None
        assert told == [RoomOver()]
        with pytest.raises(RoomEnded):
            store.room(CODE)
        assert (store.rooms(), store.newest("Statistics 101")) == ([], None)
        assert isinstance((await settled(store, vote())).refusal, RoomEnded)


# ---------------------------------------------------------------- a disk that hangs


async def test_closing_gives_up_on_a_disk_that_hangs(store: LocalStore, disk: Disk, timers: HandTimers) -> None:
    """Who closes may stop waiting: the vote is told neither way, then or later, and no timer is left."""
    await store.open()
    await store.open_room(CODE, "Statistics 101", "epoch-1", NOW)
    await carried_out(store, AddQuestion(question()), Publish("q1"))
    told: list[Outcome] = []
    disk.hold()
    store.submit(CODE, vote(), NOW, told.append)
    await asyncio.wait_for(disk.began.wait(), 10)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(store.close(), 0.01)
    assert disk.is_given_up
    disk.let_go()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert (told, timers.waiting) == ([], 0)
