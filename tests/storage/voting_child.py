"""Run by ``test_sqlite_crash``: votes without end into the file named on the command line, and prints each ack.

One line per acknowledged vote, its ``op``, written before the next is read; the process is meant to be killed.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from pathlib import Path

from asking import CODE, NOW, vote
from stores import asking

from livepoll_jupyter.storage.base import Done, Outcome
from livepoll_jupyter.storage.sqlite import SqliteStore

AT_ONCE = 50


def acknowledge(op: str, going: asyncio.Semaphore) -> Done:
    """Print ``op`` once its vote is accepted."""

    def done(outcome: Outcome) -> None:
        if outcome.refusal is None:
            os.write(1, f"{op}\n".encode())
        going.release()

    return done


async def main(path: Path) -> None:
    """Vote, fifty votes on the way at any time."""
    going = asyncio.Semaphore(AT_ONCE)
    async with asking(SqliteStore(path)) as store:
        for number in itertools.count():
            await going.acquire()
            op = f"op-{number}"
            store.submit(CODE, vote(f"p{number}", op=op), NOW, acknowledge(op, going))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
