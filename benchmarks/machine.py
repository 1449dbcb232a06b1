"""The machine that figures are measured on: its cores, its limits, its name in one line. It starts nothing."""

from __future__ import annotations

import os
import platform
import re
import resource
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from msgspec import Struct

WANTED_FILES: Final = 20_000
"""Sockets of 10,000 clients in one process, and what else it has open."""


class CannotMeasure(Exception):
    """What this machine lacks, and how to get it."""


class Cores(Struct, frozen=True):
    """The core that servers run on, and the one of everything else."""

    server: int
    load: int


def cores() -> Cores:
    """Two different cores; raises :exc:`CannotMeasure` where there are none."""
    if sys.platform != "linux":
        raise CannotMeasure("The benchmarks need Linux (epoll, /proc, loopback addresses). A virtual machine will do.")
    available = sorted(os.sched_getaffinity(0))
    if len(available) < 2:  # noqa: PLR2004
        raise CannotMeasure("The benchmarks need two cores: one for the server, one for the load.")
    return Cores(server=available[0], load=available[-1])


def raise_limits(peers: int) -> None:
    """Allow as many open files as ``peers`` take; raises :exc:`CannotMeasure`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = peers + peers // 5 + 200
    if soft >= max(needed, WANTED_FILES):
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(needed, hard), max(needed, hard)))
    except (OSError, ValueError) as refused:
        raise CannotMeasure(
            f"{peers:,} sockets need {needed:,} open files and this user may have {hard:,}: raise it with "
            f"`ulimit -Hn {needed}` as root, or measure fewer peers with --sizes."
        ) from refused


def load_average() -> float:
    """How many programs have wanted to run in the last minute."""
    return os.getloadavg()[0]


def describe() -> str:
    """The machine in a line."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    name = model[1].strip() if model else platform.machine()
    return f"{name}, {os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.release()}"


def versions() -> dict[str, str]:
    """The versions of what is measured and of what it stands on."""
    packages = ("livepoll-jupyter", "tornado", "websockets", "jupyter-server", "ipywidgets", "msgspec", "playwright")
    found = {"Python": platform.python_version()}
    for name in packages:
        with suppress(PackageNotFoundError):  # a server that needs it says so when it is started
            found[name] = version(name)
    return found
