"""Real files that cannot be written: no false ack, a sentence for the instructor, and recovery without help.

A disk is broken by the means of the system or of SQLite itself, so that the errors are real ones.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from asking import CODE, NOW, question, vote
from hand_timers import HandTimers
from stores import all_settled, asking, carried_out, opened, settled, sqlite_store, submitted

from livepoll_jupyter.core.commands import AddQuestion, SetLock
from livepoll_jupyter.core.errors import Unavailable
from livepoll_jupyter.storage import sqlite_file, sqlite_tables
from livepoll_jupyter.storage.sqlite import SqliteStore
from livepoll_jupyter.storage.trouble import SLOW, SLOW_DISK, TRY_AGAIN

CHILD = Path(__file__).with_name("hanging_child.py")


class Failing:
    """A way to fail for a file that is in use: :meth:`begin` and :meth:`end`, and a word of what is said of it."""

    says = ""

    def __init__(self, path: Path, timers: HandTimers) -> None:
        self.path = path
        self.store = SqliteStore(path, connect=self.connect, after=timers.after)

    def connect(self, path: Path) -> sqlite3.Connection:
        """Open the file as the server does."""
        return sqlite_file.connect(path)

    async def begin(self) -> None:
        """From now on nothing can be stored."""

    async def end(self) -> None:
        """From now on it can."""


class Pragma(Failing):
    """A setting of SQLite's that refuses writes."""

    broken = ""
    whole = ""

    async def begin(self) -> None:
        """Set it."""
        await self._execute(self.broken)

    async def end(self) -> None:
        """Set it back."""
        await self._execute(self.whole)

    async def _execute(self, pragma: str) -> None:
        await self.store._file._in_writer(lambda connection: list(connection.execute(pragma)))


class Full(Pragma):
    """No page can be added to the file."""

    says = "no room left"
    broken = "PRAGMA max_page_count = 1"
    whole = "PRAGMA max_page_count = 1000000"


class ReadOnly(Pragma):
    """The file may be read alone."""

    says = "may no longer be written"
    broken = "PRAGMA query_only = ON"
    whole = "PRAGMA query_only = OFF"


class AtItsLimit(Failing):
    """The kernel lets no file grow, as on a full disk or over a quota."""

    says = "no room left"

    async def begin(self) -> None:
        """Set the limit below all that a commit could write: the log may have been begun anew in its old place."""
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (32, self._limits[1]))

    async def end(self) -> None:
        """Take the limit away."""
        resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)


class Removed(Failing):
    """Somebody tidied up."""

    says = "put it back"
    part = "rooms.db"

    async def begin(self) -> None:
        """Move it away."""
        self.path.with_name(self.part).rename(self.path.with_name("elsewhere"))

    async def end(self) -> None:
        """Move it back."""
        self.path.with_name("elsewhere").rename(self.path.with_name(self.part))


class LogRemoved(Removed):
    """Somebody took the log for litter."""

    part = "rooms.db-wal"


class Locked(Failing):
    """Another process writes to the file, which this one does not keep for itself."""

    says = "stop it"

    def connect(self, path: Path) -> sqlite3.Connection:
        """Open the file without the lock that the server keeps."""
        sqlite_file.connect(path).close()
        connection = sqlite3.connect(path, timeout=0, isolation_level=None)
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    async def begin(self) -> None:
        """Start the other process."""
        program = (
            "import sqlite3, sys; connection = sqlite3.connect(sys.argv[1], isolation_level=None); "
            "connection.execute('BEGIN IMMEDIATE'); print('locked', flush=True); sys.stdin.read()"
        )
        self._other = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, str(self.path),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert self._other.stdout is not None
        assert await asyncio.wait_for(self._other.stdout.readline(), 60) == b"locked\n"

    async def end(self) -> None:
        """Let it end."""
        await asyncio.wait_for(self._other.communicate(b""), 60)


WAYS = [Full, ReadOnly, AtItsLimit, Removed, LogRemoved, Locked]


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def failing(request: pytest.FixtureRequest, tmp_path: Path, timers: HandTimers) -> Failing:
    """Each way in turn."""
    way: Failing = request.param(tmp_path / "rooms.db", timers)
    return way


