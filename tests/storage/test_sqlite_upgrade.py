"""A file of an older version is brought up to this one as it is opened, and loses nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from asking import CODE, vote
from stores import opened, settled, sqlite_store

from livepoll_jupyter.core.errors import RoomEnded, StaleVote
from livepoll_jupyter.core.votes import Act

VERSION_1 = """
PRAGMA application_id = 0x6C706F6C;
PRAGMA user_version = 1;
PRAGMA journal_mode = WAL;
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
CREATE TABLE answers (
    room TEXT NOT NULL REFERENCES rooms,
    question TEXT NOT NULL,
    round INTEGER NOT NULL,
    participant TEXT NOT NULL,
    answer TEXT NOT NULL,
    keys TEXT NOT NULL,
    op TEXT NOT NULL,
    rev INTEGER NOT NULL,
    vote INTEGER NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (room, question, round, participant)
) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('secret', X'00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff');
INSERT INTO rooms VALUES ('K7M2QX', 'Statistics 101', 'epoch-1', 1, 1750000000.0, NULL);
INSERT INTO rooms VALUES ('ABCDEF', 'Physics', 'epoch-2', 0, 1750000000.0, 1750000001.0);
INSERT INTO questions VALUES ('K7M2QX', 'q1', 1, '{"id":"q1","kind":"multiple_choice",
    "text":"Which?","html":"<p>Which?</p>",
    "options":[{"id":"a","label":"mean","html":"mean"},{"id":"b","label":"median","html":"median"}],"correct":["a"],
    "show_results":"live","round":1,"is_locked":false,"is_active":true,"is_revealed":false}');
INSERT INTO answers VALUES ('K7M2QX', 'q1', 1, 'ada', '["a","b"]', '["a","b"]', 'one', 3, 2, 1750000000.5);
INSERT INTO answers VALUES ('K7M2QX', 'q1', 1, 'eve', '["b"]', '["b"]', 'two', 1, 1, 1750000000.25);
"""
"""A file as the program of version 1 wrote it."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where such a file lies."""
    with closing(sqlite3.connect(tmp_path / "rooms.db")) as connection:
        connection.executescript(VERSION_1)
    return tmp_path


def columns(folder: Path) -> tuple[int, set[str]]:
    """The file's version, and what it keeps of an answer."""
    with closing(sqlite3.connect(folder / "rooms.db")) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        return version, {name for (name,) in connection.execute("SELECT name FROM pragma_table_info('answers')")}


async def test_rooms_votes_and_the_secret_stay(folder: Path) -> None:
    """Tallies, the participants' tokens, and the codes that were used."""
    async with opened(sqlite_store(folder)) as store:
        room = store.room(CODE)
        results = room.results(room.question("q1"))
        assert (results.counts, results.participants, room.seq, room.rev) == ({"a": 1, "b": 2}, 2, 1, 2)
        assert [(row.participant, row.answer, row.at) for row in await store.answers(CODE)] == [
            ("ada", ["a", "b"], 1750000000.5),
            ("eve", ["b"], 1750000000.25),
        ]
        assert (await store.secret())[:3] == b"\x00\x11\x22"
        with pytest.raises(RoomEnded):
            store.room("ABCDEF")


async def test_votes_of_before_the_upgrade_are_changed_and_known_again_after_it(folder: Path) -> None:
    """Also by the next server that opens the file."""
    old, new = vote("ada", ["a", "b"], rev=3, op="one"), vote("ada", None, rev=4, op="three")
    async with opened(sqlite_store(folder)) as store:
        assert isinstance((await settled(store, vote("ada", ["a"], rev=2))).refusal, StaleVote)
        assert (await settled(store, new)).refusal is None
    async with opened(sqlite_store(folder)) as store:
        assert (await settled(store, old)).act == Act("one", 3, ["a", "b"])
        assert (await settled(store, new)).act == Act("three", 4, None)
        assert [row.participant for row in await store.answers(CODE)] == ["eve"]


async def test_an_upgraded_file_keeps_what_a_new_one_does(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The same version, the same columns, however often it is opened."""
    fresh = tmp_path_factory.mktemp("fresh")
    for each in (folder, folder, fresh):
        async with opened(sqlite_store(each)):
            pass
    assert columns(folder) == columns(fresh)
    assert columns(folder)[0] == 2
