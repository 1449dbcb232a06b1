"""The cost of being used: which parts there are, and their repetitions. What each does is told in its own module."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from itertools import product
from typing import Final

from . import startup
from .goals import ONE, USE
from .machine import CannotMeasure, Cores, cores
from .ratios import Sample
from .report import STOPPED
from .work import Figures, Missed

Part = Callable[[Cores, int], Figures]


def measure(names: Sequence[str], repetitions: int, say: Callable[[str], None]) -> tuple[list[Sample], list[str]]:
    """So many repetitions of these parts, and what could not be measured."""
    samples, failures = [], []
    everywhere, site = os.sched_getaffinity(0), cores()
    try:
        for repetition, name in product(range(repetitions), names):
            say(f"{name}, {repetition + 1} of {repetitions}")
            try:
                samples.append(Sample(USE, ONE, repetition, PARTS[name](site, repetition)))
            except (CannotMeasure, Missed) as failed:
                failures.append(f"{name}: {failed}")
                say(failures[-1])
            finally:
                os.sched_setaffinity(0, everywhere)  # a server's start has left us on one core
    except KeyboardInterrupt:
        failures.append(STOPPED)
    return samples, failures


def _page(cores: Cores, repetition: int) -> Figures:
    try:
        from .page import page  # noqa: PLC0415 - only the page needs a browser
    except ImportError as missing:
        raise CannotMeasure("The page is measured in Chromium, by Playwright: `pip install playwright`.") from missing
    return page(cores, repetition)


PARTS: Final[dict[str, Part]] = {"import": startup.imports, "start": startup.start, "page": _page}
