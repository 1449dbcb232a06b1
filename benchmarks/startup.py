"""What it costs to import us and to start Jupyter with us: fresh processes, with and without, in turn.

Differences are taken within a repetition, between processes that ran one after the other in changing order. Seconds of
CPU are told beside those by the clock: other programs on the machine hardly touch them.
"""

from __future__ import annotations

import http.client
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Self

from msgspec import Struct

from .machine import CannotMeasure, Cores
from .ratios import shuffled
from .servers import Site
from .servers.base import PATIENCE, ROOT
from .servers.ours import InJupyter
from .work import Figures

OURS: Final = "from livepoll_jupyter import LivePoll, PollQuestion, Seat, join"
BASES: Final = {"import": "import ipywidgets", "kernel_import": "import ipykernel.kernelapp, ipywidgets"}
"""What a program has imported before us: ipywidgets, and what a notebook's kernel runs on as well."""


def imports(_cores: Cores, repetition: int) -> Figures:
    """Seconds that a program takes longer for all of our public names, than for its base alone."""
    figures: Figures = {}
    for name, base in BASES.items():
        taken = {program: _run(program) for program in shuffled([base, f"{base}\n{OURS}"], repetition)}
        figures |= _compared(name, taken[f"{base}\n{OURS}"], taken[base])
    return figures


def start(cores: Cores, repetition: int) -> Figures:
    """Seconds until a Jupyter server answers, without us and how many more with us; and those within our functions."""
    taken = {has_us: _until_it_answers(cores, has_us=has_us) for has_us in shuffled([True, False], repetition)}
    with TemporaryDirectory(prefix="livepoll-bench-") as directory, Timed(Site(cores, Path(directory))) as server:
        spans = server.spans
    return _compared("start", taken[True], taken[False]) | {
        "own_start_s": sum(spans.values()),
        "own_import_s": spans["import"],
    }


class Taken(Struct, frozen=True):
    """Seconds by the clock, and of CPU."""

    clock: float
    cpu: float


class Starting(InJupyter):
    """A Jupyter server, with us or without, that is asked until it answers; ``taken`` is what that took."""

    def __init__(self, site: Site, *, has_us: bool) -> None:
        super().__init__(site)
        self.extensions = f"livepoll_jupyter={has_us}"
        self._has_us = has_us

    def __enter__(self) -> Self:
        self._began = time.perf_counter()
        return super().__enter__()

    def become_ready(self) -> None:
        """Wait for the first answer, and see that we are there or not as was asked."""
        until = self._began + PATIENCE
        while self._status("/api") is None:
            if time.perf_counter() > until or self._process.poll() is not None:
                raise self.failed()
            time.sleep(0.002)
        self.taken = Taken(time.perf_counter() - self._began, self._cpu_seconds())
        is_there = self._status("/livepoll/") == http.client.OK
        if is_there is not self._has_us:
            raise CannotMeasure(
                "Jupyter loads another set of extensions than was asked; see `jupyter server extension`."
            )

    def _cpu_seconds(self) -> float:
        """User and system time of the process, as proc(5) has them after the program's name in brackets."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _status(self, path: str) -> int | None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except ConnectionRefusedError:
            return None
        finally:
            connection.close()


class Timed(InJupyter):
    """A Jupyter server that says how long our own functions took; ``spans`` has their seconds by name."""

    module = "benchmarks.timed_jupyter"
    spans: dict[str, float]

    def become_ready(self) -> None:
        """Read what it says."""
        self.spans = json.loads(self.first_line())


def _compared(name: str, ours: Taken, base: Taken) -> Figures:
    return {f"{name}_base_s": base.clock, f"{name}_s": ours.clock - base.clock, f"{name}_cpu_s": ours.cpu - base.cpu}


def _run(program: str) -> Taken:
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)  # noqa: S603
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Taken(time.perf_counter() - began, cpu)


def _until_it_answers(cores: Cores, *, has_us: bool) -> Taken:
    with (
        TemporaryDirectory(prefix="livepoll-bench-") as name,
        Starting(Site(cores, Path(name)), has_us=has_us) as server,
    ):
        return server.taken
