"""What the figures shall be, as ratios within one run. No figure here is a time that a machine has to keep."""

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
        """The bound as it is printed."""
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
    Goal(title="lock in a burst of votes / with none: last peer", figure="lock_ratio", at_most=3),
    Goal(title="others' p99 with 5 % of readers stalled / with none", figure="stalled_ratio", at_most=1.1),
)  # fmt: skip
