"""What the engine in ``local`` writes down, and how a room comes back from it.

A journal makes one batch after another durable, whole or not at all. It decides nothing and knows no rule of a room
but how to rebuild one: settled votes are counted again from the answers, so a tally is never stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from msgspec import Struct, field

from ..core.effects import AnswerChanged, Change, QuestionChanged
from ..core.room import Ahead, Room
from ..core.votes import Round
from .base import AnswerRow


class Head(Struct, frozen=True, kw_only=True):
    """What a room is beside its questions and answers; times in seconds since the epoch."""

    code: str
    title: str
    epoch: str
    seq: int
    created_at: float
    ended_at: float | None


class Writes(Struct):
    """What one commit holds of one room; of a question only its last state counts."""

    head: Head | None = None
    questions: dict[str, QuestionChanged] = field(default_factory=dict)
    answers: list[AnswerChanged] = field(default_factory=list)

    def add(self, changes: Iterable[Change]) -> None:
        """Put ``changes`` in, in the order they were decided."""
        for change in changes:
            if isinstance(change, AnswerChanged):
                self.answers.append(change)
            else:
                self.questions[change.question.id] = change


Batch = dict[str, Writes]
"""Writes by the room's code."""


class Held(Struct):
    """What a journal has at its opening: the open rooms, oldest first, and the codes of those that ended."""

    rooms: list[Room]
    ended: set[str]


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

    async def answers(self, code: str) -> list[AnswerRow]:
        """The committed answers but the withdrawn, by question, round and participant; raises :exc:`JournalError`."""


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


def restore(head: Head, questions: Iterable[QuestionChanged], answers: Iterable[AnswerChanged]) -> Room:
    """The room as it was when these were committed; ``answers`` holds one per question, round and participant."""
    room = Room(
        code=head.code,
        title=head.title,
        epoch=head.epoch,
        seq=head.seq,
        created_at=head.created_at,
        ended_at=head.ended_at,
        ahead=Ahead(seq=head.seq, ended_at=head.ended_at),
    )
    for changed in sorted(questions, key=lambda changed: changed.place):
        _restore_question(room, changed)
    for answer in answers:
        _restore_answer(room, answer)
    room.rev = room.ahead.rev
    return room


def _restore_question(room: Room, changed: QuestionChanged) -> None:
    question = changed.question
    room.questions[question.id] = room.ahead.questions[question.id] = question
    for number in range(1, question.round + 1):
        room.rounds[question.id, number] = Round()


def _restore_answer(room: Room, changed: AnswerChanged) -> None:
    held = room.rounds[changed.question_id, changed.round]
    held.decided[changed.participant] = held.answers[changed.participant] = changed.answer
    held.counter.update(changed.answer.keys)
    held.participants += int(changed.answer.is_given)
    room.ahead.rev = max(room.ahead.rev, changed.rev)
