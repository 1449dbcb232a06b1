"""What the figures shall be: as ratios within one run, and what it may cost to be used.

The costs are times of the machine that is named with them. The guard holds ratios alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from .ratios import Sample, Summary, of_one, ratio


class Goal(Struct, frozen=True, kw_only=True):
    """One figure of ``ours``, as a ratio to that of ``theirs`` or as it is, and what it may be at most or at least."""

    title: str
    figure: str
    ours: str = "standalone"
    theirs: str | None = None
    sizes: tuple[int, ...] = (1_000, 5_000)
    at_most: float | None = None
    at_least: float | None = None

    def measured(self, samples: Sequence[Sample], size: int) -> Summary | None:
        """What came out; None if it was not measured."""
        if self.theirs is None:
            return of_one(samples, self.ours, size, self.figure)
        return ratio(samples, self.ours, self.theirs, size, self.figure)

    def is_met(self, found: Summary) -> bool:
        """Whether the median is good enough."""
        is_low_enough = self.at_most is None or found.median <= self.at_most
        return is_low_enough and (self.at_least is None or found.median >= self.at_least)

    @property
    def bound(self) -> str:
        """The bound as it is printed; nothing where the figure is only told."""
        if self.at_most is None and self.at_least is None:
            return ""
        return f"≤ {self.at_most:g}" if self.at_most is not None else f"≥ {self.at_least:g}"


GOALS: Final = (
    Goal(title="fan-out CPU per message / C `send` loop", figure="fanout_cpu_us", theirs="c-send-loop", at_most=1.15),
    Goal(
        title="fan-out CPU per message / Python `send` loop", figure="fanout_cpu_us", theirs="python-send-loop",
        at_most=1.15,
    ),
    Goal(title="last peer served / Nitro", figure="fanout_last_ms", theirs="nitro", at_most=0.6),
    Goal(
        title="last peer served / naive Tornado", figure="fanout_last_ms", theirs="tornado", sizes=(5_000,),
        at_most=0.15,
    ),
    Goal(title="durable votes per second / Nitro in memory", figure="votes_per_s", theirs="nitro", at_least=1.3),
    Goal(title="handshakes per second / Nitro", figure="handshakes_per_s", theirs="nitro", at_least=3),
    Goal(title="KB per idle peer, standalone", figure="idle_kb", at_most=2),
    Goal(title="KB per idle peer, in Jupyter", figure="idle_kb", ours="jupyter", at_most=4),
    Goal(title="KB per idle peer, on Jupyter's own port", figure="idle_kb", ours="jupyter-port", at_most=4),
    Goal(title="lock in a burst of votes / with none: last peer", figure="lock_ratio", at_most=3),
    Goal(title="panel that watches: % of a core", figure="panel_percent", sizes=(1_000, 5_000, 10_000), at_most=2),
    Goal(title="others' p99 with 5 % of readers stalled / with none", figure="stalled_ratio", at_most=1.1),
)  # fmt: skip


def _cost(title: str, figure: str, *, at_most: float | None = None, at_least: float | None = None) -> Goal:
    return Goal(title=title, figure=figure, ours=USE, sizes=(ONE,), at_most=at_most, at_least=at_least)


USE: Final = "use"
ONE: Final = 1
"""What samples of costs are called, and the number of their peers."""

COSTS: Final = (
    _cost("`import ipywidgets`, whole process, s", "import_base_s"),
    _cost("importing all our public names beyond that, s", "import_s", at_most=0.25),
    _cost("the same, s of CPU", "import_cpu_s", at_most=0.25),
    _cost("the same in a kernel, s of CPU", "kernel_import_cpu_s", at_most=0.25),
    _cost("Jupyter's first answer without us, s", "start_base_s"),
    _cost("later with us, s", "start_s", at_most=0.3),
    _cost("the same, s of CPU", "start_cpu_s", at_most=0.3),
    _cost("within our own functions, s", "own_start_s", at_most=0.3),
    _cost("of which imports, s", "own_import_s"),
    _cost("first paint, Fast 3G, s", "fast_3g_paint_s", at_most=1.5),
    _cost("the question in sight, Fast 3G, s", "fast_3g_question_s"),
    _cost("first paint, Slow 3G, s", "slow_3g_paint_s"),
    _cost("the question in sight, Slow 3G, s", "slow_3g_question_s"),
    _cost("requests of a first visit", "requests"),
    _cost("bytes of a first visit", "bytes"),
    _cost("layout shift of a first visit", "fast_3g_shift", at_most=0),
    _cost("layout shift of a lecture", "lecture_shift", at_most=0),
    _cost("frames per second while bars move", "frames_per_s", at_least=59),
    _cost("frames per second of bare bars", "bare_frames_per_s"),
    _cost("frames per second / bare bars", "frames_ratio", at_least=0.95),
    _cost("late frames while bars move, share", "late_frames"),
    _cost("longest task while bars move, ms of CPU", "longest_task_cpu_ms", at_most=50),
    _cost("the same by the clock, ms", "longest_task_ms"),
)
