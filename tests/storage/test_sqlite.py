"""What the SQLite store promises beside the contract: to come back, and to say why it cannot."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from asking import CODE, NOW, question, vote
from stores import all_settled, asking, carried_out, opened, settled, sqlite_store

from livepoll_jupyter.core.commands import AddQuestion, Close, EndRoom, Publish, Reveal, SetLock
from livepoll_jupyter.core.errors import BadSetting, Conflict, NotPublished, RoomEnded, StaleVote
from livepoll_jupyter.core.room import Room
from livepoll_jupyter.core.votes import MAX_EARLIER
from livepoll_jupyter.storage import sqlite_file, sqlite_tables
from livepoll_jupyter.storage.journal import Held
from livepoll_jupyter.storage.sqlite import SqliteStore
from livepoll_jupyter.storage.sqlite_schema import APPLICATION_ID

OPENING = """
import sys
from pathlib import Path
from livepoll_jupyter.core.errors import BadSetting
from livepoll_jupyter.storage.sqlite_file import connect
try:
    connect(Path(sys.argv[1])).close()
except BadSetting as refusal:
    print(refusal.message)
"""


async def restarted(folder: Path) -> Room:
    """The room as another store reads it from the file."""
    async with opened(sqlite_store(folder)) as store:
        return store.room(CODE)


async def test_a_restart_restores_the_room_exactly(tmp_path: Path) -> None:
    """Questions, locks, reveal, rounds, votes, tallies and the numbers of events and votes: all as they were."""
    async with asking(sqlite_store(tmp_path)) as store:
        several = question("q2", kind="multiple_choice", correct=["neither", "the mean"], show_results="revealed")
        await carried_out(store, AddQuestion(several), AddQuestion(question("q3")))
        await carried_out(store, vote("ada", "a"), vote("ada", "b", rev=2), vote("eve", "b"))
        await carried_out(store, vote("kim", "c"), vote("kim", None, rev=2))
        await carried_out(store, Close("q1"), Publish("q1"), vote("ada", "c", number=2))
        await carried_out(store, Publish("q2"), vote("bob", ["a", "c"], name="q2"), Reveal("q2"))
        before = store.room(CODE)
    after = await restarted(tmp_path)
    before.replay.clear()
    assert after == before


async def test_the_file_keeps_no_act_that_nobody_remembers(tmp_path: Path) -> None:
    """Whoever changes an answer without end fills no disk without end; the others' votes stay."""
    acts = [vote("ada", "ab"[rev % 2], rev=rev) for rev in range(1, MAX_EARLIER + 11)]
    async with asking(sqlite_store(tmp_path)) as store:
        await all_settled(store, vote("eve"), *acts[:-5])
        await all_settled(store, *acts[-5:])
        before = store.room(CODE)
    with closing(sqlite3.connect(tmp_path / "rooms.db")) as connection:
        (numbers,) = zip(*connection.execute("SELECT number FROM votes ORDER BY number"), strict=True)
    assert numbers == (1, *range(11, MAX_EARLIER + 12))
    assert (await restarted(tmp_path)).rounds == before.rounds


async def test_the_answers_that_count_can_be_read_from_the_file(tmp_path: Path) -> None:
    """By anybody who knows SQL: each participant's last, one that was taken back as null."""
    async with asking(sqlite_store(tmp_path)) as store:
        await carried_out(store, vote("ada", "a"), vote("eve", "b"), vote("ada", "c", rev=2), vote("eve", None, rev=2))
    with closing(sqlite3.connect(tmp_path / "rooms.db")) as connection:
        rows = connection.execute("SELECT question, round, participant, answer, rev, at FROM answers").fetchall()
    assert sorted(rows) == [("q1", 1, "ada", '"c"', 2, NOW), ("q1", 1, "eve", "null", 2, NOW)]


async def test_a_restart_keeps_the_lock(tmp_path: Path) -> None:
    """A locked question refuses votes, and its results are still final."""
    async with asking(sqlite_store(tmp_path)) as store:
        await carried_out(store, vote("ada"), SetLock("q1", is_locked=True))
    room = await restarted(tmp_path)
    assert room.question("q1").is_locked
    assert room.results(room.question("q1")).final is True