@pytest.fixture
def timers() -> HandTimers:
    """Time in the test's hand."""
    return HandTimers()


@asynccontextmanager
async def failing_store(failing: Failing) -> AsyncIterator[SqliteStore]:
    """A store that has counted ada's vote and now fails; it is mended at the end."""
    store = failing.store
    async with asking(store):
        await carried_out(store, vote("ada", "a"))
        await failing.begin()
        try:
            yield store
        finally:
            await failing.end()


def many_votes() -> list[str]:
    """More students than a page has room for."""
    return [f"student-{number}" for number in range(300)]


async def test_nothing_is_acknowledged_and_the_instructor_is_told_what_to_do(failing: Failing) -> None:
    """The sentence names the file and says that phones send their votes again."""
    async with failing_store(failing) as store:
        outcomes = await all_settled(store, SetLock("q1", is_locked=False), *(vote(name, "b") for name in many_votes()))
        assert {type(outcome.refusal) for outcome in outcomes[1:]} == {Unavailable}
        assert [outcome.effects for outcome in outcomes if outcome.effects] == []
        assert failing.says in str(store.trouble)
        assert str(failing.path) in str(store.trouble)
        assert "send theirs again by themselves" in str(store.trouble)
        assert [row.participant for row in await store.answers(CODE)] == ["ada"]


async def test_it_recovers_by_itself_and_has_lost_nothing(failing: Failing, timers: HandTimers, tmp_path: Path) -> None:
    """The room is the same object; the trouble ends within a second of the disk's return, though nobody votes."""
    told = asyncio.Event()
    async with failing_store(failing) as store:
        room = store.room(CODE)
        await all_settled(store, *(vote(name, "b") for name in many_votes()))
        assert store.trouble is not None
        store.on_trouble(told.set)
        await failing.end()
        timers.advance(TRY_AGAIN)
        await asyncio.wait_for(told.wait(), 10)
        assert store.trouble is None
        assert store.room(CODE) is room
        await carried_out(store, *(vote(name, "b") for name in many_votes()), SetLock("q1", is_locked=True))
        await failing.begin()
    async with opened(sqlite_store(tmp_path)) as again:
        assert [row.participant for row in await again.answers(CODE)] == sorted(["ada", *many_votes()])


async def test_while_it_lasts_every_try_is_refused_and_none_is_acknowledged(
    failing: Failing, timers: HandTimers
) -> None:
    """Also a try of the store's own leaves things as they are."""
    async with failing_store(failing) as store:
        for _ in range(3):
            outcomes = await all_settled(store, *(vote(name, "b") for name in many_votes()))
            assert {type(outcome.refusal) for outcome in outcomes} == {Unavailable}
            timers.advance(TRY_AGAIN)
            await settled(store, SetLock("no such question", is_locked=True))
            assert failing.says in str(store.trouble)


