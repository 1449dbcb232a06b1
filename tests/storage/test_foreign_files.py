"""Files that are damaged, or of other programs: each opens as a store that works, or is refused with a sentence.

``test_damaged_files`` draws its damage from a seed, which stands in the test's name.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from asking import CODE, NOW, question, vote
from stores import all_settled, asking, carried_out, opened, settled, sqlite_store
from test_sqlite_upgrade import VERSION_1, VERSION_2

from livepoll_jupyter.cli.backup import back_up
from livepoll_jupyter.core.commands import AddQuestion, Close, EndRoom, Publish
from livepoll_jupyter.core.errors import BadSetting, Refusal, RoomEnded, Unavailable
from livepoll_jupyter.storage.sqlite import SqliteStore
from livepoll_jupyter.storage.sqlite_schema import APPLICATION_ID

VARIANTS = 220


async def whole_file(folder: Path) -> Path:
    """A file with an open and an ended room, rounds, changed answers, and pages enough to hit."""
    store = sqlite_store(folder)
    async with asking(store):
        await all_settled(store, *(vote(f"participant-{number}", "abc"[number % 3]) for number in range(150)))
        await carried_out(store, vote("ada", "a"), vote("ada", "b", rev=2), vote("eve", None))
        await carried_out(store, Close("q1"), Publish("q1"), vote("ada", "c", number=2))
        await carried_out(store, AddQuestion(question("q2", kind="multiple_choice"), publish=True))
        await carried_out(store, vote("ada", ["a", "b"], name="q2"))
        await store.open_room("ABCDEF", "Physics", "epoch-2", NOW)
        await settled(store, EndRoom(), "ABCDEF")
    return store.path


def copy_with_log(source: Path, target: Path) -> None:
    """Copy the file, its log and what it shares, as a killed server leaves them."""
    for path in source.glob("rooms.db*"):
        shutil.copyfile(path, target / path.name)


def damage(content: bytearray, chance: Random) -> None:
    """One of the things that happen to files."""
    match chance.choice(("bits", "bits", "bytes", "truncated", "zeroed", "filled", "swapped", "grown", "header")):
        case "bits":
            for _ in range(chance.choice((1, 3, 50))):
                content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        case "bytes":
            start = chance.randrange(len(content))
            content[start : start + 40] = chance.randbytes(40)
        case "truncated":
            del content[chance.randrange(len(content)) :]
        case "zeroed":
            start = chance.randrange(len(content) // 4096) * 4096
            content[start : start + 4096] = bytes(4096)
        case "filled":
            start = chance.randrange(len(content) // 512) * 512
            content[start : start + 512] = b"\xff" * 512
        case "swapped":
            first, second = (chance.randrange(len(content) // 4096) * 4096 for _ in range(2))
            content[first : first + 4096], content[second : second + 4096] = (
                content[second : second + 4096], content[first : first + 4096],
            )  # fmt: skip
        case "grown":
            content.extend(chance.randbytes(chance.choice((1, 4096, 10_000))))
        case "header":
            content[chance.randrange(100)] = chance.randrange(256)


async def outcome_of(path: Path) -> str:
    """``refused`` with a sentence that names the file, or ``works``: every room can be read, and votes are taken."""
    store = SqliteStore(path)
    try:
        await store.open()
    except BadSetting as refusal:
        return "refused" if str(path) in refusal.message and refusal.message.endswith(".") else "refused without advice"
    try:
        for code in (CODE, "ABCDEF"):
            try:
                await store.questions(code)
                rows = await store.answers(code)
                assert all(row.round >= 1 for row in rows)
                room = store.room(code)
            except (Refusal, Unavailable):
                continue
            for asked in room.questions.values():
                room.results(asked)
            if room.active is not None:
                await settled(store, vote("new", "a", name=room.active.id, number=room.active.round))
    finally:
        await store.close()
    return "works"


@pytest.mark.parametrize("seed", [*range(2), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 200))])
async def test_damaged_files(seed: int, tmp_path: Path) -> None:
    """Bytes changed, cut off, zeroed, swapped: never an error that no sentence is written for."""
    chance = Random(seed)
    whole = (await whole_file(tmp_path)).read_bytes()
    found: dict[str, int] = {}
    for number in range(VARIANTS):
        content = bytearray(whole)
        damage(content, chance)
        path = tmp_path / f"{number}.db"
        path.write_bytes(content)
        outcome = await outcome_of(path)
        found[outcome] = found.get(outcome, 0) + 1
        path.unlink()
    assert set(found) == {"refused", "works"}


@pytest.mark.parametrize("seed", range(3))
async def test_damaged_logs(seed: int, tmp_path: Path) -> None:
    """A log is read up to the first frame that is not whole."""
    chance = Random(seed)
    store = sqlite_store(tmp_path)
    (tmp_path / "copy").mkdir()
    async with asking(store):
        await all_settled(store, *(vote(f"participant-{number}") for number in range(50)))
        copy_with_log(tmp_path, tmp_path / "copy")
    log = (tmp_path / "copy" / "rooms.db-wal").read_bytes()
    database = (tmp_path / "copy" / "rooms.db").read_bytes()
    for _ in range(60):
        content = bytearray(log or bytes(8192))
        damage(content, chance)
        (tmp_path / "copy" / "rooms.db").write_bytes(database)
        (tmp_path / "copy" / "rooms.db-wal").write_bytes(content)
        assert await outcome_of(tmp_path / "copy" / "rooms.db") in {"works", "refused"}


# ---------------------------------------------------------------- rows that never were

QUESTION = (
    '{"id":"q1","kind":"choice","text":"Which?","html":"<p>Which?</p>","options":[{"id":"a","label":"A","html":"A"},'
    '{"id":"b","label":"B","html":"B"}],"correct":["a"],"show_results":"live","round":1,"is_locked":false,'
    '"is_active":true,"is_revealed":false}'
)


def change_question(old: str, new: str) -> str:
    """SQL that changes what a question says."""
    return f"UPDATE questions SET question = replace(question, '{old}', '{new}') WHERE id = 'q1'"  # noqa: S608


ROWS = {
    "broken JSON in a vote": "UPDATE votes SET vote = 'x'",
    "a vote that is an object": "UPDATE votes SET vote = '{}'",
    "a vote that is deeply nested": f"UPDATE votes SET vote = '{'[' * 5000}'",  # noqa: S608
    "a vote with a NULL": "UPDATE votes SET vote = json_set(vote, '$[3]', NULL)",
    "a vote with text for a number": "UPDATE votes SET vote = json_set(vote, '$[5]', 'x')",
    "a vote under another number": "UPDATE votes SET number = number + 1000",
    "a vote in a round that never was": "UPDATE votes SET vote = json_set(vote, '$[2]', 7)",
    "a vote in a negative round": "UPDATE votes SET vote = json_set(vote, '$[2]', -1)",
    "a vote for no question": "UPDATE votes SET vote = json_set(vote, '$[1]', 'nothing')",
    "a vote for no option": "UPDATE votes SET vote = json_set(vote, '$[6]', 'z')",
    "a vote that is a number": "UPDATE votes SET vote = json_set(vote, '$[6]', 5)",
    "a vote that is an object of lists": "UPDATE votes SET vote = json_set(vote, '$[6]', json('{\"a\":[[]]}'))",
    "a vote that counts for another": "UPDATE votes SET vote = json_set(vote, '$[7]', json('[\"b\"]'))",
    "a vote at no time": "UPDATE votes SET vote = json_set(vote, '$[8]', 1e300)",
    "a vote before time": "UPDATE votes SET vote = json_set(vote, '$[8]', -5.0)",
    "a vote with a huge rev": "UPDATE votes SET vote = json_set(vote, '$[5]', 9e300)",
    "two votes of one rev": (
        "INSERT INTO votes SELECT room, number + 1, json_set(vote, '$[0]', number + 1) FROM votes"
    ),
    "broken JSON in a question": "UPDATE questions SET question = '{'",
    "a question of no kind": change_question('"kind":"choice"', '"kind":"essay"'),
    "a question in round -3": change_question('"round":1', '"round":-3'),
    "a question in round 10^12": change_question('"round":1', '"round":1000000000000'),
    "a question in a round beyond all numbers": change_question('"round":1', '"round":1e400'),
    "a question without options": "UPDATE questions SET question = json_set(question, '$.options', json('[]'))",
    "a question with one option twice": change_question('"id":"b"', '"id":"a"'),
    "a right answer that is no option": change_question('"correct":["a"]', '"correct":["z"]'),
    "a question with results for nobody": change_question('"live"', '"never"'),
    "a draft that is asked": change_question('"round":1', '"round":0'),
    "two questions at once": "INSERT INTO questions SELECT room, 'q9', 9, replace(question, '\"q1\"', '\"q9\"') "
    "FROM questions",
    "a question under another id": "UPDATE questions SET id = 'other'",
    "a question that is not UTF-8": "UPDATE questions SET question = CAST(X'7B22FF22' AS TEXT)",
    "a title that is not UTF-8": "UPDATE rooms SET title = CAST(X'FFFE' AS TEXT)",
    "a room with a negative seq": "UPDATE rooms SET seq = -1",
    "a room before all time": "UPDATE rooms SET created_at = -1e300",
    "a room after all time": "UPDATE rooms SET created_at = 9e999",
    "no key": "DELETE FROM meta",
    "a short key": "UPDATE meta SET value = X'00'",
    "a version below 0": "PRAGMA user_version = -5",
    "version 0": "PRAGMA user_version = 0",
    "the mark of an older version": "PRAGMA user_version = 1",
    "a missing table": "DROP TABLE votes",
    "a missing view": "DROP VIEW answers",
    "a missing column": "ALTER TABLE rooms DROP COLUMN epoch",
    "one column more": "ALTER TABLE rooms ADD COLUMN more TEXT",
    "a view for a table": "DROP TABLE rooms; CREATE VIEW rooms AS SELECT 1 AS code, 2 AS title, 3 AS epoch, 4 AS seq, "
    "5 AS created_at, NULL AS ended_at",
    "a table of other types": "DROP TABLE meta; CREATE TABLE meta (key, value)",
    "a trigger": "CREATE TRIGGER spy AFTER INSERT ON votes BEGIN DELETE FROM votes; END",
    "a trigger of a table of its own": "CREATE TABLE own (a); CREATE TRIGGER spy AFTER INSERT ON own "
    "BEGIN SELECT 1; END",
    "an index on a table of ours": "CREATE INDEX spy ON votes (hex(vote))",
}


@pytest.mark.parametrize("change", ROWS)
async def test_a_file_whose_rows_never_were_is_refused(change: str, tmp_path: Path) -> None:
    """With what to do, and no other error."""
    store = sqlite_store(tmp_path)
    async with asking(store):
        await carried_out(store, vote("ada", "a"))
    with closing(sqlite3.connect(store.path)) as connection:
        connection.executescript(ROWS[change])
    with pytest.raises(BadSetting) as refused:
        await sqlite_store(tmp_path).open()
    assert str(store.path) in refused.value.message


async def test_tables_that_somebody_added_beside_ours_are_left_alone(tmp_path: Path) -> None:
    """An instructor may keep notes or a query there."""
    store = sqlite_store(tmp_path)
    async with asking(store):
        await carried_out(store, vote("ada", "a"))
    with closing(sqlite3.connect(store.path)) as connection:
        connection.executescript("CREATE TABLE notes (text); CREATE VIEW mine AS SELECT * FROM answers; ANALYZE")
    async with opened(sqlite_store(tmp_path)) as again:
        assert len(await again.answers(CODE)) == 1


FOREIGN_SQL = {
    "a check": "CREATE TABLE x (a CHECK (abs(a - 9) > 0))",
    "a generated column": "CREATE TABLE x (a, b AS (nullif(abs(a - 9), 0)) NOT NULL)",
    "an indexed expression": "CREATE TABLE x (a); CREATE INDEX y ON x (abs(a - 9))",
    "a condition of an index": "CREATE TABLE x (a); CREATE INDEX y ON x (a) WHERE abs(a - 9) > 0",
}


@pytest.mark.parametrize("kind", FOREIGN_SQL)
async def test_sql_of_tables_that_somebody_added_runs_neither_at_opening_nor_in_a_copy(
    kind: str, tmp_path: Path
) -> None:
    """It might run for ever. Here it no longer fits the row that is there, which would be told if it ran."""
    store = sqlite_store(tmp_path)
    async with asking(store):
        await carried_out(store, vote("ada", "a"))
    with closing(sqlite3.connect(store.path)) as connection:
        connection.executescript(FOREIGN_SQL[kind])
        connection.executescript("INSERT INTO x (a) VALUES (1); PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_schema SET sql = replace(sql, '(a - 9)', '(a - 1)')")
        connection.commit()
    copied = back_up(store.path, tmp_path / "copy.db")
    assert (copied.rooms, copied.answers) == (1, 1)
    async with opened(sqlite_store(tmp_path)) as again:
        assert len(await again.answers(CODE)) == 1
        await again.backup(tmp_path / "another.db")


async def test_a_copy_asks_no_view_of_the_file(tmp_path: Path) -> None:
    """The view of ours is replaced by one that no memory is large enough for."""
    store = sqlite_store(tmp_path)
    async with asking(store):
        await carried_out(store, vote("ada", "a"))
    with closing(sqlite3.connect(store.path)) as connection:
        connection.executescript(
            "DROP VIEW answers; CREATE VIEW answers AS SELECT hex(zeroblob(900000000)) AS answer FROM votes"
        )
    assert back_up(store.path, tmp_path / "copy.db").answers == 1


@pytest.mark.parametrize("script", [VERSION_1, VERSION_2], ids=["1", "2"])
async def test_an_older_file_with_a_trigger_is_refused_before_it_runs(script: str, tmp_path: Path) -> None:
    """Also where it would run within the upgrade."""
    path = tmp_path / "rooms.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
        connection.execute(
            "CREATE TRIGGER spy BEFORE DELETE ON answers BEGIN INSERT INTO meta VALUES ('spied', 1); END"
        )
    with pytest.raises(BadSetting, match="SQL of its own"):
        await SqliteStore(path).open()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM meta").fetchone() == (1,)


# ---------------------------------------------------------------- things that are no file of ours


def _script(script: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(script)

    return make


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _loop(path: Path) -> None:
    path.symlink_to(path)


def _dangling(path: Path) -> None:
    path.symlink_to(path.parent / "no folder" / "rooms.db")


def _lock_is_a_folder(path: Path) -> None:
    path.with_name("rooms.db.lock").mkdir()


def _log_is_a_folder(path: Path) -> None:
    path.with_name("rooms.db-wal").mkdir()


OTHERS: dict[str, Callable[[Path], object]] = {
    "a folder": Path.mkdir,
    "a pipe": _pipe,
    "a link to itself": _loop,
    "a link to nowhere": _dangling,
    "a folder in place of the lock": _lock_is_a_folder,
    "a folder in place of the log": _log_is_a_folder,
    "another program's tables": _script("CREATE TABLE recipes (name)"),
    "another program's mark": _script("PRAGMA application_id = 7; CREATE TABLE recipes (name)"),
    "another program's version": _script("PRAGMA user_version = 3; CREATE TABLE recipes (name)"),
    "our mark on other tables": _script(
        f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 3; CREATE TABLE recipes (name)"
    ),
    "our mark and no version": _script(f"PRAGMA application_id = {APPLICATION_ID}; CREATE TABLE rooms (name)"),
    "our mark, version 1, no tables": _script(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 1"),
    "our mark, version 2, other tables": _script(
        f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 2; CREATE TABLE answers (earlier)"
    ),
    "text": lambda path: path.write_text("a poem, longer than a header " * 50, encoding="utf-8"),
    "a few bytes": lambda path: path.write_bytes(b"SQLite form"),
    "a header alone": lambda path: path.write_bytes(b"SQLite format 3\0" + bytes(84)),
    "a gzip": lambda path: path.write_bytes(b"\x1f\x8b\x08" + bytes(5000)),
}


@pytest.mark.parametrize("kind", OTHERS)
async def test_what_is_no_file_of_ours_is_refused(kind: str, tmp_path: Path) -> None:
    """At once, with a sentence; a pipe is not waited for."""
    path = tmp_path / "rooms.db"
    OTHERS[kind](path)
    with pytest.raises(BadSetting) as refused:
        await SqliteStore(path).open()
    assert str(path) in refused.value.message


async def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    """Somebody has made it beforehand."""
    (tmp_path / "rooms.db").touch()
    async with asking(sqlite_store(tmp_path)) as store:
        await carried_out(store, vote("ada"), EndRoom())
        with pytest.raises(RoomEnded):
            store.room(CODE)


async def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path) -> None:
    """Too long, or with a zero in it."""
    for name in ("x" * 5000, "a\0b"):
        with pytest.raises(BadSetting):
            await SqliteStore(tmp_path / name).open()