async def test_a_repeated_vote_is_known_after_a_restart(tmp_path: Path) -> None:
    """The same op is accepted again without counting twice, an older revision is refused."""
    async with asking(sqlite_store(tmp_path)) as store:
        await carried_out(store, vote("ada", "a", rev=5, op="one"))
    async with opened(sqlite_store(tmp_path)) as store:
        assert (await settled(store, vote("ada", "a", rev=5, op="one"))).refusal is None
        assert isinstance((await settled(store, vote("ada", "b", rev=4))).refusal, StaleVote)
        assert [(row.answer, row.rev) for row in await store.answers(CODE)] == [("a", 5)]


async def test_an_ended_room_stays_ended_after_a_restart(tmp_path: Path) -> None:
    """Its code is not given out again, and its answers can still be read."""
    async with asking(sqlite_store(tmp_path)) as store:
        await carried_out(store, vote("ada"), EndRoom())
    async with opened(sqlite_store(tmp_path)) as store:
        assert [row.participant for row in await store.answers(CODE)] == ["ada"]
        with pytest.raises(RoomEnded):
            store.room(CODE)
        with pytest.raises(Conflict):
            await store.open_room(CODE, "Again", "epoch-2", NOW)


async def test_a_restart_of_an_ended_room_that_asked_nothing(tmp_path: Path) -> None:
    """The end alone is written too."""
    async with opened(sqlite_store(tmp_path)) as store:
        await store.open_room(CODE, "Empty", "epoch-1", NOW)
        await carried_out(store, EndRoom())
    with pytest.raises(RoomEnded):
        await restarted(tmp_path)


async def test_drafts_survive_a_restart_in_their_order(tmp_path: Path) -> None:
    """A prepared lecture is still prepared."""
    async with asking(sqlite_store(tmp_path)) as store:
        await carried_out(store, *(AddQuestion(question(name)) for name in ("z", "m", "a")))
    async with opened(sqlite_store(tmp_path)) as store:
        assert list(store.room(CODE).questions) == ["q1", "z", "m", "a"]
        assert isinstance((await settled(store, Close("m"))).refusal, NotPublished)


async def test_the_secret_survives_a_restart(tmp_path: Path) -> None:
    """Tokens that were handed out before are still valid after it."""
    async with opened(sqlite_store(tmp_path)) as store:
        before = await store.secret()
    async with opened(sqlite_store(tmp_path)) as store:
        assert await store.secret() == before


async def test_a_commit_waits_for_the_disk(tmp_path: Path) -> None:
    """Write-ahead log and a full sync at each commit, in a file that only its owner can read."""
    store = sqlite_store(tmp_path)
    async with opened(store):
        settings = await store._file._in_writer(_settings)
    assert settings == ("wal", 2, "normal")
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


def _settings(connection: sqlite3.Connection) -> tuple[object, ...]:
    return tuple(
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "locking_mode")
    )


# ---------------------------------------------------------------- files that cannot be used


def _newer(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 99")
    connection.close()


def _other_program(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.close()


def _no_database(path: Path) -> None:
    path.write_text("a poem, longer than the header of a database " * 10, encoding="utf-8")


def _directory(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("make", "advice"),
    [
        (_newer, "Upgrade livepoll-jupyter"),
        (_other_program, "another program"),
        (_no_database, "not a livepoll database"),
        (_directory, "it is a folder, not a file"),
    ],
    ids=["newer", "other program", "no database", "directory"],
)
async def test_a_file_that_is_not_ours_is_refused_and_left_alone(
    make: Callable[[Path], None], advice: str, tmp_path: Path
) -> None:
    """The sentence says what to do, and the file is as it was."""
    path = tmp_path / "rooms.db"
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(BadSetting, match=advice) as refused:
        await SqliteStore(path).open()
    assert str(path) in refused.value.message
    assert (path.read_bytes() if path.is_file() else b"") == before


async def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    """A page overwritten by something else is found when the rooms are loaded."""
    async with asking(sqlite_store(tmp_path)):
        pass
    path = tmp_path / "rooms.db"
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))
    with pytest.raises(BadSetting, match="damaged"):
        await SqliteStore(path).open()


async def test_a_full_disk_is_told_from_a_wrong_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another file would be another room; and when there is space again the same store opens."""
    usual = sqlite_file.prepare

    def prepare(connection: sqlite3.Connection, path: Path) -> None:
        connection.execute("PRAGMA max_page_count = 1")
        usual(connection, path)

    store = SqliteStore(tmp_path / "rooms.db")
    with monkeypatch.context() as full:
        full.setattr(sqlite_file, "prepare", prepare)
        with pytest.raises(BadSetting, match="delete files there"):
            await store.open()
    await store.open()
    await store.close()


async def test_a_disk_that_cannot_be_read_is_told_from_a_damaged_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is advised to move away a file of which nothing is known to be wrong."""
    failed = sqlite3.OperationalError("disk I/O error")
    failed.sqlite_errorcode = sqlite3.SQLITE_IOERR

    def held(_: sqlite3.Connection) -> Held:
        raise failed

    monkeypatch.setattr(sqlite_tables, "held", held)
    with pytest.raises(BadSetting, match="disk I/O error") as refused:
        await SqliteStore(tmp_path / "rooms.db").open()
    assert "damaged" not in refused.value.message


