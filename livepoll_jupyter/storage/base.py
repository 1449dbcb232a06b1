"""The contract that every store keeps. The store decides: it is the one place where vote meets lock.

``submit`` hands a command to the store. The store decides it by the rules of ``core.room``, commits what
changed and only then calls ``done``, in the order of the commits. A refusal is delivered the same way,
and not before every earlier command of that room is settled. Nothing here knows sockets or HTTP.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any, Protocol

from msgspec import Struct

from ..core.commands import Command
from ..core.effects import Effect
from ..core.errors import Refusal
from ..core.questions import Question
from ..core.room import Room
from ..core.votes import Act

Done = Callable[["Outcome"], None]

Follow = Callable[[str, tuple[Effect, ...]], None]
"""Carries out what follows from a settled command in the room of that code."""


# Known to the garbage collector: whoever raises the refusal is in its traceback, and may hold this outcome.
class Outcome(Struct, frozen=True):
    """What became of a command: its effects, settled and durable, or the refusal.

    ``act`` is the accepted act of a vote. The same ``op``, sent again, has the same act and no effects.
    """

    effects: tuple[Effect, ...]
    refusal: Refusal | None = None
    act: Act | None = None


class AnswerRow(Struct, frozen=True, kw_only=True):
    """One participant's present answer in one round, in normal form; ``at`` in seconds since the epoch.

    There is none for an answer that was withdrawn.
    """

    participant: str
    questionId: str
    round: int
    answer: Any
    rev: int
    at: float


class Store(Protocol):
    """Keeps rooms. All methods are called on the event loop's thread."""

    async def open(self) -> None:
        """Load what is there; raises :exc:`BadSetting` for a place or a file that cannot be used."""

    async def close(self) -> None:
        """Commit what was submitted, then let go of the file.

        May be cancelled where the disk takes too long: what is not committed by then is told to nobody, and neither
        the loop nor the process waits for it.
        """

    @property
    def trouble(self) -> str | None:
        """Why commands cannot be stored now, and what to do, in a sentence for the instructor; None while they can."""

    def on_trouble(self, callback: Callable[[], None]) -> None:
        """Call back whenever :attr:`trouble` has changed. It ends by itself when a commit works again."""

    def on_effects(self, follow: Follow) -> None:
        """Call ``follow`` for each settled command that has effects, just before its ``done``.

        Of commands in a row with equal effects, as a rush of votes is, only for the first. A room that had to be
        loaded anew, and has another history since, is told with no effects.
        """

    async def settled(self) -> None:
        """Wait until every command that was submitted is settled and told. May be cancelled, which stops no commit."""

    async def secret(self) -> bytes:
        """The key that signs participants' tokens: made once, kept with the rooms."""

    async def open_room(self, code: str, title: str, epoch: str, now: float) -> Room:
        """A new room, durable when this returns; raises :exc:`Conflict` if the code was ever used."""

    def room(self, code: str) -> Room:
        """The open room; raises :exc:`NotFound` for an unknown code and :exc:`RoomEnded` for an old one."""

    def rooms(self) -> list[Room]:
        """The open rooms in the order in which they were opened."""

    def newest(self, title: str | None = None) -> Room | None:
        """The room that was opened last and is still open, of that title if one is named; None if there is none."""

    @property
    def is_busy(self) -> bool:
        """Whether a command waits for its commit."""

    def submit(self, code: str, command: Command, now: float, done: Done) -> None:
        """Decide, commit, then call ``done``. Never raises; the outcome holds the refusal."""

    def title(self, code: str) -> str:
        """The title of an open or ended room; raises :exc:`NotFound`."""

    async def questions(self, code: str) -> list[Question]:
        """The questions of an open or ended room, in order; raises :exc:`NotFound`."""

    def stream_answers(self, code: str) -> AsyncGenerator[list[AnswerRow], None]:
        """The committed answers of an open or ended room, by question, round and participant, in short lists.

        All of them are as they were when the first list was asked for. The caller closes the iterator (``aclose``).
        Raises :exc:`NotFound` and :exc:`Unavailable`, after some lists too.
        """

    async def answers(self, code: str) -> list[AnswerRow]:
        """The same in one list: of a large room, more than a server should hold."""

    async def backup(self, path: Path) -> None:
        """Copy everything that is committed into ``path``, a new file, while votes go on.

        Raises :exc:`Conflict` for a file that is there, :exc:`NotFound` from a store that keeps no file, and
        :exc:`Unavailable`.
        """
