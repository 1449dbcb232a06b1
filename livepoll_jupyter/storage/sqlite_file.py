"""One SQLite file: where it lies, how it is opened for this process to write alone, and why it cannot be.

Everything that a person could do something about ends in :exc:`BadSetting`, with a sentence that says what.

The log (``-wal``) is shared through memory (``-shm``), so that other programs can read the file while a server writes
it. Where that does not work, as on network file systems, the file is locked against readers too.
"""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout
from jupyter_core.paths import jupyter_data_dir

from ..core.errors import BadSetting
from ..logs import get_logger
from .file_system import network_file_system
from .file_watch import beside
from .sqlite_schema import APPLICATION_ID, VERSION, has_our_tables, is_foreign_code, make_tables, upgrade
from .sqlite_whole import set_limits, trouble_of

OLDEST_SQLITE: Final = (3, 38, 0)
"""The first with the ``->`` operators of JSON and STRICT tables."""

PATIENCE: Final = 1.0
"""Seconds to wait for a process that is just letting go of the file."""

_NOT_SHARED: Final = frozenset(
    {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOLFS}
)
"""What SQLite says where the log cannot be shared through memory."""

_log = get_logger(__name__)


class FileHeld(BadSetting):
    """Another running process has the file."""


class _Alone(sqlite3.Connection):
    """A connection that gives ``hold`` up when it is closed: the right to be the only server of the file."""

    hold: FileLock

    def close(self) -> None:
        """Let go of the file, then of the right to it."""
        super().close()
        self.hold.release()


def default_paths() -> Iterator[Path]:
    """Where rooms are kept unless a person says otherwise: one file per running server of a user."""
    folder = Path(jupyter_data_dir()) / "livepoll"
    yield folder / "livepoll.db"
    for number in range(2, 100):
        yield folder / f"livepoll-{number}.db"


def connect(path: Path) -> sqlite3.Connection:
    """The file opened for this thread, and for no other process to write, with its tables.

    Raises :exc:`BadSetting`, whatever the file is.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise BadSetting(
            f"This Python brings SQLite {sqlite3.sqlite_version}; livepoll needs 3.38 or newer. Use a newer Python."
        )
    path = path.absolute()  # to SQLite the name ":memory:" alone means no file
    _make_private(path)
    hold = FileLock(f"{path.resolve()}.lock", timeout=PATIENCE, mode=0o600, thread_local=False)
    try:
        hold.acquire()
    except Timeout as error:
        raise _held(path) from error
    except (OSError, NotImplementedError) as error:
        raise _unusable(path, getattr(error, "strerror", None) or "it cannot be locked") from error
    try:
        connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, factory=_Alone)
    except sqlite3.Error as error:
        hold.release()
        raise refusal(error, path) from error
    connection.hold = hold
    try:
        prepare(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise refusal(error, path) from error
    except ValueError as error:
        # What SQLite says of a damaged file may hold bytes of it, which are no UTF-8.
        connection.close()
        raise damaged(path) from error
    except BaseException:
        connection.close()
        raise
    return connection


def _make_private(path: Path) -> None:
    """Make folder and file for this user's eyes only: the file holds answers and the key that signs tokens."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        kind = path.stat().st_mode
    except FileExistsError as error:
        raise _unusable(path, f"{error.filename} is a file, not a folder") from error
    except (OSError, ValueError) as error:
        raise _unusable(path, getattr(error, "strerror", None) or "it cannot be written") from error
    if stat.S_ISDIR(kind):
        raise _unusable(path, "it is a folder, not a file")
    if not stat.S_ISREG(kind):
        raise _unusable(path, "it is a device, a pipe or a socket, not a file")


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Take the open file ``path``, durable at each commit, with the present version's tables.

    Raises :exc:`BadSetting` for a file that is not ours, and :exc:`sqlite3.Error`.
    """
    set_limits(connection)
    if _is_shared(connection, path):
        # The store's second thread writes the log back, so that no vote waits for that.
        connection.execute("PRAGMA wal_autocheckpoint = 0")
    else:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        check_owner(connection, path)
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    _take(connection, path)


def _is_shared(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the file is now open with a log that other programs can read along with us."""
    where = network_file_system(path)
    if where is not None:
        _log.warning(_not_shared(path, f"it lies on a network file system ({where})"))
        return False
    try:
        check_owner(connection, path)
        if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] == "wal":
            return True
    except sqlite3.Error as error:
        if _code(error) not in _NOT_SHARED:
            raise
        _log.debug("%s cannot be shared.", path, exc_info=True)
    _log.warning(_not_shared(path, "its file system has no shared memory"))
    return False


