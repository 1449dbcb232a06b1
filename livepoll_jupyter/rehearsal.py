"""A simulated class: students who join, think, answer and change their minds, over real sockets.

What they do is drawn from a seed, so that a rehearsal can be held again: the same seed, students and questions give the
same answers after the same times of thinking. It knows of a room what every student knows, and like every student it
waits for a server that is away.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Awaitable, Callable

from msgspec import Struct

from .client import Address, Student, Unreachable
from .client.connection import Surroundings
from .core.errors import Refusal
from .core.foreign import printable
from .core.messages import Question
from .logs import get_logger

log = get_logger(__name__)

MANY_MINDS = 0.2
"""The share of answers that are thought over once more."""

SEVERAL = 0.4
"""How likely a student adds each further option to an answer that may hold several."""


PATIENCE = 300.0
"""Seconds that an answer waits for a server that is away; as long as all tries together."""


class Manner(Struct, frozen=True, kw_only=True):
    """How long students take, in seconds: to come in one after the other, and to think about a question.

    ``surroundings`` are those of their connections.
    """

    between_joins: float = 0.05
    thinking: float = 4.0
    longest: float = 20.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    surroundings: Surroundings = Surroundings()


class Rehearsal:
    """``students`` simulated students in the room behind ``join_url``.

    Raises:
        BadRequest: ``join_url`` is no join link.
    """

    def __init__(self, join_url: str, students: int, seed: int, manner: Manner = Manner()) -> None:  # noqa: B008 - frozen
        Address.from_link(join_url)
        self._join_url = join_url
        self._seed = seed
        self._manner = manner
        self._numbers = range(1, students + 1)
        self._has_begun = False

    async def run(self) -> None:
        """Take part until the room ends or the task is cancelled.

        Raises:
            Refusal: a student could not join, or was sent away.
            Unreachable: the server was lost and has not come back, or it never was there.
        """
        try:
            async with asyncio.TaskGroup() as seats:
                for number in self._numbers:
                    seats.create_task(self._sit(number))
                    await self._manner.sleep(self._manner.between_joins)
        except ExceptionGroup as refusals:
            raise refusals.exceptions[0] from None

    async def _sit(self, number: int) -> None:
        student = Student(self._join_url, surroundings=self._manner.surroundings)
        chance = random.Random(f"{self._seed} {number}")  # noqa: S311 - it has to be the same again
        await self._join(student)
        try:
            await self._take_part(student, chance)
        finally:
            await student.leave()

    async def _join(self, student: Student) -> None:
        """Join, as often as it takes once somebody has: a server that is not there at all is told at once."""
        around = self._manner.surroundings
        for attempt in range(1, around.backoff.tries + 1):
            try:
                await student.join()
            except Refusal as refused:
                if attempt == around.backoff.tries or not refused.retry or not self._has_begun:
                    raise
                earliest = refused.retry_after or 0
            else:
                self._has_begun = True
                return
            await around.sleep(max(around.backoff.delay(attempt, around.chance()), earliest))

    async def _take_part(self, student: Student, chance: random.Random) -> None:
        answered: set[tuple[str, int]] = set()

        def has_news(one: Student) -> bool:
            return _is_over(one) or _asked(one) not in {None, *answered}

        while True:
            await student.until(has_news, deadline=math.inf)
            question = student.session.question
            if student.status.state == "failed":
                raise Unreachable(f"The rehearsal stops: the server has not come back. {student.status.reason}")
            if _is_over(student) or question is None:
                return
            answered.add((question.id, question.round))
            await self._answer(student, question, chance)

    async def _answer(self, student: Student, question: Question, chance: random.Random) -> None:
        acts = 2 if chance.random() < MANY_MINDS else 1
        for _ in range(acts):
            choice = choose(question, self._seed, chance)
            pause = min(chance.gammavariate(2, self._manner.thinking / 2), self._manner.longest)
            await self._manner.sleep(pause)
            try:
                await student.answer(choice, deadline=PATIENCE)
            except Refusal as refusal:
                log.debug("A student came too late: %s", printable(refusal.message))
                return


def choose(question: Question, seed: int, chance: random.Random) -> str | list[str]:
    """An answer, in ids; the class leans to the same options whenever the question's text and the seed are the same."""
    bias = random.Random(f"{seed} {question.text}")  # noqa: S311 - it has to be the same again
    ids = [option.id for option in question.options]
    weights = [bias.uniform(0.2, 1) ** 2 for _ in ids]
    first = chance.choices(ids, weights)[0]
    if question.kind != "multiple_choice":
        return first
    return [option for option in ids if option == first or chance.random() < SEVERAL]


def _asked(student: Student) -> tuple[str, int] | None:
    question = student.session.question
    return (question.id, question.round) if question and question.is_active and not question.is_locked else None


def _is_over(student: Student) -> bool:
    return student.status.state in {"failed", "ended", "closed"}
