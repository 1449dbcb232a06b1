"""Servers side by side: one that cannot be measured says so, and costs the others nothing."""

from __future__ import annotations

from typing import Any, Self

from benchmarks.machine import CannotMeasure, Cores
from benchmarks.servers import ALL, Server
from benchmarks.session import ALL_WORK, Session, repetition
from benchmarks.work import Effort


class Absent(Server):
    """A server whose program is not installed."""

    name = "absent"
    title = "a server that is not there"

    def __enter__(self) -> Self:
        raise CannotMeasure("Install it.")

    def command(self) -> list[str]:
        """Never run."""
        return []

    def become_ready(self) -> None:
        """Never."""

    def seats(self, numbers: Any) -> list[str]:
        """Nobody's."""
        return [str(number) for number in numbers]

    def publish(self, round_: int, *, is_large: bool = False) -> bytes:  # noqa: ARG002 - a server's signature
        """Nothing."""
        return b""

    def lock(self) -> bytes:
        """Nothing."""
        return b""


class Counted(Session):
    """A session that does nothing but count its turns."""

    def __init__(self) -> None:
        super().__init__(ALL[0], 1_000, EFFORT)
        self.turns: list[str] = []

    def take(self, turn: Any) -> None:
        """Note what would be done."""
        self.turns.append(turn.__name__)
        self.figures["turns"] = len(self.turns)


EFFORT = Effort(rounds=3, bursts=2)
CORES = Cores(server=0, load=0)


def test_a_server_that_does_not_start_is_named_and_the_others_are_measured() -> None:
    """It has no figures, and its place in each round is left out."""
    absent, present = Session(Absent, 1_000, EFFORT), Counted()
    samples, failures = repetition([absent, present], 0, CORES, ALL_WORK)
    assert failures == ["absent at 1,000: Install it."]
    assert [sample.server for sample in samples] == [present.name]


def test_what_is_over_in_a_moment_is_done_often_and_only_what_is_wanted_is_done() -> None:
    """So many rounds of an event, for one peer and for all; so many bursts; the rest once."""
    everything, little = Counted(), Counted()
    repetition([everything], 0, CORES, ALL_WORK)
    assert everything.turns[1:] == [
        *["event_for_one"] * 3, "storm", *["event"] * 3, *["burst"] * 2, "lecture", "lock", "stalled", "panel",
    ]  # fmt: skip
    repetition([little], 0, CORES, ["votes"])
    assert little.turns[1:] == ["storm", "burst", "burst"]
