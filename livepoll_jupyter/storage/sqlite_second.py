"""The second thread of a file in use: what takes long and must not keep votes waiting.

It reads and copies on connections of its own, and writes the log back to the database, so that the database alone is
soon complete. Every job takes its turn in one thread: ten downloads at once slow each other down, and no vote.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from ..logs import get_logger
from .file_watch import FileWatch
from .journal import CommittedLost, JournalError
from .sqlite_reads import Copied, Snapshot, connect_to_read, copy_to
from .writer import Writer

_T = TypeVar("_T")

_log = get_logger(__name__)


class SecondThread:
    """Over the file of ``watch``, which is open for as long as this is. Its jobs raise :exc:`sqlite3.Error`.

    ``on_harm`` is called in this thread when the log is found harmed.
    """

    def __init__(self, watch: FileWatch, on_harm: Callable[[], None]) -> None:
        self._watch = watch
        self._on_harm = on_harm
        self._thread = Writer("livepoll-sqlite-reader")
        self._snapshots: dict[Snapshot, sqlite3.Connection] = {}
        self._keeper: sqlite3.Connection | None = None
        self._busy: sqlite3.Connection | None = None
        self._is_closing = False

    async def do(self, job: Callable[[], _T]) -> _T:
        """What ``job`` returns or raises, in this thread, after the jobs before it."""
        return await self._thread.do(job)

    def write_back(self, *, is_idle: bool) -> None:
        """Have the log written back to the database, as far as no reader needs it; waits for nothing.

        ``is_idle``: no votes come, so there is time to look first whether the log is what was written.
        """
        self._thread.post(lambda: self._write_back(is_idle=is_idle))

    def drop(self, snapshot: Snapshot) -> None:
        """Let go of a snapshot; waits for nothing."""
        self._thread.post(lambda: self._snapshots.pop(snapshot).close() if snapshot in self._snapshots else None)

    async def close(self) -> None:
        """Close every connection, and end; what is being read is broken off."""
        self._interrupt()
        await self._thread.do(self._close)
        self.give_up()

    def give_up(self) -> None:
        """The same, waiting for nothing."""
        self._interrupt()
        self._thread.stop(self._close)

    def _interrupt(self) -> None:
        self._is_closing = True
        if (busy := self._busy) is not None:
            # The thread may be closing it at this moment.
            with contextlib.suppress(sqlite3.ProgrammingError):
                busy.interrupt()

    # ------------------------------------------------------------ jobs

    def snapshot(self, code: str) -> Snapshot:
        """The answers of a room as they are now, on a connection of its own."""
        connection = self._connect()
        try:
            taken = Snapshot(connection, code)
        except BaseException:
            connection.close()
            raise
        self._snapshots[taken] = connection
        return taken

    def copy_to(self, path: Path) -> Copied:
        """A copy of the file: see :func:`~livepoll_jupyter.storage.sqlite_reads.copy_to`."""
        with closing(self._connect()) as connection:
            return copy_to(connection, path, self._check_open)

    def _check_open(self) -> None:
        if self._is_closing:
            raise JournalError("The journal is being closed.", "The server is stopping.")

    def _connect(self) -> sqlite3.Connection:
        self._watch.before_write_back()
        self._check_open()
        self._busy = connect_to_read(self._watch.path)
        return self._busy

    def _write_back(self, *, is_idle: bool) -> None:
        if is_idle:
            try:
                self._watch.look_through_log(lambda: not self._is_closing)
            except CommittedLost as error:
                _log.debug("The log is not written back: %s", error)
                if not self._is_closing:
                    self._on_harm()
                return
        with self._watch.writing_back():
            if self._keeper is None:
                self._keeper = sqlite3.connect(self._watch.path, isolation_level=None)
                self._keeper.execute("PRAGMA synchronous = FULL")
            self._keeper.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

    def _close(self) -> None:
        for connection in [*self._snapshots.values(), *([self._keeper] if self._keeper else [])]:
            connection.close()
        self._snapshots.clear()
        self._keeper = None
