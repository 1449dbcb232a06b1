"""A student's place in a notebook."""

from __future__ import annotations

from typing import Any

import pytest
from test_poll_question import Pressed
from waiting import until

from livepoll_jupyter.core.errors import (
    BadAnswer,
    BadRequest,
    Conflict,
    NotFound,
    QuestionClosed,
    QuestionLocked,
    RoomEnded,
)
from livepoll_jupyter.widgets import LivePoll, Seat, join

TWO = ["the mean", "the median"]


@pytest.fixture
def me(poll: LivePoll) -> Seat:
    """A student."""
    return join(poll.join_url)


def test_a_seat_knows_the_room_and_waits(poll: LivePoll, me: Seat) -> None:
    """Before the first question."""
    assert (me.title, me.connection, me.text, me.options, me.my_answer) == (poll.title, "open", "", [], None)


def test_the_question_comes_by_itself(poll: LivePoll, me: Seat) -> None:
    """As it does on a phone."""
    poll.publish("Which is larger?", TWO)
    until(me, "text", lambda text: text == "Which is larger?")
    assert me.options == TWO
    assert me.is_active


def test_an_answer_returns_what_counts(poll: LivePoll, me: Seat) -> None:
    """At once after a publish: the call waits for the question that was announced before."""
    poll.publish("Which is larger?", TWO)
    assert me.answer("the median") == "the median"
    assert me.answer("a") == "the mean"
    assert me.my_answer == "the mean"


def test_refusals_are_raised_with_their_sentence(poll: LivePoll, me: Seat) -> None:
    """Nothing asked, no option, locked, closed."""
    with pytest.raises(QuestionClosed, match="No question"):
        me.answer("the mean")
    asked = poll.publish("Which is larger?", TWO)
    with pytest.raises(BadAnswer, match="the mode"):
        me.answer("the mode")
    asked.lock()
    with pytest.raises(QuestionLocked):
        me.answer("the mean")
    asked.close()
    with pytest.raises(QuestionClosed):
        me.answer("the mean")


def test_the_right_answer_and_the_results_are_seen_once_they_are_shown(poll: LivePoll, me: Seat) -> None:
    """Not before, not in the state of the view either."""
    asked = poll.publish("Which is larger?", TWO, correct="the mean", show_results="revealed")
    me.answer("the median")
    asked.lock()
    me.catch_up()
    assert (me.results, me.correct) == ({}, [])
    assert me._state["results"] is None
    assert me._state["correct"] is None
    asked.reveal()
    me.catch_up()
    assert (me.results, me.correct) == ({"the mean": 0, "the median": 1}, ["the mean"])


def shows(me: Seat, **parts: Any) -> None:
    """Wait until the view is told so."""
    until(me, "_state", lambda state: all(state[name] == value for name, value in parts.items()))


def test_a_click_answers(poll: LivePoll, me: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the view is told that it counts."""
    asked = poll.publish("Which is larger?", TWO)
    me.catch_up()
    assert Pressed(me, monkeypatch).press("answer", asked.id, "b") is None
    shows(me, delivery="counted", isCounted=True, answer="b")
    assert me.my_answer == "the median"


def test_a_click_takes_the_answer_back(poll: LivePoll, me: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the view is told so."""
    asked = poll.publish("Which is larger?", TWO)
    me.answer("the median")
    assert Pressed(me, monkeypatch).press("answer", asked.id, None) is None
    shows(me, delivery="withdrawn", isCounted=False, answer=None)
    assert me.my_answer is None
    asked.lock()
    assert asked.answered == 0


def test_an_answer_may_be_taken_back_until_the_lock(poll: LivePoll, me: Seat) -> None:
    """In code as well; afterwards it counts."""
    asked = poll.publish("Which is larger?", TWO)
    assert me.answer("the mean") == "the mean"
    me.withdraw()
    assert me.my_answer is None
    me.answer("the median")
    asked.lock()
    with pytest.raises(QuestionLocked, match="too late to take your answer back; it counts"):
        me.withdraw()
    assert me.my_answer == "the median"
    assert asked.results == {"the mean": 0, "the median": 1}


def test_a_click_that_comes_too_late_is_told(poll: LivePoll, me: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below the question, until the next one is asked."""
    asked = poll.publish("Which is larger?", TWO)
    me.catch_up()
    asked.lock()
    Pressed(me, monkeypatch).press("answer", asked.id, "b")
    shows(me, delivery="refused", isCounted=False)
    assert "not counted" in me._state["refusal"]
    poll.publish("Another?", TWO)
    shows(me, delivery="none", refusal=None, late=None)


def test_a_click_on_a_question_that_is_gone_answers_no_other(
    poll: LivePoll, me: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one was published in between."""
    first = poll.publish("One?", TWO)
    second = poll.publish("Two?", TWO)
    me.catch_up()
    assert "closed" in str(Pressed(me, monkeypatch).press("answer", first.id, "b"))
    second.lock()
    assert second.answered == 0


def test_leaving_is_seen_by_the_instructor(poll: LivePoll, me: Seat) -> None:
    """The answers stay."""
    poll.publish("Which is larger?", TWO)
    me.answer("the mean")
    until(poll, "participants", lambda n: n == 1)
    me.leave()
    assert me.connection == "closed"
    until(poll, "participants", lambda n: n == 0)
    assert len(poll.to_frame()) == 1


def test_the_end_of_the_room_is_seen(poll: LivePoll, me: Seat) -> None:
    """By itself."""
    poll.end()
    until(me, "connection", lambda connection: connection == "ended")
    with pytest.raises(RoomEnded):
        me.answer("the mean")


def test_a_seat_that_was_left_takes_no_answer(me: Seat) -> None:
    """And says how to get another."""
    me.leave()
    with pytest.raises(Conflict, match="join"):
        me.answer("the mean")


def test_a_wrong_link_is_refused(poll: LivePoll) -> None:
    """Told apart: no link at all, and no such room."""
    with pytest.raises(BadRequest, match="not a join link"):
        join("K7WQ2M")
    with pytest.raises(NotFound):
        join(poll.join_url.replace(poll.code, "ZZZZZZ"))
