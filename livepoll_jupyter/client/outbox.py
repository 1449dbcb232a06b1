"""Votes on their way: each stays until its ack, whatever happens to the connection.

A vote is sent again as the same act (``op``), so that it counts once and whoever cast it always learns what became
of it. What a vote means is none of this room's business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ..core.errors import Refusal
from ..core.messages import Vote, VoteAckData
from .connection import Surroundings
from .errors import Unreachable, refusal

REMEMBERED = 16
"""Votes that nobody waits for any more and whose late acks are still understood."""


@dataclass(eq=False)
class Pending:
    """A vote without a final ack. ``put_off`` is the last word of a server that asks for it again later."""

    vote: Vote
    ack: asyncio.Future[VoteAckData]
    put_off: VoteAckData | None = None
    times_put_off: int = 0
    again: asyncio.Task[None] | None = None


class Outbox:
    """``send`` sends a vote if there is a connection and else does nothing; :meth:`send_all` is for when there is."""

    def __init__(self, send: Callable[[Vote], Awaitable[None]], surroundings: Surroundings) -> None:
        self._send, self._around = send, surroundings
        self._pending: dict[str, Pending] = {}
        self._given_up: dict[str, Vote] = {}
        self._sending: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        return f"<Outbox of {len(self._pending)}>"

    @property
    def newest(self) -> Vote | None:
        """The newest vote without an ack."""
        return next((pending.vote for pending in reversed(self._pending.values())), None)

    def put(self, vote: Vote) -> Pending:
        """Take a vote in, to be sent until :meth:`settled` has its ack or gives up."""
        pending = Pending(vote, asyncio.get_running_loop().create_future())
        self._pending[vote.data.op] = pending
        self._begin(pending)
        return pending

    async def settled(self, pending: Pending, deadline: float) -> VoteAckData:
        """The final ack of a vote; up to ``deadline`` seconds, infinity included.

        Raises:
            Refusal: until the deadline the server put the vote off, and says why; it does not count.
            Unreachable: there was no ack until the deadline; whether the vote counts is unknown.
        """
        try:
            async with asyncio.timeout(deadline):
                return await pending.ack
        except TimeoutError as late:
            raise self._not_settled(pending, deadline) from late
        finally:
            self._drop(pending)

    def take(self, ack: VoteAckData) -> Vote | None:
        """Take in an ack; the vote that it is about, if it is one of ours."""
        pending = self._pending.get(ack.op)
        if pending is None:
            return self._given_up.get(ack.op)
        if ack.status == "rejected" and ack.retry is True:
            self._put_off(pending, ack)
        elif not pending.ack.done():
            pending.ack.set_result(ack)
        return pending.vote

    def send_all(self) -> None:
        """There is a connection again: send what is there, but for what the server has put off."""
        for pending in self._pending.values():
            if pending.again is None:
                self._begin(pending)

    def give_up(self, reason: Refusal) -> None:
        """There will be no connection any more: everybody who waits gets the reason."""
        for pending in self._pending.values():
            if not pending.ack.done():
                pending.ack.set_exception(reason)

    def _put_off(self, pending: Pending, ack: VoteAckData) -> None:
        if pending.again is None:
            pending.put_off, pending.times_put_off = ack, pending.times_put_off + 1
            pending.again = self._task(self._send_later(pending))

    async def _send_later(self, pending: Pending) -> None:
        await self._around.sleep(self._around.backoff.put_off(pending.times_put_off, self._around.chance()))
        pending.again = pending.put_off = None
        await self._send(pending.vote)

    def _begin(self, pending: Pending) -> None:
        self._task(self._send(pending.vote))

    def _task(self, work: Awaitable[None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
        return task

    def _drop(self, pending: Pending) -> None:
        if pending.again:
            pending.again.cancel()
        del self._pending[pending.vote.data.op]
        self._given_up[pending.vote.data.op] = pending.vote
        if len(self._given_up) > REMEMBERED:
            del self._given_up[next(iter(self._given_up))]

    @staticmethod
    def _not_settled(pending: Pending, deadline: float) -> Refusal:
        if pending.put_off is not None:
            return refusal(pending.put_off.reason or "refused", pending.put_off.message or "Answer again in a moment.")
        return Unreachable(
            f"The server did not confirm your answer within {deadline:g} s. Answer again when it is back."
        )
