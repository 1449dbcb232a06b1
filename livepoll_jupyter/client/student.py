"""A student: one participant of a room, over a real connection. Light enough for a thousand in one process."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Any

from ..core.errors import Conflict, QuestionClosed, RoomEnded
from ..core.kinds import kind_of
from ..core.messages import Ping, Pong, Question, ServerEvent, Vote, VoteAck, VoteAckData, VoteData
from .address import Address
from .connection import Connection, Status, Surroundings
from .errors import Unreachable, refusal
from .rest import Api
from .session import Session, acked

DEADLINE = 10.0
"""Seconds to wait for an ack, or for the room's state."""


class Student:
    """A participant of the room behind ``join_url``.

    ``on_change`` is called with the student, on the loop's thread, whenever ``session`` or ``status`` is
    another. ``token`` takes up the place of a participant who joined before.

    Raises:
        BadRequest: ``join_url`` is no join link.
    """

    def __init__(
        self,
        join_url: str,
        *,
        token: str | None = None,
        on_change: Callable[[Student], None] = lambda _student: None,
        surroundings: Surroundings = Surroundings(),  # noqa: B008 - it is frozen
    ) -> None:
        self.address = Address.from_link(join_url)
        self._token, self._on_change, self._around = token, on_change, surroundings
        self._connection: Connection | None = None
        self._unacked: dict[str, tuple[Vote, asyncio.Future[VoteAckData]]] = {}
        self._changed = asyncio.Event()
        self._resending: set[asyncio.Task[None]] = set()
        self._head: int | None = None
        self._rev = 0

    def __repr__(self) -> str:
        return f"<Student in {self.address.code}>"

    @property
    def session(self) -> Session:
        """What this student knows of the room."""
        return self._connection.session if self._connection else Session()

    @property
    def status(self) -> Status:
        """Where the connection stands."""
        return self._connection.status if self._connection else Status("connecting")

    @property
    def token(self) -> str | None:
        """What speaks for this participant; keep it as you would a ballot paper."""
        return self._token

    @property
    def waiting(self) -> Vote | None:
        """The newest vote that is on its way and not acked yet."""
        return next((vote for vote, _ in reversed(self._unacked.values())), None)

    async def join(self, *, deadline: float = DEADLINE) -> None:
        """Take a place in the room and return once its state is known.

        Raises:
            Refusal: there is no such room, or it has ended, or it takes nobody else.
            Unreachable: the room's state did not come within ``deadline`` seconds.
        """
        if self._token is None:
            self._token = (await Api(self.address.base).join(self.address.code)).token
        self._connection = Connection(
            self.address.socket, token=self._token, surroundings=self._around,
            on_event=self._take, on_status=self._moved,
        )  # fmt: skip
        self._connection.start()
        await self._until_open(deadline)

    async def leave(self) -> None:
        """Give the connection up; the answers stay."""
        if self._connection:
            await self._connection.close()

    def reconnect(self) -> None:
        """Try again now: a person asked."""
        if self._connection:
            self._connection.start()

    async def until(self, is_so: Callable[[Student], bool], *, deadline: float = DEADLINE) -> None:
        """Return as soon as ``is_so(self)``; raises :exc:`Unreachable` if it is not within ``deadline`` seconds."""
        try:
            async with asyncio.timeout(deadline):
                while not is_so(self):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError as late:
            raise Unreachable(f"What was waited for did not come from the server within {deadline:g} s.") from late

    async def catch_up(self, *, deadline: float = DEADLINE) -> None:
        """Return when everything that the room announced before this call is in ``session``.

        Raises:
            RoomEnded: the room has ended.
            Conflict: this participant has left.
            Unreachable: there is no connection, or no answer within ``deadline`` seconds.
        """
        await self._until_open(deadline)
        self._head = None
        await self._send(Ping())
        await self.until(lambda _: self._head is not None and self.session.seq >= self._head, deadline=deadline)

    async def answer(self, answer: Any, *, deadline: float = DEADLINE) -> Any:
        """Answer the question that is being asked, by labels or ids; return once the server has it for good.

        Returns:
            The answer that now counts, in option ids.

        Raises:
            BadAnswer: the question does not offer that.
            Conflict: no question is asked, or it was locked or closed before the answer arrived.
            Unreachable: no ack within ``deadline`` seconds; whether the answer counts is unknown.
        """
        asked = self.session.question
        if asked is None or not asked.is_active:
            raise QuestionClosed("No question is being asked at the moment.")
        ack = await self._cast(self._vote(asked, kind_of(asked.kind).from_labels(asked, answer)), deadline)
        if ack.status == "rejected":
            raise refusal(ack.reason or "refused", ack.message or "Your answer was not counted.")
        return ack.answer

    async def _until_open(self, deadline: float) -> None:
        await self.until(lambda student: student.status.state not in {"connecting", "reconnecting"}, deadline=deadline)
        match self.status:
            case Status(state="ended", reason=reason):
                raise RoomEnded(reason)
            case Status(state="failed", reason=reason):
                raise Unreachable(reason)
            case Status(state="closed"):
                raise Conflict("This seat was left. Take another with join(…).")

    def _vote(self, asked: Question, answer: Any) -> Vote:
        mine = self.session.my_vote
        self._rev = max(self._rev, mine.rev if mine else 0) + 1
        return Vote(
            data=VoteData(questionId=asked.id, round=asked.round, answer=answer, op=secrets.token_hex(8), rev=self._rev)
        )

    async def _cast(self, vote: Vote, deadline: float) -> VoteAckData:
        acked: asyncio.Future[VoteAckData] = asyncio.get_running_loop().create_future()
        self._unacked[vote.data.op] = vote, acked
        self._notify()
        try:
            async with asyncio.timeout(deadline):
                await self._send(vote)
                return await acked
        except TimeoutError as late:
            raise Unreachable(
                f"The server did not confirm your answer within {deadline:g} s. Answer again when it is back."
            ) from late
        finally:
            del self._unacked[vote.data.op]
            self._notify()

    async def _send(self, message: Vote | Ping) -> None:
        if self._connection and self.status.state == "open":
            try:
                await self._connection.send(message)
            except Unreachable:
                # A vote stays among the unacked, and is sent again as the same act once there is a connection.
                return

    def _take(self, event: ServerEvent) -> None:
        if isinstance(event, VoteAck) and event.data.op in self._unacked:
            self._settle(*self._unacked[event.data.op], event.data)
        elif isinstance(event, Pong):
            self._head = event.data.seq
        self._notify()

    def _settle(self, vote: Vote, waiting: asyncio.Future[VoteAckData], ack: VoteAckData) -> None:
        if self._connection:
            self._connection.session = acked(self._connection.session, vote, ack)
        if not waiting.done():
            waiting.set_result(ack)

    def _moved(self, status: Status) -> None:
        if status.state == "open":
            for vote, _ in self._unacked.values():
                task = asyncio.get_running_loop().create_task(self._send(vote))
                self._resending.add(task)
                task.add_done_callback(self._resending.discard)
        self._notify()

    def _notify(self) -> None:
        self._changed.set()
        self._on_change(self)
