"""The server's side of rendering: a process that is started once, asked, and killed at a time limit.

Rendering on the event loop would let one text stop all votes, and in a thread too: a regular expression that does not
end holds Python's lock. So rendering never happens in the server's own process. Where no process can be started,
questions are refused, and the sentence says why; there is no second way that would do it on the loop.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from logging import Logger
from pathlib import Path
from typing import Final, Protocol

import msgspec

from ...core.errors import BadQuestion, Unavailable
from ...threads import hide_this_thread
from ..clock import Clock, within
from .shapes import Done, Task

LIMIT: Final = 5.0
"""Seconds that one question may take to render. An ordinary one takes some milliseconds."""

STARTING: Final = 30.0
"""Seconds that the process may take until it is ready, on a machine that is busy."""

COMMAND: Final = (sys.executable, "-P", "-m", "livepoll_jupyter.server.rendering.worker")


class Renderer(Protocol):
    """Makes HTML of a question's texts."""

    def start(self) -> None:
        """Get ready, before the first question comes."""

    async def render(self, task: Task) -> Done:
        """The texts as HTML. Raises :exc:`BadQuestion` or :exc:`Unavailable`."""

    async def close(self) -> None:
        """Let go; may be called again."""


class RenderingProcess:
    """A :class:`Renderer` in a process of its own, started when it is first needed. Belongs to one event loop."""

    def __init__(self, clock: Clock, log: Logger, *, command: Sequence[str] = COMMAND, limit: float = LIMIT) -> None:
        self._clock, self._log = clock, log
        self._command, self._limit = command, limit
        self._turn = asyncio.Lock()
        self._process: _Process | None = None
        self._is_closed = False

    def start(self) -> None:
        """Start the process if there is none; that it cannot be started is told to whoever asks."""
        if self._process is None and not self._is_closed:
            self._process = _Process(self._command)

    async def render(self, task: Task) -> Done:
        """The texts as HTML, one task after the other.

        Raises:
            BadQuestion: the texts take too long, or end the process.
            Unavailable: the process cannot be started, or the server is stopping.
        """
        async with self._turn:
            self.start()
            process = self._process
            if process is None:
                raise Unavailable("The server is restarting. Try again in a few seconds.")
            try:
                await self._until_ready(process)
                done = await self._ask(process, task)
            except BaseException:
                # What was asked may still be under way: the next task gets a new process.
                self._drop(process)
                raise
        if done.failure:
            self._log.error("A question could not be rendered. %s", done.failure)
            raise BadQuestion(
                "This text cannot be rendered because of a mistake in livepoll; the server's log says more."
            )
        return done

    async def close(self) -> None:
        """End the process, and start no other."""
        self._is_closed = True
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            await process.gone()

    def _drop(self, process: _Process) -> None:
        process.kill()
        if self._process is process:
            self._process = None
            self.start()

    async def _until_ready(self, process: _Process) -> None:
        try:
            if not await within(self._clock, STARTING, asyncio.shield(process.ready)):
                raise Unavailable("The process that renders questions does not start in time. Try again.")
        except (OSError, EOFError) as wrong:
            self._log.error("The process that renders questions cannot be started: %s", wrong)
            raise Unavailable(
                "This server cannot start the process that renders questions, so it can ask none. Its log says why."
            ) from wrong

    async def _ask(self, process: _Process, task: Task) -> Done:
        try:
            answer = process.ask(task)
            if await within(self._clock, self._limit, asyncio.shield(answer)):
                return answer.result()
        except (OSError, EOFError) as wrong:
            self._log.error("The process that renders questions ended: %s", wrong)
            raise BadQuestion(
                "This text cannot be rendered: the process that renders it ended. Make it shorter or simpler."
            ) from wrong
        raise BadQuestion(
            f"This text takes too long to render (more than {self._limit:g} s). Make its code or its formulas shorter."
        )


class _Process:
    """One process. A thread of its own waits for it, since a pipe knows no timeout on every system."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._thread = ThreadPoolExecutor(1, "livepoll-rendering", initializer=hide_this_thread)
        self._running: subprocess.Popen[bytes] | None = None
        self._is_killed = False
        self.ready: asyncio.Future[Done] = self._submit(self._begin)

    def ask(self, task: Task) -> asyncio.Future[Done]:
        """What becomes of the task; an :exc:`EOFError` if the process ends over it."""
        return self._submit(self._exchange, task)

    def kill(self) -> None:
        """End the process at once; whoever waits for it hears of its end."""
        self._is_killed = True
        if self._running is not None:
            self._running.kill()
        self._thread.submit(self._bury)
        self._thread.shutdown(wait=False)

    async def gone(self) -> None:
        """Wait until the killed process has ended."""
        await asyncio.to_thread(self._thread.shutdown)

    def _submit(self, work: object, *arguments: object) -> asyncio.Future[Done]:
        future: asyncio.Future[Done] = asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)  # type: ignore[arg-type]
        future.add_done_callback(_look_at)
        return future

    def _begin(self) -> Done:
        self._running = subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment()
        )
        if self._is_killed:
            self._running.kill()
        return self._read()

    def _exchange(self, task: Task) -> Done:
        assert self._running is not None and self._running.stdin is not None  # noqa: S101, PT018 - `ready` came first
        self._running.stdin.write(msgspec.json.encode(task) + b"\n")
        self._running.stdin.flush()
        return self._read()

    def _read(self) -> Done:
        assert self._running is not None and self._running.stdout is not None  # noqa: S101, PT018 - it was made with both
        line = self._running.stdout.readline()
        if not line:
            raise EOFError(f"it ended with status {self._running.wait()}")
        return msgspec.json.decode(line, type=Done)

    def _bury(self) -> None:
        if self._running is not None:
            self._running.kill()
            with self._running:
                self._running.wait()


def _look_at(done: asyncio.Future[Done]) -> None:
    """A killed process's last answer is an error that nobody waits for."""
    if not done.cancelled():
        done.exception()


def _environment() -> dict[str, str]:
    """The process finds what this one finds, wherever that lies, and nothing in the directory it happens to be in."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if Path(path).is_absolute())}
