"""The engine between rooms and journal, over a journal that fails when told to."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable
from contextlib import suppress

import pytest
from asking import CODE, NOW, vote
from stores import asking, carried_out, settled, submitted

from livepoll_jupyter.core.commands import SetLock
from livepoll_jupyter.core.errors import BadAnswer, QuestionLocked, Unavailable
from livepoll_jupyter.core.room import Room
from livepoll_jupyter.storage import local
from livepoll_jupyter.storage.base import Outcome, Store
from livepoll_jupyter.storage.journal import Batch, CommitInDoubt, JournalError
from livepoll_jupyter.storage.local import ENOUGH, LONGEST, RUSH, LocalStore
from livepoll_jupyter.storage.memory import MemoryJournal


class BrokenJournal(MemoryJournal):
    """Neither writes nor reads while ``is_broken``, and does not know what became of a write."""

    is_broken = False

    async def commit(self, batch: Batch) -> None:
        """Fail, or keep the batch."""
        if self.is_broken:
            raise CommitInDoubt
        await super().commit(batch)

    async def room(self, code: str) -> Room | None:
        """Fail, or read the room."""
        if self.is_broken:
            raise JournalError
        return await super().room(code)


class SlowJournal(MemoryJournal):
    """Commits only when let, and fails once if ``is_full``; ``batches`` holds what each commit was to write."""

    def __init__(self) -> None:
        super().__init__()
        self.is_full = False
        self.batches: list[Batch] = []
        self.began = asyncio.Event()
        self.may_commit = asyncio.Event()
        self.may_commit.set()

    def hold(self) -> None:
        """Let no commit end from now on, and forget the earlier ones."""
        self.batches.clear()
        self.began.clear()
        self.may_commit.clear()

    async def commit(self, batch: Batch) -> None:
        """Wait for ``may_commit``."""
        self.batches.append(batch)
        self.began.set()
        await asyncio.wait_for(self.may_commit.wait(), 10)
        if self.is_full:
            self.is_full = False
            raise JournalError
        await super().commit(batch)


async def test_a_room_that_cannot_be_read_again_is_unavailable_until_it_can() -> None:
    """Nothing is shown of a room whose decided and committed states may differ."""
    journal = BrokenJournal()
    async with asking(LocalStore(journal)) as store:
        journal.is_broken = True
        assert isinstance((await settled(store, vote("ada"))).refusal, Unavailable)
        with pytest.raises(Unavailable):
            store.room(CODE)
        assert list(store.rooms()) == []
        journal.is_broken = False
        assert isinstance((await settled(store, vote("ada"))).refusal, Unavailable)
        assert (await settled(store, vote("ada"))).refusal is None
        assert store.room(CODE).rev == 1


async def test_what_gathers_during_a_commit_goes_into_the_next_one() -> None:
    """Group commit without a timer: one commit for the first vote, one for all that came meanwhile."""
    journal = SlowJournal()
    async with asking(LocalStore(journal)) as store:
        journal.hold()
        first = submitted(store, vote("p0"))
        await asyncio.wait_for(journal.began.wait(), 10)
        rest = [submitted(store, vote(f"p{number}")) for number in range(1, 100)]
        journal.may_commit.set()
        await asyncio.wait_for(asyncio.gather(first, *rest), 10)
        assert [len(batch[CODE].votes) for batch in journal.batches] == [1, 99]


async def rush(store: Store, turns: int, each: int, before: str = "p") -> list[asyncio.Future[Outcome]]:
    """So many votes in each of so many turns of the loop; what will become of them."""
    coming = []
    for turn in range(turns):
        coming += [submitted(store, vote(f"{before}-{turn}-{number}")) for number in range(each)]
        await asyncio.sleep(0)
    return coming


@pytest.fixture
def second_hand(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """The store's clock stands still until it is told how many seconds go by between two looks at it."""
    step, now = 0.0, 0.0

    def look() -> float:
        nonlocal now
        now += step
        return now

    def go(seconds: float) -> None:
        nonlocal step
        step = seconds

    monkeypatch.setattr(local, "monotonic", look)
    return go


