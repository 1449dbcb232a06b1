"""What can be asked of a room. Ids are made by the caller, so that the rules need no randomness."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from .questions import Question


class AddQuestion(Struct, frozen=True):
    """Put a question (see ``drafts.draft``) at the end of the room's list, and ask it if ``publish``."""

    question: Question
    publish: bool = False


class EditDraft(Struct, frozen=True):
    """Put ``question`` in the place of the draft that has its id."""

    question: Question


class DeleteDraft(Struct, frozen=True):
    """Delete a question that was never asked."""

    question_id: str


class Publish(Struct, frozen=True):
    """Ask a draft, or a closed question for another round; the active question is closed."""

    question_id: str


class SetLock(Struct, frozen=True):
    """Stop or take up taking votes for the active question."""

    question_id: str
    is_locked: bool


class Reveal(Struct, frozen=True):
    """Lock, and show the right answer and the results."""

    question_id: str


class Close(Struct, frozen=True):
    """Lock, and end the question."""

    question_id: str


class CastVote(Struct, frozen=True, gc=False):
    """One act of voting, by somebody whose identity the server has checked; an ``answer`` of None withdraws."""

    participant: str
    question_id: str
    round: int
    answer: Any
    op: str
    rev: int


class EndRoom(Struct, frozen=True):
    """End the room for good; its answers stay."""


Command = CastVote | AddQuestion | EditDraft | DeleteDraft | Publish | SetLock | Reveal | Close | EndRoom
