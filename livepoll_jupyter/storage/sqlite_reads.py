"""What is read and copied while votes are being written: a snapshot of a room's answers, and a copy of the whole file.

SQLite does the work in its own code, which holds neither the interpreter's lock nor the writer up. A snapshot is put
into a temporary table first: so the read transaction, during which the log cannot shrink, lasts as long as SQLite needs
to sort the room, and not as long as somebody needs to download it.
"""

from __future__ import annotations

import errno
import itertools
import os
import secrets
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from .base import AnswerRow
from .journal import ROWS_AT_ONCE, Vote
from .sqlite_schema import ANSWERS
from .sqlite_tables import decoded
from .sqlite_whole import plain_tables, set_limits, trouble_of

PATIENCE: Final = 1.0
"""Seconds that a read waits for a lock, which SQLite needs for moments only."""

PAGES_AT_ONCE: Final = 64
"""Pages (4 KiB each) that are copied in one step of a backup."""

BETWEEN_STEPS: Final = 0.001
"""Seconds between two steps, in which votes have the disk for themselves."""

_TAKE = """
INSERT INTO temp.{name} (vote)
SELECT vote FROM (
    SELECT vote, vote ->> 1 AS asked, vote ->> 2 AS round, vote ->> 3 AS participant, max(number)
    FROM votes WHERE room = ? GROUP BY asked, round, participant
) JOIN questions ON questions.room = ? AND questions.id = asked
WHERE vote ->> 6 IS NOT NULL
ORDER BY place, round, participant
"""
_READ = """
SELECT CAST('[' || group_concat(vote) || ']' AS BLOB)
FROM (SELECT vote FROM temp.{name} WHERE row > ? AND row <= ? ORDER BY row)
"""

_COUNT_OLD: Final = "SELECT count(*) FROM answers WHERE answer <> 'null'"
_COUNT: Final = f"SELECT count(*) FROM ({ANSWERS}) WHERE answer <> 'null'"  # noqa: S608

_votes_decoder = msgspec.json.Decoder(list[Vote])
_numbers = itertools.count(1)


def connect_to_read(path: Path) -> sqlite3.Connection:
    """A further connection to a file that this process has open, for this thread, to read alone."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=PATIENCE, isolation_level=None)
    set_limits(connection)
    return connection


class Snapshot:
    """The answers of room ``code`` as they are now, but the withdrawn, by question, round and participant.

    Raises :exc:`sqlite3.Error`. They lie in a temporary file of the connection's until :meth:`drop`.
    """

    def __init__(self, connection: sqlite3.Connection, code: str) -> None:
        self._connection = connection
        self._name = f"answers_{next(_numbers)}"
        self._read = 0
        connection.execute(f"CREATE TABLE temp.{self._name} (row INTEGER PRIMARY KEY, vote TEXT NOT NULL)")
        connection.execute(_TAKE.format(name=self._name), (code, code))

    def next(self) -> list[AnswerRow]:
        """The next answers, at most ``ROWS_AT_ONCE``; none at the end. Raises :exc:`Damaged`."""
        first, self._read = self._read, self._read + ROWS_AT_ONCE
        (text,) = self._connection.execute(_READ.format(name=self._name), (first, self._read)).fetchone()
        return [] if text is None else [_row(vote) for vote in decoded(_votes_decoder, text)]

    def drop(self) -> None:
        """Remove the temporary table."""
        self._connection.execute(f"DROP TABLE temp.{self._name}")


def _row(vote: Vote) -> AnswerRow:
    return AnswerRow(
        participant=vote.participant,
        questionId=vote.question_id,
        round=vote.round,
        answer=vote.answer,
        rev=vote.rev,
        at=vote.at,
    )


class BadCopy(Exception):
    """A copy that SQLite finds damaged."""


class Copied(msgspec.Struct, frozen=True):
    """How much a copy holds; answers that were withdrawn are not counted."""

    rooms: int
    answers: int


def copy_to(source: sqlite3.Connection, path: Path, check: Callable[[], None] = lambda: None) -> Copied:
    """Copy all that ``source`` holds now into ``path``, a new file of this user's alone, and check it.

    The copy is one file, without a log. Votes go on meanwhile: it is done in steps, on a snapshot. Until it is whole
    and checked it has another name beside ``path``, so that ``path`` is never a part of a copy, not even of one whose
    program was killed. Nothing is left of a copy that fails. Raises :exc:`OSError` (:exc:`FileExistsError` for a file
    that is there, one of ENOSPC where there is no room for the copy), :exc:`sqlite3.Error`, :exc:`BadCopy`, and what
    ``check`` raises, which is called after each step.
    """
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    part = path.with_name(f"{path.name}.part-{secrets.token_hex(4)}")
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        copy = sqlite3.connect(part, isolation_level=None)
        try:
            set_limits(copy)
            _copy(source, copy, check)
            copied = _checked(copy)
        finally:
            copy.close()
        _make_durable(part)
        _name(part, path)
    except BaseException as error:
        for ending in ("", "-journal"):
            Path(f"{part}{ending}").unlink(missing_ok=True)
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from error
        raise
    _make_durable(path.parent)
    return copied


def _name(part: Path, path: Path) -> None:
    """Call ``part`` ``path``, over no other file; raises :exc:`FileExistsError`."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError as error:  # a file system without a second name for a file
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from error
        part.rename(path)
    else:
        part.unlink()


def _copy(source: sqlite3.Connection, copy: sqlite3.Connection, check: Callable[[], None]) -> None:
    def between(*_: object) -> None:
        check()
        time.sleep(BETWEEN_STEPS)

    is_alone = source.execute("PRAGMA locking_mode").fetchone()[0] == "exclusive"
    if not is_alone:
        # Within one read transaction every step sees the same state, and none has to begin anew because of a vote.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    try:
        source.backup(copy, pages=PAGES_AT_ONCE, progress=between)
    finally:
        if source.in_transaction:
            source.execute("ROLLBACK")
    # The log's mode is a mark in the file: without it the copy is complete in one file for every program.
    copy.execute("PRAGMA journal_mode = DELETE")


def _checked(copy: sqlite3.Connection) -> Copied:
    if trouble := trouble_of(copy, "integrity_check"):
        raise BadCopy(trouble)
    plain = plain_tables(copy)
    # The file's own view may be anything; in files of older versions there is a table of that name.
    table, count = ("answers", _COUNT_OLD) if "answers" in plain else ("votes", _COUNT)
    if not {"rooms", table} <= plain:
        raise BadCopy("It has not our tables.")
    (rooms,) = copy.execute("SELECT count(*) FROM rooms").fetchone()
    (answers,) = copy.execute(count).fetchone()
    return Copied(rooms, answers)


def _make_durable(path: Path) -> None:
    """Wait for the disk: what is called a backup must survive a power cut."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:  # a folder cannot be opened on Windows
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
