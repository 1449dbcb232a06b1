"""Results as text: Markdown tables of medians and spreads. It computes nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from .goals import COSTS, GOALS, ONE
from .ratios import Sample, Summary, of_one
from .servers import ALL


class Results(Struct, frozen=True):
    """All that one run has found; this is what the file of results holds. ``failures`` says what was not measured."""

    machine: str
    versions: dict[str, str]
    date: str
    samples: list[Sample]
    failures: list[str]


STOPPED: Final = "the rest: it was stopped"

COLUMNS: Final = (
    ("fanout_cpu_us", "CPU µs/message"),
    ("fanout_last_ms", "last peer ms"),
    ("votes_per_s", "votes/s"),
    ("vote_ack_p99_ms", "ack p99 ms, burst"),
    ("handshakes_per_s", "handshakes/s"),
    ("idle_kb", "KB per idle peer"),
    ("lecture_ack_p99_ms", "ack p99 ms, lecture"),
    ("lock_in_burst_ms", "lock in burst ms"),
    ("stalled_ratio", "p99 with stalled / without"),
    ("panel_percent", "panel, % of a core"),
)
BUSY: Final = (
    ("busy_fanout", "fan-out"),
    ("busy_votes", "votes"),
    ("busy_storm", "storm"),
    ("busy_lecture", "lecture"),
)


def sizes_of(results: Results) -> list[int]:
    """The numbers of peers that were measured."""
    return sorted({sample.size for sample in results.samples})


def whole(results: Results) -> str:
    """Everything that is printed."""
    parts = [heading(results)]
    parts += [
        f"### {size:,} peers\n\n{figures_table(results.samples, size)}" for size in sizes_of(results) if size != ONE
    ]
    parts += [goals_table(results), costs_table(results), busy_line(results)]
    parts += [f"Not measured: {failure}" for failure in results.failures]
    return "\n\n".join(part for part in parts if part) + "\n"


def heading(results: Results) -> str:
    """The machine and the versions in a line."""
    versions = ", ".join(f"{name} {version}" for name, version in results.versions.items())
    return f"{results.machine}; {versions}; {results.date}"


def figures_table(samples: Sequence[Sample], size: int) -> str:
    """One row for each server: medians, and in brackets the least and the most."""
    figures = {name for sample in samples for name in sample.figures if sample.size == size}
    columns = {name: title for name, title in COLUMNS if name in figures}
    rows = [["", *columns.values()]]
    for kind in ALL:
        cells = [of_one(samples, kind.name, size, figure) for figure in columns]
        if any(cells):
            rows.append([kind.title, *(cell(found) for found in cells)])
    return table(rows)


def goals_table(results: Results) -> str:
    """One row for each goal and size."""
    rows = [["goal", "peers", "bound", "median (least to most)", ""]]
    for goal in GOALS:
        for size in sizes_of(results):
            found = goal.measured(results.samples, size)
            if found is not None and size in goal.sizes:
                rows.append(
                    [goal.title, f"{size:,}", goal.bound, cell(found), "met" if goal.is_met(found) else "missed"]
                )
    return table(rows) if len(rows) > 1 else ""


def costs_table(results: Results) -> str:
    """What it costs to be used: one row for each figure, with its bound where it has one."""
    rows = [["cost of being used", "bound", "median (least to most)", ""]]
    for cost in COSTS:
        found = cost.measured(results.samples, ONE)
        if found is not None:
            verdict = ("met" if cost.is_met(found) else "missed") if cost.bound else ""
            rows.append([cost.title, cost.bound, cell(found), verdict])
    return table(rows) if len(rows) > 1 else ""


def busy_line(results: Results) -> str:
    """The share of its time that the load generator had work in, at most: near 1 it would be what is measured."""
    shares = []
    for figure, title in BUSY:
        values = [
            (sample.figures[figure], sample.server, sample.size)
            for sample in results.samples
            if figure in sample.figures
        ]
        if values:
            share, server, size = max(values)
            shares.append(f"{title} {share:.0%} ({server}, {size:,})")
    return f"Load generator busy at most: {', '.join(shares)}." if shares else ""


def cell(found: Summary | None) -> str:
    """A median and its spread."""
    if found is None:
        return "n/a"
    if found.n == 1:
        return number(found.median)
    return f"{number(found.median)} ({number(found.least)} to {number(found.most)})"


def number(value: float) -> str:
    """Three digits that say something."""
    if math.isinf(value):
        return "never"
    if abs(value) >= 1_000:  # noqa: PLR2004
        return f"{round(value, 2 - len(str(int(abs(value)))) + 1):,.0f}"
    return f"{value:.3g}"


def table(rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first row is its head."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * len(rows[0]))
    return "\n".join(lines)
