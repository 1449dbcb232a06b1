"""The tables of a file: how they are made, brought up to the present version, and told from another program's.

A file may come from anywhere. What it holds beside our tables must not be able to run: no trigger, and nothing of its
own on our tables.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from functools import cache
from typing import Final

from msgspec import Struct

APPLICATION_ID: Final = 0x6C706F6C
"""What marks a file as ours: the ASCII letters ``lpol``."""

VERSION: Final = 3
"""Of the tables below; a file of an older version is brought up to it, one of a newer version is left alone."""

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

ANSWERS: Final = """
SELECT room, vote ->> 1 AS question, vote ->> 2 AS round, vote ->> 3 AS participant, vote -> 6 AS answer,
    vote ->> 5 AS rev, vote ->> 8 AS at, max(number) AS number
FROM votes GROUP BY room, vote ->> 1, vote ->> 2, vote ->> 3"""
"""What counts of the votes: each participant's last."""

_VOTES = f"""
CREATE TABLE votes (
    room TEXT NOT NULL REFERENCES rooms,
    number INTEGER NOT NULL,
    vote TEXT NOT NULL,
    PRIMARY KEY (room, number)
) STRICT, WITHOUT ROWID;
CREATE VIEW answers AS {ANSWERS};
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


class Entry(Struct, frozen=True):
    """A row of ``sqlite_schema``: a table, an index, a view or a trigger, and the table that it belongs to."""

    kind: str
    name: str
    table: str
    sql: str


def make_tables(connection: sqlite3.Connection) -> None:
    """Make the tables of the present version, and the key that signs tokens; within the caller's transaction."""
    _execute_all(connection, _TABLES + _VOTES)
    connection.execute("INSERT INTO meta VALUES ('secret', ?)", (secrets.token_bytes(32),))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def upgrade(connection: sqlite3.Connection, version: int) -> None:
    """Bring the tables of an older ``version`` up to the present one; within the caller's transaction."""
    for older in range(version, VERSION):
        _execute_all(connection, _UPGRADES[older])
    connection.execute(f"PRAGMA user_version = {VERSION}")


def is_foreign_code(connection: sqlite3.Connection) -> bool:
    """Whether the file holds a trigger, which would run with our writes. Asked before anything is written."""
    return any(entry.kind == "trigger" for entry in _entries(connection))


def has_our_tables(connection: sqlite3.Connection) -> bool:
    """Whether the tables are those of the present version to the letter, and nothing else hangs on them.

    Tables and views that somebody has added under other names are left alone.
    """
    ours = _ours()
    names = {entry.name for entry in ours}
    found = {entry for entry in _entries(connection) if entry.name in names or entry.table in names}
    return found == ours and not is_foreign_code(connection)


@cache
def _ours() -> frozenset[Entry]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        make_tables(connection)
        return frozenset(_entries(connection))
    finally:
        connection.close()


def _entries(connection: sqlite3.Connection) -> Iterator[Entry]:
    """What the file says of itself; an index of SQLite's own has no text."""
    for kind, name, table, sql in connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema"):
        yield Entry(str(kind), str(name), str(table), " ".join(str(sql or "").replace('"', "").split()))


def _execute_all(connection: sqlite3.Connection, statements: str) -> None:
    """Within the transaction, which ``executescript`` would end."""
    for statement in statements.split(";")[:-1]:
        connection.execute(statement)
