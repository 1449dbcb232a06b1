"""A student: one participant of a room, over a real connection. Light enough for a thousand in one process."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Any

from ..core.errors import Conflict, QuestionClosed, QuestionLocked, RoomEnded, RoundClosed
from ..core.kinds import kind_of
from ..core.messages import Ping, Pong, Question, ServerEvent, Vote, VoteAck, VoteData
from .address import CLASS_API, Address
from .connection import Connection, Status, Surroundings
from .errors import Unreachable, refusal
from .outbox import Outbox
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
        self._outbox = Outbox(self._send, surroundings)
        self._changed = asyncio.Event()
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
        return self._outbox.newest

    async def join(self, *, deadline: float = DEADLINE) -> None:
        """Take a place in the room and return once its state is known.

        Raises:
            Refusal: there is no such room, or it has ended, or it takes nobody else.
            Unreachable: the room's state did not come within ``deadline`` seconds.
        """
        if self._token is None:
            self._token = (await Api(self.address.pages, under=CLASS_API).join(self.address.code)).token
        self._connection = Connection(
            self.address.socket, token=self._token, surroundings=self._around,
            # So that it is let in at once, whatever others behind this address have guessed.
            headers={"Authorization": f"Bearer {self._token}"},
            on_event=self._take, on_status=self._moved,
        )  # fmt: skip
        self._connection.start()
        try:
            await self._until_open(deadline)
        except BaseException:
            await self._connection.close()
            raise

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

        A connection that has given up is tried once more.

        Raises:
            RoomEnded: the room has ended.
            Conflict: this participant has left.
            Unreachable: there is no connection, or no answer within ``deadline`` seconds.
        """
        if self.status.state == "failed":
            self.reconnect()
        await self._until_open(deadline)
        self._head = None
        await self._send(Ping())
        await self.until(lambda _: self._head is not None and self.session.seq >= self._head, deadline=deadline)

    async def answer(self, answer: Any, *, deadline: float = DEADLINE) -> Any:
        """Answer the question that is being asked, by labels or ids; return once the server has it for good.

        A later answer takes the place of this one until the question is locked. While the connection is away the
        answer is kept, and sent when it is back.

        Returns:
            The answer as it was counted, in option ids.

        Raises:
            BadAnswer: the question does not offer that.
            Conflict: no question is asked, or it was locked or closed before the answer arrived, or a newer answer
                from another device of this participant came first.
            Unavailable, TooMany: the server put the answer off until the deadline; it does not count.
            Unreachable: no ack within ``deadline`` seconds; whether the answer counts is unknown.
        """
        asked = self._asked()
        return await self._cast(asked, kind_of(asked.kind).from_labels(asked, answer), deadline)

    async def withdraw(self, *, deadline: float = DEADLINE) -> None:
        """Take the answer back; return once the server has done so for good. Raises what :meth:`answer` does."""
        try:
            await self._cast(self._asked(), None, deadline)
        except (QuestionLocked, QuestionClosed, RoundClosed) as late:
            if self.session.counted:
                raise type(late)("It was too late to take your answer back; it counts.") from late
            raise

    def _asked(self) -> Question:
        self._refuse_if_over()
        asked = self.session.question
        if asked is None or not asked.is_active:
            raise QuestionClosed("No question is being asked at the moment.")
        return asked

    async def _until_open(self, deadline: float) -> None:
        await self.until(lambda student: student.status.state not in {"connecting", "reconnecting"}, deadline=deadline)
        if self.status.state == "failed":
            raise Unreachable(self.status.reason)
        self._refuse_if_over()

    def _refuse_if_over(self) -> None:
        match self.status:
            case Status(state="ended", reason=reason):
                raise RoomEnded(reason)
            case Status(state="closed"):
                raise Conflict("This seat was left. Take another with join(…).")

    def _vote(self, asked: Question, answer: Any) -> Vote:
        mine = self.session.my_vote
        self._rev = max(self._rev, mine.rev if mine else 0) + 1
        return Vote(
            data=VoteData(questionId=asked.id, round=asked.round, answer=answer, op=secrets.token_hex(8), rev=self._rev)
        )

    async def _cast(self, asked: Question, answer: Any, deadline: float) -> Any:
        pending = self._outbox.put(self._vote(asked, answer))
        self._notify()
        try:
            ack = await self._outbox.settled(pending, deadline)
        finally:
            self._notify()
        if ack.status == "rejected":
            raise refusal(ack.reason or "refused", ack.message or "Your answer was not counted.")
        return ack.answer

    async def _send(self, message: Vote | Ping) -> None:
        if self._connection and self.status.state == "open":
            try:
                await self._connection.send(message)
            except Unreachable:
                # A vote stays among the unacked, and is sent again as the same act once there is a connection.
                return

    def _take(self, event: ServerEvent) -> None:
        match event:
            case VoteAck(data=ack):
                vote = self._outbox.take(ack)
                if vote and self._connection:
                    self._connection.session = acked(self._connection.session, vote, ack)
            case Pong(data=pong):
                self._head = pong.seq
        self._notify()

    def _moved(self, status: Status) -> None:
        match status.state:
            case "open":
                self._outbox.send_all()
            case "ended":
                self._outbox.give_up(RoomEnded(status.reason))
            case "closed":
                self._outbox.give_up(Conflict("This seat was left before the answer was confirmed."))
        self._notify()

    def _notify(self) -> None:
        self._changed.set()
        self._on_change(self)
