"""``python -m benchmarks``: what it does, prints and writes."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from . import build, cost, flood, guard, machine, plot
from .machine import CannotMeasure
from .options import parser
from .ratios import Sample
from .report import STOPPED, Results, whole
from .servers import ALL, Server
from .session import ALL_WORK, Session, repetition
from .work import Effort

RESULTS: Final = Path(__file__).with_name("results")
SIZES: Final = (200, 1_000, 5_000, 10_000)
QUICK_SIZES: Final = (1_000,)
QUICK_WORK: Final = ("storm", "fan-out", "votes", "lecture")
BUSY_MACHINE: Final = 0.7
"""A load average above which figures say more about the other programs."""

OK, WORSE, CANNOT = 0, 1, 2
"""Exit codes."""


class Run:
    """Repetitions, in each of which all servers run side by side; what fails is said and left out."""

    def __init__(self, work: Sequence[str], effort: Effort) -> None:
        self._cores = machine.cores()
        self._work = work
        self._effort = effort
        self.samples: list[Sample] = []
        self.failures: list[str] = []
        os.sched_setaffinity(0, {self._cores.load})

    def all_of(self, kinds: Sequence[type[Server]], sizes: Sequence[int], repetitions: int) -> None:
        """Measure every server at every size so many times."""
        machine.raise_limits(max(sizes))
        for size in sizes:
            for number in range(repetitions):
                say(f"{size:>6,} peers, {number + 1} of {repetitions}: {', '.join(kind.name for kind in kinds)}")
                sessions = [Session(kind, size, self._effort) for kind in kinds]
                samples, failures = repetition(sessions, number, self._cores, self._work)
                self.samples += samples
                self.failures += failures
                for failure in failures:
                    say(failure)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for; returns the exit code."""
    asked = parser().parse_args(arguments)
    # Whoever ends us ends the servers as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if asked.show is not None:
            return show(asked.show, asked.plot)
        warn_if_busy()
        if asked.cost:
            return run_cost(asked)
        if asked.flood:
            return run_flood(asked)
        return run_guard() if asked.guard else run(asked)
    except CannotMeasure as cannot:
        say(str(cannot))
    except KeyboardInterrupt:
        say("Stopped before anything was whole.")
    return CANNOT


def run(asked: argparse.Namespace) -> int:
    """The benchmark."""
    work = asked.work or (QUICK_WORK if asked.quick else ALL_WORK)
    if asked.plot is not None and "fan-out" not in work:
        raise CannotMeasure("The plot is of fan-out: add it to --work, or leave --plot out.")
    session = Run(work, Effort(rounds=8, bursts=1, lock_rounds=1) if asked.quick else Effort())
    kinds = [kind for kind in ALL if kind.name in asked.servers]
    wanted = asked.sizes or (QUICK_SIZES if asked.quick else SIZES)
    try:
        session.all_of(kinds, wanted, asked.repetitions or (1 if asked.quick else 5))
    except KeyboardInterrupt:
        session.failures.append(STOPPED)
    except Exception:
        say(f"What is whole is in {write(found_by(session.samples, session.failures))}")
        raise
    results = found_by(session.samples, session.failures)
    code = done(results)
    if asked.plot is not None:
        draw(results, asked.plot)
    return code


def done(results: Results) -> int:
    """Keep the results and print them."""
    path = write(results)
    sys.stdout.write(f"\n{whole(results)}\nWritten to {path}\n")
    sys.stdout.flush()
    return CANNOT if results.failures else OK


def draw(results: Results, picture: Path) -> None:
    """Plot the results into ``picture``."""
    try:
        picture.write_text(plot.svg(results), encoding="utf-8")
    except OSError as refused:
        raise CannotMeasure(f"{picture} cannot be written: {refused.strerror}.") from refused


def run_cost(asked: argparse.Namespace) -> int:
    """The cost of being used."""
    samples, failures = cost.measure(asked.cost, asked.repetitions or 5, say)
    return done(found_by(samples, failures))


def run_flood(asked: argparse.Namespace) -> int:
    """Under attack."""
    cores = machine.cores()
    machine.raise_limits(flood.HONEST + flood.SOCKETS)
    os.sched_setaffinity(0, {cores.load})
    pairs = flood.measure(asked.flood, asked.repetitions or 5, cores, say)
    sys.stdout.write(f"\n{machine.describe()}\n\n{flood.report(pairs)}\n")
    return OK


def run_guard() -> int:
    """The regression guard."""
    bounds = guard.stored()
    session = Run(guard.PARTS, Effort(rounds=8, bursts=1))
    wanted = guard.servers(bounds)
    session.all_of([kind for kind in ALL if kind.name in wanted], [guard.SIZE], guard.REPETITIONS)
    text, holds = guard.verdict(bounds, session.samples)
    sys.stdout.write(f"\n{text}\n")
    return {True: OK, False: WORSE, None: CANNOT}[holds]


def show(path: Path, picture: Path | None) -> int:
    """Earlier results."""
    try:
        results = msgspec.json.decode(path.read_bytes(), type=Results)
    except OSError as refused:
        raise CannotMeasure(f"{path} cannot be read: {refused.strerror}.") from refused
    except msgspec.DecodeError as wrong:
        raise CannotMeasure(f"{path} is no file of results ({wrong}). They are in {RESULTS}.") from wrong
    sys.stdout.write(whole(results))
    if picture is not None:
        draw(results, picture)
    return OK


def found_by(samples: list[Sample], failures: list[str]) -> Results:
    """All that was found, with where and when."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return Results(machine.describe(), machine.versions() | build.versions(), now, samples, failures)


def write(results: Results) -> Path:
    """Keep the results in a file that git does not see."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{results.date.replace(' UTC', '').replace(' ', 'T').replace(':', '')}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1))
    return path


def warn_if_busy() -> None:
    """Say so if other programs want the cores."""
    load = machine.load_average()
    if load > BUSY_MACHINE:
        say(f"Other programs are running (load average {load:.1f}): absolute figures will be off, ratios noisy.")


def say(text: str) -> None:
    """A line for whoever waits."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
