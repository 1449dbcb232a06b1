"""A class under stress, from an empty file to the verdict: server, bad network, voters and instructor put together."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Final

from checker import violations
from conductor import Conductor, Plan, Pulse
from history import History, Outcome
from msgspec import Struct
from proxy import LOOPBACK, Direction, Fate, Fault, Proxy, Told
from server_process import COMMAND, TOKEN, ServerProcess
from voter import Manner, Voter

from livepoll_jupyter.client import Api

REACH: Final = 12_000
"""Bytes in one direction within which a connection meets its first fault."""


SECOND_DEVICE: Final = 6
"""One in ten voters, by the last digit of their number, is a second device of the one before."""


def manner_of(number: int) -> Manner:
    """What voter ``number`` is like."""
    match number % 10:
        case 0:
            # Votes once and thinks no more of it: nothing later covers up what is lost of theirs.
            return Manner(limit=1, withdraws=0)
        case 5 | 6:
            # Does not know how many votes the other device casts meanwhile: the server remembers the last 64.
            return Manner(repeats=0)
        case _:
            return Manner()


class Verdict(Struct, frozen=True, kw_only=True):
    """What a trial led to; ``votes`` by how they ended."""

    seed: str
    violations: list[str]
    votes: Counter[Outcome]
    kills: int
    restarts: int
    faults: Counter[str]
    seconds: float

    def __str__(self) -> str:
        found = "\n".join(self.violations[:20]) or "none"
        figures = (
            f"votes {dict(self.votes)}, kills {self.kills}, restarts {self.restarts}, faults {self.faults.total()}"
        )
        return f"seed {self.seed}: {figures} {dict(self.faults)}, {self.seconds:.0f} s\nviolations: {found}"


def weather(seed: str, number: int) -> Fate:
    """The fate of connection ``number``: each is cut in the end, some are slow, sliced or swallowed before."""
    chance = Random(f"{seed} link {number}")
    holes = chance.choices([0, 1], [4, 1])[0]
    is_sliced = chance.random() < 0.1
    return Fate(
        faults=(*(_hole(chance) for _ in range(holes)), _cut(chance)),
        delay=chance.uniform(0, 0.004) if chance.random() < 0.2 else 0.0,
        sliced=2_000 if is_sliced else 0,
        piece=chance.randint(1, 5),
    )


def breeze(seed: str, number: int) -> Fate:
    """The fate of the instructor's request ``number``: one in five is cut before it is answered, or in the middle.

    By FIN alone: when an answer is cut by RST, Tornado's HTTP client notices nothing before its timeout.
    """
    chance = Random(f"{seed} request {number}")
    cut = Fault(kind="finish", direction=_direction(chance), after=chance.randrange(400))
    return Fate(faults=(cut,) if chance.random() < 0.2 else ())


def _hole(chance: Random) -> Fault:
    return Fault(
        kind="hole", direction=_direction(chance), after=chance.randrange(REACH), lasts=chance.uniform(0.05, 0.8)
    )


def _cut(chance: Random) -> Fault:
    told: list[Told] = ["both", "client", "server"]
    return Fault(
        kind="reset" if chance.random() < 0.6 else "finish",
        direction=_direction(chance),
        after=chance.randrange(REACH),
        told=chance.choices(told, [3, 1, 1])[0],
        lasts=chance.uniform(0.1, 1.0),
    )


def _direction(chance: Random) -> Direction:
    directions: list[Direction] = ["up", "down"]
    return chance.choice(directions)


class Trial:
    """One trial of ``clients`` students, on a file in ``directory``, with everything drawn from ``seed``."""

    def __init__(self, directory: Path, *, clients: int, seed: str, command: Sequence[str] = COMMAND) -> None:
        self.history = History(clock=time.monotonic)
        self._clients, self._seed = clients, seed
        self._server = ServerProcess(directory, command)
        self._pulse = Pulse()
        self._standstill: list[str] = []

    async def run(self, plan: Plan) -> Verdict:
        """Hold the lecture that ``plan`` says, and judge what happened."""
        began = time.monotonic()
        await self._server.start()
        try:
            async with (
                Proxy(self._server.port, lambda number: weather(self._seed, number)) as proxy,
                Proxy(self._server.port, lambda number: breeze(self._seed, number)) as commands,
            ):
                api = Api(f"http://{LOOPBACK}:{commands.port}/", TOKEN)
                conductor = Conductor(api, self._server, self.history, Random(f"{self._seed} conductor"), self._pulse)
                await self._hold(conductor, plan, proxy.port)
        finally:
            await self._server.kill()
        return Verdict(
            seed=self._seed,
            violations=[*self._standstill, *violations(self.history), *self._mistakes()],
            votes=self.history.ended,
            kills=conductor.kills,
            restarts=conductor.restarts,
            faults=proxy.faults + commands.faults,
            seconds=time.monotonic() - began,
        )

    def _mistakes(self) -> list[str]:
        """What the server has logged as a mistake of its own."""
        _, found, told = self._server.log.partition("Traceback")
        return [f"the server made a mistake: {told[:2_000]}"] if found else []

    async def _hold(self, conductor: Conductor, plan: Plan, port: int) -> None:
        """Hold the lecture; where it cannot go on, what happened until then is judged all the same."""
        try:
            await self._lecture(conductor, plan, port)
        except* TimeoutError:
            self._standstill.append("the lecture came to a standstill")

    async def _lecture(self, conductor: Conductor, plan: Plan, port: int) -> None:
        api, code = Api(f"http://{LOOPBACK}:{self._server.port}/", TOKEN), self._server.code
        await conductor.prepare(api)
        join_url = f"http://{LOOPBACK}:{port}/{code}"
        voters: list[Voter] = []
        for number in range(self._clients):
            if number % 10 != SECOND_DEVICE:
                token = (await api.join(code)).token
            voters.append(self._voter(number, join_url, token))

        def provoke() -> None:
            for voter in voters:
                voter.provoke()

        self._pulse.provoke = provoke
        async with asyncio.TaskGroup() as tasks:
            for voter in voters:
                tasks.create_task(voter.run())
            await conductor.conduct(plan)
            for voter in voters:
                voter.stop()
        await conductor.last_answers()
        await self._server.stop()
        self.history.kept = self._server.kept(self._server.code)

    def _voter(self, number: int, join_url: str, token: str) -> Voter:
        chance = Random(f"{self._seed} voter {number}")
        return Voter(
            join_url, token, history=self.history, chance=chance, manner=manner_of(number), on_step=self._pulse.beat
        )
