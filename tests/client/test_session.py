"""What a client knows of its room after each message: every event once and in order, the newest results."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from doubles import event
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from livepoll_jupyter.client.session import Session, acked, after, parted
from livepoll_jupyter.core.messages import MyVote, ServerEvent, Vote, VoteAckData, VoteData, Welcome


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
    assert (session.question.id, session.results, session.correct, session.counted) == ("q2", None, None, None)


def test_the_own_vote_outlives_the_missed_questions_before_its_own() -> None:
    """The welcome tells of it before the events that lead to its question come in."""
    mine = {"questionId": "q3", "round": 1, "answer": "b", "rev": 1}
    missed = (event("new-question", {"seq": number}, id=f"q{number - 2}", round=1) for number in (4, 5))
    session = told(event("welcome", recovered=True, myVote=mine), *missed, before=known())
    assert session.counted == MyVote(questionId="q3", round=1, answer="b", rev=1)


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


def vote(answer: str | None = "b", *, rev: int = 3, question: str = "q1") -> Vote:
    """An act of voting on the question that :func:`known` shows."""
    return Vote(data=VoteData(questionId=question, round=1, answer=answer, op=f"op-{rev}", rev=rev))


def ack(answer: Any = "b", *, rev: int = 3, status: Literal["accepted", "rejected"] = "accepted") -> VoteAckData:
    """What the server tells of it."""
    return VoteAckData(op=f"op-{rev}", status=status, rev=rev, answer=answer)


def mine(session: Session) -> tuple[Any, int] | None:
    """The participant's own answer and its rev, as far as it is known."""
    return (session.my_vote.answer, session.my_vote.rev) if session.my_vote else None


@pytest.mark.parametrize("status", ["accepted", "rejected"])
def test_an_ack_tells_which_answer_counts(status: Literal["accepted", "rejected"]) -> None:
    """Of a rejected vote too: the earlier one."""
    assert mine(acked(known(), vote(), ack(status=status))) == ("b", 3)


def test_an_ack_for_a_question_that_is_gone_changes_nothing() -> None:
    """The next question stands there already."""
    assert acked(known(), vote(question="q0"), ack()) == known()


def test_a_rejection_that_names_no_answer_changes_nothing() -> None:
    """Nothing counts yet."""
    assert acked(known(), vote(), ack(UNSET, rev=0, status="rejected")) == known()


def test_the_same_ack_sent_again_does_not_bring_an_older_answer_back() -> None:
    """A retry of the first act is acked as the first act, whatever was answered since."""
    session = acked(acked(known(), vote(rev=3), ack(rev=3)), vote("a", rev=4), ack("a", rev=4))
    assert mine(acked(session, vote(rev=3), ack(rev=3))) == ("a", 4)


def test_a_withdrawn_answer_counts_no_more() -> None:
    """What is known of it is its rev."""
    session = acked(acked(known(), vote(rev=3), ack(rev=3)), vote(None, rev=4), ack(None, rev=4))
    assert mine(session) == (None, 4)
    assert session.counted is None


def test_a_vote_from_another_device_is_ones_own() -> None:
    """The newest of them counts; a late copy of an older one does not."""
    newer, older = event("my-vote", answer="a", rev=9), event("my-vote", answer="b", rev=8)
    assert mine(told(newer, older, before=known())) == ("a", 9)
    assert mine(told(newer, event("my-vote-withdrawn", rev=10), before=known())) == (None, 10)
    assert mine(told(event("my-vote", round=7, rev=9), before=known())) == ("a", 2)


def test_a_closed_question_keeps_ones_answer_over_a_resume() -> None:
    """The welcome speaks of the active question only."""
    session = told(event("question-closed", {"seq": 4}), before=acked(known(), vote(), ack()))
    welcome = event("welcome", recovered=True)
    assert isinstance(welcome, Welcome)
    silent = replace(welcome, data=replace(welcome.data, myVote=UNSET))
    assert mine(after(parted(session), silent)) == ("b", 3)


def test_another_history_knows_nothing_of_ones_answer() -> None:
    """Of a server that was set up anew."""
    session = acked(known(), vote(rev=7), ack(rev=7))
    another = told(
        event("welcome", epoch="another", recovered=False), event("snapshot", {"epoch": "another"}), before=session
    )
    assert mine(another) == ("a", 2)


NEWS = st.tuples(st.sampled_from(["ack", "rejection", "my-vote", "welcome", "lock", "results"]), st.integers(1, 9))


def heard(session: Session, kind: str, rev: int) -> Session:
    """The session after some news; an answer belongs to its rev, and every third act is a withdrawal."""
    answer = None if rev % 3 == 0 else "ab"[rev % 2]
    match kind:
        case "ack":
            return acked(session, vote(answer, rev=rev), ack(answer, rev=rev))
        case "rejection":
            return acked(session, vote("a", rev=rev + 1), ack(answer, rev=rev, status="rejected"))
        case "welcome":
            counts = {"questionId": "q1", "round": 1, "answer": answer, "rev": rev}
            return told(event("welcome", recovered=True, myVote=counts), before=parted(session))
        case "lock":
            return told(event("lock-status", {"seq": session.seq + 1}), before=session)
        case "results":
            return told(event("results-update", {"rev": rev}), before=session)
        case _:
            return told(event("my-vote", questionId="q1", answer=answer, rev=rev), before=session)


@given(st.lists(NEWS, max_size=12))
def test_whatever_comes_in_whatever_order_the_highest_rev_counts(news: list[tuple[str, int]]) -> None:
    """Acks, old acks again, other devices, losses in between: one's answer never goes back to an older one."""
    session, highest = known(), 2
    for kind, rev in news:
        session = heard(session, kind, rev)
        highest = max(highest, rev if kind not in {"lock", "results"} else 0)
        assert (session.my_vote.rev if session.my_vote else 0) == highest
