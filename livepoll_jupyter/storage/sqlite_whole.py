"""Whether the pages of a file hang together, asked so that no SQL of the file's own runs.

SQLite's checks work out the CHECK constraints, generated columns and indexed expressions of every table, for each row;
and somebody else's table may have such as need minutes and all memory.
"""

from __future__ import annotations

import sqlite3
from typing import Final, Literal

LARGEST: Final = 64 * 1024 * 1024
"""Bytes of the longest value that SQLite works with here; the largest of ours are some hundred KiB."""

_COMPUTED: Final = 2
"""What ``table_xinfo`` says at least of a column that is worked out."""

_EXPRESSION: Final = -2
"""What ``index_xinfo`` says of what is no column."""


def set_limits(connection: sqlite3.Connection) -> None:
    """Run nothing of the file's own in what follows, and use little memory whatever it holds."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA ignore_check_constraints = ON")


def plain_tables(connection: sqlite3.Connection) -> set[str]:
    """The tables that nothing has to be worked out for as they are read."""
    found = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0").fetchall()
    return {str(name) for (name,) in found if _is_plain(connection, str(name))}


def trouble_of(connection: sqlite3.Connection, check: Literal["quick_check", "integrity_check"]) -> str | None:
    """What SQLite finds wrong, None for nothing. Tables that are not plain are left out: they are nobody's of ours.

    The connection is one of :func:`set_limits`. 50 ms for 200,000 votes.
    """
    plain = plain_tables(connection)
    tables = connection.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'table'").fetchone()[0]
    # By name, free pages are not looked at; so that is not done unless it must be.
    verdicts = (
        [connection.execute(f"PRAGMA {check}(1)").fetchone()[0]]
        if len(plain) == tables
        else [connection.execute(f"PRAGMA {check}({_quoted(name)})").fetchone()[0] for name in sorted(plain)]
    )
    return next((str(verdict) for verdict in verdicts if verdict != "ok"), None)


def _is_plain(connection: sqlite3.Connection, table: str) -> bool:
    name = _quoted(table)
    columns = connection.execute(f"PRAGMA table_xinfo({name})").fetchall()
    if any(column[6] >= _COMPUTED for column in columns):
        return False
    for _, index, _, _, is_partial in connection.execute(f"PRAGMA index_list({name})").fetchall():
        parts = connection.execute(f"PRAGMA index_xinfo({_quoted(index)})").fetchall()
        if is_partial or any(part[1] == _EXPRESSION for part in parts):
            return False
    return True


def _quoted(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"
