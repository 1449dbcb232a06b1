"""Votes under a room's rules: what counts, what replaces what, what is withdrawn, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from asking import NOW, asked_room, carry_out, question, vote

from livepoll_jupyter.core import messages
from livepoll_jupyter.core.commands import AddQuestion, Close, EndRoom, Publish, Reveal, SetLock
from livepoll_jupyter.core.effects import AnswerChanged, Decision, Voted
from livepoll_jupyter.core.errors import (
    BadAnswer,
    NotPublished,
    QuestionClosed,
    QuestionLocked,
    RoomEnded,
    RoundClosed,
    StaleVote,
)
from livepoll_jupyter.core.messages import Results, Resume
from livepoll_jupyter.core.room import Room
from livepoll_jupyter.core.votes import MAX_EARLIER, Act

LOCK = SetLock("q1", is_locked=True)


def results(room: Room) -> Results:
    """What readers see of the first question."""
    return room.results(room.question("q1"))


def counts(room: Room) -> dict[str, int]:
    """Its tally."""
    return results(room).counts


def accepted(act: Act) -> Decision:
    """What a vote leads to that was accepted before."""
    return Decision((), (), act)


def test_a_vote_puts_its_keys_into_the_tally() -> None:
    """What is written and what is counted tell the same story."""
    room = asked_room()
    decision = room.decide(vote("ada", "b"), NOW)
    assert decision.effects == (Voted("q1", 1, changes_results=True),)
    (changed,) = decision.changes
    assert isinstance(changed, AnswerChanged)
    assert (changed.participant, changed.answer.answer, changed.answer.at, changed.answer.act.number) == (
        "ada",
        "b",
        NOW,
        1,
    )


def test_a_decided_vote_counts_only_when_it_is_settled() -> None:
    """The store may fail in between."""
    room = asked_room()
    decision = room.decide(vote("ada", "b"), NOW)
    assert (counts(room)["b"], room.rev) == (0, 0)
    room.settle(decision)
    assert (counts(room)["b"], room.rev) == (1, 1)


def test_a_decided_answer_is_the_participants_own_only_when_it_is_settled() -> None:
    """Whoever reconnects while the store commits must not take it for counted."""
    room = asked_room()
    carry_out(room, vote("ada", "a", rev=1))
    decision = room.decide(vote("ada", "b", rev=2), NOW)
    assert room.answer_of("ada") == messages.MyVote(questionId="q1", round=1, answer="a", rev=1)
    room.settle(decision)
    assert room.answer_of("ada") == messages.MyVote(questionId="q1", round=1, answer="b", rev=2)


def test_a_decided_command_shows_only_when_it_is_settled() -> None:
    """Who opens a socket while the store commits must not learn of what may still fail."""
    room = asked_room()
    decision = room.decide(Reveal("q1"), NOW)
    resume = Resume(room.epoch, 1)
    assert (room.question("q1").is_revealed, room.seq, room.since(resume)) == (False, 1, [])
    room.settle(decision)
    assert (room.question("q1").is_revealed, room.seq, len(room.since(resume) or [])) == (True, 3, 2)


def test_a_room_is_over_only_when_its_end_is_settled() -> None:
    """From the decision on it refuses, from the commit on it has ended."""
    room = asked_room()
    decision = room.decide(EndRoom(), NOW)
    assert room.ended_at is None
    with pytest.raises(RoomEnded):
        room.decide(vote(), NOW)
    room.settle(decision)
    assert room.ended_at == NOW


def test_a_changed_vote_takes_its_old_keys_out() -> None:
    """However often: one participant, one vote."""
    room = asked_room()
    carry_out(room, vote("ada", "a", rev=1), vote("ada", "b", rev=2), vote("ada", "c", rev=7))
    results = room.results(room.question("q1"))
    assert (results.counts, results.total, results.participants) == ({"a": 0, "b": 0, "c": 1}, 1, 1)


def test_several_options_count_once_each() -> None:
    """The total is the sum of the counts, participants are how many answered."""
    room = asked_room(question(kind="multiple_choice"))
    carry_out(room, vote("ada", ["c", "a"]), vote("eve", ["a"]))
    results = room.results(room.question("q1"))
    assert (results.counts, results.total, results.participants) == ({"a": 2, "b": 0, "c": 1}, 3, 2)


def test_the_same_op_is_accepted_again_and_changes_nothing() -> None:
    """Even after the lock: the act was counted before it."""
    room = asked_room()
    carry_out(room, vote("ada", "a", op="one"), LOCK)
    assert room.decide(vote("ada", "a", op="one"), NOW) == accepted(Act("one", 1, "a", 1))


def test_the_same_op_is_accepted_again_after_its_round() -> None:
    """A phone that was away for a whole round hears that its vote had counted."""
    room = asked_room()
    carry_out(room, vote("ada", "a", op="one"), Close("q1"), Publish("q1"))
    assert room.decide(vote("ada", "a", op="one"), NOW) == accepted(Act("one", 1, "a", 1))


def test_every_act_is_known_again_though_newer_ones_replaced_it() -> None:
    """A phone that hears no ack may ask about any of its votes, and is told of that one."""
    room = asked_room()
    acts = [vote("ada", "a", op="one"), vote("ada", None, rev=2, op="two"), vote("ada", "c", rev=5, op="three")]
    carry_out(room, *acts)
    assert [room.decide(act, NOW) for act in acts] == [
        accepted(Act("one", 1, "a", 1)),
        accepted(Act("two", 2, None, 2)),
        accepted(Act("three", 5, "c", 3)),
    ]
    assert counts(room) == {"a": 0, "b": 0, "c": 1}


def test_an_act_that_is_decided_and_not_settled_is_known_already() -> None:
    """Sent again at once it must not count twice; the store tells both after one commit."""
    room = asked_room()
    first, second = vote("ada", "a", op="one"), vote("ada", "b", rev=2, op="two")
    decisions = [room.decide(each, NOW) for each in (first, second)]
    assert room.decide(first, NOW) == accepted(Act("one", 1, "a", 1))
    for decision in decisions:
        room.settle(decision)
    assert counts(room) == {"a": 0, "b": 1, "c": 0}


def test_only_the_newest_replaced_acts_are_remembered() -> None:
    """As many as is promised. Whoever changes an answer without end takes no memory without end."""
    assert MAX_EARLIER == 64
    room = asked_room()
    acts = [vote("ada", "ab"[rev % 2], rev=rev) for rev in range(1, MAX_EARLIER + 3)]
    carry_out(room, *acts)
    with pytest.raises(StaleVote):
        room.decide(acts[0], NOW)
    assert room.decide(acts[1], NOW).act == Act("ada-1-2", 2, "a", 2)
    assert len(room.rounds["q1", 1].earlier["ada"]) == MAX_EARLIER


def test_what_is_taken_back_has_made_nothing_forgotten() -> None:
    """The replaced acts that it had no room for are remembered again, in their order, and it is not."""
    room = asked_room()
    settled = [vote("ada", "ab"[rev % 2], rev=rev) for rev in range(1, MAX_EARLIER + 2)]
    carry_out(room, *settled)
    before = list(room.rounds["q1", 1].earlier["ada"].values())
    unsettled = [vote("ada", "ab"[rev % 2], rev=rev) for rev in range(MAX_EARLIER + 2, 2 * MAX_EARLIER + 9)]
    changes = [change for each in unsettled for change in room.decide(each, NOW).changes]
    assert before[0] not in room.rounds["q1", 1].earlier["ada"].values()
    room.take_back(changes)
    assert list(room.rounds["q1", 1].earlier["ada"].values()) == before
    assert room.decide(settled[0], NOW).act == before[0]
    assert room.decide(unsettled[0], NOW).changes


def test_a_refused_vote_is_decided_anew() -> None:
    """Only what was accepted is remembered: after an unlock the same act may count."""
    room = asked_room()
    carry_out(room, LOCK)
    with pytest.raises(QuestionLocked):
        room.decide(vote(op="one"), NOW)
    carry_out(room, SetLock("q1", is_locked=False), vote(op="one"))
    assert counts(room)["a"] == 1


def test_an_op_is_only_its_own_participants() -> None:
    """Two phones may choose the same name for an act."""
    room = asked_room()
    carry_out(room, vote("ada", op="one"), vote("eve", op="one"))
    assert counts(room)["a"] == 2


@pytest.mark.parametrize("rev", [1, 2])
def test_an_older_vote_never_overwrites_a_newer_one(rev: int) -> None:
    """A late retry, or two tabs that count alike."""
    room = asked_room()
    carry_out(room, vote("ada", "b", rev=2))
    with pytest.raises(StaleVote):
        room.decide(vote("ada", "a", rev=rev, op="late"), NOW)
    assert counts(room) == {"a": 0, "b": 1, "c": 0}


# ---------------------------------------------------------------- withdrawing


@pytest.mark.parametrize(("kind", "answer"), [("choice", "b"), ("multiple_choice", ["a", "b"])])
def test_a_withdrawn_vote_counts_nowhere(kind: str, answer: Any) -> None:
    """Neither in a count nor among those who have answered, whatever the kind; the others' votes stay."""
    room = asked_room(question(kind=kind))
    carry_out(room, vote("eve", answer))
    before = results(room)
    carry_out(room, vote("ada", answer))
    decision = room.decide(vote("ada", None, rev=2), NOW)
    assert decision.effects == (Voted("q1", 1, changes_results=True),)
    assert decision.act == Act("ada-1-2", 2, None, 3)
    room.settle(decision)
    assert results(room) == before


