"""The default store: one SQLite file, durable before anything is acknowledged.

One writer thread owns the one connection (WAL, ``synchronous=FULL``, the file held by this process alone). The file's
opening is in ``sqlite_file``, the tables are in ``sqlite_tables``, what a failure means is in ``sqlite_trouble``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import msgspec

from ..core.errors import BadSetting
from ..core.room import Room
from ..logs import get_logger
from . import sqlite_tables as tables
from .base import AnswerRow
from .journal import Batch, CommitInDoubt, Held, JournalError
from .local import LocalStore
from .sqlite_file import FileHeld, connect, damaged, default_paths, refusal
from .sqlite_trouble import Place, advice
from .trouble import After, after_on_loop
from .writer import Writer

_log = get_logger(__name__)

Connect = Callable[[Path], sqlite3.Connection]
"""Opens a file in the thread it is called in, as :func:`~livepoll_jupyter.storage.sqlite_file.connect` does."""

_T = TypeVar("_T")
_P = ParamSpec("_P")


class SqliteJournal:
    """A journal in one file. ``usual`` is the file that is tried first, ``path`` the one in use."""

    def __init__(self, path: Path | None, connect: Connect = connect) -> None:
        self._named = path
        self._connect = connect
        self.usual = path or next(default_paths())
        self.path = self.usual
        self._connection: sqlite3.Connection | None = None
        self._place = Place(self.path, ())
        self._writer: Writer | None = None

    async def open(self) -> Held:
        """Take the file and load what is there; raises :exc:`BadSetting`, and may be tried again."""
        self._writer = Writer("livepoll-sqlite")
        try:
            return await self._writer.do(self._open)
        except BaseException:
            self.give_up()
            raise

    async def close(self) -> None:
        """Let go of the file."""
        if self._writer is not None:
            await self._writer.do(self._close)
            self.give_up()

    def give_up(self) -> None:
        """Let go of the file once what hangs has ended; waits for nothing, and keeps no process from its end."""
        if self._writer is not None:
            self._writer.stop(self._close)
            self._writer = None

    async def secret(self) -> bytes:
        """The key that was made when the file was."""
        return await self._in_writer(tables.secret)

    async def commit(self, batch: Batch) -> None:
        """Write ``batch`` in one transaction and wait for the disk; raises :exc:`JournalError`."""
        await self._in_writer(self._save, batch)

    async def room(self, code: str) -> Room | None:
        """The room as last committed, None if it never was; raises :exc:`JournalError`."""
        return await self._in_writer(tables.room, code)

    async def answers(self, code: str) -> list[AnswerRow]:
        """The committed answers by question, round and participant; raises :exc:`JournalError`."""
        return await self._in_writer(tables.rows, code)

    async def _in_writer(
        self, work: Callable[Concatenate[sqlite3.Connection, _P], _T], *arguments: _P.args, **named: _P.kwargs
    ) -> _T:
        def run() -> _T:
            if self._connection is None:
                raise JournalError("The journal was closed.")
            try:
                return work(self._connection, *arguments, **named)
            except sqlite3.Error as error:
                raise JournalError(f"{self.path}: {error}", advice(error, self.path)) from error

        if self._writer is None:
            raise JournalError("The journal is not open.")
        return await self._writer.do(run)

    # ------------------------------------------------------------ in the writer thread

    def _open(self) -> Held:
        connection = self._connect(self._named) if self._named else self._take_default()
        try:
            loaded = tables.held(connection)
        except (sqlite3.Error, msgspec.MsgspecError) as error:
            connection.close()
            raise refusal(error, self.path) if isinstance(error, sqlite3.Error) else damaged(self.path) from error
        self._connection = connection
        self._place = Place.of(self.path)
        return loaded

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
        self._place.check()
        try:
            tables.save(connection, batch)
        except sqlite3.Error as error:
            if batch and _may_hold(connection, batch):
                raise CommitInDoubt(f"{self.path}: {error}", advice(error, self.path)) from error
            raise

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _may_hold(connection: sqlite3.Connection, batch: Batch) -> bool:
    """Whether ``batch`` was committed although its commit failed, or that cannot be read."""
    try:
        return tables.holds(connection, batch)
    except sqlite3.Error:
        _log.debug("What was committed cannot be read.", exc_info=True)
        return True


class SqliteStore(LocalStore):
    """Rooms in the file ``path``; without one, in the first of the user's files that no other process holds."""

    def __init__(self, path: Path | None = None, *, connect: Connect = connect, after: After = after_on_loop) -> None:
        self._file = SqliteJournal(path, connect)
        super().__init__(self._file, after=after)

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
