"""The load generator counts what comes: nothing that is missing, double or cut off makes a figure.

Needs a C compiler and two cores, so it runs by ``pytest -m load``.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import machine
from benchmarks.build import FLEET, compiled
from benchmarks.fleet import Fleet
from benchmarks.machine import CannotMeasure
from benchmarks.servers import Site
from benchmarks.servers.others import Other
from benchmarks.work import Bench, Effort, Missed, connects

pytestmark = pytest.mark.load

PEERS = 20
PROGRAM = Path(__file__).with_name("unfaithful.py")


class Unfaithful(Other):
    """The server of ``unfaithful.py``."""

    name = "unfaithful"
    title = "a server with a fault"
    fault = "none"

    def command(self) -> list[str]:
        """The program."""
        return [sys.executable, str(PROGRAM), self.fault]


@pytest.fixture
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """Some peers at a server with the fault that the test names."""
    everywhere = os.sched_getaffinity(0)
    server = Unfaithful(Site(machine.cores(), tmp_path))
    server.fault = getattr(request, "param", "none")
    try:
        with server, Fleet(compiled("fleet", FLEET), tmp_path, server.pid, server.port, server.door) as fleet:
            found = Bench(server, fleet, Effort())
            connects(found, range(PEERS))
            yield found
    finally:
        os.sched_setaffinity(0, everywhere)


def lecture(bench: Bench) -> None:
    """Two questions, votes, and a lock."""
    bench.publish()
    bench.vote(each=2)
    bench.fleet.quiet(50)
    bench.lock()
    bench.fleet.quiet(50)
    bench.publish()


def test_a_faithful_server_has_figures(bench: Bench) -> None:
    """Each peer has each event, and each vote its ack."""
    lecture(bench)


@pytest.mark.parametrize(
    ("bench", "problem"),
    [
        ("events-twice", f"0 missing, {PEERS} wrong"),
        ("one-is-closed", "1 missing, 0 wrong"),
        ("acks-twice", " wrong"),
    ],
    indirect=["bench"],
)
def test_what_is_double_or_cut_off_is_no_figure_but_a_failure(bench: Bench, problem: str) -> None:
    """Though the first of each pair came, and all who are left have everything."""
    with pytest.raises(Missed, match=problem):
        lecture(bench)


def test_a_server_that_ends_is_a_failure_of_its_own(bench: Bench) -> None:
    """Which is said; it is no end of the other servers' run."""
    bench.publish()
    os.kill(bench.server.pid, signal.SIGKILL)
    with pytest.raises((Missed, CannotMeasure), match=r"missing|has ended"):
        bench.publish()
    with pytest.raises(CannotMeasure, match="has ended"):
        bench.publish()
