"""A lecture of so many control events, to students whose connections are cut while they get them.

Which commands are given, who is cut and after how many bytes is drawn from a seed. Nothing here knows what a client is
written in: a :class:`Seat` is an address and a token, and behind the address is a proxy of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random
from typing import Final, Literal

from msgspec import Struct
from proxy import CALM, LOOPBACK, Direction, Fate, Fault, Proxy

from livepoll_jupyter.client import Api
from livepoll_jupyter.core.messages import ControlEvent
from livepoll_jupyter.core.rest import NewQuestion
from livepoll_jupyter.server.standalone import Settings, Standalone
from livepoll_jupyter.storage.memory import MemoryStore

EVENTS: Final = 30
"""Control events of a lecture."""

QUESTIONS: Final = 6
SECONDS: Final = 30.0
"""What anything may take that a lecture waits for."""

HALF_OPEN: Final = 0.2
"""Seconds for which the server may not know that a connection is gone."""

Name = Literal["publish", "lock", "unlock", "reveal", "close"]


class Step(Struct, frozen=True):
    """One command of the instructor's, to question number ``question``; it makes ``events`` control events."""

    name: Name
    question: int
    events: int


class Seat(Struct, frozen=True):
    """Where one student connects, and as whom."""

    ws_url: str
    token: str


class Report(Struct, frozen=True, kw_only=True):
    """What the server has announced in a lecture, in order, and how often students were cut off."""

    epoch: str
    log: tuple[ControlEvent, ...]
    cuts: int
    faults: dict[str, int]


def syllabus(chance: Random, events: int = EVENTS) -> Iterator[Step]:
    """Commands that make exactly ``events`` control events: what closes also locks, and so makes two or three."""
    active, is_locked, is_revealed = -1, False, False
    while events:
        locking = 0 if is_locked or active < 0 else 1
        other = chance.choice([number for number in range(QUESTIONS) if number != active])
        may = [Step("publish", other, 1 + (active >= 0) + locking)]
        if active >= 0:
            may.append(Step("close", active, 1 + locking))
        if active >= 0 and not is_revealed:
            may += [Step("reveal", active, 1 + locking), Step("unlock" if is_locked else "lock", active, 1)]
        step = chance.choice([step for step in may if step.events <= events])
        active = {"publish": other, "close": -1}.get(step.name, active)
        is_revealed = step.name == "reveal" or (is_revealed and step.name != "publish")
        is_locked = step.name in {"lock", "reveal"}
        events -= step.events
        yield step


class Door:
    """One student's way in. Cuts that are asked of it strike one after the other, each on a link of its own."""

    def __init__(self, port: int) -> None:
        self.proxy = Proxy(port, self._fate, self._struck)
        self.is_quiet = asyncio.Event()
        self.is_quiet.set()
        self._due: deque[Fault] = deque()

    def cut(self, fault: Fault) -> None:
        """Cut the present link, or one that comes after those that are to be cut already."""
        self._due.append(fault)
        self.is_quiet.clear()
        link = self.proxy.newest
        if len(self._due) == 1 and link and not link.is_over:
            link.arm(fault)

    def _fate(self, _number: int) -> Fate:
        return Fate(faults=(self._due[0],), sliced=400, piece=7) if self._due else CALM

    def _struck(self, _fault: Fault) -> None:
        self._due.popleft()
        if not self._due:
            self.is_quiet.set()


class Lecture:
    """A room, its instructor, and ``seats`` for students who will be cut off ``cuts`` times in all."""

    def __init__(self, server: Standalone, seed: str, cuts: int) -> None:
        self.seats: list[Seat] = []
        self._server, self._chance = server, Random(seed)
        self._cuts = cuts
        self._doors: list[Door] = []
        self._api = Api(server.url, server.instructor_token)
        self._questions: list[str] = []

    async def prepare(self, doors: list[Door]) -> None:
        """Open the room, with its questions and a seat for each door."""
        room = await self._server.service.open_room("Statistics 101")
        self._code, self._doors = room.code, doors
        for number in range(QUESTIONS):
            asked = NewQuestion(text=f"Question {number}: which?", options=["mean", "median", "mode"], correct="mean")
            self._questions.append((await self._api.add_question(room.code, asked)).id)
        for door in doors:
            token = (await self._api.join(room.code)).token
            self.seats.append(Seat(f"ws://{LOOPBACK}:{door.proxy.port}/_ws?room={room.code}", token))

    async def give(self) -> Report:
        """Give the whole lecture while everybody is cut off again and again; all cuts have struck at the end."""
        steps = list(syllabus(self._chance))
        cuts_at = Counter(self._chance.randrange(len(steps)) for _ in range(self._cuts))
        for number, step in enumerate(steps):
            for _ in range(cuts_at[number]):
                self._cut_somebody()
            await self._do(step)
            # Now and then the instructor goes on while students are still away, so that they miss several events.
            if self._chance.random() < 0.5 or number == len(steps) - 1:
                await self._until_all_cuts_struck()
        room = self._server.service.store.room(self._code)
        faults = sum((door.proxy.faults for door in self._doors), Counter[str]())
        return Report(epoch=room.epoch, log=tuple(room.replay), cuts=faults.total(), faults=dict(faults))

    def _cut_somebody(self) -> None:
        chance, door = self._chance, self._chance.choice(self._doors)
        kind: Literal["reset", "finish"] = chance.choice(["reset", "finish"])
        told: Literal["both", "client"] = chance.choice(["both", "client"])
        direction: Direction = chance.choice(["up", "down"])
        after = chance.randrange(200)
        if door.is_quiet.is_set():
            # The next event, of at least 100 bytes, is all that a link that is up is sure to carry. One that comes up
            # carries a request and a greeting, both longer than 200.
            direction, after = "down", after // 2
        door.cut(Fault(kind=kind, direction=direction, after=after, told=told, lasts=HALF_OPEN))

    async def _until_all_cuts_struck(self) -> None:
        async with asyncio.timeout(SECONDS):
            for door in self._doors:
                await door.is_quiet.wait()

    def _do(self, step: Step) -> Awaitable[object]:
        api, at = self._api, (self._code, self._questions[step.question])
        match step.name:
            case "publish":
                return api.publish(*at)
            case "reveal":
                return api.reveal(*at)
            case "close":
                return api.close(*at)
            case "lock" | "unlock":
                return api.set_lock(*at, is_locked=step.name == "lock")


@asynccontextmanager
async def lecture_hall(*, seed: str, clients: int, cuts: int) -> AsyncIterator[Lecture]:
    """A lecture that is ready to be given, on a server of its own."""
    server = Standalone(MemoryStore(), Settings(ip=LOOPBACK, port=0, logs_requests=False), logging.getLogger("lecture"))
    await server.open()
    port = int(server.url.rstrip("/").rpartition(":")[2])
    async with AsyncExitStack() as open_:
        open_.push_async_callback(server.close)
        doors = [Door(port) for _ in range(clients)]
        for door in doors:
            await open_.enter_async_context(door.proxy)
        lecture = Lecture(server, seed, cuts)
        await lecture.prepare(doors)
        yield lecture
