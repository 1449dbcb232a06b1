"""What the engine in ``local`` writes down.

A journal makes one batch after another durable, whole or not at all. It decides nothing and knows no rule of a room;
``restoring`` makes a room of what it has written.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from pathlib import Path
from typing import Any, Final, Protocol

from msgspec import Struct, field

from ..core.effects import AnswerChanged, Change, QuestionChanged, QuestionDeleted
from ..core.questions import Question
from ..core.room import Room
from .base import AnswerRow


class Head(Struct, frozen=True, kw_only=True):
    """What a room is beside its questions and answers; times in seconds since the epoch."""

    code: str
    title: str
    epoch: str
    seq: int
    created_at: float
    ended_at: float | None


class Vote(Struct, frozen=True, array_like=True, gc=False):
    """One accepted act of voting as it is kept: who did what where, and when (``at``, seconds since the epoch).

    ``number`` orders the votes of a room; ``answer`` is None, and ``keys`` is empty, where it withdrew.
    """

    number: int
    question_id: str
    round: int
    participant: str
    op: str
    rev: int
    answer: Any
    keys: tuple[str, ...]
    at: float


class Writes(Struct):
    """What one commit holds of one room; of a question only its last state counts.

    ``deleted`` are ids of questions; one that is in ``questions`` too was there before and is there again.
    ``votes`` stand by their numbers, in order; ``forgotten`` are numbers of votes that need be kept no more.
    """

    head: Head | None = None
    questions: dict[str, QuestionChanged] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    votes: dict[int, Vote] = field(default_factory=dict)
    forgotten: list[int] = field(default_factory=list)

    def add(self, changes: Iterable[Change]) -> None:
        """Put ``changes`` in, in the order they were decided."""
        for change in changes:
            if isinstance(change, AnswerChanged):
                self.votes[change.answer.act.number] = _vote(change)
                if change.forgotten is not None:
                    self.forgotten.append(change.forgotten.number)
            elif isinstance(change, QuestionDeleted):
                self.questions.pop(change.question_id, None)
                self.deleted.add(change.question_id)
            else:
                self.questions[change.question.id] = change


def _vote(changed: AnswerChanged) -> Vote:
    answer, act = changed.answer, changed.answer.act
    return Vote(
        act.number, changed.question_id, changed.round, changed.participant, act.op, act.rev, act.answer, answer.keys,
        answer.at,
    )  # fmt: skip


Batch = dict[str, Writes]
"""Writes by the room's code."""

ROWS_AT_ONCE: Final = 200
"""Answers that are read and encoded in one go. Votes wait for each: 200 take less than a millisecond."""


class Held(Struct):
    """What a journal has at its opening: the open rooms, oldest first, and codes and titles of those that ended."""

    rooms: list[Room]
    ended: dict[str, str]


ADVICE = (
    "No vote can be stored, so none is counted. Phones send theirs again by themselves; the server's log says more."
)
"""What an instructor is told where the journal knows no better."""


class JournalError(Exception):
    """Nothing of a batch was committed, or nothing can be read.

    Its text is for the log, ``advice`` for the instructor.
    """

    def __init__(self, text: str = "", advice: str = ADVICE) -> None:
        super().__init__(text)
        self.advice = advice


class CommitInDoubt(JournalError):
    """Whether the batch was committed is not known: its rooms have to be read again."""


class CommittedLost(JournalError):
    """What was committed earlier may be gone from the disk: :meth:`Journal.rewrite` has to put it there again."""


class ForeignWrite(JournalError):
    """Another program has changed what is stored: every room has to be read again."""


class Journal(Protocol):
    """Keeps what was decided. Called on the event loop's thread, one call at a time but for ``answers``."""

    async def open(self) -> Held:
        """Load what is there; raises :exc:`BadSetting` for a place or a file that cannot be used."""

    async def close(self) -> None:
        """Let go of the file."""

    def give_up(self) -> None:
        """Let go of the file once what hangs has ended; waits for nothing, and keeps no process from its end."""

    async def secret(self) -> bytes:
        """The key that was made when the journal was."""

    async def commit(self, batch: Batch) -> None:
        """Make ``batch`` durable as a whole before returning; an empty one only tries whether that can be done.

        Raises :exc:`JournalError` if nothing of it was committed, :exc:`CommitInDoubt` if that is not known.
        """

    async def room(self, code: str) -> Room | None:
        """The room as last committed, None if it never was; raises :exc:`JournalError`."""

    async def rewrite(self, batch: Batch) -> None:
        """Put whole rooms in place of what is stored of them; the rest stays as it is found. See ``CommittedLost``."""

    async def questions(self, code: str) -> list[Question]:
        """The committed questions of the room, in order; raises :exc:`JournalError`."""

    def answers(self, code: str) -> AsyncGenerator[list[AnswerRow], None]:
        """The committed answers but the withdrawn, by question, round and participant; raises :exc:`JournalError`.

        They come in lists of at most :data:`ROWS_AT_ONCE`, all as they were when the first list was asked for. The
        caller closes the iterator (``aclose``).
        """

    async def backup(self, path: Path) -> None:
        """Write all that is committed into ``path``, a new file; raises :exc:`JournalError` and :exc:`Refusal`."""


def head_of(room: Room) -> Head:
    """The room's head as it was decided."""
    return Head(
        code=room.code,
        title=room.title,
        epoch=room.epoch,
        seq=room.ahead.seq,
        created_at=room.created_at,
        ended_at=room.ahead.ended_at,
    )
