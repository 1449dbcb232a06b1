"""``python -m benchmarks``: what is typed, and what is printed and written."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from . import build, cost, guard, machine, plot
from .machine import CannotMeasure
from .ratios import Sample
from .report import Results, whole
from .servers import ALL, Server
from .session import ALL_WORK, Session, repetition
from .work import WARM, Effort

RESULTS: Final = Path(__file__).with_name("results")
SIZES: Final = (200, 1_000, 5_000, 10_000)
LEAST: Final = 2 * WARM
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
        return run_guard() if asked.guard else run(asked)
    except CannotMeasure as cannot:
        say(str(cannot))
        return CANNOT


def parser() -> argparse.ArgumentParser:
    """What may be typed."""
    names = [kind.name for kind in ALL]
    options = argparse.ArgumentParser("python -m benchmarks", description="Live poll servers side by side, as ratios.")
    options.add_argument("--quick", action="store_true", help="two minutes: 1,000 peers, once, the main work")
    options.add_argument(
        "--guard", action="store_true", help="two minutes: fail if we are worse than bounds.toml allows"
    )
    options.add_argument(
        "--cost", type=chosen_from(list(cost.PARTS)), nargs="?", const=list(cost.PARTS), metavar="PARTS",
        help=f"what it costs to be used, in place of the servers; all of it, or with commas {','.join(cost.PARTS)}",
    )  # fmt: skip
    options.add_argument("--sizes", type=numbers, help="numbers of peers, with commas (200,1000,5000,10000)")
    options.add_argument(
        "--servers", type=chosen_from(names), default=names, help=f"which servers, with commas ({','.join(names)})"
    )
    options.add_argument("--work", type=chosen_from(ALL_WORK), help=f"which work, with commas ({','.join(ALL_WORK)})")
    options.add_argument("--repetitions", type=int, help="how often each server is started (5)")
    options.add_argument(
        "--show", type=Path, metavar="JSON", help="print the tables of earlier results; measure nothing"
    )
    options.add_argument("--plot", type=Path, metavar="SVG", help="draw the results into this file")
    return options


def run(asked: argparse.Namespace) -> int:
    """The benchmark."""
    work = asked.work or (QUICK_WORK if asked.quick else ALL_WORK)
    session = Run(work, Effort(rounds=8, bursts=1, lock_rounds=1) if asked.quick else Effort())
    kinds = [kind for kind in ALL if kind.name in asked.servers]
    sizes = asked.sizes or (QUICK_SIZES if asked.quick else SIZES)
    try:
        session.all_of(kinds, sizes, asked.repetitions or (1 if asked.quick else 5))
    except KeyboardInterrupt:
        session.failures.append("the rest: it was stopped")
    results = found_by(session.samples, session.failures)
    if asked.plot is not None:
        asked.plot.write_text(plot.svg(results), encoding="utf-8")
    return done(results)


def done(results: Results) -> int:
    """Keep the results and print them."""
    path = write(results)
    sys.stdout.write(f"\n{whole(results)}\nWritten to {path}\n")
    return CANNOT if results.failures else OK


def run_cost(asked: argparse.Namespace) -> int:
    """The cost of being used."""
    samples, failures = cost.measure(asked.cost, asked.repetitions or 5, say)
    return done(found_by(samples, failures))


def run_guard() -> int:
    """The regression guard."""
    bounds = guard.stored()
    session = Run(guard.PARTS, Effort(rounds=8, bursts=1))
    wanted = guard.servers(bounds)
    session.all_of([kind for kind in ALL if kind.name in wanted], [guard.SIZE], guard.REPETITIONS)
    text, holds = guard.verdict(bounds, session.samples)
    sys.stdout.write(f"\n{text}\n")
    return OK if holds else WORSE


def show(path: Path, picture: Path | None) -> int:
    """Earlier results."""
    results = msgspec.json.decode(path.read_bytes(), type=Results)
    sys.stdout.write(whole(results))
    if picture is not None:
        picture.write_text(plot.svg(results), encoding="utf-8")
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


def chosen_from(names: Sequence[str]) -> Callable[[str], list[str]]:
    """Reads names with commas between, each one of ``names``."""

    def words(text: str) -> list[str]:
        unknown = [word for word in text.split(",") if word not in names]
        if unknown:
            raise argparse.ArgumentTypeError(f"there is no {unknown[0]!r}; there are {', '.join(names)}")
        return text.split(",")

    return words


def numbers(text: str) -> list[int]:
    """Numbers of peers with commas between."""
    sizes = [int(word) for word in text.split(",")]
    if min(sizes) < LEAST:
        raise argparse.ArgumentTypeError(f"{LEAST} peers are the least that can be measured")
    return sizes
