"""What follows from a command: changes, which a store makes durable, and then effects, which a hub carries out."""

from __future__ import annotations

from msgspec import Struct

from .messages import ControlEvent
from .questions import Question
from .votes import Act, Answer


class QuestionChanged(Struct, frozen=True):
    """The question as it now is; ``place`` counts the room's questions from 1."""

    question: Question
    place: int


class AnswerChanged(Struct, frozen=True, array_like=True, gc=False):
    """A participant's answer in a round as it now is; ``rev`` numbers the room's votes."""

    question_id: str
    round: int
    participant: str
    answer: Answer
    rev: int


Change = QuestionChanged | AnswerChanged


class Announce(Struct, frozen=True):
    """Send a control event to everybody at once."""

    event: ControlEvent


class TallyChanged(Struct, frozen=True, gc=False):
    """A vote took these keys out of the round's counter and put those in; results are bundled.

    ``participants`` is by how many the number of participants with an answer grew: 1, 0, or -1 for a withdrawal.
    """

    question_id: str
    round: int
    taken: tuple[str, ...]
    put: tuple[str, ...]
    participants: int
    rev: int

    @property
    def changes_results(self) -> bool:
        """Whether anybody could see a difference."""
        return bool(self.participants) or self.taken != self.put


class FinalResults(Struct, frozen=True):
    """Send the round's results at once, as final."""

    question_id: str
    round: int


class QuestionsChanged(Struct, frozen=True):
    """Tell the instructor and observers to look at the list of questions again."""


class RoomOver(Struct, frozen=True):
    """Close every socket of the room."""


Effect = Announce | TallyChanged | FinalResults | QuestionsChanged | RoomOver


class Decision(Struct, frozen=True, gc=False):
    """What a command led to: no changes and no effects if it changed nothing.

    ``act`` is the accepted act of a vote, of a repeated one as it was accepted the first time.
    """

    changes: tuple[Change, ...]
    effects: tuple[Effect, ...]
    act: Act | None = None

    def __add__(self, later: Decision) -> Decision:
        return Decision(self.changes + later.changes, self.effects + later.effects, later.act or self.act)
