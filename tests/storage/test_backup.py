"""``jupyter livepoll backup``, and the same over REST: a whole copy, while a server runs and while none does."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, closing
from pathlib import Path
from subprocess import PIPE

import pytest
from asking import CODE, vote
from hall import open_hall
from stores import all_settled, asking, carried_out, opened, sqlite_store
from test_sqlite_upgrade import VERSION_1

from livepoll_jupyter.cli.backup import back_up
from livepoll_jupyter.core.errors import BadSetting, TooMany, Unavailable
from livepoll_jupyter.server.copies import remove_left
from livepoll_jupyter.server.lists import AT_ONCE
from livepoll_jupyter.server.operations import Asked
from livepoll_jupyter.server.operations import back_up as back_up_for_download
from livepoll_jupyter.storage import sqlite_reads
from livepoll_jupyter.storage.sqlite import SqliteStore


def backup(*arguments: object) -> subprocess.CompletedProcess[str]:
    """What the command says."""
    program = Path(sys.executable).with_name("jupyter-livepoll")
    return subprocess.run(
        [str(program), "backup", *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60
    )


def names_in(folder: Path) -> list[str]:
    """The files there."""
    return sorted(path.name for path in folder.iterdir())


async def test_a_copy_while_a_server_runs_has_every_acknowledged_answer(tmp_path: Path) -> None:
    """Though the database alone is still empty; and the server takes votes as before."""
    store, copy = sqlite_store(tmp_path), tmp_path / "copy.db"
    async with asking(store):
        await all_settled(store, *(vote(f"p{number}") for number in range(40)), vote("gone", None))
        said = backup(copy, f"--db={store.path}")
        assert (said.returncode, said.stderr) == (0, "")
        assert said.stdout == f"{copy} now holds 1 room with 40 answers: a checked copy of {store.path}.\n"
        await carried_out(store, vote("later"))
        assert store.trouble is None
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [name for name in names_in(tmp_path) if name.startswith("copy")] == ["copy.db"]
    async with opened(SqliteStore(copy)) as again:
        assert len(await again.answers(CODE)) == 40


async def test_a_copy_while_no_server_runs_has_what_a_killed_one_left_in_its_log(tmp_path: Path) -> None:
    """The log need not be written back first."""
    store = sqlite_store(tmp_path)
    (tmp_path / "killed").mkdir()
    async with asking(store):
        await carried_out(store, vote("ada"))
        for ending in ("", "-wal"):
            shutil.copyfile(f"{store.path}{ending}", tmp_path / "killed" / f"rooms.db{ending}")
    copied = back_up(tmp_path / "killed" / "rooms.db", tmp_path / "copy.db")
    assert (copied.rooms, copied.answers) == (1, 1)


def test_a_file_of_an_older_version_is_copied_as_it_is(tmp_path: Path) -> None:
    """A person makes a copy before an upgrade."""
    with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
        connection.executescript(VERSION_1)
    copied = back_up(tmp_path / "old.db", tmp_path / "copy.db")
    assert (copied.rooms, copied.answers) == (2, 2)
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)


def _there(folder: Path) -> tuple[Path, Path]:
    (folder / "copy.db").write_text("mine", encoding="utf-8")
    return folder / "old.db", folder / "copy.db"


def _text(folder: Path) -> tuple[Path, Path]:
    (folder / "text.db").write_text("a poem " * 200, encoding="utf-8")
    return folder / "text.db", folder / "copy.db"


def _other(folder: Path) -> tuple[Path, Path]:
    with closing(sqlite3.connect(folder / "other.db")) as connection:
        connection.execute("CREATE TABLE recipes (name)")
    return folder / "other.db", folder / "copy.db"


def _damaged(folder: Path) -> tuple[Path, Path]:
    content = bytearray((folder / "old.db").read_bytes())
    content[4096 * 2 :] = b"\xff" * (len(content) - 4096 * 2)
    (folder / "damaged.db").write_bytes(content)
    return folder / "damaged.db", folder / "copy.db"


@pytest.mark.parametrize(
    ("paths", "advice"),
    [
        (_there, "Name a new file"),
        (lambda folder: (folder / "nothing.db", folder / "copy.db"), "Name the database with --db"),
        (lambda folder: (folder, folder / "copy.db"), "Name the database with --db"),
        (lambda folder: (folder / "old.db", folder / "no folder" / "copy.db"), "Name a file in a folder of yours"),
        (_text, "not a livepoll database"),
        (_other, "another program"),
        (_damaged, "damaged"),
    ],
    ids=["there already", "no source", "a folder", "no folder", "text", "other program", "damaged"],
)
def test_what_cannot_be_copied_is_said_and_nothing_is_left(
    paths: Callable[[Path], tuple[Path, Path]], advice: str, tmp_path: Path
) -> None:
    """No half copy, and no file of somebody's is touched."""
    with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
        connection.executescript(VERSION_1)
    source, target = paths(tmp_path)
    with pytest.raises(BadSetting, match=advice):
        back_up(source, target)
    assert not target.exists() or target.read_text(encoding="utf-8") == "mine"