async def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    """A path that leads through a file."""
    (tmp_path / "file").touch()
    with pytest.raises(BadSetting, match="is a file, not a folder"):
        await SqliteStore(tmp_path / "file" / "rooms.db").open()


_OPEN_AS_NOBODY = """
import asyncio, os, sys
from pathlib import Path
from livepoll_jupyter.storage.sqlite import SqliteStore
from livepoll_jupyter.core.errors import BadSetting
if os.geteuid() == 0:
    os.seteuid(65534)
try:
    asyncio.run(SqliteStore(Path(sys.argv[1])).open())
except BadSetting as refusal:
    print(refusal.message)
"""


@pytest.fixture
def read_only_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that everybody may look into and nobody write."""
    folder = tmp_path_factory.mktemp("read-only")
    for each in (folder.parent.parent, folder.parent):
        each.chmod(0o755)
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)


def test_a_read_only_folder_is_refused(read_only_folder: Path) -> None:
    """Opened by an unprivileged process: root may write everywhere."""
    path = read_only_folder / "rooms.db"
    assert opened_as_nobody(path).startswith(f"Rooms cannot be kept in {path}: Permission denied.")


def test_a_read_only_file_is_refused(read_only_folder: Path) -> None:
    """A database that may be read and not written is not enough for a poll."""
    path = read_only_folder / "rooms.db"
    read_only_folder.chmod(0o755)
    asyncio.run(_make_tables(path))
    path.chmod(0o444)
    assert opened_as_nobody(path).startswith(f"Rooms cannot be kept in {path}: Permission denied.")


async def _make_tables(path: Path) -> None:
    async with opened(SqliteStore(path)):
        pass


def opened_as_nobody(path: Path) -> str:
    """What a process without root's rights is told."""
    command = [sys.executable, "-c", _OPEN_AS_NOBODY, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


# ---------------------------------------------------------------- files in use


async def test_a_named_file_in_use_is_refused(tmp_path: Path) -> None:
    """Whoever names a file gets that file or a sentence."""
    async with opened(sqlite_store(tmp_path)):
        with pytest.raises(BadSetting, match="Another running program uses"):
            await sqlite_store(tmp_path).open()


async def test_a_file_with_sqlites_name_for_memory_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is acknowledged is on the disk, whatever the file is called."""
    monkeypatch.chdir(tmp_path)
    async with opened(SqliteStore(Path(":memory:"))) as store:
        await store.open_room("K7M2QX", "Statistics 101", "epoch", 1.0)
    async with opened(SqliteStore(tmp_path / ":memory:")) as store:
        assert [room.code for room in store.rooms()] == ["K7M2QX"]


@pytest.mark.parametrize("name", ["rooms.db", "link.db"])
async def test_a_file_that_was_looked_at_stays_the_servers(tmp_path: Path, name: str) -> None:
    """POSIX takes a lock away from a process that closes the file once more, as Jupyter's does when one looks at it."""
    store = sqlite_store(tmp_path)
    async with opened(store):
        store.path.read_bytes()
        if name != store.path.name:
            (tmp_path / name).symlink_to(store.path)
        other = await asyncio.create_subprocess_exec(
            sys.executable, "-c", OPENING, str(tmp_path / name), stdout=asyncio.subprocess.PIPE
        )
        said, _ = await other.communicate()
    assert said.decode().startswith("Another running program uses")


async def test_a_second_server_of_a_user_takes_a_second_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Both keep rooms, and the second says where; when the first is gone, its file is the usual one again."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    first, second, third = SqliteStore(), SqliteStore(), SqliteStore()
    async with opened(first):
        assert first.path == tmp_path / "livepoll" / "livepoll.db"
        assert first.notice is None
        async with opened(second):
            assert second.path.name == "livepoll-2.db"
            assert str(second.path) in str(second.notice)
            assert second.notice in caplog.messages
            await second.open_room(CODE, "Second", "epoch-1", NOW)
    async with opened(third):
        assert third.path == first.path
