"""A real ``jupyter livepoll serve`` on one file and one port, to be killed and started again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from history import Row, answer_of
from proxy import LOOPBACK

TOKEN: Final = "the-instructor-of-these-tests"
SECONDS: Final = 60.0
"""What a start or an end may take on a busy machine."""

COMMAND: Final = (str(Path(sys.executable).with_name("jupyter-livepoll")),)


class ServerProcess:
    """A server with its file in ``directory``; ``command`` is what takes ``serve`` and its options."""

    def __init__(self, directory: Path, command: Sequence[str] = COMMAND) -> None:
        self.file = directory / "rooms.sqlite"
        self.is_up = asyncio.Event()
        self.port, self.code = 0, ""
        self._directory, self._command = directory, command
        self._process: asyncio.subprocess.Process | None = None

    @property
    def log(self) -> str:
        """All that the server has logged since the first start."""
        return (self._directory / "serve.log").read_text()

    async def start(self) -> None:
        """Start, on the port of the last time, and return when it serves."""
        options = ["serve", "--json", f"--ip={LOOPBACK}", f"--port={self.port}", f"--db={self.file}"]
        environment = {**os.environ, "LIVEPOLL_TOKEN": TOKEN, "JUPYTER_DATA_DIR": str(self._directory)}
        with (self._directory / "serve.log").open("a") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, *options, env=environment, stdout=asyncio.subprocess.PIPE, stderr=log
            )
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), SECONDS)
        assert line, self.log
        opened = json.loads(line)
        self.port, self.code = int(opened["url"].rstrip("/").rpartition(":")[2]), opened["code"]
        self.is_up.set()

    async def kill(self) -> None:
        """``kill -9``; a no-op if it does not run."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """SIGTERM, and see it end well."""
        assert await self._end(signal.SIGTERM) == 0, self.log

    async def _end(self, number: signal.Signals) -> int | None:
        self.is_up.clear()
        process, self._process = self._process, None
        if process is None:
            return None
        process.send_signal(number)
        await asyncio.wait_for(process.communicate(), SECONDS)
        return process.returncode

    def kept(self, code: str) -> tuple[Row, ...]:
        """The answers of a room in the file, read with nothing of ours; the server must have ended."""
        answers = "SELECT question, round, participant, answer, rev FROM answers WHERE room = ?"
        with closing(sqlite3.connect(self.file)) as connection:
            rows = [
                Row(participant=participant, key=(question, round_), answer=answer_of(json.loads(answer)), rev=rev)
                for question, round_, participant, answer, rev in connection.execute(answers, (code,))
            ]
        return tuple(row for row in rows if row.answer is not None)
