"""One repetition: all servers at once, each with its own peers, and one of them at a time has something to do.

What is over in milliseconds is done by one server after the other, round by round. So a machine that is slower for a
second, as virtual ones are, is so for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.client import HTTPException
from itertools import repeat
from pathlib import Path
from tempfile import TemporaryDirectory

from . import work
from .build import FLEET, compiled
from .fleet import Fleet, Window
from .machine import CannotMeasure, Cores
from .ratios import Sample, shuffled
from .servers import Server, Site
from .work import Bench, Effort, Figures, Missed

ALL_WORK = ("storm", "fan-out", "votes", "lecture", "lock", "stalled", "panel")
"""What can be asked for by name; ``storm`` brings the memory of idle peers as well."""


class Session:
    """One server of a repetition, from its start to its end. ``failure`` says why it has no figures, if so."""

    def __init__(self, kind: type[Server], peers: int, effort: Effort) -> None:
        self.name = kind.name
        self.figures: Figures = {}
        self.failure: str | None = None
        self._kind = kind
        self.peers = peers
        self.effort = effort
        self._everything = ExitStack()
        self._readers = ExitStack()
        self._alone: list[Window] = []
        self._events: list[Window] = []
        self._bursts: list[Window] = []

    def take(self, turn: Turn) -> None:
        """Do what is next; the first failure is the end of it."""
        try:
            turn(self)
        except (CannotMeasure, Missed, OSError, HTTPException) as failed:
            # The last two are what a server that has ended leaves whoever asks it.
            self.failure = f"{self.name} at {self.peers:,}: {str(failed) or type(failed).__name__}"
            self.end()

    def start(self, cores: Cores) -> None:
        """Start the server, and let one peer in."""
        directory = Path(self._everything.enter_context(TemporaryDirectory(prefix="livepoll-bench-")))
        self._server = self._everything.enter_context(self._kind(Site(cores, directory)))
        fleet = self._readers.enter_context(self._fleet())
        self._bench = Bench(self._server, fleet, self.effort)
        work.connects(self._bench, range(1))

    def end(self) -> None:
        """Stop it."""
        self._readers.close()
        self._everything.close()

    # ------------------------------------------------------------ turns

    def event_for_one(self) -> None:
        """An event while there is a single peer."""
        self._alone.append(work.event(self._bench))

    def storm(self) -> None:
        """All the others come."""
        work.connects(self._bench, range(1, work.WARM))
        self.figures |= work.storm(self._bench, self.peers)

    def event(self) -> None:
        """One of many events."""
        self._events.append(work.event(self._bench))
        self.figures |= work.fan_out(self._events, self.peers, work.server_cpu(self._alone))

    def burst(self) -> None:
        """One of several bursts of votes."""
        self._bursts.append(work.vote_burst(self._bench, self.peers))
        self.figures |= work.votes(self._bursts)

    def lecture(self) -> None:
        """A question, and its votes and results."""
        if not self._kind.is_limit:
            self.figures |= work.lecture(self._bench, self.peers)

    def lock(self) -> None:
        """Locks in the middle of votes."""
        if not self._kind.is_limit:
            self.figures |= work.lock_in_burst(self._bench, self.peers)

    def stalled(self) -> None:
        """Other readers, some of which stop reading."""
        if self._kind.is_limit:
            return
        with self._other_readers() as bench:
            work.connects(bench, range(self.peers), has_small_buffers=True)
            self.figures |= work.stalled(bench)

    def panel(self) -> None:
        """Other readers, and a panel that watches them."""
        if not self._kind.has_rooms:
            return
        with self._other_readers() as bench, self._server.panel() as panel:
            self.figures |= work.watched(bench, panel, self.peers)

    # ------------------------------------------------------------ helpers

    @contextmanager
    def _other_readers(self) -> Iterator[Bench]:
        self._readers.close()
        with self._fleet() as fleet:
            self._bench = Bench(self._server, fleet, self.effort, self._bench.round)
            yield self._bench

    def _fleet(self) -> Fleet:
        server = self._server
        return Fleet(compiled("fleet", FLEET), server.site.directory, server.pid, server.port, server.door)


Turn = Callable[[Session], None]


def repetition(
    sessions: Sequence[Session], number: int, cores: Cores, wanted: Sequence[str]
) -> tuple[list[Sample], list[str]]:
    """The figures of every server, and why some have none."""
    try:
        for place, turn in enumerate(_turns(wanted, cores, sessions[0].effort)):
            for session in shuffled(sessions, 1_000 * number + place):
                if session.failure is None:
                    session.take(turn)
    finally:
        for session in sessions:
            session.end()
    samples = [
        Sample(session.name, session.peers, number, session.figures) for session in sessions if not session.failure
    ]
    return samples, [session.failure for session in sessions if session.failure]


def _turns(wanted: Sequence[str], cores: Cores, effort: Effort) -> Iterator[Turn]:
    yield lambda session: session.start(cores)
    if "fan-out" in wanted:
        yield from repeat(Session.event_for_one, effort.rounds)
    yield Session.storm
    often = {"fan-out": (Session.event, effort.rounds), "votes": (Session.burst, effort.bursts)}
    for name, (turn, times) in often.items():
        if name in wanted:
            yield from repeat(turn, times)
    once = {"lecture": Session.lecture, "lock": Session.lock, "stalled": Session.stalled, "panel": Session.panel}
    yield from (turn for name, turn in once.items() if name in wanted)
