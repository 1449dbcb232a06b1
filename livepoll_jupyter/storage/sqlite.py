"""The default store: one SQLite file, durable before anything is acknowledged.

One thread writes (WAL, ``synchronous=FULL``); what takes long is done by a second one (``sqlite_second``). The file's
opening is in ``sqlite_file``, the tables are in ``sqlite_tables``, what other programs may do to the file is in
``file_watch``, what a failure means in ``sqlite_trouble``.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Concatenate, Final, ParamSpec, TypeVar

from ..core.errors import BadSetting, Conflict
from ..core.questions import Question
from ..core.room import Room
from ..logs import get_logger
from ..threads import share_interpreter
from . import sqlite_tables as tables
from .base import AnswerRow
from .file_watch import FileWatch
from .journal import Batch, CommitInDoubt, Held, JournalError
from .local import LocalStore
from .restoring import Damaged
from .sqlite_file import FileHeld, connect, damaged, default_paths, move_aside, refusal
from .sqlite_reads import BadCopy, Snapshot, copy_to
from .sqlite_second import SecondThread
from .sqlite_trouble import advice
from .trouble import After, Timer, after_on_loop
from .writer import Writer

IDLE: Final = 1.0
"""Seconds without a commit after which the log is written back to the database."""

OFTEN: Final = 1024
"""Commits after which it is written back although there was no such second: votes have to share the disk with that."""

LONG_LOG: Final = 16_000
"""Pages (4 KiB each) of a log that a commit writes back itself, because the other thread does not keep up."""

_log = get_logger(__name__)

Connect = Callable[[Path], sqlite3.Connection]
"""Opens a file in the thread it is called in, as :func:`~livepoll_jupyter.storage.sqlite_file.connect` does."""

_T = TypeVar("_T")
_P = ParamSpec("_P")


class SqliteJournal:
    """A journal in one file. ``usual`` is the file that is tried first, ``path`` the one in use."""

    def __init__(self, path: Path | None, connect: Connect = connect, after: After = after_on_loop) -> None:
        path = path and path.absolute()
        self._named = path
        self._connect = connect
        self._after = after
        self.usual = path or next(default_paths())
        self.path = self.usual
        self._connection: sqlite3.Connection | None = None
        self._watch: FileWatch | None = None
        self._is_shared = False
        self._secret = b""
        self._writer: Writer | None = None
        self._second: SecondThread | None = None
        self._commits = 0
        self._commits_seen = 0
        self._commits_written_back = 0
        self._idle: Timer | None = None
        self.on_harm: Callable[[], None] = lambda: None
        """Called on the loop when the log is found harmed while nothing is committed: a commit would say how."""

    async def open(self) -> Held:
        """Take the file and load what is there; raises :exc:`BadSetting`, and may be tried again."""
        share_interpreter()
        self._writer = Writer("livepoll-sqlite")
        try:
            held = await self._writer.do(self._open)
        except BaseException:
            self.give_up()
            raise
        self._start_second()
        return held

    async def close(self) -> None:
        """Let go of the file; what is in the log is written back to the database."""
        self._stop_timer()
        second, self._second = self._second, None
        if second is not None:
            await second.close()
        if self._writer is not None:
            await self._writer.do(self._close)
            self.give_up()

    def give_up(self) -> None:
        """Let go of the file once what hangs has ended; waits for nothing, and keeps no process from its end."""
        self._stop_timer()
        if self._second is not None:
            self._second.give_up()
            self._second = None
        if self._writer is not None:
            self._writer.stop(self._close)
            self._writer = None

    async def secret(self) -> bytes:
        """The key that was made when the file was."""
        if not self._secret:
            raise JournalError("The journal is not open.")
        return self._secret

    # ------------------------------------------------------------ writing

    async def commit(self, batch: Batch) -> None:
        """Write ``batch`` in one transaction and wait for the disk; raises :exc:`JournalError`."""
        await self._in_writer(self._save, batch)
        self._commits += 1
        self._write_back_later()

    async def rewrite(self, batch: Batch) -> None:
        """Open the file anew, and put whole rooms in place of what it holds of them; raises :exc:`JournalError`.

        A file that cannot be opened any more is moved aside.
        """
        if self._writer is None:
            raise JournalError("The journal is not open.")
        second, self._second = self._second, None
        if second is not None:
            await second.close()
        await self._writer.do(lambda: self._rewrite(batch))
        self._start_second()

    async def room(self, code: str) -> Room | None:
        """The room as last committed, None if it never was; raises :exc:`JournalError`."""
        return await self._in_writer(tables.room, code)

    async def _in_writer(
        self, work: Callable[Concatenate[sqlite3.Connection, _P], _T], *arguments: _P.args, **named: _P.kwargs
    ) -> _T:
        def run() -> _T:
            if self._connection is None:
                raise JournalError("The journal was closed.")
            connection = self._connection
            return self._telling(lambda: work(connection, *arguments, **named))

        if self._writer is None:
            raise JournalError("The journal is not open.")
        return await self._writer.do(run)

    def _telling(self, job: Callable[[], _T]) -> _T:
        try:
            return job()
        except sqlite3.Error as error:
            raise JournalError(f"{self.path}: {error}", advice(error, self.path)) from error
        except (Damaged, ValueError) as error:
            raise JournalError(f"{self.path}: {error}", damaged(self.path).message) from error

    # ------------------------------------------------------------ the log

    def _start_second(self) -> None:
        if self._watch is not None and self._is_shared:
            loop = asyncio.get_running_loop()
            self._second = SecondThread(self._watch, lambda: _call(loop, self.on_harm))
            # SQLite itself has just looked at every frame of a log that was there.
            self._write_back(is_idle=False)

    def _write_back_later(self) -> None:
        if self._second is not None and self._idle is None:
            self._commits_seen = self._commits
            self._idle = self._after(IDLE, self._write_back_if_idle)

    def _write_back_if_idle(self) -> None:
        self._idle = None
        is_idle = self._commits == self._commits_seen
        if is_idle or self._commits - self._commits_written_back >= OFTEN:
            self._write_back(is_idle=is_idle)
        else:
            self._write_back_later()

    def _write_back(self, *, is_idle: bool) -> None:
        self._commits_written_back = self._commits
        if self._second is not None:
            self._second.write_back(is_idle=is_idle)

    def _stop_timer(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    # ------------------------------------------------------------ reading

    async def questions(self, code: str) -> list[Question]:
        """The committed questions of the room, in order; raises :exc:`JournalError`."""
        found = await self._in_writer(tables.questions, code)
        return [changed.question for changed in sorted(found, key=lambda changed: changed.place)]

    async def answers(self, code: str) -> AsyncGenerator[list[AnswerRow], None]:
        """The committed answers by question, round and participant, in short lists; raises :exc:`JournalError`."""
        second = self._second
        snapshot = None
        if second is not None:
            snapshot = await self._snapshot(second, code)
        if second is None or snapshot is None:
            async for rows in self._answers_of_writer(code):
                yield rows
            return
        taken = snapshot
        try:
            while rows := await self._in_second(second, taken.next):
                yield rows
        finally:
            second.drop(taken)

    async def _snapshot(self, second: SecondThread, code: str) -> Snapshot | None:
        """None where the file is not there any more, and only the connection that is open still reads it."""
        try:
            return await self._in_second(second, lambda: second.snapshot(code))
        except JournalError:
            if second is not self._second:
                raise
            _log.debug("%s cannot be read by a second connection.", self.path, exc_info=True)
            return None

    async def _in_second(self, second: SecondThread, job: Callable[[], _T]) -> _T:
        if second is not self._second:
            raise JournalError("The journal was closed.")
        return await second.do(lambda: self._telling(job))

    async def _answers_of_writer(self, code: str) -> AsyncGenerator[list[AnswerRow], None]:
        """Where the file is locked for one connection alone, it reads too: between commits, a little at a time."""
        snapshot = await self._in_writer(Snapshot, code)
        try:
            while rows := await self._in_writer(lambda _: snapshot.next()):
                yield rows
        finally:
            if self._writer is not None:
                self._writer.post(lambda: snapshot.drop() if self._connection is not None else None)

    async def backup(self, path: Path) -> None:
        """Copy all that is committed into ``path``, a new file; raises :exc:`JournalError` and :exc:`Conflict`."""
        second = self._second
        try:
            if second is not None:
                await self._in_second(second, lambda: second.copy_to(path))
            else:
                await self._in_writer(copy_to, path)
        except FileExistsError as error:
            raise Conflict(f"{path} is there already. Name a new file.") from error
        except (OSError, BadCopy) as error:
            why = getattr(error, "strerror", None) or error
            advice = f"The copy could not be made in the folder {path.parent}: {why}."
            raise JournalError(f"The copy {path} could not be made: {error}.", advice) from error

    # ------------------------------------------------------------ in the writer thread

    def _open(self) -> Held:
        connection = self._connect(self._named) if self._named else self._take_default()
        try:
            loaded = tables.held(connection)
            self._secret = tables.secret(connection)
            self._take_up(connection)
        except BaseException as error:
            connection.close()
            if isinstance(error, sqlite3.Error):
                raise refusal(error, self.path) from error
            raise damaged(self.path) if isinstance(error, Damaged | ValueError) else error from error
        return loaded

    def _take_up(self, connection: sqlite3.Connection) -> None:
        self._is_shared = connection.execute("PRAGMA locking_mode").fetchone()[0] == "normal"
        self._watch = FileWatch(self.path, is_shared=self._is_shared)
        self._connection = connection

    def _take_default(self) -> sqlite3.Connection:
        for path in default_paths():
            try:
                connection = self._connect(path)
            except FileHeld:
                continue
            self.path = path
            return connection
        raise BadSetting(f"Every file up to {self.path} is in use by another running server. Stop one of them.")

    def _save(self, connection: sqlite3.Connection, batch: Batch) -> None:
        watch = self._watching()
        watch.before_commit()
        try:
            tables.save(connection, batch)
        except sqlite3.Error as error:
            watch.forget()
            if batch and _may_hold(connection, batch):
                raise CommitInDoubt(f"{self.path}: {error}", advice(error, self.path)) from error
            raise
        watch.after_commit()
        if watch.frames > LONG_LOG:
            with watch.writing_back():
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

    def _watching(self) -> FileWatch:
        if self._watch is None:
            raise JournalError("The journal was closed.")
        return self._watch

    def _rewrite(self, batch: Batch) -> None:
        self._let_go(writes_back=False)
        try:
            try:
                connection = self._connect(self.path)
            except FileHeld:
                raise
            except BadSetting as error:
                _log.error("%s It is moved aside; the open rooms are written again.", error.message)
                move_aside(self.path)
                connection = self._connect(self.path)
        except (BadSetting, OSError) as error:
            raise JournalError(f"{self.path} could not be opened again.", str(error)) from error
        try:
            tables.replace(connection, batch, self._secret)
            self._take_up(connection)
        except BaseException as error:
            connection.close()
            if isinstance(error, sqlite3.Error):
                raise JournalError(f"{self.path}: {error}", advice(error, self.path)) from error
            raise

    def _close(self) -> None:
        self._let_go(writes_back=True)

    def _let_go(self, *, writes_back: bool) -> None:
        """Close the connection. While the watch keeps its locks, SQLite does not touch the files as it closes."""
        watch, connection = self._watch, self._connection
        self._watch = self._connection = None
        if watch is not None and writes_back and watch.is_sound():
            watch.let_go()
        if connection is not None:
            connection.close()
        if watch is not None:
            watch.close()


def _may_hold(connection: sqlite3.Connection, batch: Batch) -> bool:
    """Whether ``batch`` was committed although its commit failed, or that cannot be read."""
    try:
        return tables.holds(connection, batch)
    except sqlite3.Error:
        _log.debug("What was committed cannot be read.", exc_info=True)
        return True


def _call(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
        loop.call_soon_threadsafe(callback)


class SqliteStore(LocalStore):
    """Rooms in the file ``path``; without one, in the first of the user's files that no other process holds."""

    def __init__(self, path: Path | None = None, *, connect: Connect = connect, after: After = after_on_loop) -> None:
        self._file = SqliteJournal(path, connect, after)
        super().__init__(self._file, after=after)
        self._file.on_harm = self._try_again

    async def open(self) -> None:
        """Take the file and load what is there, and say so if it is not the usual one; raises :exc:`BadSetting`."""
        await super().open()
        if self.notice is not None:
            _log.warning(self.notice)

    @property
    def path(self) -> Path:
        """The file in use, once open."""
        return self._file.path

    @property
    def notice(self) -> str | None:
        """What a person should be told of the file in use: that another process holds the usual one."""
        usual = self._file.usual
        return (
            None
            if self.path == usual
            else f"Another running server uses {usual}; this one keeps its rooms in {self.path}."
        )
