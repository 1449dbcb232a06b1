"""What follows from a command: changes, which a store makes durable, and then effects, which a hub carries out."""

from __future__ import annotations

from msgspec import Struct

from .messages import ControlEvent
from .questions import Question
from .votes import Act, Answer


class QuestionChanged(Struct, frozen=True):
    """The question as it now is; ``place`` puts the room's questions in order, with gaps."""

    question: Question
    place: int


class QuestionDeleted(Struct, frozen=True):
    """The question, a draft, is no longer there."""

    question_id: str


class AnswerChanged(Struct, frozen=True, gc=False):
    """A participant's answer in a round as it now is; ``forgotten`` is the act that is remembered no more."""

    question_id: str
    round: int
    participant: str
    answer: Answer
    forgotten: Act | None = None


Change = QuestionChanged | QuestionDeleted | AnswerChanged


class Announce(Struct, frozen=True):
    """Send a control event to everybody at once."""

    event: ControlEvent


class Voted(Struct, frozen=True, gc=False):
    """A vote was accepted; results are bundled, if it ``changes_results``. Two in a row say no more than one."""

    question_id: str
    round: int
    changes_results: bool


class FinalResults(Struct, frozen=True):
    """Send the round's results at once, as final."""

    question_id: str
    round: int


class QuestionsChanged(Struct, frozen=True):
    """Tell the instructor and observers to look at the list of questions again."""


class RoomOver(Struct, frozen=True):
    """Close every socket of the room."""


Effect = Announce | Voted | FinalResults | QuestionsChanged | RoomOver


class Decision(Struct, frozen=True, gc=False):
    """What a command led to: no changes and no effects if it changed nothing.

    ``act`` is the accepted act of a vote, of a repeated one as it was accepted the first time.
    """

    changes: tuple[Change, ...]
    effects: tuple[Effect, ...]
    act: Act | None = None

    def __add__(self, later: Decision) -> Decision:
        return Decision(self.changes + later.changes, self.effects + later.effects, later.act or self.act)
