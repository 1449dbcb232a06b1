"""The instructor's side of a room: what stands on the panel, kept up to date, and the commands.

``board`` is an immutable picture that any thread may read; everything else belongs to the loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Self, cast

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ..core.errors import Refusal, UnknownQuestion
from ..core.foreign import printable
from ..core.messages import InstructorQuestion, Presence, ResultsUpdate, RoomChanged, ServerEvent, Trouble, Welcome
from ..core.rest import AddedQuestion, AnswerRecord, NewQuestion, RoomState, RoundResults, WrittenQuestion
from ..logs import get_logger
from .address import Address
from .connection import Connection, Status, Surroundings
from .rest import Api

log = get_logger(__name__)

PATIENCE = 5.0
"""Seconds that opening a room waits for its socket."""


class Board(Struct, frozen=True, kw_only=True):
    """A room as its instructor sees it at one moment.

    ``tallies`` has one entry per published question, by id. ``on_show`` is the id of the active question, else of
    the one that was asked last. ``trouble`` is why the server cannot store votes at the moment and what to do, None
    while it can or is not there.
    """

    room: RoomState
    status: Status
    participants: int
    tallies: dict[str, RoundResults] = msgspec.field(default_factory=dict)
    on_show: str | None = None
    trouble: str | None = None

    @property
    def active(self) -> InstructorQuestion | None:
        """The question that is being asked."""
        return next((question for question in self.room.questions if question.is_active), None)

    def question(self, question_id: str) -> InstructorQuestion:
        """The question with that id; raises :exc:`UnknownQuestion`."""
        for question in self.room.questions:
            if question.id == question_id:
                return question
        raise UnknownQuestion("There is no such question in this room.")


class Instructor:
    """A room under an instructor's hands. ``on_change`` is called on the loop's thread after ``board`` changed.

    Every command returns once ``board`` shows what it led to, results exact, and raises the server's refusal.
    """

    def __init__(self, api: Api, room: RoomState, surroundings: Surroundings) -> None:
        self.board = Board(room=room, status=Status("connecting"), participants=room.participants)
        self.on_change: Callable[[], None] = lambda: None
        self._api, self._code = api, room.code
        self._looking = asyncio.Lock()
        self._connected = asyncio.Event()
        self._reading = asyncio.Lock()
        self._due: set[Callable[[], Awaitable[None]]] = set()
        self._asleep: dict[Callable[[], Awaitable[None]], asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._epoch = ""
        self._around = surroundings
        self._connection = Connection(
            Address(api.base, room.code).socket, headers=api.headers, surroundings=surroundings,
            on_event=self._take, on_status=self._moved,
        )  # fmt: skip

    def __repr__(self) -> str:
        return f"<Instructor of {self._code}>"

    @classmethod
    async def open(cls, api: Api, title: str, surroundings: Surroundings = Surroundings()) -> Self:  # noqa: B008 - frozen
        """Open a room, or take back the open one of that title with all its questions."""
        instructor = cls(api, await api.open_room(title), surroundings)
        await instructor._look_at_all()
        instructor._connection.start()
        await instructor._until_connected()
        return instructor

    async def leave(self) -> None:
        """Give up the connection; the room stays open."""
        for task in self._tasks:
            task.cancel()
        self._due.clear()
        self._asleep.clear()
        await self._connection.close()

    def reconnect(self) -> None:
        """Try again now: a person asked."""
        self._connection.start()

    async def read(self) -> None:
        """Read the room's questions again: news of them may still be on its way to ``board``."""
        await self._look()

    async def add(self, question: NewQuestion) -> AddedQuestion:
        """Add a question to the end of the list, and publish it if it says so."""
        made = await self._api.add_question(self._code, question)
        await self._look(made.id)
        return made

    async def edit(self, question_id: str, question: WrittenQuestion) -> AddedQuestion:
        """Write a draft anew."""
        made = await self._api.edit_draft(self._code, question_id, question)
        await self._look()
        return made

    async def delete(self, question_id: str) -> None:
        """Delete a draft."""
        await self._api.delete_draft(self._code, question_id)
        await self._look()

    async def publish(self, question_id: str) -> None:
        """Ask a draft, or a closed question for its next round."""
        await self._done(question_id, self._api.publish(self._code, question_id))

    async def set_lock(self, question_id: str, *, is_locked: bool) -> None:
        """Stop taking answers, or take them again."""
        await self._done(question_id, self._api.set_lock(self._code, question_id, is_locked=is_locked))

    async def reveal(self, question_id: str) -> None:
        """Lock, and show the right answer."""
        await self._done(question_id, self._api.reveal(self._code, question_id))

    async def close(self, question_id: str) -> None:
        """Lock, and end the question."""
        await self._done(question_id, self._api.close(self._code, question_id))

    async def end(self) -> None:
        """End the room for good; its answers stay readable."""
        await self._api.end_room(self._code)
        await self.leave()
        self._show(status=Status("ended", reason="You have ended this room."))

    async def answers(self) -> list[AnswerRecord]:
        """Every participant's present answer in every round."""
        return await self._api.answers(self._code)

    async def _until_connected(self) -> None:
        """Give the connection a moment; a room without one works too, and says so in its status."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._connected.wait()
        except TimeoutError:
            log.warning("The room is open, but its live connection is not there yet.")

    async def _done(self, question_id: str, command: Awaitable[InstructorQuestion]) -> None:
        await command
        await self._look(question_id)

    async def _look(self, question_id: str | None = None) -> None:
        """Read the room again, and one question's results; one reader at a time, so that the newest picture stays."""
        async with self._looking:
            room = await self._api.room(self._code)
            if question_id is not None and self._is_published(room, question_id):
                self._count(await self._api.results(self._code, question_id))
            self._show(room=room, participants=room.participants)
        if self.board.status.state == "failed":
            # The server has just answered, so another try is not in vain.
            self.reconnect()

    async def _look_at_all(self) -> None:
        async with self._looking:
            room = await self._api.room(self._code)
            for question in room.questions:
                if question.round:
                    self._count(await self._api.results(self._code, question.id))
            self._show(room=room, participants=room.participants)

    @staticmethod
    def _is_published(room: RoomState, question_id: str) -> bool:
        return any(question.id == question_id and question.round for question in room.questions)

    def _take(self, event: ServerEvent) -> None:
        match event:
            case ResultsUpdate(data=results, rev=rev):
                self._count(msgspec.convert({**msgspec.to_builtins(results), "rev": rev or 0}, RoundResults))
                self._show()
            case Presence(data=presence):
                self._show(participants=presence.participants)
            case Trouble(data=trouble):
                self._show(trouble=trouble.message)
            case Welcome(data=welcome):
                self._follow(welcome.epoch)
                self._later(self._look_at_all)
            case RoomChanged():
                self._later(self._look)

    def _follow(self, epoch: str) -> None:
        """Forget the counts of another history: their revs say nothing about the present one's."""
        if self._epoch not in {"", epoch}:
            self.board = replace(self.board, tallies={})
        self._epoch = epoch

    def _moved(self, status: Status) -> None:
        if status.state != "connecting":
            self._connected.set()
        if status.state == "ended":
            # The socket's own word is for students.
            status = replace(status, reason="This room has ended. LivePoll(title) opens a new one.")
        trouble = self.board.trouble if status.state == "open" else None
        self._show(status=status, trouble=trouble)

    def _count(self, tally: RoundResults) -> None:
        held = self.board.tallies.get(tally.questionId)
        if held is None or (tally.round, tally.rev) >= (held.round, held.rev):
            self.board = replace(self.board, tallies={**self.board.tallies, tally.questionId: tally})

    def _show(self, **changes: object) -> None:
        board = replace(self.board, **changes)
        self.board = replace(board, on_show=_on_show(board))
        self.on_change()

    def _later(self, read: Callable[[], Awaitable[None]]) -> None:
        """Read soon. However often a server says that there is something new, one such reading waits for its turn."""
        if read in self._due:
            return
        self._due.add(read)
        if (asleep := self._asleep.pop(read, None)) is not None:
            asleep.cancel()
        task = asyncio.ensure_future(self._until_read(read))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _until_read(self, read: Callable[[], Awaitable[None]]) -> None:
        """Read until that works; a connection that is lost in between begins it anew when it is back."""
        for times in count(1):
            try:
                async with self._reading:
                    self._due.discard(read)
                    return await read()
            except Refusal as refused:
                if not refused.retry or self.board.status.state != "open":
                    log.info("The room could not be read again: %s", printable(refused.message))
                    return None
            if read in self._due:
                return None  # another one waits already
            self._asleep[read] = cast("asyncio.Task[None]", asyncio.current_task())
            await self._around.sleep(self._around.backoff.put_off(times, self._around.chance()))
            del self._asleep[read]
        return None


def _on_show(board: Board) -> str | None:
    if board.active:
        return board.active.id
    asked = [question.id for question in board.room.questions if question.round]
    return board.on_show if board.on_show in asked else next(reversed(asked), None)
