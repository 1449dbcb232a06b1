"""What other programs may do to the file while a server uses it: read it. What else they do is noticed."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from asking import CODE, NOW, question, vote
from hand_timers import HandTimers
from stores import all_settled, ask, asking, carried_out, opened, settled, sqlite_store
from test_foreign_files import copy_with_log

from livepoll_jupyter.core.commands import AddQuestion, EndRoom
from livepoll_jupyter.core.errors import BadSetting, Conflict, NotFound, RoomEnded, Unavailable
from livepoll_jupyter.storage import file_system, sqlite_file
from livepoll_jupyter.storage.base import Store
from livepoll_jupyter.storage.journal import ROWS_AT_ONCE
from livepoll_jupyter.storage.memory import MemoryStore
from livepoll_jupyter.storage.sqlite import IDLE, SqliteStore

SELECT = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
print([participant for (participant,) in connection.execute("SELECT participant FROM answers ORDER BY participant")])
connection.close()
"""

READ_ON = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN")
connection.execute("SELECT count(*) FROM votes").fetchone()
print("reading", flush=True)
sys.stdin.read()
print(connection.execute("SELECT count(*) FROM votes").fetchone()[0])
"""

WRITE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute(sys.argv[2])
connection.close()
"""


async def run(program: str, *arguments: str | Path) -> str:
    """What another process prints."""
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, *map(str, arguments), stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await asyncio.wait_for(other.communicate(), 60)
    assert other.returncode == 0
    return printed.decode().strip()


async def participants(store: Store) -> list[str]:
    """Whose answers are committed."""
    return [row.participant for row in await store.answers(CODE)]


async def written_back(store: SqliteStore) -> None:
    """Return when all that the second thread was asked to do is done."""
    second = store._file._second
    assert second is not None
    await asyncio.wait_for(second.do(lambda: None), 10)


async def pause(store: SqliteStore, timers: HandTimers) -> None:
    """Let so much time go by without votes that the log is written back."""
    timers.advance(IDLE)
    timers.advance(IDLE)
    await written_back(store)


# ---------------------------------------------------------------- reading


async def test_another_program_reads_the_file_while_the_server_writes_it(tmp_path: Path) -> None:
    """With every acknowledged vote; and when it goes it takes nothing along, though somebody has looked at the file."""
    store = sqlite_store(tmp_path)
    async with asking(store):
        await carried_out(store, vote("ada"))
        look_at_all(tmp_path)
        assert await run(SELECT, store.path) == "['ada']"
        await carried_out(store, vote("eve"))
        assert await run(SELECT, store.path) == "['ada', 'eve']"
    async with opened(sqlite_store(tmp_path)) as again:
        assert await participants(again) == ["ada", "eve"]


