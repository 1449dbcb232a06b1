"""What a client knows of its room after each message: every event once and in order, the newest results."""

from __future__ import annotations

import pytest
from doubles import event
from msgspec import UNSET

from livepoll_jupyter.client.session import Session, acked, after, parted
from livepoll_jupyter.core.messages import ServerEvent, Vote, VoteAckData, VoteData


def told(*events: ServerEvent, before: Session | None = None) -> Session:
    """A session after those events."""
    session = before or Session()
    for each in events:
        session = after(session, each)
    return session


def known() -> Session:
    """A session that knows a room with a question of round 1, at seq 3."""
    return told(event("welcome", recovered=False), event("snapshot"))


def test_a_snapshot_is_the_whole_state() -> None:
    """Question, results, right answer and place in the stream."""
    session = known()
    assert session.is_current
    assert (session.seq, session.rev, session.participants, session.title) == (3, 58, 44, "Statistics 101")
    assert session.question is not None
    assert session.results is not None
    assert session.correct == ("a",)


def test_the_next_control_event_is_applied() -> None:
    """A lock in place 4 after 3."""
    session = told(event("lock-status", {"seq": 4}, is_locked=False), before=known())
    assert session.seq == 4
    assert session.question is not None
    assert not session.question.is_locked


def test_an_event_that_was_applied_before_changes_nothing() -> None:
    """A late copy of an older lock."""
    assert told(event("lock-status", {"seq": 3}, is_locked=False), before=known()) == known()


def test_a_gap_asks_for_a_resume_and_applies_nothing_more() -> None:
    """Place 5 and 6 after 3."""
    session = told(event("lock-status", {"seq": 5}), event("lock-status", {"seq": 6}), before=known())
    assert session.is_behind
    assert session.seq == 3
    assert session.question == known().question


def test_a_pong_ahead_of_the_session_is_a_gap() -> None:
    """So that a silent gap is seen within one ping."""
    assert told(event("pong", seq=4), before=known()).is_behind
    assert not told(event("pong", seq=3), before=known()).is_behind


def test_an_event_of_another_epoch_is_a_gap() -> None:
    """History was lost; only a snapshot heals."""
    assert told(event("lock-status", {"seq": 4, "epoch": "another"}), before=known()).is_behind


def test_the_greeting_for_version_1_is_passed_over() -> None:
    """It has no number; the welcome follows."""
    assert told(event("new-question-at-open"), event("lock-status-at-open"), before=known()) == known()


def test_a_recovered_welcome_goes_on_with_what_is_known() -> None:
    """The missed events follow."""
    session = told(
        event("welcome", recovered=True), event("lock-status", {"seq": 4}, is_locked=False), before=parted(known())
    )
    assert session.is_current
    assert session.seq == 4


def test_a_parted_session_applies_nothing_before_it_is_welcomed() -> None:
    """What comes first may be the greeting of a server with another history."""
    assert told(event("lock-status", {"seq": 4}), before=parted(known())).seq == 3


def test_a_new_question_takes_away_results_answer_and_solution() -> None:
    """Those belonged to the one before."""
    session = told(event("new-question", {"seq": 4}, id="q2"), before=known())
    assert session.question is not None
    assert (session.question.id, session.results, session.correct, session.my_vote) == ("q2", None, None, None)


def test_results_of_the_highest_rev_win() -> None:
    """They are never replayed and may overtake each other."""
    newer = event("results-update", {"rev": 100}, participants=50)
    older = event("results-update", {"rev": 99}, participants=49)
    session = told(newer, older, before=known())
    assert session.rev == 100
    assert session.results is not None
    assert session.results.participants == 50


def test_results_of_another_question_or_round_are_not_shown() -> None:
    """They may be of the question before."""
    assert told(event("results-update", round=7), before=known()).results == known().results
    assert told(event("results-update", questionId="q9"), before=known()).results == known().results


def test_a_closed_question_stays_to_be_seen() -> None:
    """Not active, and locked."""
    session = told(event("question-closed", {"seq": 4}), before=known())
    assert session.question is not None
    assert (session.question.is_active, session.question.is_locked) == (False, True)


def test_the_right_answer_comes_with_the_reveal() -> None:
    """And not before."""
    before = told(event("new-question", {"seq": 4}), before=known())
    assert before.correct is None
    assert told(event("answer-revealed", {"seq": 5}), before=before).correct == ("a",)


@pytest.mark.parametrize("status", ["accepted", "rejected"])
def test_an_ack_tells_which_answer_counts(status: str) -> None:
    """Of a rejected vote too: the earlier one."""
    vote = Vote(data=VoteData(questionId="q1", round=1, answer="b", op="1", rev=2))
    ack = VoteAckData(op="1", status=status, rev=2, answer="b")  # type: ignore[arg-type]
    mine = acked(known(), vote, ack).my_vote
    assert mine is not None
    assert (mine.answer, mine.rev) == ("b", 2)


def test_an_ack_for_a_question_that_is_gone_changes_nothing() -> None:
    """The next question stands there already."""
    vote = Vote(data=VoteData(questionId="q0", round=1, answer="b", op="1", rev=2))
    assert acked(known(), vote, VoteAckData(op="1", status="accepted", rev=2, answer="b")) == known()
    none = VoteAckData(op="1", status="rejected", rev=0, answer=UNSET)
    assert acked(known(), vote, none) == known()
