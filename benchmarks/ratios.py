"""Statistics of repetitions: medians, spreads and paired ratios. Pure."""

from __future__ import annotations

import random
from collections.abc import Sequence
from statistics import median
from typing import TypeVar

from msgspec import Struct

from .work import Figures

T = TypeVar("T")


class Sample(Struct, frozen=True):
    """The figures of one session. Servers of the same ``size`` and ``repetition`` ran side by side."""

    server: str
    size: int
    repetition: int
    figures: Figures


class Summary(Struct, frozen=True):
    """Several repetitions of one figure."""

    median: float
    least: float
    most: float
    n: int


def summary(values: Sequence[float]) -> Summary:
    """Raises :exc:`ValueError` where there are none."""
    if not values:
        raise ValueError("There is nothing to summarise.")
    return Summary(median(values), min(values), max(values), len(values))


def of_one(samples: Sequence[Sample], server: str, size: int, figure: str) -> Summary | None:
    """One figure of one server; None if it was not measured."""
    values = list(_by_repetition(samples, server, size, figure).values())
    return summary(values) if values else None


def ratio(samples: Sequence[Sample], ours: str, theirs: str, size: int, figure: str) -> Summary | None:
    """``ours / theirs``, in each repetition that has both; None if none has.

    The ratio is taken within a repetition, so that what slows the whole machine for a minute slows both.
    """
    left = _by_repetition(samples, ours, size, figure)
    right = _by_repetition(samples, theirs, size, figure)
    pairs = [left[repetition] / right[repetition] for repetition in left if right.get(repetition)]
    return summary(pairs) if pairs else None


def shuffled(items: Sequence[T], repetition: int) -> list[T]:
    """Another order in each repetition, the same in each run."""
    order = list(items)
    random.Random(repetition).shuffle(order)  # noqa: S311 - an order, no secret
    return order


def _by_repetition(samples: Sequence[Sample], server: str, size: int, figure: str) -> dict[int, float]:
    return {
        sample.repetition: sample.figures[figure]
        for sample in samples
        if sample.server == server and sample.size == size and figure in sample.figures
    }
