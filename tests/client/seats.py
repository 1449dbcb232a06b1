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


def cut(hall: Hall, code: str) -> None:
    """Close every socket of a room as a server does that will be back."""
    hall.service.hub.live(code).close(RESTART, "restart")


@asynccontextmanager
async def seated(hall: Hall, code: str) -> AsyncIterator[Student]:
    """A student who has joined and will leave."""
    student = Student(f"{hall.service.links.pages}{code}", surroundings=HASTY)
    await student.join()
    try:
        yield student
    finally:
        await student.leave()
