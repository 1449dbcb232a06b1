"""Temporary copies of all rooms, made for a download, and those that a killed server left behind."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import BinaryIO, Final

from filelock import FileLock, Timeout

from ..storage.base import Store

PREFIX: Final = "livepoll-backup-"
LOCK: Final = "in-use.lock"

OLD: Final = 60.0
"""Seconds after which a folder that nobody holds was left behind; its maker holds it long before."""


class Copy:
    """A copy of what ``store`` holds, in a folder of this user's alone, until :meth:`remove`.

    The folder's lock is held meanwhile: it ends with the process, however that ends, and tells :func:`remove_left`.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._hold = FileLock(self._folder / LOCK, timeout=0, mode=0o600, thread_local=False)
        self._hold.acquire()

    async def make(self, store: Store) -> BinaryIO:
        """Copy, and open the copy to be read; nothing is left of one that fails."""
        path = self._folder / "livepoll.db"
        try:
            await store.backup(path)
            file = path.open("rb")
        except BaseException:
            self.remove()
            raise
        if os.name == "posix":
            # It can be read without a name, and a killed server leaves nothing. Elsewhere a file in use has to stay.
            self.remove()
        return file

    def remove(self) -> None:
        """Remove the folder; may be called again."""
        if self._folder.exists():
            self._hold.release()
            shutil.rmtree(self._folder)


def remove_left(log: logging.Logger) -> None:
    """Remove the copies that servers of this user left behind when they were killed: they hold keys and answers.

    What another process holds is left alone. Nothing is raised: a server starts without it too.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            if _was_left(folder):
                shutil.rmtree(folder)
                log.info("A copy of the rooms that a killed server had left was removed: %s", folder)
        except OSError as error:
            log.warning("A copy of the rooms that a killed server left could not be removed: %s", error)


def _was_left(folder: Path) -> bool:
    found = folder.lstat()
    if hasattr(os, "getuid") and found.st_uid != os.getuid():
        return False
    if folder.is_symlink() or not folder.is_dir() or time.time() - found.st_mtime < OLD:
        return False
    hold = FileLock(folder / LOCK, timeout=0, mode=0o600, thread_local=False)
    try:
        hold.acquire()
    except Timeout:
        return False
    hold.release()
    return True
