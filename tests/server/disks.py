"""Disks that fail, hang or leave one in doubt, in place of the journal in memory."""

from __future__ import annotations

import asyncio
from typing import Any

from hall import FakeClock

from livepoll_jupyter.storage.journal import Batch, CommitInDoubt, JournalError
from livepoll_jupyter.storage.local import LocalStore
from livepoll_jupyter.storage.memory import MemoryJournal


class Disk(MemoryJournal):
    """A good disk, until a test says otherwise.

    ``error`` is what a commit fails with, after writing all the same if it ``writes_anyway``; while ``is_unreadable``
    nothing can be read again. ``committing`` is set while a commit waits for :meth:`go_on`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.error: JournalError | None = None
        self.writes_anyway = False
        self.is_unreadable = False
        self.committing = asyncio.Event()
        self._goes_on = asyncio.Event()
        self._goes_on.set()

    def hang(self) -> None:
        """Let the next commits wait."""
        self._goes_on.clear()

    def go_on(self) -> None:
        """Let them go on."""
        self._goes_on.set()

    async def commit(self, batch: Batch) -> None:
        """Keep the batch, or fail."""
        self.committing.set()
        await self._goes_on.wait()
        self.committing.clear()
        if self.error is None or self.writes_anyway:
            await super().commit(batch)
        if self.error is not None:
            raise self.error

    async def room(self, code: str) -> Any:
        """The room, or fail."""
        if self.is_unreadable:
            raise JournalError
        return await super().room(code)

    def fail(self) -> None:
        """Be full: keep nothing, and say so."""
        self.error = JournalError("The disk is full.", "The disk is full. Make room.")

    def leave_in_doubt(self, *, writes_anyway: bool) -> None:
        """Fail in a way that does not tell whether anything was kept."""
        self.error, self.writes_anyway = CommitInDoubt("I/O error", "The disk fails."), writes_anyway

    def mend(self) -> None:
        """Be a good disk again."""
        self.error, self.writes_anyway, self.is_unreadable = None, False, False


def store_on(disk: Disk, clock: FakeClock) -> LocalStore:
    """A store on ``disk`` whose second tries wait for ``clock``."""
    return LocalStore(disk, after=lambda seconds, ring: clock.call_at(clock.monotonic() + seconds, ring))
