"""A room with everything around it but sockets: store, hub, bundles and peers are the real ones, the disk waits.

A command is handed in; the disk then keeps, loses or half-loses its batch when it is told to, or the whole server dies.
Each outcome, and each frame that it makes the server write, is compared with the model at once.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any, Literal, NamedTuple, TypeVar

from asking import CODE, NOW
from hall import SECONDS, FakeClock
from room_clients import Phone, Watcher
from room_frames import Eye
from room_model import Expected, Model, expected

from livepoll_jupyter.core.commands import CastVote, Command
from livepoll_jupyter.core.effects import Announce
from livepoll_jupyter.core.messages import Vote
from livepoll_jupyter.core.room import Room
from livepoll_jupyter.server.acks import Acknowledgement
from livepoll_jupyter.server.hub import Hub
from livepoll_jupyter.server.rates import Gate, Rates
from livepoll_jupyter.storage import sqlite_schema, sqlite_tables
from livepoll_jupyter.storage.base import AnswerRow, Outcome
from livepoll_jupyter.storage.journal import Batch, CommitInDoubt, Held, Journal, JournalError
from livepoll_jupyter.storage.local import LocalStore
from livepoll_jupyter.storage.memory import MemoryJournal
from livepoll_jupyter.storage.sqlite_reads import Snapshot

T = TypeVar("T")
Verdict = Literal["kept", "lost", "kept in doubt", "lost in doubt"]

MARKER = CastVote("nobody", "nowhere", 1, "a", "marker", 1)
"""A command that can only be refused: when it is answered, all before it is done with."""


class TablesJournal(MemoryJournal):
    """The real tables, in memory and in this thread."""

    def __init__(self) -> None:
        super().__init__()
        self._file = sqlite3.connect(":memory:", isolation_level=None)
        sqlite_schema.make_tables(self._file)

    async def open(self) -> Held:
        """Load the open rooms."""
        return sqlite_tables.held(self._file)

    async def commit(self, batch: Batch) -> None:
        """Write the batch in one transaction."""
        sqlite_tables.save(self._file, batch)

    async def room(self, code: str) -> Room | None:
        """Load one room."""
        return sqlite_tables.room(self._file, code)

    async def answers(self, code: str) -> AsyncGenerator[list[AnswerRow], None]:
        """Read the rows."""
        snapshot = Snapshot(self._file, code)
        while rows := snapshot.next():
            yield rows
        snapshot.drop()

    async def close(self) -> None:
        """Let go of the tables."""
        self._file.close()


class HeldJournal:
    """A journal whose every commit waits for its verdict; ``begins`` is called as one starts to wait."""

    def __init__(self, inner: Journal, begins: Callable[[], None]) -> None:
        self._inner = inner
        self._begins = begins
        self._batch: Batch = {}
        self._verdict: asyncio.Future[Verdict] | None = None
        self.open, self.close, self.secret = inner.open, inner.close, inner.secret
        self.room, self.answers = inner.room, inner.answers
        self.questions, self.rewrite, self.backup = inner.questions, inner.rewrite, inner.backup

    @property
    def is_waiting(self) -> bool:
        """Whether a batch waits."""
        return self._verdict is not None

    def give_up(self) -> None:
        """Nothing hangs."""

    async def commit(self, batch: Batch) -> None:
        """Wait, then do as told."""
        self._batch, self._verdict = batch, asyncio.get_running_loop().create_future()
        self._begins()
        verdict = await self._verdict
        if verdict in {"kept", "kept in doubt"}:
            await self._inner.commit(batch)
        if verdict == "lost":
            raise JournalError("the disk is full")
        if verdict != "kept":
            raise CommitInDoubt("nobody knows")

    def judge(self, verdict: Verdict) -> None:
        """Tell the disk what becomes of the batch that waits."""
        assert self._verdict is not None
        self._verdict.set_result(verdict)
        self._verdict = None

    async def die(self, *, is_kept: bool) -> None:
        """The machine stops; the batch that waits has or has not reached the disk."""
        if self._verdict is not None and is_kept:
            await self._inner.commit(self._batch)
        self._verdict = None


class Pending(NamedTuple):
    """A command that was handed in, and what must become of it."""

    command: Command
    expected: Expected


class World:
    """The room, its model as it was ``decided`` and as it is ``settled``, and everybody who watches."""

    def __init__(self, inner: Journal, watchers: list[Watcher]) -> None:
        self.watchers = watchers
        self.decided = self.settled = Model()
        self.rejected: list[str] = []
        self._in_flight = Model()
        self._pending: deque[Pending] = deque()
        self._is_failing = False
        self._moved = asyncio.Event()
        self._wrong: list[BaseException] = []
        self._eyes: dict[Watcher, Eye] = {}
        self._loop = asyncio.new_event_loop()
        self._inner = inner
        self._log = logging.getLogger("livepoll_jupyter")
        self._complaints = Complaints(self._wrong)
        self._log.addHandler(self._complaints)
        self._log.propagate = False
        self.clock = FakeClock()
        self._run(self._start(is_new=True))

    @property
    def room(self) -> Room:
        """The room as its peers' server reads it."""
        return self.hub.live(CODE).room

    @property
    def has_pending(self) -> bool:
        """Whether the disk has something to decide."""
        return self.journal.is_waiting

    def close(self) -> None:
        """Leave nothing behind."""
        self._loop.run_until_complete(self._stop())
        self._loop.run_until_complete(self._inner.close())
        self._loop.close()
        self._log.removeHandler(self._complaints)
        self._log.propagate = True

    # ------------------------------------------------------------ what may happen

    def submit(self, command: Command) -> None:
        """An instructor's command."""
        self._run(self._submit(command, lambda _: None))

    def vote(self, phone: Phone, vote: Vote) -> None:
        """A vote over a phone's connection."""
        data = vote.data
        phone.votes[data.op] = vote
        assert phone.peer is not None
        command = CastVote(str(phone.participant), data.questionId, data.round, data.answer, data.op, data.rev)
        allowance = Gate(Rates()).allowance("phone", 0.0)
        self._run(self._submit(command, Acknowledgement(phone.peer, self.hub.live(CODE), data, allowance)))

    def judge(self, verdict: Verdict) -> None:
        """The disk does, or does not, what it was asked; on a failure, all that was decided since is lost."""
        self._run(self._judge(verdict))

    def commit_all(self) -> None:
        """The disk keeps all that there is."""
        while self.journal.is_waiting:
            self.judge("kept")

    def pass_time(self, seconds: float) -> None:
        """Timers ring."""

        async def advance() -> None:
            self.clock.advance(seconds)

        self._run(advance())

    def come(self, watcher: Watcher) -> None:
        """A client opens a socket."""

        async def enter() -> None:
            watcher.come(self.hub.live(CODE))
            self._eyes[watcher] = Eye(watcher, self._ids)

        watcher.lose(0)
        self._run(enter())

    def do(self, act: Callable[[], None]) -> None:
        """Something at a client's end."""

        async def run() -> None:
            act()

        self._run(run())

    def crash(self, *, is_kept: bool, heard: int) -> None:
        """The machine dies, and another server takes up what the disk holds."""
        if self.journal.is_waiting and is_kept:
            self.settled = self._in_flight
        self.decided = self.settled
        self._pending.clear()
        self._loop.run_until_complete(self.journal.die(is_kept=is_kept))
        self._loop.run_until_complete(self._stop())
        for watcher in self.watchers:
            watcher.lose(heard)
        self._run(self._start(is_new=False))

    def rows(self) -> list[AnswerRow]:
        """The answers as the disk holds them."""
        return self._run(self.store.answers(CODE))

    # ------------------------------------------------------------ running

    def _run(self, act: Coroutine[Any, Any, T]) -> T:
        result = self._loop.run_until_complete(self._until_still(act))
        if self._wrong:
            raise self._wrong[0]
        return result

    async def _until_still(self, act: Coroutine[Any, Any, T]) -> T:
        """Carry it out, and return when every command is answered or waits for the disk."""
        result = await act
        async with asyncio.timeout(SECONDS):
            while self._pending and not self.journal.is_waiting and not self._wrong:
                self._moved.clear()
                await self._moved.wait()
        self._look()
        for watcher in self.watchers:
            if not watcher.lags:
                watcher.read()
        return result

    async def _start(self, *, is_new: bool) -> None:
        self.journal = HeldJournal(self._inner, self._begins)
        now = self.clock.now
        self.clock = FakeClock()
        self.clock.now = now
        clock = self.clock
        self.store = LocalStore(
            self.journal, after=lambda seconds, ring: clock.call_at(clock.monotonic() + seconds, ring)
        )
        await self.store.open()
        if is_new:
            opening = asyncio.ensure_future(self.store.open_room(CODE, "Statistics 101", "epoch-1", NOW))
            await self._moved.wait()
            self.journal.judge("kept")
            await opening
        self.hub = Hub(self.store, clock)

    async def _stop(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _submit(self, command: Command, acknowledge: Callable[[Outcome], None]) -> None:
        wanted = expected(self.decided, command)
        self.decided = wanted.model
        self._pending.append(Pending(command, wanted))

        def done(outcome: Outcome) -> None:
            acknowledge(outcome)
            self._told(outcome)

        self.hub.submit(CODE, command, done)

    async def _judge(self, verdict: Verdict) -> None:
        if not self._pending:
            await self._submit(MARKER, lambda _: None)
        self._is_failing = verdict != "kept"
        if verdict == "kept in doubt":
            self.settled = self._in_flight
        if self._is_failing:
            self.decided = self.settled
        self.journal.judge(verdict)
        if self._is_failing:
            await self._until_all_told()
            self._is_failing = False

    async def _until_all_told(self) -> None:
        async with asyncio.timeout(SECONDS):
            while self._pending and not self._wrong:
                self._moved.clear()
                await self._moved.wait()

    def _begins(self) -> None:
        self._in_flight = self.decided
        self._moved.set()

    # ------------------------------------------------------------ comparing

    @property
    def _ids(self) -> set[str]:
        return {watcher.participant for watcher in self.watchers if watcher.participant is not None}

    def _told(self, outcome: Outcome) -> None:
        command, wanted = self._pending.popleft()
        self._moved.set()
        if self._is_failing:
            assert (outcome.refusal and outcome.refusal.code, outcome.effects) == ("unavailable", ())
            return
        assert (outcome.refusal.code if outcome.refusal else None) == wanted.refusal, (command, outcome)
        assert outcome.act == wanted.act, (command, outcome)
        announced = [effect.event for effect in outcome.effects if isinstance(effect, Announce)]
        first = self.settled.seq + 1
        assert [event.seq for event in announced] == list(range(first, first + len(wanted.events)))
        assert [_name(event) for event in announced] == list(wanted.events)
        self.settled = wanted.model
        self._look(_locked(wanted, self.settled))

    def _look(self, locked: str | None = None) -> None:
        for watcher, eye in self._eyes.items():
            events = eye.look(self.settled)
            if locked is not None and watcher.peer is not None and not watcher.line.is_stuck:
                self._check_final(watcher, events, locked)

    def _check_final(self, watcher: Watcher, events: list[dict[str, Any]], name: str) -> None:
        """Whoever may see the results is sent the final ones with the lock, not two seconds later."""
        if watcher.identity.is_staff or self.settled.questions[name].is_shown:
            told = [event["data"] for event in events if event["event"] == "results-update"]
            assert [results["questionId"] for results in told if results.get("final")] == [name], (watcher, events)


class Complaints(logging.Handler):
    """What a callback's mistake ends as: the engine logs it, so that it costs the others nothing."""

    def __init__(self, wrong: list[BaseException]) -> None:
        super().__init__(logging.ERROR)
        self._wrong = wrong

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the exception, unless it is the disk's."""
        if record.exc_info and record.exc_info[1] and not isinstance(record.exc_info[1], JournalError):
            self._wrong.append(record.exc_info[1])


def _name(event: Any) -> tuple[str, str]:
    tag = str(event.__struct_config__.tag)
    return tag, event.data.id if tag == "new-question" else event.data.questionId


def _locked(wanted: Expected, model: Model) -> str | None:
    """The question that this command locked for good or for now."""
    locks = (name for event, name in wanted.events if event == "lock-status")
    return next((name for name in locks if model.questions[name].is_locked), None)