def _not_shared(path: Path, why: str) -> str:
    return (
        f"No other program can read {path} while this server runs: {why}. To copy the rooms meanwhile, ask the server: "
        "GET livepoll/api/backup."
    )


def _take(connection: sqlite3.Connection, path: Path) -> None:
    """Make or upgrade the tables in one transaction, and look whether they are whole."""
    connection.execute("BEGIN IMMEDIATE")
    version = _number(connection, "user_version")
    if version and is_foreign_code(connection):
        raise BadSetting(f"{path} holds SQL of its own that would run in it. Name another file.")
    if not version:
        make_tables(connection)
    elif 0 < version <= VERSION:
        upgrade(connection, version)
    if not has_our_tables(connection) or trouble_of(connection, "quick_check"):
        raise damaged(path)
    connection.execute("COMMIT")


def check_owner(connection: sqlite3.Connection, path: Path) -> None:
    """Raise :exc:`BadSetting` unless the file is empty or a database of ours, of a version that we know."""
    owner, version = _number(connection, "application_id"), _number(connection, "user_version")
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if (owner or version or tables) and owner != APPLICATION_ID:
        raise BadSetting(f"{path} is the database of another program. Name another file.")
    if version > VERSION:
        raise BadSetting(
            f"{path} was written by a newer livepoll-jupyter (its version is {version}, this program's {VERSION}). "
            "Upgrade livepoll-jupyter, or name another file."
        )
    if version < 0 or (tables and not version):
        raise damaged(path)


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])


def _code(error: sqlite3.Error) -> int:
    """SQLite's own number of an error, without its details; an error of Python's module has none."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)) & 0xFF


def refusal(error: sqlite3.Error, path: Path) -> BadSetting:
    """Why ``path`` cannot be opened, and what to do."""
    match _code(error):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return _held(path)
        case sqlite3.SQLITE_NOTADB:
            return BadSetting(f"{path} is not a livepoll database. Name another file, or move this one away.")
        case sqlite3.SQLITE_FULL:
            return BadSetting(f"There is no room left for {path}: delete files there, then try again.")
        case (
            sqlite3.SQLITE_IOERR
            | sqlite3.SQLITE_CANTOPEN
            | sqlite3.SQLITE_PERM
            | sqlite3.SQLITE_READONLY
            | sqlite3.SQLITE_AUTH
            | sqlite3.SQLITE_PROTOCOL
            | sqlite3.SQLITE_NOLFS
            | sqlite3.SQLITE_NOMEM
        ):
            return _unusable(path, str(error))
        case _:
            return damaged(path)


def move_aside(path: Path) -> None:
    """Rename a file that cannot be used any more, with its log, so that a new one can take its place."""
    number = next(number for number in itertools.count(1) if not beside(path, f".damaged-{number}").exists())
    for ending in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            beside(path, ending).rename(beside(path, f".damaged-{number}{ending}"))


def _held(path: Path) -> FileHeld:
    return FileHeld(f"Another running program uses {path}. Stop it, or name another file.")


def damaged(path: Path) -> BadSetting:
    """The refusal of a file that was a database of ours once."""
    return BadSetting(f"{path} is damaged. Put a copy of it back, or move it away to begin anew.")


def _unusable(path: Path, reason: str) -> BadSetting:
    return BadSetting(
        f"Rooms cannot be kept in {path}: {reason}. Name a file in a folder that exists and that you may write in."
    )
