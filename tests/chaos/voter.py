"""A student under stress: votes, changes, withdraws, repeats and comes too late, and writes down what it saw.

It is the package's own client but for two taps, one where a vote is made and one where a message comes in. It decides
from its seeded ``chance`` what to do next, and waits only for events.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable
from random import Random
from typing import Any, Final

import msgspec
from history import Greeting as Told
from history import History, Key, Operation, answer_of
from history import Vote as Act
from msgspec import UNSET, Struct
from msgspec.structs import replace
from tallies import tally_of

from livepoll_jupyter.client import Status, Student
from livepoll_jupyter.client.backoff import Backoff
from livepoll_jupyter.client.connection import Surroundings
from livepoll_jupyter.core import messages
from livepoll_jupyter.core.errors import Refusal
from livepoll_jupyter.core.messages import PING_MS, Question, ServerEvent, Vote, VoteAck

PATIENCE: Final = 120.0
"""Seconds after which a vote that nothing was heard of is given up."""

PING: Final = 1.0
"""Seconds between two pings."""

REPEATED: Final = 30
"""Any of the last so many accepted votes of a round may be sent again; the server remembers 64."""


async def shorter(seconds: float) -> None:
    """A sleep that makes pings come sooner."""
    await asyncio.sleep(PING if seconds == PING_MS / 1000 else seconds)


HASTY: Final = Surroundings(
    sleep=shorter, backoff=Backoff(first=0.02, cap=0.5, tries=1_000_000, least_told=0.02, most_told=0.5)
)


class Manner(Struct, frozen=True, kw_only=True):
    """How likely each act is, at each step or at each loss of the connection; ``limit`` votes in one round."""

    withdraws: float = 0.1
    repeats: float = 0.05
    is_late_with_an_old_one: float = 0.03
    gives_up: float = 0.2
    late_tries: int = 2
    limit: float = math.inf


class Voter(Student):
    """A student that acts until :meth:`stop`; ``on_step`` is called whenever a vote of its is over."""

    def __init__(
        self,
        join_url: str,
        token: str,
        *,
        history: History,
        chance: Random,
        manner: Manner,
        on_step: Callable[[], None],
    ) -> None:
        super().__init__(join_url, token=token, surroundings=HASTY)
        self._history, self._chance, self._manner, self._on_step = history, chance, manner, on_step
        self._accepted: deque[Vote] = deque(maxlen=REPEATED)
        self._key: Key | None = None
        self._cast_here = 0
        self._late_here = 0
        self._operation: Operation | None = None
        self._act: asyncio.Task[Any] | None = None
        self._old_rev: int | None = None
        self._welcome: messages.WelcomeData | None = None
        self._away_since = history.clock()
        self._is_over = False

    async def run(self) -> None:
        """Take part until :meth:`stop`."""
        await self.join(deadline=PATIENCE)
        try:
            while await self._is_wanted():
                await self._step()
        finally:
            await self.leave()

    def provoke(self) -> None:
        """Try to vote although the question is locked, even if that was tried before."""
        self._late_here = 0
        self._notify()

    def stop(self) -> None:
        """Begin nothing new; what is on its way is given up."""
        self._is_over = True
        if self._act:
            self._act.cancel()
        self._notify()

    # ------------------------------------------------------------ what to do

    async def _is_wanted(self) -> bool:
        await self.until(lambda _: self._is_over or self._may_vote(), deadline=math.inf)
        return not self._is_over

    def _may_vote(self) -> bool:
        asked = self.session.question
        if asked is None or not asked.is_active:
            return False
        if self._key != (asked.id, asked.round):
            self._key, self._cast_here, self._late_here = (asked.id, asked.round), 0, 0
            self._accepted.clear()
        if not asked.is_locked:
            self._late_here = 0
        return self._late_here < self._manner.late_tries if asked.is_locked else self._cast_here < self._manner.limit

    async def _step(self) -> None:
        asked = self.session.question
        if asked is None:
            return
        if self._accepted and self._chance.random() < self._manner.repeats:
            # Its ack has to be the one of the first time, whatever happened since.
            await self._send(self._chance.choice(self._accepted))
        if self._accepted and self._chance.random() < self._manner.is_late_with_an_old_one:
            self._old_rev = self._chance.choice(self._accepted).data.rev
        self._cast_here += 1
        self._late_here += asked.is_locked
        if self._chance.random() < self._manner.withdraws:
            await self._see(asyncio.ensure_future(self.withdraw(deadline=PATIENCE)))
        else:
            await self._see(asyncio.ensure_future(self.answer(self._answer(asked), deadline=PATIENCE)))

    def _answer(self, asked: Question) -> str | list[str]:
        ids = [option.id for option in asked.options]
        if asked.kind == "choice":
            return self._chance.choice(ids)
        return [option for option in ids if self._chance.random() < 0.5] or ids[:1]

    async def _see(self, act: asyncio.Task[Any]) -> None:
        """Wait until the act is over, and write down how it ended."""
        self._act = act
        try:
            await asyncio.wait([act])
        finally:
            act.cancel()
        operation, self._operation, self._act = self._operation, None, None
        if operation is None:
            return
        failure = None if act.cancelled() else act.exception()
        if act.cancelled() or (isinstance(failure, Refusal) and failure.retry):
            self._history.complete(operation, "info")
        elif isinstance(failure, Refusal):
            self._history.complete(operation, "fail", failure.code)
        else:
            act.result()
            self._history.complete(operation, "ok")
        self._on_step()

    # ------------------------------------------------------------ taps

    def _vote(self, asked: Question, answer: Any) -> Vote:
        vote = super()._vote(asked, answer)
        if self._old_rev is not None:
            vote = replace(vote, data=replace(vote.data, rev=self._old_rev))
            self._old_rev = None
        said = vote.data
        me, key = self.session.participant or "", (said.questionId, said.round)
        act = Act(participant=me, key=key, answer=answer_of(said.answer), op=said.op, rev=said.rev)
        self._operation = self._history.invoke(act)
        return vote

    def _take(self, event: ServerEvent) -> None:
        match event:
            case VoteAck(data=ack) if not (ack.status == "rejected" and ack.retry is True):
                self._note_ack(ack)
            case messages.Welcome(data=data):
                self._welcome = data
            case messages.ResultsUpdate(data=results, rev=rev) if rev is not UNSET:
                self._history.tallies.add(tally_of(results, rev))
            case messages.SnapshotEvent(data=seen, rev=rev):
                if seen.results:
                    self._history.tallies.add(tally_of(seen.results, rev))
                self._note_greeting()
            case messages.Presence():
                self._note_greeting()
        super()._take(event)

    def _note_ack(self, ack: messages.VoteAckData) -> None:
        self._history.heard(ack.op, ack.status, msgspec.json.encode(ack))
        vote = self.waiting
        if vote and vote.data.op == ack.op and ack.status == "accepted":
            self._accepted.append(vote)

    def _note_greeting(self) -> None:
        """The first after a welcome comes once all that was missed is there, in the same breath."""
        data, self._welcome = self._welcome, None
        asked = self.session.question
        if data is None or asked is None or not asked.is_active:
            return
        mine = data.myVote
        rev = mine.rev if mine is not UNSET and (mine.questionId, mine.round) == (asked.id, asked.round) else None
        me, now = self.session.participant or "", self._history.clock()
        self._history.greetings.append(
            Told(participant=me, key=(asked.id, asked.round), asked=self._away_since, heard=now, rev=rev)
        )

    def _moved(self, status: Status) -> None:
        super()._moved(status)
        if status.state == "reconnecting":
            self._away_since = self._history.clock()
            if self._act and self._chance.random() < self._manner.gives_up:
                self._act.cancel()
