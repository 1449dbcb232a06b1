"""What every measured server can be asked, and how its process is started, pinned and stopped."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import IO, ClassVar, Final, Self

from msgspec import Struct

from ..machine import CannotMeasure, Cores
from ..panel import Panel

ROOT: Final = Path(__file__).parents[2]
PATIENCE: Final = 60.0
"""Seconds that a server may take to start."""


class Site(Struct, frozen=True):
    """Where a server runs, and the directory that is its own."""

    cores: Cores
    directory: Path


class Server(ABC):
    """A server as a process. Use it as a context; ``port`` is known inside.

    ``name`` stands in results and options, ``title`` in tables. A server that ``is_limit`` fans out and acks, and
    keeps nothing that further work could be about. One that ``has_rooms`` tells final results after a lock, and has a
    panel.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    is_limit: ClassVar[bool] = False
    has_rooms: ClassVar[bool] = False

    def __init__(self, site: Site) -> None:
        self.site = site
        self.port = 0

    # ------------------------------------------------------------ the process

    @abstractmethod
    def command(self) -> list[str]:
        """The program and its arguments."""

    def environment(self) -> dict[str, str]:
        """Further variables of its environment."""
        return {}

    @abstractmethod
    def become_ready(self) -> None:
        """Wait until it serves, and prepare what its clients need."""

    @property
    def door(self) -> int:
        """The port that peers come in by."""
        return self.port

    @property
    def pid(self) -> int:
        """The process that serves."""
        return self._process.pid

    @property
    def stdout(self) -> IO[bytes]:
        """What it prints."""
        if self._process.stdout is None:
            raise CannotMeasure(f"{self.title} has no stdout.")
        return self._process.stdout

    def resident_bytes(self) -> int:
        """The memory that it holds now."""
        pages = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def __enter__(self) -> Self:
        self._log = (self.site.directory / f"{self.name}.log").open("wb")
        # A child inherits the core, all its threads included.
        os.sched_setaffinity(0, {self.site.cores.server})
        try:
            self._process = subprocess.Popen(  # noqa: S603
                self.command(),
                cwd=ROOT,
                env={**os.environ, **self.environment()},
                stdout=subprocess.PIPE,
                stderr=self._log,
            )
        finally:
            os.sched_setaffinity(0, {self.site.cores.load})
        try:
            self.become_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
        self._log.close()

    def first_line(self) -> str:
        """The first line that it prints; raises :exc:`CannotMeasure` if it ends before."""
        line = self.stdout.readline().decode()
        if not line:
            raise self.failed()
        return line

    def wait_for_port(self) -> None:
        """Return once it listens."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise self.failed()

    def failed(self) -> CannotMeasure:
        """What to raise when it does not start."""
        said = Path(self._log.name).read_text(encoding="utf-8", errors="replace")[-2000:]
        return CannotMeasure(f"{self.title} did not start. It said:\n{said}")

    # ------------------------------------------------------------ what it is asked

    @property
    def question(self) -> str:
        """The id of the question that is voted on."""
        return "q"

    @abstractmethod
    def seats(self, numbers: Iterable[int]) -> list[str]:
        """One line for each client: path, header and first message, with tabs between."""

    @abstractmethod
    def publish(self, round_: int, *, is_large: bool = False) -> bytes:
        """The request that asks the question for the ``round_``-th time: an event of 1 KB, or of 16 KB."""

    @abstractmethod
    def lock(self) -> bytes:
        """The request that stops the votes."""

    def panel(self) -> Panel:
        """What watches it; raises :exc:`CannotMeasure` where nothing can."""
        raise CannotMeasure(f"There is no panel for {self.title}.")

    def close(self) -> bytes | None:
        """The request that ends the round; None if none is needed."""
        return None


def request(method: str, target: str, headers: dict[str, str] | None = None, body: str = "") -> bytes:
    """An HTTP/1.1 request as bytes."""
    lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if method != "GET":
        lines.append(f"Content-Length: {len(body.encode())}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def python(module: str) -> list[str]:
    """A module as a program of this very Python."""
    return [sys.executable, "-m", module]
