"""The store that forgets: everything in this process's memory, nothing on disk. For tests and for trying things out."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator
from pathlib import Path

from msgspec import Struct, field

from ..core.effects import QuestionChanged
from ..core.errors import NotFound
from ..core.questions import Question
from ..core.room import Room
from .base import AnswerRow
from .journal import ROWS_AT_ONCE, Batch, Head, Held, Vote, Writes
from .local import LocalStore
from .restoring import restore


class _Kept(Struct):
    """What was committed of one room; votes by their numbers."""

    head: Head
    questions: dict[str, QuestionChanged] = field(default_factory=dict)
    votes: dict[int, Vote] = field(default_factory=dict)


class MemoryJournal:
    """A journal in dictionaries."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._secret = secrets.token_bytes(32)

    async def open(self) -> Held:
        """What an earlier store left in this very journal."""
        ended = {code: kept.head.title for code, kept in self._kept.items() if kept.head.ended_at is not None}
        rooms = [_room(kept) for code, kept in self._kept.items() if code not in ended]
        return Held(rooms, ended)

    async def close(self) -> None:
        """There is nothing to let go of."""

    def give_up(self) -> None:
        """There is nothing to let go of."""

    async def secret(self) -> bytes:
        """The key that was made when the journal was."""
        return self._secret

    async def commit(self, batch: Batch) -> None:
        """Keep the batch."""
        for code, writes in batch.items():
            self._keep(code, writes)

    def _keep(self, code: str, writes: Writes) -> None:
        if writes.head is not None:
            self._kept.setdefault(code, _Kept(writes.head)).head = writes.head
        kept = self._kept[code]
        for question_id in writes.deleted:
            kept.questions.pop(question_id, None)
        kept.questions.update(writes.questions)
        kept.votes.update(writes.votes)
        for number in writes.forgotten:
            del kept.votes[number]

    async def room(self, code: str) -> Room | None:
        """The room as last committed, None if it never was."""
        return _room(self._kept[code]) if code in self._kept else None

    async def rewrite(self, batch: Batch) -> None:
        """Memory loses nothing; what is given takes the place of what is there."""
        for code, writes in batch.items():
            self._kept.pop(code, None)
            self._keep(code, writes)

    async def questions(self, code: str) -> list[Question]:
        """The committed questions of the room, in order."""
        changed = sorted(self._kept[code].questions.values(), key=lambda changed: changed.place)
        return [each.question for each in changed]

    async def backup(self, path: Path) -> None:
        """There is no file."""
        raise NotFound(f"This server keeps its rooms in memory alone, so nothing can be copied to {path}.")

    async def answers(self, code: str) -> AsyncGenerator[list[AnswerRow], None]:
        """The committed answers that were not withdrawn, by question, round and participant."""
        kept = self._kept[code]

        def order(vote: Vote) -> tuple[int, int, str]:
            return kept.questions[vote.question_id].place, vote.round, vote.participant

        present = {order(vote): vote for vote in kept.votes.values()}
        rows = [_row(present[place]) for place in sorted(present) if present[place].answer is not None]
        for start in range(0, len(rows), ROWS_AT_ONCE):
            yield rows[start : start + ROWS_AT_ONCE]


class MemoryStore(LocalStore):
    """A store that ends with its process."""

    def __init__(self) -> None:
        super().__init__(MemoryJournal())


def _room(kept: _Kept) -> Room:
    return restore(kept.head, kept.questions.values(), kept.votes.values())


def _row(vote: Vote) -> AnswerRow:
    return AnswerRow(
        participant=vote.participant,
        questionId=vote.question_id,
        round=vote.round,
        answer=vote.answer,
        rev=vote.rev,
        at=vote.at,
    )
