"""What a command does to a room: a new state and effects, or a refusal.

Pure: time comes in as ``now`` (seconds since the epoch), ids come in with the command. A command is
*decided* at once and *settled* when the store has committed it; only then do its effects happen, only
then does its vote count, and only then does whoever reads the room see it. Rules look at what was decided
(``ahead``), readers at what is settled. If the commit fails, what was decided is taken back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import Any

import msgspec
from msgspec import Struct

from . import messages
from .commands import AddQuestion, CastVote, Close, Command, DeleteDraft, EditDraft, EndRoom, Publish, Reveal, SetLock
from .effects import (
    Announce,
    AnswerChanged,
    Change,
    Decision,
    Effect,
    FinalResults,
    QuestionChanged,
    QuestionDeleted,
    QuestionsChanged,
    RoomOver,
    Voted,
)  # fmt: skip
from .errors import (
    AlreadyPublished,
    AlreadyRevealed,
    BadQuestion,
    Conflict,
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
from .votes import Act, Answer, Round

MAX_QUESTIONS = 2_000
"""Questions of a room: no client of ours shows a room with more, and so nobody could run it."""

MAX_ROOM_SIZE = 4 << 20
"""Bytes of the texts of a room's questions, for the same reason: some forty of the largest, or all of usual ones."""

MAX_ROUNDS = 10_000
"""Rounds of a question: a file with more is not believed when it is opened."""

REPLAY = 256
"""Control events kept for clients that resume."""


class Ahead(Struct, kw_only=True):
    """What was decided, settled or not yet: the questions, the end, how many control events and votes there are.

    ``places`` are numbers in the order of the questions. One that was given is kept, so a deletion leaves a gap.
    """

    seq: int = 0
    rev: int = 0
    ended_at: float | None = None
    questions: dict[str, Question] = msgspec.field(default_factory=dict)
    places: dict[str, int] = msgspec.field(default_factory=dict)


