"""What a client knows of its room: a pure reducer from messages to state.

No I/O, no clock, no logging. Control events are applied once and in order (``seq`` within ``epoch``);
results and a participant's own vote are level-triggered (the highest ``rev`` wins). A session that finds
events missing says so in ``is_behind`` and applies no more of them until it is welcomed again.
"""

from __future__ import annotations

from msgspec import UNSET, Struct
from msgspec.structs import replace

from ..core import messages
from ..core.messages import ControlEvent, MyVote, Question, Results, ServerEvent, Vote, VoteAckData


class Session(Struct, frozen=True, kw_only=True):
    """One peer's knowledge of a room. ``question`` stays, not active any more, until the next one comes.

    ``is_current`` says that the state is the server's; ``is_behind`` that events are missing, and a resume is due.
    ``my_vote`` is the participant's newest of which the server told, perhaps not to ``question``; its answer is None
    once it was withdrawn.
    """

    epoch: str | None = None
    seq: int = 0
    rev: int = 0
    is_current: bool = False
    is_behind: bool = False
    role: str | None = None
    participant: str | None = None
    title: str = ""
    participants: int = 0
    question: Question | None = None
    results: Results | None = None
    correct: tuple[str, ...] | None = None
    my_vote: MyVote | None = None

    @property
    def resume(self) -> messages.Resume | None:
        """Where to go on after a loss; None where there is nothing to go on from."""
        return messages.Resume(self.epoch, self.seq) if self.epoch is not None else None

    @property
    def counted(self) -> MyVote | None:
        """The participant's own answer to ``question`` that counts; None also once it was withdrawn."""
        mine = self.my_vote
        return mine if mine and mine.answer is not None and _is_to(self.question, mine) else None


def parted(session: Session) -> Session:
    """The session while its connection is away: known, but perhaps not the server's any more."""
    return replace(session, is_current=False, is_behind=False)


def over(session: Session) -> Session:
    """The session of a room that has ended: whatever was asked last is closed, though nobody was there to hear it."""
    return _with_question(session, is_active=False, is_locked=True)


def after(session: Session, event: ServerEvent) -> Session:  # noqa: PLR0911 - one per event
    """The session once ``event`` came in."""
    match event:
        case messages.Welcome(data=data):
            return _welcomed(session, data)
        case messages.SnapshotEvent():
            return _replaced(session, event)
        case ControlEvent():
            return _controlled(session, event)
        case messages.ResultsUpdate(data=results, rev=rev):
            return _counted(session, results, rev if rev is not UNSET else session.rev)
        case messages.MyVoteEvent(data=mine):
            return _voted(session, mine)
        case messages.Presence(data=data):
            return replace(session, participants=data.participants)
        case messages.Pong(data=data):
            return _behind(session) if session.is_current and data.seq > session.seq else session
        case _:
            return session


def acked(session: Session, vote: Vote, ack: VoteAckData) -> Session:
    """The session once the server has told what became of ``vote``.

    An ack may be of an act that a newer one has replaced since, so its ``rev`` says whether it is news.
    """
    if ack.answer is UNSET:
        return session
    told = MyVote(questionId=vote.data.questionId, round=vote.data.round, answer=ack.answer, rev=ack.rev)
    return _voted(session, told)


def _voted(session: Session, told: MyVote) -> Session:
    if not _is_to(session.question, told):
        return session
    return replace(session, my_vote=_newest(session.my_vote, told))


def _newest(known: MyVote | None, told: MyVote) -> MyVote:
    if known is not None and _is_to(known, told) and told.rev < known.rev:
        return known
    return told


def _is_to(asked: Question | MyVote | None, vote: MyVote) -> bool:
    match asked:
        case Question(id=question_id, round=round_) | MyVote(questionId=question_id, round=round_):
            return (question_id, round_) == (vote.questionId, vote.round)
        case None:
            return False


def _welcomed(session: Session, data: messages.WelcomeData) -> Session:
    # In another epoch the server's history is another one, and what was known of one's vote may be no more.
    known = session.my_vote if data.epoch == session.epoch else None
    return replace(
        session, role=data.role,
        participant=data.participant if data.participant is not UNSET else None,
        my_vote=_newest(known, data.myVote) if data.myVote is not UNSET else known,
        is_current=data.recovered, is_behind=False,
    )  # fmt: skip


def _replaced(session: Session, event: messages.SnapshotEvent) -> Session:
    seen, mine = event.data, session.my_vote
    return replace(
        session,
        epoch=event.epoch,
        seq=event.seq,
        rev=event.rev,
        is_current=True,
        is_behind=False,
        title=seen.title,
        participants=seen.participants,
        question=seen.question,
        results=seen.results,
        correct=seen.correct,
        my_vote=mine if mine and _is_to(seen.question, mine) else None,
    )


def _behind(session: Session) -> Session:
    return replace(session, is_current=False, is_behind=True)


def _controlled(session: Session, event: ControlEvent) -> Session:
    # Without a number it is the greeting for clients of version 1; ours is the welcome.
    if event.seq is UNSET or not session.is_current:
        return session
    if event.epoch != session.epoch or event.seq > session.seq + 1:
        return _behind(session)
    if event.seq <= session.seq:
        return session
    return _applied(replace(session, seq=event.seq), event)


def _applied(session: Session, event: ControlEvent) -> Session:
    match event:
        case messages.NewQuestion(data=question):
            # The own vote stays: while missed events come in, it may be to a question that comes later.
            return replace(session, question=question, results=None, correct=None)
        case messages.LockStatusEvent(data=lock) if _is_about(session, lock.questionId):
            return _with_question(session, is_locked=lock.is_locked)
        case messages.QuestionClosedEvent(data=closed) if _is_about(session, closed.questionId):
            return _with_question(session, is_active=False, is_locked=True)
        case messages.AnswerRevealed(data=revealed) if _is_about(session, revealed.questionId):
            return replace(session, correct=revealed.correct)
        case _:
            return session


def _counted(session: Session, results: Results, rev: int) -> Session:
    asked = session.question
    if asked is None or (asked.id, asked.round) != (results.questionId, results.round) or rev < session.rev:
        return session
    return replace(session, results=results, rev=rev)


def _is_about(session: Session, question_id: str) -> bool:
    return session.question is not None and session.question.id == question_id


def _with_question(session: Session, *, is_locked: bool, is_active: bool = True) -> Session:
    if session.question is None:
        return session
    return replace(session, question=replace(session.question, is_locked=is_locked, is_active=is_active))
