"""The instructor under stress: asks, locks in the middle of the stream of votes, reads, unlocks and goes on.

Commands go by REST through the same bad network, and are given again until their outcome is known. In between the
server is killed. Whatever is waited for is an event; how much of it is drawn from a seed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Final, TypeVar

from history import Command, CommandName, History, Key, Read
from msgspec import Struct
from server_process import ServerProcess
from tallies import row_of, tally_of

from livepoll_jupyter.client import Api
from livepoll_jupyter.core.errors import Refusal
from livepoll_jupyter.core.rest import NewQuestion, RoundResults

T = TypeVar("T")

SECONDS: Final = 60.0
"""What any single thing may take that the instructor waits for."""

KINDS: Final = ("choice", "multiple_choice")
QUESTIONS: Final = 4


class Pulse:
    """Wakes who waits for something about the class whenever anybody has done something.

    ``provoke`` makes everybody try to vote once more although the question is locked.
    """

    def __init__(self) -> None:
        self.provoke: Callable[[], None] = lambda: None
        self._beat = asyncio.Event()

    def beat(self) -> None:
        """Somebody has done something."""
        self._beat.set()

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Return when ``is_so()``; raises :exc:`TimeoutError` if it is not in time."""
        async with asyncio.timeout(SECONDS):
            while not is_so():
                self._beat.clear()
                await self._beat.wait()


class Plan(Struct, frozen=True, kw_only=True):
    """What a conductor does: ``rounds`` of about ``votes`` votes each; ``kills`` and ``restarts`` are spread over them.

    ``late`` votes have to be refused before a lock is lifted. ``ends_in_stream`` is the share of kills and restarts
    that fall into a stream of votes; of the others half come with a lock, half after it.
    """

    rounds: int
    votes: int
    kills: int
    restarts: int = 1
    late: int = 40
    ends_in_stream: float = 0.6


class Conductor:
    """The instructor of the room ``code``."""

    def __init__(self, api: Api, server: ServerProcess, history: History, chance: Random, pulse: Pulse) -> None:
        self.kills = self.restarts = 0
        self._api, self._server, self._history, self._chance, self._pulse = api, server, history, chance, pulse
        self._code = server.code
        self._rounds: dict[str, int] = {}
        self._active: str | None = None

    async def prepare(self, api: Api) -> None:
        """Put the questions into the room, by a good path: a question that is added twice is two questions."""
        for number in range(QUESTIONS):
            asked = NewQuestion(text=f"Question {number}: which?", kind=KINDS[number % 2], options=["a", "b", "c", "d"])
            self._rounds[(await api.add_question(self._code, asked)).id] = 0

    async def conduct(self, plan: Plan) -> None:
        """Ask one question after the other; the last round is locked at the end."""
        ends = [True] * plan.kills + [False] * plan.restarts
        self._chance.shuffle(ends)
        for number in range(plan.rounds):
            share = slice(number * len(ends) // plan.rounds, (number + 1) * len(ends) // plan.rounds)
            await self._round(plan, ends[share])

    async def last_answers(self) -> None:
        """Read what the server tells of all rounds, for good."""
        records = await self._insist(lambda: self._api.answers(self._code))
        self._history.told = tuple(row_of(record) for record in records)

    # ------------------------------------------------------------ a round

    async def _round(self, plan: Plan, ends: list[bool]) -> None:
        key = await self._publish(self._chance.choice([other for other in self._rounds if other != self._active]))
        for _ in range(self._chance.randint(0, 2)):
            await self._stream(plan, plan.votes // 3, ends)
            await self._lock_and_read(key, plan.late, ends)
            await self._command("unlock", key, lambda: self._api.set_lock(self._code, key[0], is_locked=False))
        await self._stream(plan, plan.votes, ends)
        await self._lock_and_read(key, plan.late, ends)
        while ends:
            await self._end_server(is_kill=ends.pop())
            await self._read(key)

    async def _publish(self, question: str) -> Key:
        self._rounds[question] += 1
        key = (question, self._rounds[question])
        asked = await self._command("publish", key, lambda: self._api.publish(self._code, question))
        assert asked.round == key[1]
        self._active = question
        return key

    async def _stream(self, plan: Plan, votes: int, ends: list[bool]) -> None:
        """Let votes come in, and end the server in the middle if it is time."""
        some = self._chance.randrange(1, votes)
        await self._votes(some)
        if ends and self._chance.random() < plan.ends_in_stream:
            await self._end_server(is_kill=ends.pop())
        await self._votes(votes - some)

    async def _votes(self, number: int) -> None:
        enough = self._history.ended["ok"] + number
        await self._pulse.until(lambda: self._history.ended["ok"] >= enough)

    async def _lock_and_read(self, key: Key, late: int, ends: list[bool]) -> None:
        lock = asyncio.ensure_future(
            self._command("lock", key, lambda: self._api.set_lock(self._code, key[0], is_locked=True))
        )
        if ends and self._chance.random() < 0.5:
            # In the same breath as the lock, so that nobody knows whether it was decided.
            await asyncio.gather(lock, self._end_server(is_kill=ends.pop()))
        await lock
        await self._read(key)
        enough = self._history.ended["fail"] + late
        self._pulse.provoke()
        await self._pulse.until(lambda: self._history.ended["fail"] >= enough)
        await self._read(key)

    async def _read(self, key: Key) -> None:
        self._history.reads.append(await self._insist(lambda: self._read_once(key)))

    async def _read_once(self, key: Key) -> Read:
        invoked = self._history.clock()
        results: RoundResults = await self._api.results(self._code, key[0])
        rows = tuple(row for row in map(row_of, await self._api.answers(self._code)) if row.key == key)
        tally = tally_of(results, results.rev)
        return Read(key=key, invoked=invoked, completed=self._history.clock(), rows=rows, tally=tally)

    # ------------------------------------------------------------ commands, and the server

    async def _command(self, name: CommandName, key: Key, give: Callable[[], Awaitable[T]]) -> T:
        operation = self._history.invoke(Command(name=name, key=key))
        answer = await self._insist(give)
        self._history.complete(operation, "ok")
        return answer

    async def _insist(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask until there is an answer. What is asked here does nothing when it is done twice."""
        async with asyncio.timeout(SECONDS):
            while True:
                await self._server.is_up.wait()
                try:
                    return await ask()
                except Refusal as refused:
                    if not refused.retry:
                        raise

    async def _end_server(self, *, is_kill: bool) -> None:
        if is_kill:
            self.kills += 1
            await self._server.kill()
        else:
            self.restarts += 1
            await self._server.stop()
        await self._server.start()
