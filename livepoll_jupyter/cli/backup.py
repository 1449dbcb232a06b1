"""``jupyter livepoll backup FILE``: a copy of all rooms and answers, whether or not a server uses them."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from traitlets import Unicode
from traitlets.config import Application

from .._version import __version__
from ..core.errors import BadSetting
from ..storage.sqlite_file import check_owner, default_paths, refusal
from ..storage.sqlite_reads import BadCopy, Copied, copy_to
from ..storage.sqlite_whole import set_limits

PATIENCE = 2.0
"""Seconds to wait for a server that keeps the file locked."""


class BackupApp(Application):
    """Copies the file of the rooms into a new one, and says what the copy holds."""

    name = "jupyter livepoll backup"
    version = __version__
    description = """Copy all rooms and answers into a new file: jupyter livepoll backup FILE

    It may run while a server uses them; the copy is whole, in one file, and can be opened with --db. Copying the
    database by hand may lose the newest answers: they stand in the -wal file beside it first."""
    aliases = {  # noqa: RUF012 - as traitlets declares it
        "db": "BackupApp.db",
        "log-level": "Application.log_level",
    }

    db = Unicode(
        "",
        help="The SQLite file that keeps the rooms; empty for the one in Jupyter's data directory.",
    ).tag(config=True)

    def start(self) -> None:
        """Copy; raises :exc:`BadSetting` with what to do."""
        if len(self.extra_args) != 1:
            raise BadSetting("Name the new file: jupyter livepoll backup rooms-2026-10-05.db")
        source, target = self._source(), Path(self.extra_args[0]).expanduser()
        copied = back_up(source, target)
        rooms, answers = _count(copied.rooms, "room"), _count(copied.answers, "answer")
        sys.stdout.write(f"{target} now holds {rooms} with {answers}: a checked copy of {source}.\n")
        others = [path for path in list(default_paths())[1:] if not self.db and path.exists()]
        for other in others:
            sys.stdout.write(f"A second server has kept rooms in {other}; copy it with --db={other}.\n")

    def _source(self) -> Path:
        return Path(self.db).expanduser() if self.db else next(default_paths())


def back_up(source: Path, target: Path) -> Copied:
    """Copy ``source`` into ``target``, a new file, and check the copy; raises :exc:`BadSetting`."""
    if not source.is_file():
        raise BadSetting(f"There are no rooms in {source}: it is not there, or no file. Name the database with --db.")
    try:
        with closing(_opened(source)) as connection:
            check_owner(connection, source)
            if not connection.execute("PRAGMA user_version").fetchone()[0]:
                raise BadSetting(f"{source} holds no rooms yet.")
            return copy_to(connection, target)
    except FileExistsError as error:
        raise BadSetting(f"{target} is there already. Name a new file: a copy goes over no other one.") from error
    except OSError as error:
        raise BadSetting(f"{target} cannot be written: {error.strerror}. Name a file in a folder of yours.") from error
    except (BadCopy, ValueError) as error:
        raise BadSetting(f"{source} is damaged, so no copy was kept. Put an older copy of it back.") from error
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise BadSetting(
                f"A running server keeps {source} locked, since its file system shares no memory. Ask that server for "
                "the copy: GET livepoll/api/backup, with the instructor's token."
            ) from error
        raise refusal(error, source) from error
    except sqlite3.Error as error:
        raise refusal(error, source) from error


def _opened(source: Path) -> sqlite3.Connection:
    """To read alone. SQLite may need to write beside the file for that, to share the log with a server."""
    connection = sqlite3.connect(
        f"{source.resolve().as_uri()}?mode=ro", uri=True, timeout=PATIENCE, isolation_level=None
    )
    set_limits(connection)
    return connection


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
