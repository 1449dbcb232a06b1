"""Why a write to a file that was open failed, in a sentence for the instructor: what happens, and what to do.

Called in the writer thread only. Why a file cannot be opened at all is said in ``sqlite_file``.
"""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from msgspec import Struct

from .journal import JournalError

_MEANWHILE: Final = "Until then no vote is stored or counted; phones send theirs again by themselves."
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_READ_ONLY: Final = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_TRIAL: Final = 64 * 1024
"""Bytes that are written to learn what the operating system says of the disk; SQLite does not tell."""


def advice(error: sqlite3.Error, path: Path) -> str:
    """What an instructor should do about ``error``."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_IOERR) & 0xFF
    refused = _refused_write(path) if code == sqlite3.SQLITE_IOERR else None
    if code == sqlite3.SQLITE_FULL or refused in _FULL:
        return f"There is no room left for {path}: delete files there. {_MEANWHILE}"
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM} or refused in _READ_ONLY:
        return f"{path} may no longer be written: make file, folder and disk writable again. {_MEANWHILE}"
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return f"Another program keeps {path} locked: stop it. {_MEANWHILE}"
    return (
        f"The disk fails to store {path}. If that does not end by itself, save the answers from the notebook and start "
        f"a server with a file on another disk. {_MEANWHILE}"
    )


def _refused_write(path: Path) -> int | None:
    """The number of the error with which the system refuses a write like that to the log; None if it does not."""
    log = _beside(path, "-wal")
    try:
        with TemporaryFile(dir=path.parent, prefix="livepoll-") as trial:
            trial.seek(log.stat().st_size)
            trial.write(bytes(_TRIAL))
    except OSError as error:
        return error.errno
    return None


class Place(Struct, frozen=True):
    """Which files ``path`` and its log were when opened: device and number of each, None for one out of reach."""

    path: Path
    files: tuple[tuple[int, int] | None, ...]

    @classmethod
    def of(cls, path: Path) -> Place:
        """What is there now."""
        return cls(path, (_identity(path), _identity(_beside(path, "-wal"))))

    def check(self) -> None:
        """Raise :exc:`JournalError` if other files are there now, or none: what is written would be gone with them."""
        if Place.of(self.path) != self:
            raise JournalError(
                f"{self.path} or its log is no longer the file that was opened.",
                f"{self.path} was moved, removed or put out of reach while the server was using it: put it back with "
                f"its -wal file. If you cannot, save the answers and start the server again. {_MEANWHILE}",
            )


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
