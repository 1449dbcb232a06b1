"""Why a write to a file that was open failed, in a sentence for the instructor: what happens, and what to do.

Called in the writer thread only. Why a file cannot be opened at all is said in ``sqlite_file``.
"""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from .file_watch import MEANWHILE, beside

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_READ_ONLY: Final = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_TRIAL: Final = 64 * 1024
"""Bytes that are written to learn what the operating system says of the disk; SQLite does not tell."""


def advice(error: sqlite3.Error, path: Path) -> str:
    """What an instructor should do about ``error``."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_IOERR) & 0xFF
    refused = _refused_write(path) if code == sqlite3.SQLITE_IOERR else None
    if code == sqlite3.SQLITE_FULL or refused in _FULL:
        return f"There is no room left for {path}: delete files there. {MEANWHILE}"
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM} or refused in _READ_ONLY:
        return f"{path} may no longer be written: make file, folder and disk writable again. {MEANWHILE}"
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return f"Another program keeps {path} locked: stop it. {MEANWHILE}"
    return (
        f"The disk fails to store {path}. If that does not end by itself, save the answers from the notebook and start "
        f"a server with a file on another disk. {MEANWHILE}"
    )


def _refused_write(path: Path) -> int | None:
    """The number of the error with which the system refuses a write like that to the log; None if it does not."""
    log = beside(path, "-wal")
    try:
        with TemporaryFile(dir=path.parent, prefix="livepoll-") as trial:
            trial.seek(log.stat().st_size)
            trial.write(bytes(_TRIAL))
    except OSError as error:
        return error.errno
    return None
