"""Run by ``test_failing_disks``: votes into the file named on the command line while its disk hangs, then closes.

Prints ``hangs`` once the commit has begun, and every outcome that is told. The store has a fifth of a second to close.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import threading
from pathlib import Path

from asking import CODE, NOW, vote
from stores import asking

from livepoll_jupyter.storage import sqlite_file
from livepoll_jupyter.storage.base import Outcome
from livepoll_jupyter.storage.sqlite import SqliteStore

hangs = threading.Event()


def connect(path: Path) -> sqlite3.Connection:
    """A file whose commits never return once ``hangs`` is set, as from a disk that does not answer."""
    connection = sqlite_file.connect(path)

    def hang(statement: str) -> None:
        if statement == "COMMIT" and hangs.is_set():
            os.write(1, b"hangs\n")
            threading.Event().wait()

    connection.set_trace_callback(hang)
    return connection


def tell(outcome: Outcome) -> None:
    """Print what nobody may be told."""
    os.write(1, f"told {outcome}\n".encode())


async def main(path: Path) -> None:
    """Vote, and give up."""
    try:
        async with asyncio.timeout(None) as limit, asking(SqliteStore(path, connect=connect)) as store:
            hangs.set()
            store.submit(CODE, vote(), NOW, tell)
            limit.reschedule(asyncio.get_running_loop().time() + 0.2)
    except TimeoutError:
        os.write(1, b"gave up\n")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