async def test_no_room_is_read_again_for_votes_that_are_refused(
    failing: Failing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hall that tries again and again costs as much as its votes, however many are stored."""

    def read(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(sqlite_tables, "room", read)
    async with failing_store(failing) as store:
        await all_settled(store, *(vote(name, "b") for name in many_votes()))
        assert store.trouble is not None
        assert store.room(CODE).rev == 1


# ---------------------------------------------------------------- a commit whose outcome is not known


class Unsure(sqlite3.Connection):
    """Says that a commit failed, once; whether it did depends on ``commits``."""

    is_asked = False
    commits = False

    def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
        """Execute, and fail where told to."""
        if sql != "COMMIT" or not self.is_asked:
            return super().execute(sql, *arguments)
        self.is_asked = False
        super().execute("COMMIT" if self.commits else "ROLLBACK")
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise error


@pytest.mark.parametrize("commits", [True, False])
async def test_a_commit_whose_outcome_is_unknown_ends_in_what_the_file_holds(commits: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """Nothing is acknowledged; if the file holds it, the room has a new history, and a vote sent again counts once."""
    opened_files: list[Unsure] = []

    def connect(path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None, factory=Unsure)
        sqlite_file.prepare(connection, path)
        opened_files.append(connection)
        return connection

    async with asking(SqliteStore(tmp_path / "rooms.db", connect=connect)) as store:
        before = store.room(CODE)
        opened_files[0].commits = commits
        opened_files[0].is_asked = True
        outcomes = await all_settled(store, vote("ada"), AddQuestion(question("q2")), SetLock("q1", is_locked=True))
        assert {type(outcome.refusal) for outcome in outcomes} == {Unavailable}
        assert "on another disk" in str(store.trouble)
        room = store.room(CODE)
        assert (room is before) is not commits
        assert (room.rev, list(room.questions)) == ((1, ["q1", "q2"]) if commits else (0, ["q1"]))
        assert room.question("q1").is_locked is commits
        again = await settled(store, vote("ada"))
        assert again.refusal is None
        assert len(await store.answers(CODE)) == 1
    async with opened(sqlite_store(tmp_path)) as store:
        assert store.room(CODE).rev == 1


# ---------------------------------------------------------------- slow and hung


class Gate:
    """Holds every commit of a file in its thread while it is shut."""

    def __init__(self) -> None:
        self._is_open = threading.Event()
        self._is_open.set()
        self._loop = asyncio.get_running_loop()
        self.reached = asyncio.Event()

    def shut(self) -> None:
        """Hold the next commit."""
        self._is_open.clear()

    def open(self) -> None:
        """Let it end."""
        self._is_open.set()

    def connect(self, path: Path) -> sqlite3.Connection:
        """A file whose commits go through this gate."""
        connection = sqlite_file.connect(path)
        connection.set_trace_callback(self._wait)
        return connection

    def _wait(self, statement: str) -> None:
        if statement == "COMMIT" and not self._is_open.is_set():
            self._loop.call_soon_threadsafe(self.reached.set)
            self._is_open.wait(60)


async def test_a_slow_disk_keeps_votes_waiting_and_says_so(timers: HandTimers, tmp_path: Path) -> None:
    """Nothing is acknowledged before it is stored, and nothing is refused."""
    gate = Gate()
    store = SqliteStore(tmp_path / "rooms.db", connect=gate.connect, after=timers.after)
    async with asking(store):
        gate.shut()
        waiting = [submitted(store, vote(name)) for name in ("ada", "eve")]
        await asyncio.wait_for(gate.reached.wait(), 10)
        timers.advance(SLOW)
        assert store.trouble == SLOW_DISK
        assert not any(vote.done() for vote in waiting)
        gate.open()
        assert [(await asyncio.wait_for(vote, 10)).refusal for vote in waiting] == [None, None]
        assert store.trouble is None


async def test_a_store_that_is_left_behind_lets_go_when_the_disk_answers(tmp_path: Path) -> None:
    """Its file can be opened again then, and holds what was acknowledged."""
    gate = Gate()
    store = SqliteStore(tmp_path / "rooms.db", connect=gate.connect)
    await store.open()
    await store.open_room(CODE, "Statistics 101", "epoch-1", NOW)
    await carried_out(store, AddQuestion(question(), publish=True), vote("ada"))
    gate.shut()
    submitted(store, vote("eve"))
    await asyncio.wait_for(gate.reached.wait(), 10)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(store.close(), 0.01)
    writers = [thread for thread in threading.enumerate() if thread.name == "livepoll-sqlite"]
    gate.open()
    for writer in writers:
        await asyncio.to_thread(writer.join, 10)
    async with opened(sqlite_store(tmp_path)) as again:
        assert "ada" in [row.participant for row in await again.answers(CODE)]


async def test_a_hanging_disk_keeps_no_process_from_its_end(tmp_path: Path) -> None:
    """The commit never returns; the process ends all the same, and has told nobody anything of that vote."""
    path = os.pathsep.join([str(CHILD.parent), str(CHILD.parents[1])])
    child = await asyncio.create_subprocess_exec(
        sys.executable, str(CHILD), str(tmp_path / "rooms.db"),
        stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    printed, _ = await asyncio.wait_for(child.communicate(), 60)
    assert printed.split(b"\n") == [b"hangs", b"gave up", b""]
    assert child.returncode == 0
    async with opened(sqlite_store(tmp_path)) as store:
        assert store.room(CODE).question("q1").is_active
