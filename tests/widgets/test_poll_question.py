"""One question in the instructor's notebook: lock, reveal, rounds, results and rows."""

from __future__ import annotations

import builtins
from typing import Any
from unittest.mock import Mock

import pytest
from waiting import SECONDS

from livepoll_jupyter.core.errors import AlreadyRevealed, NotPublished, QuestionClosed
from livepoll_jupyter.widgets import LivePoll, PollQuestion, Seat, join
from livepoll_jupyter.widgets.base import PollWidget

TWO = ["the mean", "the median"]
COLUMNS = ["participant", "questionId", "round", "answer", "correct", "rev", "at"]


@pytest.fixture
def asked(poll: LivePoll) -> PollQuestion:
    """A question that is being asked."""
    return poll.publish("Which is larger?", TWO, correct="the mean")


@pytest.fixture
def me(poll: LivePoll) -> Seat:
    """A student."""
    return join(poll.join_url)


def test_results_are_exact_when_lock_returns(asked: PollQuestion, me: Seat) -> None:
    """By label, in the options' order, zeros included."""
    me.answer("the median")
    asked.lock()
    assert asked.is_locked
    assert list(asked.results.items()) == [("the mean", 0), ("the median", 1)]
    assert asked.answered == 1


def test_unlock_opens_it_again(asked: PollQuestion, me: Seat) -> None:
    """Until the right answer is out."""
    asked.lock()
    asked.unlock()
    assert not asked.is_locked
    assert me.answer("the mean") == "the mean"
    asked.reveal()
    with pytest.raises(AlreadyRevealed):
        asked.unlock()


def test_close_ends_the_question_and_keeps_its_widget(asked: PollQuestion, poll: LivePoll) -> None:
    """It stays where it is displayed."""
    asked.close()
    assert (asked.is_active, asked.is_locked) == (False, True)
    assert poll.question is None
    assert asked.comm is not None
    with pytest.raises(QuestionClosed):
        asked.lock()


def test_publishing_a_closed_question_begins_a_round(asked: PollQuestion, me: Seat) -> None:
    """At zero; the rows of both rounds are kept."""
    me.answer("the median")
    asked.close()
    asked.publish()
    assert (asked.round, asked.results) == (2, {"the mean": 0, "the median": 0})
    me.answer("the mean")
    frame = asked.to_frame()
    assert frame["answer"].tolist() == ["the median", "the mean"]
    assert frame["round"].tolist() == [1, 2]


def test_a_draft_cannot_be_locked_revealed_or_closed(poll: LivePoll) -> None:
    """It was not asked yet."""
    (draft,) = poll.draft([("Which?", TWO)])
    for command in (draft.lock, draft.reveal, draft.close):
        with pytest.raises(NotPublished):
            command()


def test_a_frame_has_one_row_per_participant_and_answer(asked: PollQuestion, poll: LivePoll) -> None:
    """Answers as labels, whether they are right, and when they came."""
    for answer in ("the mean", "the median", "the mean"):
        join(poll.join_url, show=False).answer(answer)
    frame = asked.to_frame()
    assert list(frame.columns) == COLUMNS
    assert sorted(frame["answer"]) == ["the mean", "the mean", "the median"]
    assert frame["correct"].sum() == 2
    assert frame["participant"].nunique() == 3
    assert set(frame["questionId"]) == {asked.id}
    assert frame["at"].dt.tz is None  # in UTC; a spreadsheet takes no times with a zone


def test_a_frame_of_a_question_without_answers_is_empty(asked: PollQuestion) -> None:
    """With the same columns and types."""
    frame = asked.to_frame()
    assert len(frame) == 0
    assert list(frame.columns) == COLUMNS
    assert str(frame["correct"].dtype) == "boolean"


def test_several_answers_are_a_list_of_labels(poll: LivePoll, me: Seat) -> None:
    """And right only all together."""
    poll.publish("Which?", ["x", "y", "z"], kind="multiple_choice", correct=["x", "z"])
    me.answer(["z", "x"])
    (row,) = poll.to_frame().to_dict("records")
    assert (row["answer"], row["correct"]) == (("x", "z"), True)


def test_a_question_without_a_right_answer_says_neither(poll: LivePoll, me: Seat) -> None:
    """Not right, not wrong."""
    poll.publish("Which?", TWO)
    me.answer("the mean")
    assert poll.to_frame()["correct"].isna().tolist() == [True]


def test_without_pandas_a_frame_is_a_list_of_dicts(
    asked: PollQuestion, me: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the same columns."""
    me.answer("the mean")
    monkeypatch.setattr("livepoll_jupyter.widgets.frames.find_spec", lambda _name: None)
    (row,) = asked.to_frame()
    assert list(row) == COLUMNS
    assert row["answer"] == "the mean"


class Pressed:
    """A button in the view, and the replies that it gets."""

    def __init__(self, widget: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        from queue import Queue

        self._widget = widget
        self._replies: Queue[dict[str, Any]] = Queue()
        monkeypatch.setattr(widget, "send", lambda content, buffers=None: self._replies.put(content))  # noqa: ARG005

    def press(self, act: str, question: str = "", answer: Any = None) -> str | None:
        """Press, as the kernel hears of it; the error that is shown."""
        content = {"id": 1, "do": act, "question": question, "answer": answer}
        self._widget._handle_custom_msg(content, [])
        while "reply" not in (reply := self._replies.get(timeout=SECONDS)):
            pass  # a change of the state, which is told in messages of its own
        assert reply["reply"] == 1
        error: str | None = reply["error"]
        return error


def test_every_button_of_the_panel_works(poll: LivePoll, asked: PollQuestion, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its outcome stands in the traits when the reply comes."""
    panel = Pressed(poll, monkeypatch)
    assert panel.press("lock", asked.id) is None
    assert asked.is_locked
    assert panel.press("unlock", asked.id) is None
    assert not asked.is_locked
    assert panel.press("reveal", asked.id) is None
    assert asked.is_revealed
    assert panel.press("close", asked.id) is None
    assert not asked.is_active
    assert panel.press("publish", asked.id) is None
    assert asked.round == 2
    assert panel.press("reconnect") is None


def test_a_refused_button_says_why(asked: PollQuestion, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the server's words."""
    asked.reveal()
    error = Pressed(asked, monkeypatch).press("unlock", asked.id)
    assert error == "The right answer is out. Publish the question again for a new round."


def test_a_button_that_is_not_known_says_so(poll: LivePoll, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that is older or newer than the kernel."""
    assert "knows no button 'jump'" in str(Pressed(poll, monkeypatch).press("jump"))


def test_a_mistake_of_ours_is_logged_and_not_shown(
    asked: PollQuestion, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The person reads where to look."""

    def break_down(*_: object, **__: object) -> None:
        raise builtins.ZeroDivisionError("a secret detail")

    monkeypatch.setattr(asked._room.instructor, "reveal", break_down)
    error = Pressed(asked, monkeypatch).press("reveal", asked.id)
    assert error is not None
    assert "log" in error
    assert "secret" not in error
    assert "a secret detail" in caplog.text


def test_a_press_with_half_a_character_is_logged_and_does_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """JSON can say half of a pair of surrogates; a traceback would appear in whatever cell runs."""
    with caplog.at_level("WARNING"):
        PollWidget._pressed(Mock(), None, {"id": "\ud800", "do": "look"}, [])
    assert ["is no button" in record.getMessage() for record in caplog.records] == [True]
