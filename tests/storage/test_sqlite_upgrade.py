"""A file of an older version is brought up to this one as it is opened, and loses nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from asking import CODE, vote
from stores import all_settled, opened, settled, sqlite_store

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

VERSION_2 = f"""
{VERSION_1}
PRAGMA user_version = 2;
ALTER TABLE answers ADD COLUMN earlier TEXT NOT NULL DEFAULT '[]';
UPDATE answers SET vote = 5, earlier = '[["zero",1,["b"]],["half",2,null]]' WHERE participant = 'ada';
UPDATE answers SET vote = 4, rev = 7, earlier = '[["minus",6,["a"]]]' WHERE participant = 'eve';
"""  # noqa: S608 - written above
"""A file as the program of version 2 wrote it: each answer with the acts that it replaced."""


def write(folder: Path, script: str) -> Path:
    """A folder with that file in it."""
    with closing(sqlite3.connect(folder / "rooms.db")) as connection:
        connection.executescript(script)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a file of version 1 lies."""
    return write(tmp_path, VERSION_1)


def schema(folder: Path) -> tuple[int, list[tuple[str, str]]]:
    """The file's version, its tables and its views."""
    with closing(sqlite3.connect(folder / "rooms.db")) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        return version, connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()


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
        assert store.title("ABCDEF") == "Physics"


async def test_votes_of_before_the_upgrade_are_changed_and_known_again_after_it(folder: Path) -> None:
    """Also by the next server that opens the file."""
    old, new = vote("ada", ["a", "b"], rev=3, op="one"), vote("ada", None, rev=4, op="three")
    async with opened(sqlite_store(folder)) as store:
        assert isinstance((await settled(store, vote("ada", ["a"], rev=2))).refusal, StaleVote)
        assert (await settled(store, new)).refusal is None
    async with opened(sqlite_store(folder)) as store:
        assert (await settled(store, old)).act == Act("one", 3, ["a", "b"], 2)
        assert (await settled(store, new)).act == Act("three", 4, None, 3)
        assert [row.participant for row in await store.answers(CODE)] == ["eve"]


async def test_replaced_acts_of_before_the_upgrade_are_known_again_after_it(tmp_path: Path) -> None:
    """With what was told of each, and after a restart too; new votes get numbers above all of them."""
    write(tmp_path, VERSION_2)
    acts = [
        vote("ada", ["b"], op="zero"), vote("ada", None, rev=2, op="half"), vote("ada", ["a", "b"], rev=3, op="one"),
        vote("eve", ["a"], rev=6, op="minus"), vote("eve", ["b"], rev=7, op="two"),
    ]  # fmt: skip
    for number in (6, 7):
        async with opened(sqlite_store(tmp_path)) as store:
            assert store.room(CODE).rev == number - 1
            told = [outcome.act for outcome in await all_settled(store, *acts)]
            assert [(act.op, act.rev, act.answer) for act in told if act] == [
                (act.op, act.rev, act.answer) for act in acts
            ]
            new = (await settled(store, vote("bob", ["a"], rev=number))).act
            assert new is not None
            assert new.number == number
            assert [(row.participant, row.answer) for row in await store.answers(CODE)] == [
                ("ada", ["a", "b"]), ("bob", ["a"]), ("eve", ["b"]),
            ]  # fmt: skip


@pytest.mark.parametrize("script", [VERSION_1, VERSION_2], ids=["1", "2"])
async def test_an_upgraded_file_keeps_what_a_new_one_does(
    script: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The same version, the same tables, however often it is opened."""
    old, fresh = write(tmp_path, script), tmp_path_factory.mktemp("fresh")
    for each in (old, old, fresh):
        async with opened(sqlite_store(each)):
            pass
    assert schema(old) == schema(fresh)
    assert schema(old)[0] == 3
