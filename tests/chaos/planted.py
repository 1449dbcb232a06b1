"""``jupyter livepoll`` with a bug that was planted on purpose, to see that the checker finds it.

    python tests/chaos/planted.py ack-before-commit serve --json …

Each bug is a store that breaks one rule of ``storage.local`` and gives the break time to show.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from livepoll_jupyter.cli import main, serve
from livepoll_jupyter.core.commands import CastVote, Command, SetLock
from livepoll_jupyter.storage.base import Done, Outcome
from livepoll_jupyter.storage.gathered import Gathered
from livepoll_jupyter.storage.sqlite import SqliteStore

LATE: Final = 0.1
"""Seconds by which something comes too late."""


class AckBeforeCommit(SqliteStore):
    """Tells of votes first and commits them afterwards."""

    async def _commit(self, gathered: Gathered) -> None:
        batch = gathered.batch()
        self._settle(gathered)
        await asyncio.sleep(LATE)
        if gathered.is_written:
            await self._journal.commit(batch)


class LockSkipsTheQueue(SqliteStore):
    """Settles a lock, and tells of it, past the votes that were decided before it and are not committed yet."""

    def submit(self, code: str, command: Command, now: float, done: Done) -> None:
        """Take the lock out of the queue."""
        super().submit(code, command, now, done)
        if _is_lock(command):
            skipped = Gathered()
            skipped.waiting.append(self._gathered.waiting.pop())
            self._gathered.is_try = True
            asyncio.get_running_loop().call_soon(self._settle, skipped)

    async def _commit(self, gathered: Gathered) -> None:
        await asyncio.sleep(LATE)
        await super()._commit(gathered)


class LockToldTooEarly(SqliteStore):
    """Tells that a question is locked, and locks it a little later, or when the next command comes."""

    def __init__(self, path: Path | None) -> None:
        super().__init__(path)
        self._owed: Callable[[], None] | None = None

    def submit(self, code: str, command: Command, now: float, done: Done) -> None:
        """Tell of a lock before it is decided."""
        if not isinstance(command, CastVote):
            self._make_up()
        if not _is_lock(command):
            super().submit(code, command, now, done)
            return
        loop = asyncio.get_running_loop()
        self._owed = partial(super().submit, code, command, now, _tell_nobody)
        loop.call_soon(done, Outcome(()))
        loop.call_later(LATE, self._make_up)

    def _make_up(self) -> None:
        owed, self._owed = self._owed, None
        if owed:
            owed()


def _is_lock(command: Command) -> bool:
    return isinstance(command, SetLock) and command.is_locked


def _tell_nobody(_outcome: Outcome) -> None:
    """Whoever asked was told before."""


BUGS: Final[dict[str, type[SqliteStore]]] = {
    "ack-before-commit": AckBeforeCommit,
    "lock-skips-the-queue": LockSkipsTheQueue,
    "lock-told-too-early": LockToldTooEarly,
}


def command(bug: str) -> tuple[str, ...]:
    """What starts a server with that bug; ``serve`` and its options come after it."""
    return (sys.executable, str(Path(__file__)), bug)


if __name__ == "__main__":
    serve.SqliteStore = BUGS[sys.argv.pop(1)]  # type: ignore[attr-defined]
    main()
