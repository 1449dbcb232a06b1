"""Students who are cut off again and again during a lecture: each applies every control event once and in order.

``LIVEPOLL_SEED`` sets the seed, which is part of each test's name.
"""

from __future__ import annotations

import asyncio
import os
from random import Random

import pytest
from lecture import EVENTS, SECONDS, Report, Seat, lecture_hall, syllabus
from msgspec.structs import replace

from livepoll_jupyter.client import Connection, Session
from livepoll_jupyter.client.backoff import Backoff
from livepoll_jupyter.client.connection import Surroundings
from livepoll_jupyter.core import messages
from livepoll_jupyter.core.messages import ControlEvent, ServerEvent

SEED = os.environ.get("LIVEPOLL_SEED", "1")
HASTY = Surroundings(backoff=Backoff(first=0.005, cap=0.05, tries=10_000))
LECTURES, CLIENTS, CUTS = 10, 10, 100


class Listener:
    """A student's connection, and every control event that changed what it knows: ``applied``, in order.

    ``snapshots`` are those after the first, as the ``seq`` before and after.
    """

    def __init__(self, seat: Seat) -> None:
        self.applied: list[ControlEvent] = []
        self.snapshots: list[tuple[int, int]] = []
        self._known = Session()
        self._news = asyncio.Event()
        self.connection = Connection(seat.ws_url, token=seat.token, on_event=self._take, surroundings=HASTY)
        self.connection.start()

    async def until(self, seq: int) -> None:
        """Return once the session is current and has come to ``seq``."""
        async with asyncio.timeout(SECONDS):
            while not (self.connection.session.is_current and self.connection.session.seq >= seq):
                self._news.clear()
                await self._news.wait()

    def _take(self, event: ServerEvent) -> None:
        before, now = self._known, self.connection.session
        if isinstance(event, ControlEvent) and _content(now) != _content(before):
            self.applied.append(event)
        if isinstance(event, messages.SnapshotEvent) and before.epoch is not None:
            self.snapshots.append((before.seq, now.seq))
        self._known = now
        self._news.set()


def _content(session: Session) -> Session:
    """What a session knows, without how sure it is of that."""
    return replace(session, is_current=True, is_behind=False)


async def attended(seed: str) -> tuple[Report, list[Listener]]:
    """One lecture, and what everybody made of it."""
    async with lecture_hall(seed=seed, clients=CLIENTS, cuts=CUTS) as lecture:
        listeners = [Listener(seat) for seat in lecture.seats]
        try:
            for listener in listeners:
                await listener.until(0)
            report = await lecture.give()
            for listener in listeners:
                await listener.until(len(report.log))
        finally:
            for listener in listeners:
                await listener.connection.close()
    return report, listeners


@pytest.mark.parametrize("seed", [f"{SEED} {number}" for number in range(LECTURES)])
async def test_who_is_cut_off_applies_every_control_event_once_and_in_order(seed: str) -> None:
    """Without a snapshot, for the server has everything that was missed; in all these lectures a thousand cuts."""
    report, listeners = await attended(seed)
    assert [event.seq for event in report.log] == list(range(1, EVENTS + 1))
    assert report.cuts == CUTS, report.faults
    for listener in listeners:
        assert listener.applied == list(report.log)
        assert listener.snapshots == []


def test_a_lecture_has_as_many_control_events_as_it_says() -> None:
    """Whatever the seed."""
    for seed in range(200):
        assert sum(step.events for step in syllabus(Random(seed))) == EVENTS
