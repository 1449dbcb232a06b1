"""An instructor's panel in a real kernel, as a process whose CPU time is read. It measures nothing else."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final, Self

from jupyter_client.manager import start_new_kernel
from msgspec import Struct

from .machine import CannotMeasure

TITLE: Final = "Benchmark"
"""The room that is opened for the lecture, and shown by the panel."""

PATIENCE: Final = 60
"""Seconds that the kernel may take for anything."""

OPEN: Final = """
import os
from livepoll_jupyter import LivePoll
poll = LivePoll({title!r}, server={server!r}, token={token!r})
assert poll.connection == "open", poll.connection
"""

SEEN: Final = """
import time
until = time.monotonic() + {patience}
while poll.answered != {answers} and time.monotonic() < until:
    time.sleep(0.5)
assert poll.answered == {answers}, poll.answered
"""


class Watch(Struct, frozen=True):
    """A moment: the CPU time that the panel's process has had, and the time on the wall; both in seconds."""

    cpu: float
    wall: float

    def share_until(self, later: Watch) -> float:
        """The share of one core between the two moments, in per cent."""
        return (later.cpu - self.cpu) / (later.wall - self.wall) * 100


class Panel:
    """A kernel that shows the panel of the room called :data:`TITLE`. Use it as a context."""

    def __init__(self, server: str, token: str, directory: Path) -> None:
        self._server, self._token = server, token
        self._directory = directory

    def __enter__(self) -> Self:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LIVEPOLL_")}
        self._manager, self._client = start_new_kernel(
            startup_timeout=PATIENCE, kernel_name="python3", env=environment | {"IPYTHONDIR": str(self._directory)}
        )
        try:
            self._pid = int(self._execute(OPEN.format(title=TITLE, server=self._server, token=self._token)))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def watch(self) -> Watch:
        """Now."""
        fields = Path(f"/proc/{self._pid}/stat").read_text(encoding="utf-8").rpartition(")")[2]
        user, system = fields.split()[11:13]
        return Watch((int(user) + int(system)) / os.sysconf("SC_CLK_TCK"), time.monotonic())

    def has_seen(self, answers: int) -> None:
        """Wait until the panel shows so many answers; raises :exc:`CannotMeasure` if it does not come to that."""
        self._execute(SEEN.format(answers=answers, patience=PATIENCE // 2))

    def _execute(self, code: str) -> str:
        """Run ``code``; what ``os.getpid()`` is after it."""
        asked = {"pid": "os.getpid()"}
        reply = self._client.execute_interactive(
            code, timeout=PATIENCE, output_hook=lambda _: None, user_expressions=asked
        )["content"]
        if reply["status"] != "ok":
            raise CannotMeasure(f"The panel failed: {reply['ename']}: {reply['evalue']}")
        return str(reply["user_expressions"]["pid"]["data"]["text/plain"])