def test_an_answer_after_a_withdrawal_counts_once() -> None:
    """However often the mind is changed."""
    room = asked_room()
    answers = ["a", None, "b", None, "c"]
    carry_out(room, *(vote("ada", answer, rev=rev) for rev, answer in enumerate(answers, 1)))
    assert (counts(room), results(room).participants) == ({"a": 0, "b": 0, "c": 1}, 1)


def test_withdrawing_what_was_never_given_is_accepted_and_shows_nothing() -> None:
    """A phone that lost its vote on the way may still make sure of it: the vote loses when it comes late."""
    room = asked_room()
    decision = room.decide(vote("ada", None, rev=2), NOW)
    assert decision.effects == (Voted("q1", 1, changes_results=False),)
    room.settle(decision)
    with pytest.raises(StaleVote):
        room.decide(vote("ada", "a", rev=1), NOW)
    assert (results(room).total, results(room).participants) == (0, 0)


def test_a_withdrawal_that_comes_late_loses_to_the_newer_vote() -> None:
    """It is ordered by its revision like any vote."""
    room = asked_room()
    carry_out(room, vote("ada", "b", rev=2))
    with pytest.raises(StaleVote):
        room.decide(vote("ada", None, rev=1), NOW)


def test_a_withdrawal_after_the_lock_is_refused() -> None:
    """What was locked in stays in."""
    room = asked_room()
    carry_out(room, vote("ada", "b"), LOCK)
    with pytest.raises(QuestionLocked):
        room.decide(vote("ada", None, rev=2), NOW)
    assert counts(room)["b"] == 1


