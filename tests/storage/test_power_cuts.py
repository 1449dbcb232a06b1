"""Power cuts: whatever a disk forgets that was not synced, no acknowledged command is lost and none is made up.

After each cut the file must hold exactly the room that the rules make of the first so many commands: at least of those
that were answered, and of no others than were asked. Each vote is then there once, with its newest revision.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random

import apsw
import msgspec
import pytest
from asking import CODE, NOW, question, vote
from power import Connect, Disk
from stores import asking, never, opened, submitted
from test_sqlite_upgrade import VERSION_1

from livepoll_jupyter.core.commands import AddQuestion, CastVote, Close, Command, Publish, Reveal, SetLock
from livepoll_jupyter.core.errors import BadSetting, Refusal, Unavailable
from livepoll_jupyter.core.room import Room
from livepoll_jupyter.storage.base import Outcome, Store
from livepoll_jupyter.storage.sqlite import SqliteStore

PATH = Path("/power/rooms.db")
OFTEN = "PRAGMA wal_autocheckpoint = 8"
"""The log is written back to the database after eight pages instead of a thousand, so that cuts meet that too."""

CUTS_A_FILE = 5
FILES = 20


def store_on(connect: Connect) -> SqliteStore:
    """A store on a disk of ours, which a second of waiting makes no better."""
    return SqliteStore(PATH, connect=connect, after=never)


class Lecture:
    """What was asked of a room that was ``before``, in order, and how much of it was answered before the cut."""

    def __init__(self, disk: Disk, before: Room) -> None:
        self.before = before
        self._disk = disk
        self.asked: list[Command] = []
        self.answered = 0

    async def hold(self, store: Store, chance: Random) -> None:
        """Ask, some commands at a time, until the power fails; or stop early, so that it fails while all is closed."""
        for _ in range(chance.choice((2, 100, 100, 100))):
            batch = [self._any_command(chance) for _ in range(chance.randint(1, 6))]
            for command in batch:
                self.asked.append(command)
                store.submit(CODE, command, NOW, partial(self._answer, len(self.asked)))
            await submitted(store, Reveal("no such question"))
            if self._disk.is_cut:
                break

    def _answer(self, number: int, outcome: Outcome) -> None:
        assert not isinstance(outcome.refusal, Unavailable)
        if not self._disk.is_cut:
            assert self.answered == number - 1, "answers come in the order of the commands"
            self.answered = number

    def _any_command(self, chance: Random) -> Command:
        others: list[Command] = [
            SetLock("q1", is_locked=True), SetLock("q1", is_locked=False), Close("q1"), Publish("q1"), Publish("q1"),
            Reveal("q1"), AddQuestion(question(f"q{chance.randint(2, 9)}"), publish=True),
        ]  # fmt: skip
        return chance.choice(others) if chance.random() < 0.2 else self._any_vote(chance)

    def _any_vote(self, chance: Random) -> CastVote:
        earlier = [command for command in self.asked if isinstance(command, CastVote)]
        if earlier and chance.random() < 0.1:
            return chance.choice(earlier)
        number = self.before.question("q1").round + chance.choice((0, 0, 0, 1))
        return vote(
            f"p{chance.randrange(12)}", chance.choice(("a", "b", "c", None)), number=number,
            rev=self.before.rev + len(self.asked) + 1,
        )  # fmt: skip

    def complaint(self, found: Room | None) -> str | None:
        """What is wrong with the room that was found after the cut; None for nothing."""
        expected = self.before
        holds = [0] if _is_same(expected, found) else []
        for number, command in enumerate(self.asked, start=1):
            with suppress(Refusal):  # which leaves the room as it was
                expected.settle(expected.decide(command, NOW))
            if _is_same(expected, found):
                holds.append(number)
        if not holds:
            return "The file holds a room that never was."
        if holds[-1] < self.answered:
            return f"{self.answered} commands were acknowledged, and the file holds the first {holds[-1]}."
        return None


def _is_same(expected: Room, found: Room | None) -> bool:
    return found is not None and msgspec.structs.replace(expected, replay=found.replay) == found


async def found_on(files: dict[str, bytes]) -> Room | None:
    """The room as a server finds it after the cut; raises :exc:`BadSetting` for a damaged file."""
    with Disk(files, Random(0)).mounted() as connect:
        store = store_on(connect)
        async with opened(store):
            await store._file._in_writer(_check)
            return await store._file.room(CODE)


def _check(connection: sqlite3.Connection) -> None:
    verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if verdict != "ok":
        raise BadSetting(verdict)


async def cut_lecture(disk: Disk, chance: Random, before: Room, *pragmas: str) -> Lecture:
    """A lecture on a disk whose power fails, while the file is opened or later."""
    lecture = Lecture(disk, before)
    with disk.mounted(OFTEN, *pragmas) as connect:
        async with opened(store_on(connect)) as store:
            await lecture.hold(store, chance)
    return lecture


async def new_file() -> dict[str, bytes]:
    """A file with a room in which ``q1`` is asked, properly closed."""
    disk = Disk({}, Random(0))
    with disk.mounted() as connect:
        async with asking(store_on(connect)):
            pass
    return disk.after_cut()


async def complaints(seed: int, *pragmas: str) -> list[str]:
    """A file of its own for each of several runs of cuts, and what is found wrong after any of them."""
    chance = Random(seed)
    found: list[str] = []
    for _ in range(FILES):
        files = await new_file()
        for _ in range(CUTS_A_FILE):
            before = await found_on(files)
            assert before is not None
            disk = Disk(files, Random(chance.random()), cut_at=chance.randint(1, 90))
            lecture = await cut_lecture(disk, chance, before, *pragmas)
            files = disk.after_cut()
            complaint = await complaint_of(lecture, files)
            if complaint is not None:
                found.append(complaint)
                break
    return found


async def complaint_of(lecture: Lecture, files: dict[str, bytes]) -> str | None:
    """What is wrong with the files that a cut has left; None for nothing."""
    try:
        return lecture.complaint(await found_on(files))
    except (BadSetting, sqlite3.Error) as error:
        return str(error)


@pytest.mark.parametrize("seed", [*range(10), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(10, 200))])
async def test_a_thousand_power_cuts_lose_no_acknowledged_vote(seed: int) -> None:
    """A hundred for each seed, five on each file: while it is opened, recovered, written, written back or closed."""
    assert await complaints(seed) == []


@pytest.mark.parametrize("level", ["OFF", "NORMAL"])
async def test_a_store_that_does_not_wait_for_the_disk_is_found_out(level: str) -> None:
    """The cuts above would find it if a commit were acknowledged before it is synced."""
    found = await complaints(0, f"PRAGMA synchronous = {level}")
    assert any("commands were acknowledged" in complaint for complaint in found)


@pytest.mark.parametrize("seed", range(10))
async def test_a_cut_while_the_file_is_made_keeps_nobody_from_opening_it(seed: int) -> None:
    """At each single operation; a room that was opened by then is there."""
    operation, is_opened = 0, False
    while not is_opened:
        operation += 1
        disk = Disk({}, Random(seed), cut_at=operation)
        with disk.mounted() as connect:
            async with opened(store_on(connect)) as store:
                await store.open_room(CODE, "Statistics 101", "epoch-1", NOW)
                is_opened = not disk.is_cut
        assert await found_on(disk.after_cut()) is not None or not is_opened
    assert operation > 20


def file_of_version_1() -> dict[str, bytes]:
    """A file as the program of version 1 left it."""
    disk = Disk({}, Random(0))
    with disk.mounted() as connect:
        connection = apsw.Connection(str(PATH), vfs=connect.vfs)
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        list(connection.execute(VERSION_1))
        connection.close()
    return disk.after_cut()


@pytest.mark.parametrize("seed", range(20))
async def test_a_cut_while_a_file_is_upgraded_loses_nothing(seed: int) -> None:
    """At each single operation, the file is of the old version or the new one, with every vote."""
    files = file_of_version_1()
    expected = await found_on(files)
    assert expected is not None
    assert expected.rev == 2
    operation, is_over = 0, False
    while not is_over:
        operation += 1
        disk = Disk(files, Random(seed), cut_at=operation)
        with disk.mounted() as connect:
            async with opened(store_on(connect)):
                pass
        is_over = not disk.is_cut
        assert await found_on(disk.after_cut()) == expected
    assert operation > 5
