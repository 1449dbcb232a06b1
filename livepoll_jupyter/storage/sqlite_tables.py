"""What stands in the tables: how a batch is written and how rooms are read. Called in the writer thread only.

A vote is a row that is only ever added: a batch goes to the end of the table, whoever voted. The votes of a batch reach
SQLite as one JSON text in one statement. ``executemany`` would take the interpreter's lock again for each row, and a
busy event loop gives it back 5 ms later each time: 500 votes a second instead of 50,000.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import msgspec

from ..core.effects import QuestionChanged
from ..core.questions import Question
from ..core.room import Room
from .base import AnswerRow
from .journal import Batch, Head, Held, Vote, Writes, restore

_SAVE_HEAD = """
INSERT INTO rooms (code, title, epoch, seq, created_at, ended_at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET title = excluded.title, epoch = excluded.epoch, seq = excluded.seq,
    ended_at = excluded.ended_at
"""
_SAVE_QUESTION = """
INSERT INTO questions (room, id, place, question) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET place = excluded.place, question = excluded.question
"""
_SAVE_VOTES = "INSERT INTO votes (room, number, vote) SELECT ?, key, value FROM json_each(?)"
_FORGET_VOTES = "DELETE FROM votes WHERE room = ? AND number IN (SELECT value FROM json_each(?))"
_HEADS = "SELECT code, title, epoch, seq, created_at, ended_at FROM rooms"
_QUESTIONS = "SELECT place, question FROM questions WHERE room = ?"
_VOTES = "SELECT vote FROM votes WHERE room = ? ORDER BY number"
_VOTE = "SELECT 1 FROM votes WHERE room = ? AND number = ?"
_ROWS = """
SELECT participant, id, round, answer, rev, at
FROM answers JOIN questions ON questions.room = answers.room AND id = answers.question
WHERE answers.room = ? AND answer <> 'null' ORDER BY place, round, participant
"""

_question_decoder = msgspec.json.Decoder(Question)
_vote_decoder = msgspec.json.Decoder(Vote)


def secret(connection: sqlite3.Connection) -> bytes:
    """The key that was made when the file was."""
    found: tuple[bytes] = connection.execute("SELECT value FROM meta WHERE key = 'secret'").fetchone()
    return found[0]


def held(connection: sqlite3.Connection) -> Held:
    """The open rooms and the codes of the ended ones."""
    heads = list(_heads(connection, f"{_HEADS} ORDER BY created_at, rowid"))
    rooms = [_restored(connection, head) for head in heads if head.ended_at is None]
    return Held(rooms, {head.code for head in heads if head.ended_at is not None})


def room(connection: sqlite3.Connection, code: str) -> Room | None:
    """The room as last committed, None if it never was."""
    found = next(_heads(connection, f"{_HEADS} WHERE code = ?", code), None)
    return _restored(connection, found) if found else None


def rows(connection: sqlite3.Connection, code: str) -> list[AnswerRow]:
    """The committed answers that were not withdrawn, by question, round and participant."""
    return [
        AnswerRow(participant=who, questionId=asked, round=number, answer=msgspec.json.decode(answer), rev=rev, at=at)
        for who, asked, number, answer, rev, at in connection.execute(_ROWS, (code,))
    ]


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


def _try_disk(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO meta VALUES ('trial', zeroblob(65536))")
    connection.execute("DELETE FROM meta WHERE key = 'trial'")


def _save_room(connection: sqlite3.Connection, code: str, writes: Writes) -> None:
    if writes.head is not None:
        connection.execute(_SAVE_HEAD, msgspec.structs.astuple(writes.head))
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
    questions = {(changed.place, _json(changed.question)) for changed in writes.questions.values()}
    if not questions <= set(connection.execute(_QUESTIONS, (code,))):
        return False
    return not writes.votes or connection.execute(_VOTE, (code, max(writes.votes))).fetchone() is not None


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _heads(connection: sqlite3.Connection, query: str, *arguments: str) -> Iterator[Head]:
    for code, title, epoch, seq, created_at, ended_at in connection.execute(query, arguments):
        yield Head(code=code, title=title, epoch=epoch, seq=seq, created_at=created_at, ended_at=ended_at)


def _restored(connection: sqlite3.Connection, head: Head) -> Room:
    questions = [
        QuestionChanged(_question_decoder.decode(question), place)
        for place, question in connection.execute(_QUESTIONS, (head.code,))
    ]
    votes = (_vote_decoder.decode(vote) for (vote,) in connection.execute(_VOTES, (head.code,)))
    return restore(head, questions, votes)
