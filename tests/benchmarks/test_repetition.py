"""Servers side by side: one that cannot be measured says so, and costs the others nothing."""

from __future__ import annotations

from typing import Any, Self

import pytest

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
    """A session that does nothing but count its turns; ``log`` has those of several, in their order."""

    def __init__(self, kind: type[Server] = ALL[0], log: list[str] | None = None) -> None:
        super().__init__(kind, 1_000, EFFORT)
        self.turns: list[str] = []
        self.is_up = True
        self._log = log if log is not None else []

    def take(self, turn: Any) -> None:
        """Note what would be done."""
        self.turns.append(turn.__name__)
        self._log.append(self.name)
        self.figures["turns"] = len(self.turns)

    def end(self) -> None:
        """Note that it is over."""
        self.is_up = False


class Stopped(Counted):
    """One that a person stops in the middle of."""

    def take(self, turn: Any) -> None:  # noqa: ARG002 - overrides
        """Ctrl+C."""
        raise KeyboardInterrupt


class Vanished(Absent):
    """A server that ends while it is asked."""

    name = "vanished"

    def __enter__(self) -> Self:
        raise ConnectionRefusedError(111, "Connection refused")


EFFORT = Effort(rounds=3, bursts=2)
CORES = Cores(server=0, load=0)


@pytest.mark.parametrize(
    ("kind", "failure"),
    [(Absent, "absent at 1,000: Install it."), (Vanished, "vanished at 1,000: [Errno 111] Connection refused")],
)
def test_a_server_that_cannot_be_measured_is_named_and_the_others_are(kind: type[Server], failure: str) -> None:
    """It has no figures, and its place in each round is left out."""
    absent, present = Session(kind, 1_000, EFFORT), Counted()
    samples, failures = repetition([absent, present], 0, CORES, ALL_WORK)
    assert failures == [failure]
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


def test_each_server_has_its_turn_in_every_round_and_nobody_is_always_first() -> None:
    """So that nobody always follows the same one, and a slow second is slow for all."""
    log: list[str] = []
    sessions = [Counted(kind, log) for kind in ALL[:3]]
    repetition(sessions, 0, CORES, ["fan-out"])
    rounds = [log[start : start + 3] for start in range(0, len(log), 3)]
    assert all(set(names) == {session.name for session in sessions} for names in rounds)
    assert len({names[0] for names in rounds}) > 1


def test_every_server_is_ended_even_if_a_person_stops_the_measuring() -> None:
    """Nothing is left running."""
    first, second = Counted(), Stopped()
    with pytest.raises(KeyboardInterrupt):
        repetition([first, second], 0, CORES, ALL_WORK)
    assert not first.is_up
    assert not second.is_up