class Room(Struct, kw_only=True):
    """A room in memory, as it is settled. ``seq`` counts its control events, ``rev`` its votes."""

    code: str
    title: str
    epoch: str
    created_at: float
    ended_at: float | None = None
    seq: int = 0
    rev: int = 0
    questions: dict[str, Question] = msgspec.field(default_factory=dict)
    places: dict[str, int] = msgspec.field(default_factory=dict)
    ahead: Ahead = msgspec.field(default_factory=Ahead)
    rounds: dict[tuple[str, int], Round] = msgspec.field(default_factory=dict)
    replay: deque[ControlEvent] = msgspec.field(default_factory=lambda: deque(maxlen=REPLAY))

    # ------------------------------------------------------------ reading

    @property
    def active(self) -> Question | None:
        """The question that is being asked."""
        return _active(self.questions)

    def question(self, question_id: str) -> Question:
        """The question with that id; raises :exc:`UnknownQuestion`."""
        return _find(self.questions, question_id)

    def results(self, question: Question) -> Results:
        """The tally of the question's round; final once that is locked or over."""
        held = self.rounds.get((question.id, question.round), Round())
        counts = kind_of(question.kind).counts(question, held.counter)
        present = self.questions[question.id]
        is_final = present.is_locked or question.round < present.round
        return Results(
            questionId=question.id, round=question.round, total=sum(counts.values()), counts=counts,
            participants=held.participants, final=True if is_final else msgspec.UNSET,
        )  # fmt: skip

    def answer_of(self, participant: str) -> messages.MyVote | None:
        """A participant's own answer to the active question; one that was withdrawn is None, with its ``rev``."""
        asked = self.active
        held = self.rounds.get((asked.id, asked.round)) if asked else None
        mine = held.answers.get(participant) if held else None
        if asked is None or mine is None:
            return None
        return messages.MyVote(questionId=asked.id, round=asked.round, answer=mine.answer, rev=mine.rev)

    def missed_since(self, resume: messages.Resume) -> int | None:
        """How many control events came after ``resume``; None where that history is not at hand."""
        missed = self.seq - resume.seq
        return missed if resume.epoch == self.epoch and 0 <= missed <= len(self.replay) else None

    def since(self, resume: messages.Resume) -> list[ControlEvent] | None:
        """The control events after ``resume``, or None where that history is not at hand."""
        missed = self.missed_since(resume)
        return None if missed is None else list(islice(self.replay, len(self.replay) - missed, None))

    # ------------------------------------------------------------ deciding

    def decide(self, command: Command, now: float) -> Decision:  # noqa: C901, PLR0911 - one case per command
        """Carry out ``command`` at ``now``; raises a refusal and leaves the room as it was."""
        if self.ahead.ended_at is not None:
            raise RoomEnded("This room has ended. Ask for the code of a new one.")
        match command:
            case CastVote():
                return self._cast_vote(command, now)
            case AddQuestion():
                return self._add(command.question, publish=command.publish)
            case EditDraft():
                return self._edit(command.question)
            case DeleteDraft():
                return self._delete(self._decided(command.question_id))
            case Publish():
                return self._publish(self._decided(command.question_id))
            case SetLock():
                return self._set_lock(self._decided(command.question_id), is_locked=command.is_locked)
            case Reveal():
                return self._reveal(self._decided(command.question_id))
            case Close():
                return self._close(self._decided(command.question_id))
            case EndRoom():
                return self._end(now)

    def settle(self, decision: Decision) -> None:
        """Show what was committed. Called once per decision, in the order of the commits."""
        for change in decision.changes:
            if isinstance(change, AnswerChanged):
                self.rounds[change.question_id, change.round].settle(change.participant, change.answer)
                self.rev = change.answer.act.number
            elif isinstance(change, QuestionDeleted):
                del self.questions[change.question_id], self.places[change.question_id]
            else:
                self.questions[change.question.id] = change.question
                self.places[change.question.id] = change.place
        for effect in decision.effects:
            if isinstance(effect, Announce):
                self.seq = effect.event.seq or self.seq
                self.replay.append(effect.event)
            elif isinstance(effect, RoomOver):
                self.ended_at = self.ahead.ended_at

    def take_back(self, changes: Iterable[Change]) -> None:
        """Forget all that was decided and is not settled; ``changes`` are those of all these decisions."""
        self.ahead = Ahead(
            seq=self.seq, rev=self.rev, ended_at=self.ended_at,
            questions=dict(self.questions), places=dict(self.places),
        )  # fmt: skip
        for change in changes:
            if isinstance(change, AnswerChanged):
                held = self.rounds.get((change.question_id, change.round), Round())
                held.take_back(change.participant, change.forgotten)
            elif isinstance(change, QuestionChanged):
                self._take_back_rounds(change.question)

    def _take_back_rounds(self, changed: Question) -> None:
        settled = self.questions.get(changed.id)
        for number in range(settled.round + 1 if settled else 1, changed.round + 1):
            self.rounds.pop((changed.id, number), None)

    def _cast_vote(self, vote: CastVote, now: float) -> Decision:
        question = self._decided(vote.question_id)
        held = self.rounds.get((question.id, vote.round)) or Round()
        known = held.act_of(vote.participant, vote.op)
        if known is not None:
            return Decision((), (), known)
        _refuse_late(question, vote.round)
        before = held.decided.get(vote.participant)
        if before is not None and vote.rev <= before.act.rev:
            raise StaleVote("A newer vote of yours was counted already.")
        after = self._answer(question, vote, now)
        return _accepted(vote, before, after, held.decide(vote.participant, after))

    def _answer(self, question: Question, vote: CastVote, now: float) -> Answer:
        answer, keys = (None, ()) if vote.answer is None else kind_of(question.kind).read(question, vote.answer)
        self.ahead.rev += 1
        return Answer(Act(vote.op, vote.rev, answer, self.ahead.rev), keys, now)

    def _add(self, question: Question, *, publish: bool) -> Decision:
        if question.id in self.ahead.questions:
            raise BadQuestion("There is a question with that id already.")
        if len(self.ahead.questions) >= MAX_QUESTIONS:
            raise Conflict(f"A room has at most {MAX_QUESTIONS:,} questions. Delete drafts, or open another room.")
        self._refuse_too_large(question)
        self.ahead.places[question.id] = next(reversed(self.ahead.places.values()), 0) + 1
        self.ahead.questions[question.id] = question
        return self._publish(question) if publish else self._decision(question)

    def _edit(self, question: Question) -> Decision:
        _refuse_asked(self._decided(question.id))
        self._refuse_too_large(question)
        self.ahead.questions[question.id] = question
        return self._decision(question)

    def _delete(self, question: Question) -> Decision:
        """Delete a draft. The places of the others stay: a room may have thousands, and votes wait for each commit."""
        _refuse_asked(question)
        del self.ahead.questions[question.id], self.ahead.places[question.id]
        return Decision((QuestionDeleted(question.id),), (QuestionsChanged(),))

    def _publish(self, question: Question) -> Decision:
        if question.is_active:
            return Decision((), ())
        if question.round >= MAX_ROUNDS:
            raise Conflict(f"A question has at most {MAX_ROUNDS:,} rounds. Ask it as a new question.")
        over = self._close_active()
        changed = self._put(question, is_active=True, is_locked=False, is_revealed=False, round=question.round + 1)
        self.rounds.setdefault((question.id, changed.round), Round())
        event = self._announce(messages.NewQuestion(data=changed.public()))
        return over + self._decision(changed, event)

    def _set_lock(self, question: Question, *, is_locked: bool) -> Decision:
        if question.round and not question.is_active:
            raise QuestionClosed("The question is closed. Publish it again for its next round.")
        _refuse_unless_active(question)
        if question.is_locked == is_locked:
            return Decision((), ())
        if not is_locked and question.is_revealed:
            raise AlreadyRevealed("The right answer is out. Publish the question again for a new round.")
        return self._lock(question, is_locked=is_locked)

    def _lock(self, question: Question, *, is_locked: bool = True) -> Decision:
        changed = self._put(question, is_locked=is_locked)
        event = self._announce(messages.LockStatusEvent(data=messages.LockStatus(question.id, is_locked)))
        final = (FinalResults(question.id, question.round),) if is_locked else ()
        return self._decision(changed, event, *final)

    def _reveal(self, question: Question) -> Decision:
        if question.round == 0:
            raise NotPublished("The question is still a draft. Publish it first.")
        if question.is_revealed:
            return Decision((), ())
        locked = Decision((), ()) if question.is_locked else self._lock(question)
        changed = self._put(self._decided(question.id), is_revealed=True)
        event = self._announce(
            messages.AnswerRevealed(data=messages.AnswerRevealedData(question.id, question.round, question.correct))
        )
        were_hidden = question.is_locked and question.show_results == "revealed"
        final = (FinalResults(question.id, question.round),) if were_hidden else ()
        return locked + self._decision(changed, event, *final)

    def _close(self, question: Question) -> Decision:
        if question.round == 0:
            raise NotPublished("The question is still a draft. Publish it first.")
        if not question.is_active:
            return Decision((), ())
        locked = Decision((), ()) if question.is_locked else self._lock(question)
        changed = self._put(self._decided(question.id), is_active=False)
        event = self._announce(
            messages.QuestionClosedEvent(data=messages.QuestionClosedData(question.id, question.round))
        )
        return locked + self._decision(changed, event)

    def _end(self, now: float) -> Decision:
        over = self._close_active()
        self.ahead.ended_at = now
        return over + Decision((), (RoomOver(),))

    # ------------------------------------------------------------ helpers

    def _decided(self, question_id: str) -> Question:
        return _find(self.ahead.questions, question_id)

    def _refuse_too_large(self, new: Question) -> None:
        others = sum(_size(each) for each in self.ahead.questions.values() if each.id != new.id)
        if others + _size(new) > MAX_ROOM_SIZE:
            raise Conflict("The questions of this room are too large together. Delete drafts, or open another room.")

    def _close_active(self) -> Decision:
        active = _active(self.ahead.questions)
        return self._close(active) if active else Decision((), ())

    def _put(self, question: Question, **changes: Any) -> Question:
        changed: Question = msgspec.structs.replace(question, **changes)
        self.ahead.questions[question.id] = changed
        return changed

    def _announce(self, event: ControlEvent) -> Announce:
        self.ahead.seq += 1
        return Announce(msgspec.structs.replace(event, seq=self.ahead.seq, epoch=self.epoch))

    def _decision(self, question: Question, *effects: Effect) -> Decision:
        changes: tuple[Change, ...] = (QuestionChanged(question, self.ahead.places[question.id]),)
        return Decision(changes, (*effects, QuestionsChanged()))


