"""A class that votes while waves of floods come: no vote is lost, and memory and open files are what they were.

``pytest -m long -s tests/server/test_soak.py`` goes on for LIVEPOLL_SOAK_MINUTES, which are 30.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any, Final

import pytest
from floods import WAVES, Target
from hall import SECONDS, Socket
from serve_process import Serve, memory_kib, open_files, serve
from tornado.websocket import websocket_connect

CLASS: Final = 30
"""Honest participants."""

VOTES: Final = 20
"""Votes of each of them in a round."""

SETTLED: Final = 2
"""Rounds after which caches are filled, and memory is compared with."""

MEMORY_KIB: Final = 24 * 1024
"""What the server may have more of at the end."""

LOG_BYTES: Final = 64 * 1024
"""What the log of one round of all waves may hold."""


class Student:
    """An honest participant with an open socket."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket

    @classmethod
    async def join(cls, running: Serve, code: str) -> Student:
        """A new participant."""
        joined = await running.ask("POST", f"rooms/{code}/participants", {})
        address = running.opened["ws_url"].replace(running.opened["code"], code)
        socket = Socket(await asyncio.wait_for(websocket_connect(address), SECONDS))
        await socket.hello(joined["token"])
        return cls(socket)

    async def change_minds(self, question: dict[str, Any]) -> None:
        """Vote again and again, and have an ack each time."""
        for number in range(VOTES):
            op = f"{question['id']}-{number}"
            ack = await self._socket.vote(question, "ab"[number % 2], op=op, rev=number + 1)
            assert ack["status"] == "accepted"

    async def leave(self) -> None:
        """Close the socket."""
        self._socket.close()
        await self._socket.until_closed()


async def one_round(running: Serve) -> None:
    """A room of its own, which is ended: what it held, each vote among it, may take no memory afterwards.

    A question; while all waves come at once everybody votes; then the results hold every vote once.
    """
    code = (await running.ask("POST", "rooms", {"title": "Statistics"}))["code"]
    students = [await Student.join(running, code) for _ in range(CLASS)]
    body = {"text": "Which?", "options": ["mean", "median"], "publish": True}
    question = await running.ask("POST", f"rooms/{code}/questions", body)
    hostile = await running.ask("POST", f"rooms/{code}/participants", {})
    target = Target(int(running.opened["url"].rstrip("/").rpartition(":")[2]), code, question, hostile["token"])
    await asyncio.gather(*(wave(target) for wave in WAVES), *(student.change_minds(question) for student in students))
    await running.ask("PUT", f"rooms/{code}/questions/{question['id']}/lock", {"is_locked": True})
    rows = await running.ask("GET", f"rooms/{code}/answers")
    mine = [row for row in rows if row["questionId"] == question["id"] and row["rev"] == VOTES]
    assert len({row["participant"] for row in mine} - {hostile["participant"]}) == len(students)
    for student in students:
        await student.leave()
    await running.ask("DELETE", f"rooms/{code}")


def rounds(minutes: float) -> Iterator[int]:
    """Numbers of rounds: some, and where ``minutes`` are asked for as many as they hold."""
    end = monotonic() + 60 * minutes
    for number in count():
        if number > SETTLED and monotonic() >= end:
            return
        yield number


@pytest.mark.timeout(7200)
@pytest.mark.parametrize(
    "minutes", [0.0, pytest.param(float(os.environ.get("LIVEPOLL_SOAK_MINUTES", "30")), marks=pytest.mark.long)]
)
async def test_floods_leave_memory_and_files_as_they_were(tmp_path: Path, minutes: float) -> None:
    """After the floods the server holds what it held before, and has counted every honest vote once."""
    log = tmp_path / "serve.log"
    async with serve(tmp_path, log=log) as running:
        await running.ask("POST", f"rooms/{running.opened['code']}/questions", {"text": "?", "options": ["a", "b"]})
        await running.ask("GET", f"rooms/{running.opened['code']}/answers")
        files = open_files(running)  # with those of the process that renders, and of the thread that reads
        memory, number = 0, 0
        for number in rounds(minutes):
            await one_round(running)
            if number < SETTLED:
                memory = memory_kib(running)
            print(f"round {number}: {memory_kib(running)} KiB, {open_files(running)} files, {log.stat().st_size} B log")  # noqa: T201
        async with asyncio.timeout(SECONDS):
            while open_files(running) > files:
                await running.ask("GET", "rooms")
        grown = memory_kib(running) - memory
    assert "Traceback" not in log.read_text()
    assert log.stat().st_size <= LOG_BYTES * (number + 1)
    assert grown <= MEMORY_KIB
