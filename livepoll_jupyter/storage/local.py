"""The engine of every store that decides in this process: rooms in memory, decided here, made durable by a journal.

Commands are decided at once, in the order they come. They gather while the previous batch is being committed, and in a
rush for as long as each turn of the loop brings many more; so a commit needs no timer, and a vote's place before or
after a lock is its place in the journal. Nothing is settled or told to anybody before its commit, refusals included.
Nothing here knows SQL or files.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Final, TypeVar

import msgspec

from ..core.commands import CastVote, Command
from ..core.effects import Decision, Effect, RoomOver
from ..core.errors import Conflict, NotFound, Refusal, RoomEnded, Unavailable
from ..core.questions import Question
from ..core.room import Room
from ..logs import get_logger
from .base import AnswerRow, Done, Follow, Outcome
from .gathered import Gathered, Waiting
from .journal import ADVICE, CommitInDoubt, CommittedLost, ForeignWrite, Journal, JournalError
from .restoring import whole
from .trouble import After, Trouble, after_on_loop

_T = TypeVar("_T")

RUSH: Final = 8
"""Commands in one turn of the loop that make a rush."""

LONGEST: Final = 0.008
"""Seconds after which a rush is committed all the same: a broadcast to thousands makes long turns of the loop."""

ENOUGH: Final = 256
"""Commands that a commit is worth: it costs as much as some ten of them, and they take some milliseconds."""

_NOTHING = Decision((), ())

_log = get_logger(__name__)


def _new_epoch() -> str:
    return secrets.token_urlsafe(9)


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except JournalError as error:
        _log.warning("What is stored could not be read: %s", error)
        raise Unavailable(f"The server could not read this. Try again in a moment. {error.advice}") from error


def _follow_nothing(_code: str, _effects: tuple[Effect, ...]) -> None:
    """Until somebody wants to know."""


class LocalStore:
    """A :class:`~livepoll_jupyter.storage.base.Store` over a journal; one per process and journal."""

    def __init__(
        self, journal: Journal, *, new_epoch: Callable[[], str] = _new_epoch, after: After = after_on_loop
    ) -> None:
        self._journal = journal
        self._new_epoch = new_epoch
        self._rooms: dict[str, Room] = {}
        self._titles: dict[str, str] = {}
        self._lost: set[str] = set()
        self._must_rewrite = False
        self._gathered = Gathered()
        self._writing: asyncio.Task[None] | None = None
        self._follow: Follow = _follow_nothing
        self._trouble = Trouble(after, self._try_again)

    # ------------------------------------------------------------ opening and closing

    async def open(self) -> None:
        """Load what is there; raises :exc:`BadSetting` for a place or a file that cannot be used."""
        held = await self._journal.open()
        self._rooms = {room.code: room for room in held.rooms}
        self._titles = {code: room.title for code, room in self._rooms.items()} | held.ended

    async def close(self) -> None:
        """Commit what was submitted, then let go of the file; cancelled, leave the rest and a hanging disk behind."""
        try:
            while self._writing is not None:
                await self._writing
            self._trouble.stop()
            await self._journal.close()
        except asyncio.CancelledError:
            self._trouble.stop()
            self._journal.give_up()
            raise

    async def settled(self) -> None:
        """Wait until every command that was submitted is settled and told. May be cancelled, which stops no commit."""
        while self._writing is not None:
            await asyncio.wait([self._writing])

    def on_effects(self, follow: Follow) -> None:
        """Call ``follow`` with the effects of settled commands, and with none for a room that was loaded anew."""
        self._follow = follow

    async def secret(self) -> bytes:
        """The key that signs participants' tokens: made once, kept with the rooms."""
        return await self._journal.secret()

    @property
    def trouble(self) -> str | None:
        """Why commands cannot be stored now, and what to do, in a sentence for the instructor; None while they can."""
        return self._trouble.sentence

    def on_trouble(self, callback: Callable[[], None]) -> None:
        """Call back whenever :attr:`trouble` has changed."""
        self._trouble.on_change(callback)

    # ------------------------------------------------------------ rooms

    async def open_room(self, code: str, title: str, epoch: str, now: float) -> Room:
        """A new room, durable when this returns; raises :exc:`Conflict` if the code was ever used."""
        if code in self._titles:
            raise Conflict("That code was used before. Take another one.")
        self._titles[code] = title
        room = Room(code=code, title=title, epoch=epoch, created_at=now)
        opened: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

        def done(outcome: Outcome) -> None:
            if outcome.refusal is None:
                self._rooms[code] = room
            elif code not in self._lost | self._rooms.keys():
                self._titles.pop(code, None)
            if not opened.cancelled():
                opened.set_result(outcome)

        self._gathered.touched[code] = room
        self._wait(Waiting(room, _NOTHING, None, done, is_vote=False))
        refusal = (await opened).refusal
        if refusal is not None:
            raise refusal
        return room

    def room(self, code: str) -> Room:
        """The open room; raises :exc:`NotFound`, :exc:`RoomEnded`, or :exc:`Unavailable` until it is loaded again."""
        if code in self._lost:
            raise Unavailable("The server cannot read this room at the moment. Try again in a moment.")
        if code in self._rooms:
            return self._rooms[code]
        if code in self._titles:
            raise RoomEnded("This room has ended. Ask for the code of a new one.")
        raise NotFound("There is no room with that code. Look at the code again.")

    def rooms(self) -> list[Room]:
        """The open rooms in the order in which they were opened."""
        return [room for code, room in self._rooms.items() if code not in self._lost]

    def newest(self, title: str | None = None) -> Room | None:
        """The room that was opened last and is still open, whatever the clock said; of that title if one is named."""
        newest_first = (room for code, room in reversed(self._rooms.items()) if code not in self._lost)
        return next((room for room in newest_first if title is None or room.title == title), None)

    def title(self, code: str) -> str:
        """The title of an open or ended room; raises :exc:`NotFound`."""
        if code not in self._titles:
            raise NotFound("There is no room with that code. Look at the code again.")
        return self._titles[code]

    async def questions(self, code: str) -> list[Question]:
        """The questions of an open or ended room, in order; raises :exc:`NotFound`."""
        try:
            return list(self.room(code).questions.values())
        except RoomEnded:
            with _reading():
                return await self._journal.questions(code)

    async def stream_answers(self, code: str) -> AsyncGenerator[list[AnswerRow], None]:
        """The committed answers of an open or ended room, by question, round and participant, in short lists."""
        self.title(code)
        with _reading():
            async with aclosing(self._journal.answers(code)) as lists:
                async for rows in lists:
                    yield rows

    async def answers(self, code: str) -> list[AnswerRow]:
        """The same in one list."""
        async with aclosing(self.stream_answers(code)) as lists:
            return [row async for rows in lists for row in rows]

    async def backup(self, path: Path) -> None:
        """Copy everything that is committed into ``path``, a new file, while votes go on."""
        with _reading():
            await self._journal.backup(path)

    # ------------------------------------------------------------ deciding

    @property
    def is_busy(self) -> bool:
        """Whether a command waits for its commit."""
        return self._writing is not None

    def submit(self, code: str, command: Command, now: float, done: Done) -> None:
        """Decide at once, commit with the next batch, then call ``done``; never before this has returned."""
        is_vote = isinstance(command, CastVote)
        try:
            room = self.room(code)
            decision = room.decide(command, now)
        except Refusal as refusal:
            self._wait(Waiting(None, _NOTHING, refusal, done, is_vote))
            return
        if decision.changes:
            self._gathered.changes.setdefault(code, []).extend(decision.changes)
        if decision.effects and not is_vote:
            self._gathered.touched[code] = room
        self._wait(Waiting(room, decision, None, done, is_vote))

    def _wait(self, waiting: Waiting) -> None:
        self._gathered.waiting.append(waiting)
        self._start_writing()

    def _try_again(self) -> None:
        self._gathered.is_try = True
        self._start_writing()

    # ------------------------------------------------------------ committing

    def _start_writing(self) -> None:
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        """Commit batch after batch until nothing waits."""
        try:
            while self._gathered.waiting or self._gathered.is_try:
                await self._gather()
                await self._rewrite()
                await self._load_lost()
                gathered, self._gathered = self._gathered, Gathered()
                await self._commit(gathered)
        finally:
            self._writing = None

    async def _gather(self) -> None:
        """Let a rush of votes go on for some turns of the loop; a vote alone waits for nothing, nor does an event."""
        before, until = 0, monotonic() + LONGEST
        while before + RUSH <= len(self._gathered.waiting) < ENOUGH and not self._gathered.touched:
            if monotonic() >= until:
                return
            before = len(self._gathered.waiting)
            await asyncio.sleep(0)

    async def _commit(self, gathered: Gathered) -> None:
        if not gathered.is_written:
            self._settle(gathered)
            return
        self._trouble.begins()
        try:
            await self._journal.commit(gathered.batch())
        except Exception as error:  # noqa: BLE001 - whatever stopped the commit, nothing of it may be acknowledged
            await self._fail(gathered, error)
        else:
            self._settle(gathered)
            self._trouble.works(is_idle=not self._gathered.waiting, is_whole=not self._lost)

    def _settle(self, gathered: Gathered) -> None:
        last: tuple[Room | None, tuple[Effect, ...]] = None, ()
        for waiting in gathered.waiting:
            outcome = waiting.settle()
            if waiting.room and outcome.effects and (waiting.room, outcome.effects) != last:
                last = waiting.room, outcome.effects
                self._carry_out(waiting.room, outcome.effects)
            self._tell(waiting.done, outcome)
        for code, room in gathered.touched.items():
            if room.ended_at is not None:
                self._rooms.pop(code, None)

    async def _fail(self, gathered: Gathered, error: Exception) -> None:
        """Refuse the batch and all that was decided on top of it, and take its rooms back to what is settled."""
        self._trouble.fails(error)
        advice = self._trouble.sentence or ADVICE
        late, self._gathered = self._gathered, Gathered()
        for failed in (gathered, late):
            self._take_back(failed)
        if isinstance(error, CommittedLost):
            self._must_rewrite = True
            await self._rewrite()
        elif isinstance(error, ForeignWrite):
            self._lost |= self._rooms.keys()
            await self._load_lost()
        elif isinstance(error, CommitInDoubt) or not isinstance(error, JournalError):
            self._lost |= gathered.codes
            await self._load_lost()
        for waiting in gathered.waiting + late.waiting:
            self._tell(waiting.done, waiting.refuse(advice))

    def _take_back(self, failed: Gathered) -> None:
        for code in failed.codes & self._rooms.keys():
            self._rooms[code].take_back(failed.changes.get(code, ()))

    async def _rewrite(self) -> None:
        """Put the open rooms, as they are settled, on the disk again after something there was lost."""
        if not self._must_rewrite:
            return
        # What is not known to be settled is read afterwards, from what is left.
        rooms = {code: whole(room) for code, room in self._rooms.items() if code not in self._lost}
        try:
            await self._journal.rewrite(rooms)
        except Exception as error:  # noqa: BLE001 - logged; the next command, or a second, tries again
            self._trouble.fails(error)
            return
        self._must_rewrite = False
        _log.warning("The open rooms were written again: %d.", len(rooms))

    async def _load_lost(self) -> None:
        """Read the rooms again of which it is not known what the journal holds."""
        for code in sorted(self._lost):
            try:
                room = await self._journal.room(code)
            except Exception as error:  # noqa: BLE001 - logged; the next command, or a second, tries again
                self._trouble.fails(error)
                return
            self._lost.discard(code)
            self._take_up(code, room)

    def _take_up(self, code: str, room: Room | None) -> None:
        """Keep the object that readers hold if the journal holds just that; else the room has a new history."""
        held = self._rooms.get(code)
        if room is None:
            self._titles.pop(code, None)
            self._rooms.pop(code, None)
        elif held is None or msgspec.structs.replace(held, replay=room.replay) != room:
            self._rooms[code] = room
            if room.ended_at is None:
                room.epoch = self._new_epoch()
                self._carry_out(room, ())
            else:
                self._carry_out(room, (RoomOver(),))
                del self._rooms[code]

    def _carry_out(self, room: Room, effects: tuple[Effect, ...]) -> None:
        self._tell(partial(self._follow, room.code), effects)

    def _tell(self, done: Callable[[_T], None], what: _T) -> None:
        try:
            done(what)
        except Exception:  # noqa: BLE001 - one caller's mistake must not cost the others their answer
            _log.exception("What follows from a committed command failed; the command itself holds.")