def results_are_visible(question: Question) -> bool:
    """Whether participants may see the question's results now."""
    shown_when = {"live": True, "locked": question.is_locked, "revealed": question.is_revealed}
    return shown_when[question.show_results]


def _active(questions: dict[str, Question]) -> Question | None:
    return next((question for question in questions.values() if question.is_active), None)


def _find(questions: dict[str, Question], question_id: str) -> Question:
    try:
        return questions[question_id]
    except KeyError:
        raise UnknownQuestion("There is no such question in this room.") from None


def _size(question: Question) -> int:
    """Bytes of its texts."""
    texts = [question.text, question.html, question.plain or ""]
    for option in question.options:
        texts += (option.label, option.html, option.plain or "")
    return sum(map(len, map(str.encode, texts)))


def _accepted(vote: CastVote, before: Answer | None, after: Answer, forgotten: Act | None) -> Decision:
    changed = AnswerChanged(vote.question_id, vote.round, vote.participant, after, forgotten)
    voted = Voted(vote.question_id, vote.round, after.counts_otherwise_than(before))
    return Decision((changed,), (voted,), after.act)


def _refuse_asked(question: Question) -> None:
    if question.round:
        raise AlreadyPublished(
            "This question was asked already, so it stays as the class saw it. Close it, and ask a new one."
        )


def _refuse_draft(question: Question) -> None:
    if question.round == 0:
        raise NotPublished("The question is still a draft. Publish it first.")


def _refuse_unless_active(question: Question) -> None:
    _refuse_draft(question)
    if not question.is_active:
        raise QuestionClosed("The question is closed.")


def _refuse_late(question: Question, round_: int) -> None:
    """Refuse a vote that does not belong to the round being asked; the sentence is for whoever cast it."""
    if not question.is_active:
        _refuse_draft(question)
        raise QuestionClosed("The question was closed before your answer arrived; it was not counted.")
    if round_ != question.round:
        raise RoundClosed("That round was over before your answer arrived; it was not counted.")
    if question.is_locked:
        raise QuestionLocked("The question was locked before your answer arrived; it was not counted.")
