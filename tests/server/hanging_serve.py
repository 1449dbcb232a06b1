"""``jupyter livepoll`` on a disk that hangs for good with the first commit once ``LIVEPOLL_TEST_HANG`` is a file."""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from pathlib import Path

from livepoll_jupyter.cli import main
from livepoll_jupyter.storage import sqlite_tables
from livepoll_jupyter.storage.journal import Batch

usual = sqlite_tables.save


def save(connection: sqlite3.Connection, batch: Batch) -> None:
    """Write, or say so and never return."""
    if Path(os.environ["LIVEPOLL_TEST_HANG"]).exists():
        sys.stdout.write("hanging\n")
        sys.stdout.flush()
        threading.Event().wait()
    usual(connection, batch)


if __name__ == "__main__":
    sqlite_tables.save = save
    main()
