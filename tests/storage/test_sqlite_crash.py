"""``kill -9`` and a full disk: no vote that was acknowledged is lost, none that was not is acknowledged."""

from __future__ import annotations

import asyncio
import os
import resource
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from asking import CODE, vote
from stores import all_settled, asking, carried_out, never, opened, settled, sqlite_store, submitted

from livepoll_jupyter.core.commands import SetLock
from livepoll_jupyter.core.effects import Announce
from livepoll_jupyter.core.errors import Unavailable
from livepoll_jupyter.storage.base import Store
from livepoll_jupyter.storage.sqlite import SqliteStore

CHILD = Path(__file__).with_name("voting_child.py")
ACKS = 2_000


async def test_a_killed_process_loses_no_acknowledged_vote(tmp_path: Path) -> None:
    """Killed in the middle of voting; every op it had printed is in the file."""
    path = os.pathsep.join([str(CHILD.parent), str(CHILD.parents[1])])
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        str(CHILD),
        str(tmp_path / "rooms.db"),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert child.stdout is not None
    printed = [await asyncio.wait_for(child.stdout.readline(), 60) for _ in range(ACKS)]
    child.kill()
    rest = await asyncio.wait_for(child.stdout.read(), 60)
    await asyncio.wait_for(child.wait(), 60)
    acked = b"".join(printed) + rest[: rest.rfind(b"\n") + 1]
    async with opened(sqlite_store(tmp_path)) as store:
        room = store.room(CODE)
        kept = {answer.act.op for answer in room.rounds["q1", 1].answers.values()}
        assert set(acked.decode().split()) <= kept
        assert room.results(room.question("q1")).total == len(kept) == room.rev


@contextmanager
def disk_full() -> Iterator[None]:
    """No file can be written to: the kernel refuses it, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@asynccontextmanager
async def asking_undisturbed(folder: Path) -> AsyncIterator[Store]:
    """A store in which ``q1`` is asked, and whose log is not written back: that too would find the disk full."""
    async with asking(SqliteStore(folder / "rooms.db", after=never)) as store:
        await store.answers(CODE)  # behind the write-back that opening has begun, by the same thread
        yield store


async def test_a_full_disk_gives_no_false_ack_and_recovers_unaided(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Votes are refused as retryable while nothing can be written, and counted again once it can."""
    async with asking_undisturbed(tmp_path) as store:
        await carried_out(store, vote("ada", "a"))
        with disk_full():
            refused = await all_settled(store, vote("ada", "b", rev=2), vote("eve", "b"))
            assert [type(outcome.refusal) for outcome in refused] == [Unavailable, Unavailable]
            assert [outcome.effects for outcome in refused] == [(), ()]
            assert isinstance((await settled(store, vote("eve", "b"))).refusal, Unavailable)
            assert [(row.participant, row.answer) for row in await store.answers(CODE)] == [("ada", "a")]
        assert (await settled(store, vote("eve", "b"))).refusal is None
        room = store.room(CODE)
        assert room.results(room.question("q1")).counts == {"a": 1, "b": 1, "c": 0}
    assert [record.levelname for record in caplog.records if record.name.startswith("livepoll")] == ["ERROR", "WARNING"]
    async with opened(sqlite_store(tmp_path)) as store:
        assert [(row.participant, row.answer) for row in await store.answers(CODE)] == [("ada", "a"), ("eve", "b")]


async def test_after_a_failed_commit_the_room_is_as_if_nothing_had_been_asked(tmp_path: Path) -> None:
    """The very object that readers hold, with its history: the next event takes the number of the one that was lost."""
    async with asking_undisturbed(tmp_path) as store:
        before = store.room(CODE)
        seq, epoch = before.seq, before.epoch
        with disk_full():
            assert isinstance((await settled(store, SetLock("q1", is_locked=True))).refusal, Unavailable)
        assert store.room(CODE) is before
        assert (before.seq, before.epoch, before.question("q1").is_locked) == (seq, epoch, False)
        assert (await settled(store, vote("ada"))).refusal is None
        locked = await settled(store, SetLock("q1", is_locked=True))
        events = [effect.event for effect in locked.effects if isinstance(effect, Announce)]
        assert [(event.seq, event.epoch) for event in events] == [(seq + 1, epoch)]


async def test_a_room_that_could_not_be_written_is_not_opened(tmp_path: Path) -> None:
    """The instructor hears of it, and no code is handed out that a restart would forget."""
    async with asking_undisturbed(tmp_path) as store:
        with disk_full(), pytest.raises(Unavailable):
            await store.open_room("ABCDEF", "Physics", "epoch-2", 0.0)
        assert [room.code for room in store.rooms()] == [CODE]


async def test_all_that_a_failed_commit_held_is_refused_with_it(tmp_path: Path) -> None:
    """A transaction is written whole or not at all."""
    async with asking_undisturbed(tmp_path) as store:
        with disk_full():
            first = submitted(store, vote("ada", "a"))
            later = await all_settled(store, vote("ada", "b", rev=2), vote("eve", "c"))
            assert isinstance((await asyncio.wait_for(first, 10)).refusal, Unavailable)
            assert {type(outcome.refusal) for outcome in later} == {Unavailable}
        assert await store.answers(CODE) == []
