"""What a command does to a room: a new state and effects, or a refusal.

Pure: time comes in as ``now`` (seconds since the epoch), ids come in with the command. A command is
*decided* at once and *settled* when the store has committed it; only then do its effects happen and
only then does its vote count in the tally. If the commit fails, the room is loaded again.
"""

from __future__ import annotations

from collections import Counter, deque
from typing import Any

import msgspec
from msgspec import Struct

from . import messages
from .commands import AddQuestion, CastVote, Close, Command, EndRoom, Publish, Reveal, SetLock
from .effects import (
    Announce,
    AnswerChanged,
    Change,
    Decision,
    Effect,
    FinalResults,
    QuestionChanged,
    QuestionsChanged,
    RoomOver,
    TallyChanged,
)  # fmt: skip
from .errors import (
    AlreadyRevealed,
    BadQuestion,
    NotPublished,
    QuestionClosed,
    QuestionLocked,
    RoomEnded,
    RoundClosed,
    StaleVote,
    UnknownQuestion,
)  # fmt: skip
from .kinds import kind_of
from .messages import ControlEvent, Results
from .questions import Question

REPLAY = 256
"""Control events kept for clients that resume."""


class Answer(Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A participant's present answer in one round, in normal form; ``at`` in seconds since the epoch."""

    answer: Any
    keys: tuple[str, ...]
    op: str
    rev: int
    at: float


class Round(Struct):
    """The votes of one round; all but ``answers`` tells of settled ones only."""

    answers: dict[str, Answer] = msgspec.field(default_factory=dict)
    counter: Counter[str] = msgspec.field(default_factory=Counter)
    participants: int = 0
    is_final: bool = False


class Room(Struct, kw_only=True):
    """A room in memory. ``seq`` counts its control events, ``cast`` its decided and ``rev`` its settled votes."""

    code: str
    title: str
    epoch: str
    created_at: float
    ended_at: float | None = None
    seq: int = 0
    cast: int = 0
    rev: int = 0
    questions: dict[str, Question] = msgspec.field(default_factory=dict)
    rounds: dict[tuple[str, int], Round] = msgspec.field(default_factory=dict)
    replay: deque[ControlEvent] = msgspec.field(default_factory=lambda: deque(maxlen=REPLAY))

    # ------------------------------------------------------------ reading

    @property
    def active(self) -> Question | None:
        """The question that is being asked."""
        return next((question for question in self.questions.values() if question.is_active), None)

    def question(self, question_id: str) -> Question:
        """The question with that id; raises :exc:`UnknownQuestion`."""
        try:
            return self.questions[question_id]
        except KeyError:
            raise UnknownQuestion("There is no such question in this room.") from None

    def results(self, question: Question) -> Results:
        """The settled tally of the question's present round."""
        held = self.rounds.get((question.id, question.round), Round())
        counts = kind_of(question.kind).counts(question, held.counter)
        return Results(
            questionId=question.id, round=question.round, total=sum(counts.values()), counts=counts,
            participants=held.participants, final=True if held.is_final else msgspec.UNSET,
        )  # fmt: skip

    def answer_of(self, participant: str) -> messages.MyVote | None:
        """A participant's own answer to the active question."""
        asked = self.active
        held = self.rounds.get((asked.id, asked.round)) if asked else None
        mine = held.answers.get(participant) if held else None
        if asked is None or mine is None:
            return None
        return messages.MyVote(questionId=asked.id, round=asked.round, answer=mine.answer, rev=mine.rev)

    def since(self, resume: messages.Resume) -> list[ControlEvent] | None:
        """The control events after ``resume``, or None where that history is not at hand."""
        missed = self.seq - resume.seq
        if resume.epoch != self.epoch or not 0 <= missed <= len(self.replay):
            return None
        return list(self.replay)[len(self.replay) - missed :]

    # ------------------------------------------------------------ deciding

    def decide(self, command: Command, now: float) -> Decision:  # noqa: PLR0911 - one return per command
        """Carry out ``command`` at ``now``; raises a refusal and leaves the room as it was."""
        if self.ended_at is not None:
            raise RoomEnded("This room has ended. Ask for the code of a new one.")
        match command:
            case CastVote():
                return self._cast_vote(command, now)
            case AddQuestion():
                return self._add(command.question)
            case Publish():
                return self._publish(self.question(command.question_id))
            case SetLock():
                return self._set_lock(self.question(command.question_id), is_locked=command.is_locked)
            case Reveal():
                return self._reveal(self.question(command.question_id))
            case Close():
                return self._close(self.question(command.question_id))
            case EndRoom():
                return self._end(now)

    def settle(self, effects: tuple[Effect, ...]) -> None:
        """Count what was committed. Called once per decision, in the order of the commits."""
        for effect in effects:
            if isinstance(effect, TallyChanged):
                held = self.rounds[effect.question_id, effect.round]
                held.counter.subtract(effect.taken)
                held.counter.update(effect.put)
                held.participants += effect.is_first
                self.rev = effect.rev
            elif isinstance(effect, FinalResults):
                self.rounds[effect.question_id, effect.round].is_final = True

    def _cast_vote(self, vote: CastVote, now: float) -> Decision:
        question = self.question(vote.question_id)
        held = self.rounds.setdefault((question.id, vote.round), Round()) if vote.round <= question.round else Round()
        before = held.answers.get(vote.participant)
        if before is not None and before.op == vote.op:
            return Decision((), ())
        _refuse_late(question, vote.round)
        if before is not None and vote.rev <= before.rev:
            raise StaleVote("A newer vote of yours was counted already.")
        answer, keys = kind_of(question.kind).read(question, vote.answer)
        self.cast += 1
        held.answers[vote.participant] = Answer(answer=answer, keys=keys, op=vote.op, rev=vote.rev, at=now)
        changed = AnswerChanged(question.id, vote.round, vote.participant, held.answers[vote.participant], self.cast)
        taken = before.keys if before else ()
        tally = TallyChanged(question.id, vote.round, taken, keys, before is None, self.cast)
        return Decision((changed,), (tally,))

    def _add(self, question: Question) -> Decision:
        if question.id in self.questions:
            raise BadQuestion("There is a question with that id already.")
        self.questions[question.id] = question
        return Decision((QuestionChanged(question, len(self.questions)),), (QuestionsChanged(),))

    def _publish(self, question: Question) -> Decision:
        if question.is_active:
            return Decision((), ())
        over = self._close(self.active) if self.active else Decision((), ())
        changed = self._put(question, is_active=True, is_locked=False, is_revealed=False, round=question.round + 1)
        self.rounds.setdefault((question.id, changed.round), Round())
        event = self._announce(messages.NewQuestion(data=changed.public()))
        return over + self._decision(changed, event)

    def _set_lock(self, question: Question, *, is_locked: bool) -> Decision:
        _refuse_unless_active(question)
        if question.is_locked == is_locked:
            return Decision((), ())
        if not is_locked and question.is_revealed:
            raise AlreadyRevealed("The right answer is out. Publish the question again for a new round.")
        return self._lock(question, is_locked=is_locked)

    def _lock(self, question: Question, *, is_locked: bool = True) -> Decision:
        changed = self._put(question, is_locked=is_locked)
        if not is_locked:
            self.rounds[question.id, question.round].is_final = False
        event = self._announce(messages.LockStatusEvent(data=messages.LockStatus(question.id, is_locked)))
        final = (FinalResults(question.id, question.round),) if is_locked else ()
        return self._decision(changed, event, *final)

    def _reveal(self, question: Question) -> Decision:
        if question.round == 0:
            raise NotPublished("The question is still a draft. Publish it first.")
        if question.is_revealed:
            return Decision((), ())
        locked = Decision((), ()) if question.is_locked else self._lock(question)
        changed = self._put(self.questions[question.id], is_revealed=True)
        event = self._announce(
            messages.AnswerRevealed(data=messages.AnswerRevealedData(question.id, question.round, question.correct))
        )
        hidden = question.show_results == "revealed"
        final = (FinalResults(question.id, question.round),) if hidden else ()
        return locked + self._decision(changed, event, *final)

    def _close(self, question: Question) -> Decision:
        if question.round == 0:
            raise NotPublished("The question is still a draft. Publish it first.")
        if not question.is_active:
            return Decision((), ())
        locked = Decision((), ()) if question.is_locked else self._lock(question)
        changed = self._put(self.questions[question.id], is_active=False)
        event = self._announce(
            messages.QuestionClosedEvent(data=messages.QuestionClosedData(question.id, question.round))
        )
        return locked + self._decision(changed, event)

    def _end(self, now: float) -> Decision:
        over = self._close(self.active) if self.active else Decision((), ())
        self.ended_at = now
        return over + Decision((), (RoomOver(),))

    # ------------------------------------------------------------ helpers

    def _put(self, question: Question, **changes: Any) -> Question:
        changed: Question = msgspec.structs.replace(question, **changes)
        self.questions[question.id] = changed
        return changed

    def _announce(self, event: ControlEvent) -> Announce:
        self.seq += 1
        numbered = msgspec.structs.replace(event, seq=self.seq, epoch=self.epoch)
        self.replay.append(numbered)
        return Announce(numbered)

    def _decision(self, question: Question, *effects: Effect) -> Decision:
        place = list(self.questions).index(question.id) + 1
        changes: tuple[Change, ...] = (QuestionChanged(question, place),)
        return Decision(changes, (*effects, QuestionsChanged()))


def results_are_visible(question: Question) -> bool:
    """Whether participants may see the question's results now."""
    shown_when = {"live": True, "locked": question.is_locked, "revealed": question.is_revealed}
    return shown_when[question.show_results]


def _refuse_unless_active(question: Question) -> None:
    if question.round == 0:
        raise NotPublished("The question is still a draft. Publish it first.")
    if not question.is_active:
        raise QuestionClosed("The question is closed.")


def _refuse_late(question: Question, round_: int) -> None:
    _refuse_unless_active(question)
    if round_ != question.round:
        raise RoundClosed("That round of the question is over.")
    if question.is_locked:
        raise QuestionLocked("The question was locked before your answer arrived; it was not counted.")