def test_a_participant_is_reminded_of_a_withdrawal() -> None:
    """With its revision, so that the next vote is newer."""
    room = asked_room()
    carry_out(room, vote("ada", "b"), vote("ada", None, rev=2))
    assert room.answer_of("ada") == messages.MyVote(questionId="q1", round=1, answer=None, rev=2)


def test_a_change_of_nothing_shows_nothing() -> None:
    """The same answer again is no news to anybody, another one is."""
    room = asked_room()
    carry_out(room, vote("ada", "a"))
    same, other = room.decide(vote("ada", "a", rev=2), NOW), room.decide(vote("ada", "b", rev=3), NOW)
    assert same.effects + other.effects == (Voted("q1", 1, changes_results=False), Voted("q1", 1, changes_results=True))


# ---------------------------------------------------------------- refusing


def test_a_vote_after_the_lock_is_refused() -> None:
    """Its sentence says that it was not counted."""
    room = asked_room()
    carry_out(room, LOCK)
    with pytest.raises(QuestionLocked, match="not counted"):
        room.decide(vote(), NOW)


@pytest.mark.parametrize("number", [1, 3])
def test_a_vote_for_another_round_is_refused(number: int) -> None:
    """One that is over, or one that has not begun."""
    room = asked_room()
    carry_out(room, Close("q1"), Publish("q1"))
    with pytest.raises(RoundClosed, match="not counted"):
        room.decide(vote(number=number), NOW)
    assert ("q1", 3) not in room.rounds


def test_a_vote_for_a_closed_question_is_refused() -> None:
    """It is over."""
    room = asked_room()
    carry_out(room, Close("q1"))
    with pytest.raises(QuestionClosed, match="not counted"):
        room.decide(vote(), NOW)


def test_a_vote_for_a_draft_is_refused() -> None:
    """Whoever guesses its id learns nothing."""
    room = asked_room()
    carry_out(room, AddQuestion(question("q2")))
    with pytest.raises(NotPublished):
        room.decide(vote(name="q2"), NOW)


@pytest.mark.parametrize("answer", ["z", "", "the mean", 1, ["a"], {"a": 1}, True])
def test_an_answer_that_is_no_option_is_refused(answer: Any) -> None:
    """And the room is as it was."""
    room = asked_room()
    with pytest.raises(BadAnswer):
        room.decide(vote(answer=answer), NOW)
    assert (room.ahead.rev, room.rounds["q1", 1].decided) == (0, {})