async def test_a_reader_that_never_ends_keeps_no_vote_waiting(tmp_path: Path) -> None:
    """It sees what was there when it began."""
    store = sqlite_store(tmp_path)
    async with asking(store):
        await carried_out(store, vote("ada"))
        reader = await asyncio.create_subprocess_exec(
            sys.executable, "-c", READ_ON, str(store.path),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert reader.stdout is not None
        assert await asyncio.wait_for(reader.stdout.readline(), 60) == b"reading\n"
        await carried_out(store, *(vote(f"p{number}") for number in range(300)))
        assert store.trouble is None
        assert len(await participants(store)) == 301
        printed, _ = await asyncio.wait_for(reader.communicate(b""), 60)
        assert printed == b"1\n"


async def test_a_program_that_writes_is_noticed(tmp_path: Path) -> None:
    """Nothing is acknowledged on top of it, the instructor is told, and the rooms are read again."""
    store = sqlite_store(tmp_path)
    async with asking(store):
        await carried_out(store, vote("ada"), vote("eve"))
        await run(WRITE, store.path, "DELETE FROM votes WHERE vote ->> 3 = 'ada'")
        assert isinstance((await settled(store, vote("bob"))).refusal, Unavailable)
        assert "Another program has written into" in str(store.trouble)
        assert store.room(CODE).results(store.room(CODE).question("q1")).participants == 1
        await carried_out(store, vote("bob"))
        assert store.trouble is None
        assert await participants(store) == ["bob", "eve"]


async def test_answers_come_in_short_lists_and_show_one_moment(tmp_path: Path) -> None:
    """However long somebody takes to read them, and whatever the class does meanwhile."""
    store = sqlite_store(tmp_path)
    names = sorted(f"p{number}" for number in range(ROWS_AT_ONCE * 2 + 50))
    async with asking(store):
        await all_settled(store, *(vote(name, "a") for name in names))
        lists = store.stream_answers(CODE)
        first = await anext(lists)
        await all_settled(store, *(vote(name, "b", rev=2) for name in names), vote("zoe", "b"))
        rest = [rows async for rows in lists]
    assert [len(rows) for rows in [first, *rest]] == [ROWS_AT_ONCE, ROWS_AT_ONCE, 50]
    assert [(row.participant, row.answer) for rows in [first, *rest] for row in rows] == [(name, "a") for name in names]


async def test_a_download_that_stands_still_holds_no_read_transaction(tmp_path: Path) -> None:
    """So the log is written back completely while somebody has read a part of the answers."""
    timers = HandTimers()
    store = SqliteStore(tmp_path / "rooms.db", after=timers.after)
    async with asking(store):
        await all_settled(store, *(vote(f"p{number}") for number in range(ROWS_AT_ONCE + 1)))
        lists = store.stream_answers(CODE)
        await anext(lists)
        await carried_out(store, vote("zoe"))
        await pause(store, timers)
        assert votes_in_database_alone(store.path, tmp_path) == ROWS_AT_ONCE + 2
        await lists.aclose()


async def test_a_download_does_not_keep_a_store_from_closing(tmp_path: Path) -> None:
    """It ends with a refusal, and the file is let go of."""
    store = sqlite_store(tmp_path)
    async with asking(store):
        await all_settled(store, *(vote(f"p{number}") for number in range(ROWS_AT_ONCE * 2)))
        lists = store.stream_answers(CODE)
        await anext(lists)
    with pytest.raises(Unavailable):
        await anext(lists)
    async with opened(sqlite_store(tmp_path)) as again:
        assert len(await participants(again)) == ROWS_AT_ONCE * 2


# ---------------------------------------------------------------- the log


def look_at_all(folder: Path) -> None:
    """Read every file, as Jupyter does for a person, by which a process loses its POSIX locks."""
    for path in folder.iterdir():
        path.read_bytes()


def votes_in_database_alone(path: Path, folder: Path) -> int:
    """How many votes a copy of the database has, to which nobody has copied the log."""
    copy = folder / "copied-alone.db"
    shutil.copyfile(path, copy)
    with closing(sqlite3.connect(copy)) as connection:
        return int(connection.execute("SELECT count(*) FROM votes").fetchone()[0])


async def test_the_database_alone_is_complete_once_votes_pause(tmp_path: Path) -> None:
    """Also early in a lecture, when the log is short."""
    timers = HandTimers()
    store = SqliteStore(tmp_path / "rooms.db", after=timers.after)
    async with asking(store):
        await carried_out(store, vote("ada"), vote("eve"))
        await pause(store, timers)
        assert votes_in_database_alone(store.path, tmp_path) == 2
        await carried_out(store, vote("bob"))
        assert store.trouble is None


async def test_a_log_that_a_killed_server_left_is_written_back_as_the_file_is_opened(tmp_path: Path) -> None:
    """Not only at the next pause."""
    (tmp_path / "killed").mkdir()
    store = sqlite_store(tmp_path)
    async with asking(store):
        await carried_out(store, vote("ada"))
        copy_with_log(tmp_path, tmp_path / "killed")
    async with opened(sqlite_store(tmp_path / "killed")) as again:
        assert isinstance(again, SqliteStore)
        await written_back(again)
        assert votes_in_database_alone(again.path, tmp_path) == 1


# ---------------------------------------------------------------- damage under a running server


def cut_off_log(path: Path) -> None:
    """As ``> rooms.db-wal`` does."""
    os.truncate(f"{path}-wal", 0)


def cut_off_end_of_log(path: Path) -> None:
    """By the last frame."""
    os.truncate(f"{path}-wal", Path(f"{path}-wal").stat().st_size - 4096)


def fill_log_with_zeros(path: Path) -> None:
    """Of the same size as before."""
    log = Path(f"{path}-wal")
    with log.open("r+b") as file:
        file.write(bytes(log.stat().st_size))


def overwrite_beginning_of_log(path: Path) -> None:
    """By a byte in the first page there, which SQLite itself would notice only as it recovers."""
    log = Path(f"{path}-wal")
    before = log.stat().st_mtime_ns
    with log.open("r+b", buffering=0) as file:
        while log.stat().st_mtime_ns == before:  # a file system may know the time by ticks of some milliseconds
            file.seek(32 + 24 + 100)
            file.write(b"!")


def overwrite_unseen(path: Path) -> None:
    """The same, with the time as it was, as within one tick of a clock."""
    log = Path(f"{path}-wal")
    before = log.stat()
    overwrite_beginning_of_log(path)
    os.utime(log, ns=(before.st_atime_ns, before.st_mtime_ns))


def lengthen_log(path: Path) -> None:
    """By zeros, which SQLite does not read."""
    os.truncate(f"{path}-wal", Path(f"{path}-wal").stat().st_size + 5000)


def cut_off_database(path: Path) -> None:
    """To nothing."""
    os.truncate(path, 0)


def overwrite_database(path: Path) -> None:
    """By a copy of an earlier time, in place, as ``cp`` does."""
    path.write_bytes((path.parent / "earlier.db").read_bytes())


def overwrite_by_text(path: Path) -> None:
    """By something that is no database."""
    path.write_text("a poem\n" * 2000, encoding="utf-8")


def remove_shared_memory(path: Path) -> None:
    """As somebody does who takes it for litter."""
    Path(f"{path}-shm").unlink()


WAYS = [
    cut_off_log, cut_off_end_of_log, fill_log_with_zeros, overwrite_beginning_of_log, cut_off_database,
    overwrite_database, overwrite_by_text, remove_shared_memory,
]  # fmt: skip


@pytest.mark.parametrize(
    ("harm", "is_written_back"),
    # The end of a log that was written back and begun anew is left over: nothing is lost with it.
    [(way, is_back) for way in WAYS for is_back in (False, True) if not (is_back and way is cut_off_end_of_log)],
)
async def test_what_was_acknowledged_is_written_again_after_harm(
    harm: Callable[[Path], None],
    is_written_back: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    """The next vote is not acknowledged, the instructor gets advice, and all open rooms are on the disk again."""
    timers = HandTimers()
    store = SqliteStore(tmp_path / "rooms.db", after=timers.after)
    async with opened(store):
        # What is written back at the opening would begin the log anew in the middle of what follows.
        await written_back(store)
        await ask(store)
        secret = await store.secret()
        with closing(sqlite3.connect(store.path)) as source, closing(sqlite3.connect(tmp_path / "earlier.db")) as copy:
            source.backup(copy)
        await carried_out(
            store, vote("ada", "a"), vote("ada", "b", rev=2), vote("eve", None), AddQuestion(question("q2"))
        )
        if is_written_back:
            await pause(store, timers)
            await carried_out(store, vote("kim", "c"))
        before = store.room(CODE)
        harm(store.path)
        outcome = await settled(store, vote("bob"))
        assert isinstance(outcome.refusal, Unavailable)
        assert outcome.effects == ()
        assert "Another program has changed" in str(store.trouble)
        assert "jupyter livepoll backup" in str(store.trouble)
        # What counts on the disk now is what was acknowledged, whoever reads it, and the server goes on.
        count = 2 if is_written_back else 1
        assert len(await participants(store)) == count
        await carried_out(store, vote("bob"))
        assert store.trouble is None
        assert store.room(CODE) is before
    async with opened(sqlite_store(tmp_path)) as again:
        assert await again.secret() == secret
        assert len(await participants(again)) == count + 1
        assert again.room(CODE).results(again.room(CODE).question("q1")) == before.results(before.question("q1"))
        assert list(again.room(CODE).questions) == ["q1", "q2"]


async def test_harm_between_commit_and_acknowledgement_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log that is cut off while a commit is on its way."""
    store = sqlite_store(tmp_path)
    async with asking(store):
        await carried_out(store, vote("ada"))
        watch = store._file._watch
        assert watch is not None
        usual = watch.before_commit

        def before_commit() -> None:
            usual()
            cut_off_log(store.path)

        monkeypatch.setattr(watch, "before_commit", before_commit)
        assert isinstance((await settled(store, vote("bob"))).refusal, Unavailable)
        await carried_out(store, vote("bob"))
        assert await participants(store) == ["ada", "bob"]


async def test_a_log_that_was_overwritten_unseen_is_found_once_votes_pause(tmp_path: Path) -> None:
    """Also if it has the time and the size that it had; the rooms are written again, though nobody votes."""
    timers = HandTimers()
    store = SqliteStore(tmp_path / "rooms.db", after=timers.after)
    told = asyncio.Event()
    (tmp_path / "killed").mkdir()
    async with asking(store):
        await carried_out(store, vote("ada"), vote("eve"))
        store.on_trouble(told.set)
        overwrite_unseen(store.path)
        await pause(store, timers)
        await asyncio.wait_for(told.wait(), 10)
        assert "Another program has changed" in str(store.trouble)
        await asyncio.wait_for(store.settled(), 10)
        copy_with_log(tmp_path, tmp_path / "killed")
        await carried_out(store, vote("bob"))
        assert store.trouble is None
    async with opened(sqlite_store(tmp_path / "killed")) as again:
        assert await participants(again) == ["ada", "eve"]


async def test_a_log_that_somebody_touched_is_no_trouble(tmp_path: Path) -> None:
    """As long as it holds what SQLite wrote there."""
    timers = HandTimers()
    store = SqliteStore(tmp_path / "rooms.db", after=timers.after)
    told: list[str | None] = []
    async with asking(store):
        store.on_trouble(lambda: told.append(store.trouble))
        for name in ("ada", "eve", "kim"):
            await carried_out(store, vote(name))
            os.utime(f"{store.path}-wal", ns=(0, 0))
            await carried_out(store, vote(name, "b", rev=2))
            lengthen_log(store.path)
            await carried_out(store, vote(name, "c", rev=3))
            await pause(store, timers)
        assert told == []
        assert await participants(store) == ["ada", "eve", "kim"]


async def test_ended_rooms_of_an_unharmed_database_stay_when_the_log_is_cut_off(tmp_path: Path) -> None:
    """Those that were written back are still in the file."""
    timers = HandTimers()
    store = SqliteStore(tmp_path / "rooms.db", after=timers.after)
    async with asking(store):
        await carried_out(store, vote("ada"), EndRoom())
        await pause(store, timers)
        await store.open_room("ABCDEF", "Physics", "epoch-2", NOW)
        cut_off_log(store.path)
        await settled(store, vote("bob"), "ABCDEF")
        with pytest.raises(RoomEnded):
            store.room(CODE)
        assert await participants(store) == ["ada"]


# ---------------------------------------------------------------- copies


async def test_a_copy_of_a_file_in_use_is_complete_in_one_file(tmp_path: Path) -> None:
    """It is the user's alone, and opens as a store."""
    store = sqlite_store(tmp_path)
    (tmp_path / "copies").mkdir()
    path = tmp_path / "copies" / "rooms.db"
    async with asking(store):
        await all_settled(store, *(vote(f"p{number}") for number in range(300)))
        await store.backup(path)
        await carried_out(store, vote("late"))
    assert [each.name for each in path.parent.iterdir()] == ["rooms.db"]
    assert path.stat().st_mode & 0o777 == 0o600
    async with opened(SqliteStore(path)) as copy:
        assert len(await participants(copy)) == 300


async def test_a_copy_goes_over_no_file(tmp_path: Path) -> None:
    """Not even over an empty one."""
    store = sqlite_store(tmp_path)
    (tmp_path / "there.db").write_text("mine", encoding="utf-8")
    async with asking(store):
        with pytest.raises(Conflict, match="there already"):
            await store.backup(tmp_path / "there.db")
        with pytest.raises(Unavailable):
            await store.backup(tmp_path / "no folder" / "rooms.db")
    assert (tmp_path / "there.db").read_text(encoding="utf-8") == "mine"


async def test_a_store_in_memory_has_nothing_to_copy(tmp_path: Path) -> None:
    """And says so."""
    async with asking(MemoryStore()) as store:
        with pytest.raises(NotFound, match="in memory"):
            await store.backup(tmp_path / "rooms.db")


# ---------------------------------------------------------------- where the log cannot be shared


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the system says is on a network."""
    mounts = tmp_path / "mounts"
    folder = tmp_path / "home of ada"
    folder.mkdir()
    escaped = str(folder).replace(" ", "\\040")
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nserver:/home {escaped} nfs4 rw 0 0\n", encoding="utf-8")
    monkeypatch.setattr(sqlite_file, "network_file_system", lambda path: file_system.network_file_system(path, mounts))
    return folder


async def test_on_a_network_file_system_the_file_is_locked_and_it_is_said(
    network: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """SQLite's shared memory does not reach over a network. Votes, answers and copies work."""
    store = sqlite_store(network)
    async with asking(store):
        await all_settled(store, *(vote(f"p{number}") for number in range(ROWS_AT_ONCE + 1)))
        assert any("nfs4" in message and "livepoll/api/backup" in message for message in caplog.messages)
        assert not (network / "rooms.db-shm").exists()
        assert len(await participants(store)) == ROWS_AT_ONCE + 1
        await store.backup(network / "copy.db")
        with closing(sqlite3.connect(store.path, timeout=0)) as other, pytest.raises(sqlite3.OperationalError):
            other.execute("SELECT * FROM votes")
        cut_off_log(store.path)
        assert isinstance((await settled(store, vote("bob"))).refusal, Unavailable)
        await carried_out(store, vote("bob"))
    async with opened(SqliteStore(network / "copy.db")) as copy:
        assert len(await participants(copy)) == ROWS_AT_ONCE + 1
    async with opened(sqlite_store(network)) as again:
        assert len(await participants(again)) == ROWS_AT_ONCE + 2


def test_a_disk_of_this_machine_is_no_network(tmp_path: Path) -> None:
    """Neither is a file system of which nothing is known."""
    assert file_system.network_file_system(tmp_path / "rooms.db", tmp_path / "no mounts") is None


async def test_the_newest_room_is_the_one_opened_last_whatever_the_clock_said(tmp_path: Path) -> None:
    """A clock may be set back; after a restart too."""
    async with opened(sqlite_store(tmp_path)) as store:
        for number, code in enumerate(("ABCDEF", "BCDEFG", "CDEFGH")):
            await store.open_room(code, "Physics" if number else "Biology", f"epoch-{number}", NOW - 1000 * number)
        newest = store.newest()
        assert newest is not None
        assert newest.code == "CDEFGH"
    async with opened(sqlite_store(tmp_path)) as store:
        assert [room.code for room in store.rooms()] == ["ABCDEF", "BCDEFG", "CDEFGH"]
        assert [room.code if (room := store.newest(title)) else None for title in (None, "Biology", "Art")] == [
            "CDEFGH", "ABCDEF", None,
        ]  # fmt: skip


async def test_a_file_that_another_program_keeps_locked_is_refused(tmp_path: Path) -> None:
    """As it is opened, with what to do."""
    async with asking(sqlite_store(tmp_path)):
        pass
    with closing(sqlite3.connect(tmp_path / "rooms.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BadSetting, match="Another running program uses"):
            await sqlite_store(tmp_path).open()