KILLED = """
import os, signal, sys
from pathlib import Path
from livepoll_jupyter.cli.backup import back_up
from livepoll_jupyter.storage import sqlite_reads
sqlite_reads._checked = lambda copy: os.kill(os.getpid(), signal.SIGKILL)
back_up(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def test_a_copy_whose_program_is_killed_does_not_have_the_name_of_a_whole_one(tmp_path: Path) -> None:
    """What is left says what it is, and the same command makes the copy."""
    with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
        connection.executescript(VERSION_1)
    source, target = tmp_path / "old.db", tmp_path / "copy.db"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(source), str(target)], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert not target.exists()
    assert [name for name in names_in(tmp_path) if name.startswith("copy.db.part-")]
    assert back_up(source, target).rooms == 2


async def test_a_copy_without_room_names_its_own_folder_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the rooms themselves lie there may be room enough, and votes are stored."""
    (tmp_path / "copies").mkdir()
    target = tmp_path / "copies" / "copy.db"

    def fill(_source: object, copy: sqlite3.Connection, _check: object) -> None:
        copy.execute("PRAGMA max_page_count = 1")
        copy.execute("CREATE TABLE more (text)")

    monkeypatch.setattr(sqlite_reads, "_copy", fill)
    store = sqlite_store(tmp_path)
    async with asking(store):
        with pytest.raises(Unavailable) as refused:
            await store.backup(target)
        assert str(target.parent) in refused.value.message
        assert "vote" not in refused.value.message
    with pytest.raises(BadSetting, match=r"copy\.db cannot be written: No space left"):
        back_up(store.path, target)
    assert names_in(target.parent) == []


async def test_a_copy_that_is_being_made_is_broken_off_when_the_server_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may take minutes, and the file of the rooms is to be closed in order within half a second."""
    monkeypatch.setattr(sqlite_reads, "PAGES_AT_ONCE", 1)
    store, target = sqlite_store(tmp_path), tmp_path / "copy.db"
    began, may_go_on = threading.Event(), threading.Event()

    def wait(_seconds: float) -> None:
        began.set()
        may_go_on.wait(10)

    monkeypatch.setattr(time, "sleep", wait)
    async with asking(store):
        copying = asyncio.ensure_future(store.backup(target))
        await asyncio.to_thread(began.wait, 10)
        closing = asyncio.ensure_future(store.close())
        await asyncio.sleep(0)
        may_go_on.set()
        with pytest.raises(Unavailable, match="stopping"):
            await copying
        await closing
    assert [name for name in names_in(tmp_path) if name.startswith("copy")] == []


def test_the_command_says_in_a_line_what_is_missing() -> None:
    """No traceback."""
    said = backup()
    assert said.returncode == 1
    assert said.stderr == "Name the new file: jupyter livepoll backup rooms-2026-10-05.db\n"


async def test_a_copy_that_is_being_sent_has_no_name_any_more(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a server that is killed meanwhile leaves no file with its keys."""
    temporary = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    async with open_hall(store=sqlite_store(tmp_path)) as hall:
        await hall.service.ready()
        download = await back_up_for_download(hall.service, Asked(), None)
        assert names_in(temporary) == []
        assert download.file.read(6) == b"SQLite"
        download.done()
        assert download.file.closed


async def test_copies_that_are_being_made_count_for_the_limit_of_large_answers(tmp_path: Path) -> None:
    """A ninth one is refused before anything of it lies on the disk."""
    async with open_hall(store=sqlite_store(tmp_path)) as hall, AsyncExitStack() as others:
        await hall.service.ready()
        for _ in range(AT_ONCE):
            others.enter_context(hall.service.pace.begun())
        with pytest.raises(TooMany):
            await back_up_for_download(hall.service, Asked(), None)


MAKER = "import sys; from livepoll_jupyter.server.copies import Copy; copy = Copy(); print(); input()"


async def test_a_server_removes_the_copy_that_a_killed_one_was_making(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not while the other one lives, nor what is too new to be judged, nor what is somebody else's by its name."""
    temporary = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    environment = os.environ | {"TMPDIR": str(temporary)}
    maker = await asyncio.create_subprocess_exec(sys.executable, "-c", MAKER, stdin=PIPE, stdout=PIPE, env=environment)
    try:
        assert maker.stdout is not None
        await maker.stdout.readline()
        (made,) = temporary.iterdir()
        (made / "livepoll.db").write_bytes(b"keys")
        for name in ("livepoll-backup-new", "somebody-elses"):
            (temporary / name).mkdir()
        for folder in (made, temporary / "somebody-elses"):
            os.utime(folder, (0, 0))
        remove_left(logging.getLogger())
        assert len(names_in(temporary)) == 3
    finally:
        maker.kill()
        await maker.wait()
    os.utime(made, (0, 0))
    async with open_hall(store=sqlite_store(tmp_path)) as hall:
        await hall.service.ready()
    assert names_in(temporary) == ["livepoll-backup-new", "somebody-elses"]


async def test_the_instructor_downloads_a_copy_over_rest(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that opens as a store, under a name with the date; nothing of it is left on the server."""
    temporary = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    async with open_hall(store=sqlite_store(tmp_path)) as hall:
        code = await hall.open_room("Statistics 101")
        question = await hall.publish(code)
        for name in ("b", "a"):
            phone = await hall.connect(f"?room={code}")
            await phone.hello(await hall.join(code))
            await phone.vote(question, name)
        answer = await hall.ask("GET", "backup")
        assert answer.code == 200
        assert answer.headers["Content-Type"] == "application/vnd.sqlite3"
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="livepoll-2')
        assert int(answer.headers["Content-Length"]) == len(answer.body)
    (tmp_path / "copy.db").write_bytes(answer.body)
    async with opened(SqliteStore(tmp_path / "copy.db")) as copy:
        assert len(await copy.answers(code)) == 2
    assert names_in(temporary) == []
