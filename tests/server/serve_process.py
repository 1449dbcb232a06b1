"""``jupyter livepoll serve`` as a process of a test."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from hall import SECONDS
from tornado.httpclient import AsyncHTTPClient

COMMAND = Path(sys.executable).with_name("jupyter-livepoll")


class Serve:
    """A running server; ``opened`` is what its first line says."""

    def __init__(self, process: asyncio.subprocess.Process, opened: dict[str, str]) -> None:
        self.process = process
        self.opened = opened

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request of the instructor's."""
        response = await AsyncHTTPClient().fetch(
            f"{self.opened['url']}livepoll/api/{path}",
            method=method,
            headers={"Authorization": f"Bearer {self.opened['instructor_token']}"},
            body=None if body is None else json.dumps(body),
            allow_nonstandard_methods=True,
            request_timeout=SECONDS,
        )
        return json.loads(response.body) if response.body else None

    async def ends(self) -> int:
        """The exit status, once it has ended."""
        return await asyncio.wait_for(self.process.wait(), SECONDS)


def open_files(running: Serve) -> int:
    """How many files the server's process holds open."""
    return len(list(Path(f"/proc/{running.process.pid}/fd").iterdir()))


def memory_kib(running: Serve) -> int:
    """How much of the machine's memory the server's process occupies."""
    status = Path(f"/proc/{running.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))


async def start(
    *options: str, home: Path, command: Sequence[str | Path] = (COMMAND,), log: Path | None = None, **environment: str
) -> asyncio.subprocess.Process:
    """The command, with directories of its own; its log goes to the file ``log``, or to a pipe."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("LIVEPOLL")}
    variables |= {"JUPYTER_DATA_DIR": str(home), "HOME": str(home)} | environment
    with log.open("wb") if log else nullcontext(asyncio.subprocess.PIPE) as errors:
        return await asyncio.create_subprocess_exec(
            *command, "serve", *options, env=variables, stdout=asyncio.subprocess.PIPE, stderr=errors
        )


@asynccontextmanager
async def serve(
    home: Path, *options: str, command: Sequence[str | Path] = (COMMAND,), log: Path | None = None, **environment: str
) -> AsyncIterator[Serve]:
    """A server with ``--json`` on a free port of 127.0.0.1; killed at the end if it still runs."""
    options = ("--json", "--ip=127.0.0.1", *(options or ("--port=0",)))
    process = await start(*options, home=home, command=command, log=log, **environment)
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), SECONDS)
        yield Serve(process, json.loads(line))
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
