"""The regression guard: ratios to peers that run side by side, against stored bounds, in two minutes.

A bound says how much worse than a peer we may be on any machine; none says how long something may take.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from .goals import Goal
from .ratios import Sample
from .report import cell, table

BOUNDS: Final = Path(__file__).with_name("bounds.toml")
SIZE: Final = 1_000
REPETITIONS: Final = 3
PARTS: Final = ("storm", "fan-out", "votes")
WORDS: Final = {True: "holds", False: "WORSE", None: "not measured"}


def stored() -> list[Goal]:
    """The bounds of ``bounds.toml``."""
    text = tomllib.loads(BOUNDS.read_text(encoding="utf-8"))
    return [msgspec.convert(bound | {"sizes": [SIZE]}, Goal) for bound in text["bound"]]


def servers(bounds: Sequence[Goal]) -> list[str]:
    """Who has to run."""
    return sorted({name for bound in bounds for name in (bound.ours, bound.theirs) if name})


def verdict(bounds: Sequence[Goal], samples: Sequence[Sample]) -> tuple[str, bool | None]:
    """A table, and whether every bound holds; None if none is broken but some were not measured."""
    found = [bound.measured(samples, SIZE) for bound in bounds]
    holds = [None if each is None else bound.is_met(each) for bound, each in zip(bounds, found, strict=True)]
    rows = [["guard", "bound", "median (least to most)", ""]]
    rows += [
        [bound.title, bound.bound, cell(each), WORDS[is_met]]
        for bound, each, is_met in zip(bounds, found, holds, strict=True)
    ]
    return table(rows), False if False in holds else None if None in holds else True
