"""Students at a hall, who come back at once when they are cut off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hall import Hall

from livepoll_jupyter.client import Student
from livepoll_jupyter.client.connection import Surroundings
from livepoll_jupyter.core.messages import PING_MS

RESTART = 1012
"""The closing code of a server that will be back."""


async def only_pings_wait(seconds: float) -> None:
    """A sleep that passes over the waits between tries."""
    await asyncio.sleep(seconds if seconds == PING_MS / 1000 else 0)


HASTY = Surroundings(sleep=only_pings_wait)


class Absence:
    """Surroundings whose waits between tries end when the test says so."""

    def __init__(self) -> None:
        self._is_over = asyncio.Event()
        self.surroundings = Surroundings(sleep=self._sleep)

    def end(self) -> None:
        """Let all come back that wait, and whoever will."""
        self._is_over.set()

    async def _sleep(self, seconds: float) -> None:
        await (asyncio.sleep(seconds) if seconds == PING_MS / 1000 else self._is_over.wait())


def cut(hall: Hall, code: str) -> None:
    """Close every socket of a room as a server does that will be back."""
    hall.service.hub.live(code).close(RESTART, "restart")


@asynccontextmanager
async def seated(
    hall: Hall, code: str, token: str | None = None, surroundings: Surroundings = HASTY
) -> AsyncIterator[Student]:
    """A student who has joined, or has taken up the place of ``token``, and will leave."""
    student = Student(f"{hall.service.links.pages}{code}", token=token, surroundings=surroundings)
    await student.join()
    try:
        yield student
    finally:
        await student.leave()