@pytest.mark.usefixtures("second_hand")
async def test_a_rush_of_votes_shares_few_commits() -> None:
    """A commit of its own for what each turn of the loop brings would cost more than the votes."""
    journal = SlowJournal()
    async with asking(LocalStore(journal)) as store:
        journal.batches.clear()
        await asyncio.wait_for(asyncio.gather(*await rush(store, 3 * ENOUGH // 32, 32)), 10)
        sizes = [len(batch[CODE].votes) for batch in journal.batches]
        assert sum(sizes) == 3 * ENOUGH
        assert len(sizes) <= 4
        assert max(sizes) < 2 * ENOUGH


async def test_few_votes_wait_for_no_others() -> None:
    """They are on their way to the disk in the same turn of the loop."""
    journal = SlowJournal()
    async with asking(LocalStore(journal)) as store:
        journal.hold()
        coming = await rush(store, 1, RUSH - 1)
        assert len(journal.batches) == 1
        journal.may_commit.set()
        await asyncio.wait_for(asyncio.gather(*coming), 10)


async def test_a_rush_does_not_wait_for_long_turns_of_the_loop(second_hand: Callable[[float], None]) -> None:
    """While a broadcast to thousands takes its slices, votes are committed in between."""
    journal = SlowJournal()
    async with asking(LocalStore(journal)) as store:
        journal.hold()
        second_hand(LONGEST / 2)
        coming = await rush(store, 4, RUSH)
        assert [len(batch[CODE].votes) for batch in journal.batches] == [2 * RUSH]
        journal.may_commit.set()
        await asyncio.wait_for(asyncio.gather(*coming), 10)


@pytest.mark.usefixtures("second_hand")
async def test_a_lock_ends_the_gathering_of_a_rush() -> None:
    """However many votes still come, what the instructor does is committed with those that came before."""
    journal = SlowJournal()
    async with asking(LocalStore(journal)) as store:
        journal.hold()
        coming = await rush(store, 2, 16)
        assert journal.batches == []
        locked = submitted(store, SetLock("q1", is_locked=True))
        coming += await rush(store, 2, 16, "late")
        assert [len(batch[CODE].votes) for batch in journal.batches] == [32]
        assert journal.batches[0][CODE].questions["q1"].question.is_locked
        journal.may_commit.set()
        await asyncio.wait_for(asyncio.gather(locked, *coming), 10)


async def test_what_was_decided_upon_a_failed_commit_is_refused_with_it() -> None:
    """A vote that came while the failing commit ran must not count on what that commit would have written."""
    journal = SlowJournal()
    async with asking(LocalStore(journal)) as store:
        journal.hold()
        first = submitted(store, vote("ada", "a"))
        await asyncio.wait_for(journal.began.wait(), 10)
        later = [submitted(store, vote("ada", "b", rev=2)), submitted(store, vote("eve", "c"))]
        journal.is_full = True
        journal.may_commit.set()
        outcomes = await asyncio.wait_for(asyncio.gather(first, *later), 10)
        assert {type(outcome.refusal) for outcome in outcomes} == {Unavailable}
        assert await store.answers(CODE) == []


async def test_a_refusal_waits_for_the_commit_of_what_caused_it() -> None:
    """Who is refused because of a lock must not hear so before the lock is durable."""
    journal = SlowJournal()
    told: list[Outcome] = []
    async with asking(LocalStore(journal)) as store:
        journal.hold()
        store.submit(CODE, SetLock("q1", is_locked=True), NOW, told.append)
        late = asyncio.ensure_future(settled(store, vote("ada")))
        await asyncio.wait_for(journal.began.wait(), 10)
        assert (told, late.done()) == ([], False)
        journal.may_commit.set()
        assert isinstance((await asyncio.wait_for(late, 10)).refusal, QuestionLocked)
        assert len(told) == 1


async def test_a_refusal_that_was_raised_is_forgotten() -> None:
    """Its traceback holds what it went through, the outcome it came with included; none of that stays in memory."""
    waiting: list[weakref.ref[asyncio.Future[Outcome]]] = []

    async def ask(store: Store) -> None:
        answer = submitted(store, vote("ada", "no option"))
        waiting.append(weakref.ref(answer))
        refusal = (await answer).refusal
        assert refusal is not None
        raise refusal

    async with asking(LocalStore(MemoryJournal())) as store:
        with suppress(BadAnswer):
            await ask(store)
        await carried_out(store, vote("eve"))  # until then the loop itself holds what woke this test
        gc.collect()
        assert waiting[0]() is None
