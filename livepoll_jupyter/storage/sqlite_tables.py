"""What stands in the tables: how a batch is written and how rooms are read. Called in the writer thread only.

A vote is a row that is only ever added: a batch goes to the end of the table, whoever voted. The votes of a batch reach
SQLite as one JSON text in one statement. ``executemany`` would take the interpreter's lock again for each row, and a
busy event loop gives it back 5 ms later each time: 500 votes a second instead of 50,000.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Final, TypeVar

import msgspec

from ..core.effects import QuestionChanged
from ..core.questions import Question
from ..core.room import Room
from .journal import Batch, Head, Held, Vote, Writes
from .restoring import Damaged, restore

T = TypeVar("T")

SECRET_BYTES: Final = 32
"""Of the key that signs tokens."""

_SAVE_HEAD = """
INSERT INTO rooms (code, title, epoch, seq, created_at, ended_at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET title = excluded.title, epoch = excluded.epoch, seq = excluded.seq,
    ended_at = excluded.ended_at
"""
_SAVE_QUESTION = """
INSERT INTO questions (room, id, place, question) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET place = excluded.place, question = excluded.question
"""
_DELETE_QUESTION = "DELETE FROM questions WHERE room = ? AND id = ?"
_SAVE_VOTES = "INSERT INTO votes (room, number, vote) SELECT ?, key, value FROM json_each(?)"
_FORGET_VOTES = "DELETE FROM votes WHERE room = ? AND number IN (SELECT value FROM json_each(?))"
_HEADS = "SELECT code, title, epoch, seq, created_at, ended_at FROM rooms"
_QUESTIONS = "SELECT place, id, question FROM questions WHERE room = ?"
_VOTES = """
SELECT count(*), max(number), CAST('[' || group_concat(vote) || ']' AS BLOB)
FROM (SELECT number, vote FROM votes WHERE room = ? AND number > ? ORDER BY number LIMIT ?)
"""
_VOTE = "SELECT 1 FROM votes WHERE room = ? AND number = ?"

AT_ONCE: Final = 1000
"""Votes that are decoded in one go while a room is loaded."""

LEAST_NUMBER: Final = -(2**63)
"""Below every vote's number: SQLite's smallest integer."""

_question_decoder = msgspec.json.Decoder(Question)
_votes_decoder = msgspec.json.Decoder(list[Vote])


def secret(connection: sqlite3.Connection) -> bytes:
    """The key that was made when the file was; raises :exc:`Damaged` if it is not there."""
    found = connection.execute("SELECT value FROM meta WHERE key = 'secret'").fetchone()
    if found is None or not isinstance(found[0], bytes) or len(found[0]) < SECRET_BYTES:
        raise Damaged("The key is missing.")
    return found[0]


def held(connection: sqlite3.Connection) -> Held:
    """The open rooms in the order in which they were opened, and codes and titles of the ended ones.

    Raises :exc:`Damaged` if what is stored is no room that ever was.
    """
    heads = list(_heads(connection, f"{_HEADS} ORDER BY rowid"))
    rooms = [_restored(connection, head) for head in heads if head.ended_at is None]
    return Held(rooms, {head.code: head.title for head in heads if head.ended_at is not None})


def room(connection: sqlite3.Connection, code: str) -> Room | None:
    """The room as last committed, None if it never was; raises :exc:`Damaged`."""
    found = next(_heads(connection, f"{_HEADS} WHERE code = ?", code), None)
    return _restored(connection, found) if found else None


def questions(connection: sqlite3.Connection, code: str) -> list[QuestionChanged]:
    """The questions of a room with their places; raises :exc:`Damaged`."""
    found = []
    for place, name, text in connection.execute(_QUESTIONS, (code,)):
        question = decoded(_question_decoder, text)
        if question.id != name:
            raise Damaged(f"The question {name!r} has another id.")
        found.append(QuestionChanged(question, place))
    return found


def save(connection: sqlite3.Connection, batch: Batch) -> None:
    """Write ``batch`` in one transaction, for an empty one as much as some hundred votes; raises :exc:`sqlite3.Error`.

    After an error nothing of the batch is there, but for one of the commit itself: see :func:`holds`.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not batch:
            _try_disk(connection)
        for code, writes in batch.items():
            _save_room(connection, code, writes)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def replace(connection: sqlite3.Connection, batch: Batch, key: bytes) -> None:
    """Put whole rooms and the ``key`` in place of what is there of them, in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for code, writes in batch.items():
            connection.execute("DELETE FROM votes WHERE room = ?", (code,))
            connection.execute("DELETE FROM questions WHERE room = ?", (code,))
            _save_room(connection, code, writes)
        connection.execute("UPDATE meta SET value = ? WHERE key = 'secret'", (key,))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _try_disk(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO meta VALUES ('trial', zeroblob(65536))")
    connection.execute("DELETE FROM meta WHERE key = 'trial'")


def _save_room(connection: sqlite3.Connection, code: str, writes: Writes) -> None:
    if writes.head is not None:
        connection.execute(_SAVE_HEAD, msgspec.structs.astuple(writes.head))
    for question_id in writes.deleted:
        connection.execute(_DELETE_QUESTION, (code, question_id))
    for changed in writes.questions.values():
        question = changed.question
        connection.execute(_SAVE_QUESTION, (code, question.id, changed.place, _json(question)))
    if writes.votes:
        connection.execute(_SAVE_VOTES, (code, _json(writes.votes)))
    if writes.forgotten:
        connection.execute(_FORGET_VOTES, (code, _json(writes.forgotten)))


def holds(connection: sqlite3.Connection, batch: Batch) -> bool:
    """Whether ``batch`` is committed. No two committed votes have one number, so the last speaks for all."""
    return all(_holds_room(connection, code, writes) for code, writes in batch.items())


def _holds_room(connection: sqlite3.Connection, code: str, writes: Writes) -> bool:
    if writes.head is not None and next(_heads(connection, f"{_HEADS} WHERE code = ?", code), None) != writes.head:
        return False
    asked = {(changed.place, changed.question.id, _json(changed.question)) for changed in writes.questions.values()}
    found = set(connection.execute(_QUESTIONS, (code,)))
    gone = writes.deleted - writes.questions.keys()
    if not asked <= found or any(name in gone for _, name, _ in found):
        return False
    return not writes.votes or connection.execute(_VOTE, (code, max(writes.votes))).fetchone() is not None


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _heads(connection: sqlite3.Connection, query: str, *arguments: str) -> Iterator[Head]:
    for code, title, epoch, seq, created_at, ended_at in connection.execute(query, arguments):
        yield Head(code=code, title=title, epoch=epoch, seq=seq, created_at=created_at, ended_at=ended_at)


def _restored(connection: sqlite3.Connection, head: Head) -> Room:
    return restore(head, questions(connection, head.code), _votes(connection, head.code))


def _votes(connection: sqlite3.Connection, code: str) -> Iterator[Vote]:
    """The votes of a room by their numbers. SQLite puts many into one text, so that each costs no call of its own."""
    last = LEAST_NUMBER
    while True:
        count, newest, text = connection.execute(_VOTES, (code, last, AT_ONCE)).fetchone()
        if not count:
            return
        votes: list[Vote] = decoded(_votes_decoder, text)
        if len(votes) != count or votes[-1].number != newest:
            raise Damaged(f"The votes of room {code} do not have the numbers under which they stand.")
        yield from votes
        last = newest


def decoded(decoder: msgspec.json.Decoder[T], text: bytes | str) -> T:
    """What a column holds as JSON; raises :exc:`Damaged`."""
    try:
        return decoder.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Damaged(f"A row cannot be read: {error}.") from error
