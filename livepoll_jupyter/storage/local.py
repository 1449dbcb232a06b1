"""The engine of every store that decides in this process: rooms in memory, decided here, made durable by a journal.

Commands are decided at once, in the order they come, and gather while the previous batch is being committed; so a
commit needs no timer, and a vote's place before or after a lock is its place in the journal. Nothing is settled or told
to anybody before its commit, refusals included. Nothing here knows SQL or files.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from ..core.commands import CastVote, Command
from ..core.effects import Change, Decision
from ..core.errors import Conflict, NotFound, Refusal, RoomEnded, Unavailable
from ..core.questions import Question
from ..core.room import Room
from .base import AnswerRow, Done, Outcome
from .journal import Batch, Journal, JournalError, Writes, head_of

_T = TypeVar("_T")

_NOTHING = Decision((), ())

_log = logging.getLogger(__name__)


def _new_epoch() -> str:
    return secrets.token_urlsafe(9)


class _Gathered:
    """What was decided since the last batch was handed over, and who waits to hear of it."""

    __slots__ = ("changes", "touched", "waiting")

    def __init__(self) -> None:
        self.waiting: list[tuple[Room | None, Decision, Refusal | None, Done]] = []
        self.changes: dict[str, list[Change]] = {}
        self.touched: dict[str, Room] = {}

    @property
    def codes(self) -> set[str]:
        """The rooms that something was decided in."""
        return {*self.changes, *self.touched}

    def batch(self) -> Batch:
        """The writes of all rooms, their heads taken as they now are."""
        batch = {code: Writes() for code in self.codes}
        for code, room in self.touched.items():
            batch[code].head = head_of(room)
        for code, changes in self.changes.items():
            batch[code].add(changes)
        return batch


class LocalStore:
    """A :class:`~livepoll_jupyter.storage.base.Store` over a journal; one per process and journal."""

    def __init__(self, journal: Journal, *, new_epoch: Callable[[], str] = _new_epoch) -> None:
        self._journal = journal
        self._new_epoch = new_epoch
        self._rooms: dict[str, Room] = {}
        self._used: set[str] = set()
        self._lost: set[str] = set()
        self._gathered = _Gathered()
        self._writing: asyncio.Task[None] | None = None
        self._is_failing = False

    # ------------------------------------------------------------ opening and closing

    async def open(self) -> None:
        """Load what is there; raises :exc:`BadSetting` for a place or a file that cannot be used."""
        held = await self._journal.open()
        self._rooms = {room.code: room for room in held.rooms}
        self._used = {*self._rooms, *held.ended}

    async def close(self) -> None:
        """Commit what was submitted, then let go of the file."""
        while self._writing is not None:
            await self._writing
        await self._journal.close()

    async def secret(self) -> bytes:
        """The key that signs participants' tokens: made once, kept with the rooms."""
        return await self._journal.secret()

    # ------------------------------------------------------------ rooms

    async def open_room(self, code: str, title: str, epoch: str, now: float) -> Room:
        """A new room, durable when this returns; raises :exc:`Conflict` if the code was ever used."""
        if code in self._used:
            raise Conflict("That code was used before. Take another one.")
        self._used.add(code)
        room = Room(code=code, title=title, epoch=epoch, created_at=now)
        opened: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

        def done(outcome: Outcome) -> None:
            if outcome.refusal is None:
                self._rooms[code] = room
            if not opened.cancelled():
                opened.set_result(outcome)

        self._gathered.touched[code] = room
        self._wait(room, _NOTHING, None, done)
        refusal = (await opened).refusal
        if refusal is not None:
            raise refusal
        return room

    def room(self, code: str) -> Room:
        """The open room; raises :exc:`NotFound`, :exc:`RoomEnded`, or :exc:`Unavailable` until it is loaded again."""
        if code in self._lost:
            raise _unavailable()
        if code in self._rooms:
            return self._rooms[code]
        if code in self._used:
            raise RoomEnded("This room has ended. Ask for the code of a new one.")
        raise NotFound("There is no room with that code. Look at the code again.")

    def rooms(self) -> Iterable[Room]:
        """The open rooms, oldest first."""
        return [room for code, room in self._rooms.items() if code not in self._lost]

    async def questions(self, code: str) -> list[Question]:
        """The questions of an open or ended room, in order; raises :exc:`NotFound`."""
        try:
            room: Room | None = self.room(code)
        except RoomEnded:
            room = await self._read(self._journal.room(code))
        return list(room.questions.values()) if room else []

    async def answers(self, code: str) -> list[AnswerRow]:
        """The committed answers of an open or ended room, by question, round and participant."""
        if code not in self._used:
            raise NotFound("There is no room with that code. Look at the code again.")
        return await self._read(self._journal.answers(code))

    async def _read(self, reading: Awaitable[_T]) -> _T:
        try:
            return await reading
        except JournalError as error:
            raise Unavailable("The server could not read this. Try again in a moment.") from error

    # ------------------------------------------------------------ deciding

    def submit(self, code: str, command: Command, now: float, done: Done) -> None:
        """Decide at once, commit with the next batch, then call ``done``; never before this has returned."""
        try:
            room = self.room(code)
            decision = room.decide(command, now)
        except Refusal as refusal:
            self._wait(None, _NOTHING, refusal, done)
            return
        if decision.changes:
            self._gathered.changes.setdefault(code, []).extend(decision.changes)
        if decision.effects and not isinstance(command, CastVote):
            self._gathered.touched[code] = room
        self._wait(room, decision, None, done)

    def _wait(self, room: Room | None, decision: Decision, refusal: Refusal | None, done: Done) -> None:
        self._gathered.waiting.append((room, decision, refusal, done))
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write())

    # ------------------------------------------------------------ committing

    async def _write(self) -> None:
        """Commit batch after batch until nothing waits."""
        try:
            while self._gathered.waiting:
                await self._load_lost()
                gathered, self._gathered = self._gathered, _Gathered()
                await self._commit(gathered)
        finally:
            self._writing = None

    async def _commit(self, gathered: _Gathered) -> None:
        try:
            if gathered.codes:
                await self._journal.commit(gathered.batch())
        except Exception:  # noqa: BLE001 - whatever stopped the commit, nothing of it may be acknowledged
            self._report_failing()
            await self._refuse(gathered)
        else:
            if gathered.codes:
                self._report_working()
            self._settle(gathered)

    def _settle(self, gathered: _Gathered) -> None:
        for room, decision, refusal, done in gathered.waiting:
            if room is not None:
                room.settle(decision)
            self._tell(done, Outcome(decision.effects, refusal, decision.act))
        for code, room in gathered.touched.items():
            if room.ended_at is not None:
                self._rooms.pop(code, None)

    async def _refuse(self, gathered: _Gathered) -> None:
        """Refuse the batch and all that was decided on top of it, and take its rooms back to what was committed."""
        late, self._gathered = self._gathered, _Gathered()
        self._lost |= gathered.codes | late.codes
        await self._load_lost()
        for *_, done in gathered.waiting + late.waiting:
            self._tell(done, Outcome((), _unavailable()))

    async def _load_lost(self) -> None:
        for code in sorted(self._lost):
            try:
                room = await self._journal.room(code)
            except Exception:  # noqa: BLE001 - logged; the next command tries again
                self._report_failing()
                return
            if room is not None:
                room.epoch = self._new_epoch()
                self._rooms[code] = room
            self._lost.discard(code)

    def _tell(self, done: Done, outcome: Outcome) -> None:
        try:
            done(outcome)
        except Exception:  # noqa: BLE001 - one caller's mistake must not cost the others their answer
            _log.exception("What follows from a committed command failed; the command itself holds.")

    # ------------------------------------------------------------ the log

    def _report_failing(self) -> None:
        if not self._is_failing:
            _log.exception("Votes cannot be stored; they are refused until they can. Is the disk full or read-only?")
        self._is_failing = True

    def _report_working(self) -> None:
        if self._is_failing:
            _log.warning("Votes are stored again.")
        self._is_failing = False


def _unavailable() -> Unavailable:
    return Unavailable("The server could not store this, and nothing was changed. Try again in a moment.")
