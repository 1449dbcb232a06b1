"""One SQLite file: where it lies, how it is opened for this process alone, and why it cannot be.

Everything that a person could do something about ends in :exc:`BadSetting`, with a sentence that says what.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout
from jupyter_core.paths import jupyter_data_dir

from ..core.errors import BadSetting

APPLICATION_ID = 0x6C706F6C
"""What marks a file as ours: the ASCII letters ``lpol``."""

VERSION = 3
"""Of the tables below; a file of an older version is brought up to it, one of a newer version is left alone."""

OLDEST_SQLITE = (3, 38, 0)
"""The first with the ``->`` operators of JSON and STRICT tables."""

PATIENCE = 1.0
"""Seconds to wait for a process that is just letting go of the file."""

_TABLES = """
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE rooms (
    code TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    epoch TEXT NOT NULL,
    seq INTEGER NOT NULL,
    created_at REAL NOT NULL,
    ended_at REAL
) STRICT;
CREATE TABLE questions (
    room TEXT NOT NULL REFERENCES rooms,
    id TEXT NOT NULL,
    place INTEGER NOT NULL,
    question TEXT NOT NULL,
    PRIMARY KEY (room, id)
) STRICT, WITHOUT ROWID;
"""

_VOTES = """
CREATE TABLE votes (
    room TEXT NOT NULL REFERENCES rooms,
    number INTEGER NOT NULL,
    vote TEXT NOT NULL,
    PRIMARY KEY (room, number)
) STRICT, WITHOUT ROWID;
CREATE VIEW answers AS
SELECT room, vote ->> 1 AS question, vote ->> 2 AS round, vote ->> 3 AS participant, vote -> 6 AS answer,
    vote ->> 5 AS rev, vote ->> 8 AS at, max(number) AS number
FROM votes GROUP BY room, vote ->> 1, vote ->> 2, vote ->> 3;
"""
"""Every accepted act of voting, as ``journal.Vote`` in JSON; and what counts of them: each participant's last."""

_UPGRADES = {
    1: "ALTER TABLE answers ADD COLUMN earlier TEXT NOT NULL DEFAULT '[]';",
    2: f"""
        ALTER TABLE answers RENAME TO old_answers;
        {_VOTES}
        INSERT INTO votes
        SELECT room, vote, json_array(vote, question, round, participant, op, rev, json(answer), json(keys), at)
        FROM old_answers;
        INSERT INTO votes
        SELECT room, number, json_array(number, question, round, participant, op, rev, json(answer), json('[]'), at)
        FROM (
            SELECT room, question, round, participant, value ->> 0 AS op, value ->> 1 AS rev, value -> 2 AS answer, at,
                -row_number() OVER (PARTITION BY room ORDER BY value ->> 1 DESC) AS number
            FROM old_answers, json_each(earlier)
        );
        DROP TABLE old_answers;
        """,  # noqa: S608 - nothing of it comes from outside
}
"""What makes a file of that version one of the next. Acts that were numbered nowhere get numbers below 0."""


class FileHeld(BadSetting):
    """Another running process has the file."""


class _Alone(sqlite3.Connection):
    """A connection that gives ``hold`` up when it is closed.

    SQLite's own lock is not enough: POSIX takes it away from a process that opens and closes the file a second time, as
    a Jupyter server does when a person looks at it there.
    """

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
    """The file opened for this thread and process alone, with its tables; raises :exc:`BadSetting`."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise BadSetting(
            f"This Python brings SQLite {sqlite3.sqlite_version}; livepoll needs 3.38 or newer. Use a newer Python."
        )
    _make_private(path)
    hold = FileLock(f"{path.resolve()}.lock", timeout=PATIENCE, mode=0o600, thread_local=False)
    try:
        hold.acquire()
        connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, factory=_Alone)
        connection.hold = hold
        try:
            prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    except Timeout as error:
        raise _held(path) from error
    except OSError as error:
        raise _unusable(path, error.strerror or "it cannot be locked") from error
    except sqlite3.Error as error:
        hold.release()
        raise refusal(error, path) from error
    return connection


def _make_private(path: Path) -> None:
    """Make folder and file for this user's eyes only: the file holds answers and the key that signs tokens."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except FileExistsError as error:
        raise _unusable(path, f"{error.filename} is a file, not a folder") from error
    except OSError as error:
        raise _unusable(path, error.strerror or "it cannot be written") from error


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Take the open file ``path`` for this process alone, durable at each commit, with the present version's tables.

    Raises :exc:`BadSetting` for a file that is not ours, and :exc:`sqlite3.Error`.
    """
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    _check_owner(connection, path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("BEGIN IMMEDIATE")
    version = _number(connection, "user_version")
    if version:
        _upgrade(connection, version)
    else:
        _make_tables(connection)
    connection.execute("COMMIT")


def _check_owner(connection: sqlite3.Connection, path: Path) -> None:
    owner, version = _number(connection, "application_id"), _number(connection, "user_version")
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if (owner or version or tables) and owner != APPLICATION_ID:
        raise BadSetting(f"{path} is the database of another program. Name another file.")
    if version > VERSION:
        raise BadSetting(
            f"{path} was written by a newer livepoll-jupyter (its version is {version}, this program's {VERSION}). "
            "Upgrade livepoll-jupyter, or name another file."
        )


def _make_tables(connection: sqlite3.Connection) -> None:
    _execute_all(connection, _TABLES + _VOTES)
    connection.execute("INSERT INTO meta VALUES ('secret', ?)", (secrets.token_bytes(32),))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _upgrade(connection: sqlite3.Connection, version: int) -> None:
    for older in range(version, VERSION):
        _execute_all(connection, _UPGRADES[older])
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _execute_all(connection: sqlite3.Connection, statements: str) -> None:
    """Within the transaction, which ``executescript`` would end."""
    for statement in statements.split(";")[:-1]:
        connection.execute(statement)


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])


def refusal(error: sqlite3.Error, path: Path) -> BadSetting:
    """Why ``path`` cannot be opened, and what to do."""
    match error.sqlite_errorcode & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return _held(path)
        case sqlite3.SQLITE_NOTADB:
            return BadSetting(f"{path} is not a livepoll database. Name another file, or move this one away.")
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_ERROR:
            return damaged(path)
        case sqlite3.SQLITE_FULL:
            return BadSetting(f"There is no room left for {path}: delete files there, then try again.")
        case _:
            return _unusable(path, str(error))


def _held(path: Path) -> FileHeld:
    return FileHeld(f"Another running program uses {path}. Stop it, or name another file.")


def damaged(path: Path) -> BadSetting:
    """The refusal of a file that was a database of ours once."""
    return BadSetting(f"{path} is damaged. Put a copy of it back, or move it away to begin anew.")


def _unusable(path: Path, reason: str) -> BadSetting:
    return BadSetting(
        f"Rooms cannot be kept in {path}: {reason}. Name a file in a folder that exists and that you may write in."
    )
