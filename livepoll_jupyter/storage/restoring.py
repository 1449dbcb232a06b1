"""How a room comes back from what was written of it, and how a whole room is written down.

Settled votes are counted again from the answers, so a tally is never stored. What is read may have been damaged or come
from another program: nothing of it is believed that the rules of a room could not have written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from ..core.effects import QuestionChanged
from ..core.errors import BadRequest
from ..core.kinds import kind_of
from ..core.questions import Question
from ..core.room import MAX_ROUNDS, Ahead, Room
from ..core.votes import Act, Answer, Round
from .journal import Head, Vote, Writes, head_of

MAX_TIME: Final = 253_402_300_800.0
"""The year 10,000 in seconds since the epoch; no calendar of Python's goes further."""

MAX_PLACE: Final = 2**53
"""More questions than anybody writes, and less than what SQLite can count to."""


class Damaged(Exception):
    """What is stored is no room that the rules could have led to."""


def restore(head: Head, questions: Iterable[QuestionChanged], votes: Iterable[Vote]) -> Room:
    """The room as it was when these were committed; ``votes`` come by their numbers. Raises :exc:`Damaged`."""
    _check_head(head)
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
        if not 0 < changed.place < MAX_PLACE:
            raise Damaged(f"The question {changed.question.id!r} has no place.")
        _restore_question(room, changed.question)
        room.places[changed.question.id] = room.ahead.places[changed.question.id] = changed.place
    if sum(question.is_active for question in room.questions.values()) > 1:
        raise Damaged(f"Room {head.code} asks several questions at once.")
    known: set[tuple[Any, ...]] = set()
    for vote in votes:
        _check_vote(room, vote, known)
        _restore_vote(room, vote)
    room.ahead.rev = room.rev
    return room


def whole(room: Room) -> Writes:
    """All of a room as it is settled, to be written anew. Nothing of it may be decided and not settled."""
    writes = Writes(head_of(room))
    for question in room.questions.values():
        writes.questions[question.id] = QuestionChanged(question, room.places[question.id])
    for (question_id, number), held in room.rounds.items():
        for vote in _votes_of(question_id, number, held):
            writes.votes[vote.number] = vote
    writes.votes = dict(sorted(writes.votes.items()))
    return writes


def _votes_of(question_id: str, number: int, held: Round) -> Iterator[Vote]:
    """The present answers and the acts that they replaced, of which neither keys nor time are remembered."""
    for participant, answer in held.answers.items():
        act = answer.act
        yield Vote(act.number, question_id, number, participant, act.op, act.rev, act.answer, answer.keys, answer.at)
        for earlier in held.earlier.get(participant, {}).values():
            yield Vote(
                earlier.number, question_id, number, participant, earlier.op, earlier.rev, earlier.answer, (), answer.at
            )


def _check_head(head: Head) -> None:
    times = [head.created_at, head.ended_at or 0.0]
    if not head.code or head.seq < 0 or not all(0.0 <= time < MAX_TIME for time in times):
        raise Damaged(f"The room {head.code!r} cannot be.")


def _restore_question(room: Room, question: Question) -> None:
    try:
        kind_of(question.kind).check(question)
    except BadRequest as error:
        raise Damaged(f"A question cannot be asked: {error.message}") from error
    is_draft_in_use = not question.round and (question.is_active or question.is_locked or question.is_revealed)
    options = set(question.option_ids)
    if (
        question.id in room.questions
        or not 0 <= question.round <= MAX_ROUNDS
        or is_draft_in_use
        or len(options) != len(question.options)
        or not options.issuperset(question.correct)
    ):
        raise Damaged(f"The question {question.id!r} cannot be.")
    room.questions[question.id] = room.ahead.questions[question.id] = question
    for number in range(1, question.round + 1):
        room.rounds[question.id, number] = Round()


def _check_vote(room: Room, vote: Vote, known: set[tuple[Any, ...]]) -> None:
    """Raise :exc:`Damaged` for a vote that was never accepted; ``known`` holds the answers that were found good."""
    if not 0.0 <= vote.at < MAX_TIME:
        raise Damaged(f"Vote {vote.number} was cast at no time.")
    answer = vote.answer
    mark: tuple[Any, ...] = (
        vote.question_id,
        vote.round,
        tuple(answer) if isinstance(answer, list) else answer,
        vote.keys,
    )
    try:
        if mark in known:
            return
    except TypeError:  # an answer that is no option, nor a list of them
        mark = ()
    question = room.questions.get(vote.question_id)
    if question is None or not 1 <= vote.round <= question.round:
        raise Damaged(f"There is a vote {vote.number} on what was never asked.")
    try:
        normal = (None, ()) if answer is None else kind_of(question.kind).read(question, answer)
    except BadRequest as error:
        raise Damaged(f"Vote {vote.number} is no answer: {error.message}") from error
    # A replaced vote may stand without its keys.
    if normal[0] != answer or vote.keys not in {normal[1], ()}:
        raise Damaged(f"Vote {vote.number} counts for what it does not say.")
    if mark:
        known.add(mark)


def _restore_vote(room: Room, vote: Vote) -> None:
    held = room.rounds[vote.question_id, vote.round]
    before = held.decided.get(vote.participant)
    if before is not None and vote.rev <= before.act.rev:
        raise Damaged(f"Vote {vote.number} is older than the one that it replaced.")
    answer = Answer(Act(vote.op, vote.rev, vote.answer, vote.number), vote.keys, vote.at)
    held.decide(vote.participant, answer)
    held.settle(vote.participant, answer)
    room.rev = max(room.rev, vote.number)
