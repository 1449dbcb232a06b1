"""The instructor's panel in a kernel: opening, asking, preparing, taking back, ending."""

from __future__ import annotations

import json
import logging
from threading import Event
from typing import Any

import pytest
import traitlets
from ipywidgets import VBox
from waiting import SECONDS, until

from livepoll_jupyter.client.background import DEADLINE, Background, background
from livepoll_jupyter.core.errors import (
    AlreadyPublished,
    BadQuestion,
    BadRequest,
    Conflict,
    RoomEnded,
    UnknownQuestion,
)
from livepoll_jupyter.core.rest import NewQuestion
from livepoll_jupyter.widgets import LivePoll, PollQuestion, join, open_room
from livepoll_jupyter.widgets.embedded import embedded_server

TWO = ["the mean", "the median"]


def test_a_room_is_open_with_its_code_and_link(poll: LivePoll) -> None:
    """As soon as the call returns."""
    assert poll.connection == "open"
    assert len(poll.code) == 6
    assert poll.join_url.endswith(f"/{poll.code}")
    # On a machine without a network there is a sentence instead of a picture.
    assert poll._qr_svg.startswith("<svg") != bool(poll._state["joinNotice"])
    assert poll.question is None
    assert poll.questions == ()


def test_publish_asks_and_gives_back_the_question(poll: LivePoll) -> None:
    """With its state as traits."""
    asked = poll.publish("Which is larger?", TWO, correct="the mean")
    assert isinstance(asked, PollQuestion)
    assert (asked.text, asked.options, asked.round) == ("Which is larger?", TWO, 1)
    assert (asked.is_active, asked.is_locked, asked.is_revealed) == (True, False, False)
    assert asked.results == {"the mean": 0, "the median": 0}
    assert poll.question is asked
    assert poll.questions == (asked,)


def test_a_question_that_is_being_asked_is_not_asked_again(poll: LivePoll) -> None:
    """A cell that is run once more leaves it as it is, with its answers, locked or not."""
    asked = poll.publish("Which is larger?", TWO, correct="the mean")
    me = join(poll.join_url)
    me.answer("the mean")
    assert poll.publish("Which is larger?", TWO, correct="the mean") is asked
    asked.lock()
    assert poll.publish("Which is larger?", TWO, correct="the mean") is asked
    assert (asked.round, asked.is_locked, asked.results) == (1, True, {"the mean": 1, "the median": 0})
    assert poll.questions == (asked,)


def test_a_restarted_kernel_takes_the_active_question_back(poll: LivePoll) -> None:
    """It runs its cells again, and nobody has to answer twice."""
    poll.publish("Which is larger?", TWO)
    me = join(poll.join_url)
    me.answer("the median")
    open_room._rooms.clear()
    again = LivePoll(poll.title)
    restored = again.publish("Which is larger?", TWO)
    assert again.questions == (restored,)
    assert (restored.round, restored.results) == (1, {"the mean": 0, "the median": 1})
    assert me.answer("the mean") == "the mean"
    restored.lock()
    assert restored.results == {"the mean": 1, "the median": 0}


def test_an_active_question_that_differs_is_not_taken_for_it(poll: LivePoll) -> None:
    """In its right answer, for one."""
    first = poll.publish("Which is larger?", TWO, correct="the mean")
    second = poll.publish("Which is larger?", TWO, correct="the median")
    assert poll.question is second
    assert not first.is_active


def test_a_closed_question_is_asked_anew(poll: LivePoll) -> None:
    """As a question of its own; its old answers stay where they are."""
    first = poll.publish("Which is larger?", TWO)
    join(poll.join_url).answer("the mean")
    first.close()
    second = poll.publish("Which is larger?", TWO)
    assert second is not first
    assert (second.answered, first.answered) == (0, 1)


def test_what_the_sidebar_asked_a_moment_ago_is_known(poll: LivePoll, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if the news of it is still on its way to this kernel."""
    monkeypatch.setattr(poll._room.instructor._connection, "_on_event", lambda _event: None)
    question = NewQuestion(text="Which is larger?", options=TWO, publish=True)
    made = background().run(embedded_server().add_question(poll.code, question))
    assert poll.questions == ()
    assert poll.publish("Which is larger?", TWO).id == made.id
    assert len(poll.questions) == 1


def test_publishing_another_question_closes_the_one_before(poll: LivePoll) -> None:
    """There is one question at a time."""
    first = poll.publish("One?", TWO)
    second = poll.publish("Two?", TWO)
    assert (first.is_active, second.is_active) == (False, True)
    assert poll.question is second


def test_joined_and_answered_are_counted(poll: LivePoll) -> None:
    """They come by themselves, within the bundle's two seconds."""
    poll.publish("Which is larger?", TWO)
    me = join(poll.join_url)
    until(poll, "participants", lambda n: n == 1)
    me.answer("the mean")
    until(poll, "answered", lambda n: n == 1)
    me.close()
    until(poll, "participants", lambda n: n == 0)


def test_a_long_list_of_drafts_has_a_time_for_each(poll: LivePoll, monkeypatch: pytest.MonkeyPatch) -> None:
    """300 questions took longer than one time for all of them on a busy machine, and only some of them were there."""
    given: list[float] = []
    usual = Background.run

    def run(self: Background, work: Any, *, deadline: float = DEADLINE) -> Any:
        given.append(deadline)
        return usual(self, work, deadline=deadline)

    monkeypatch.setattr(Background, "run", run)
    poll.draft([(f"Question {number}?", ["yes", "no"]) for number in range(3)])
    assert given == [3 * DEADLINE]


def test_drafts_are_asked_one_after_the_other(poll: LivePoll) -> None:
    """Tuples and dicts alike, in their order."""
    drafts = poll.draft(
        [
            ("One?", TWO),
            ("Two?", TWO, "the mean"),
            {"text": "Three?", "options": ["x", "y"], "kind": "multiple_choice", "correct": ["x", "y"]},
        ]
    )
    assert [draft.round for draft in drafts] == [0, 0, 0]
    assert poll.question is None
    assert [poll.publish_next() for _ in range(3)] == drafts
    assert [draft.is_active for draft in drafts] == [False, False, True]
    with pytest.raises(Conflict, match="no draft left"):
        poll.publish_next()


def test_a_cell_that_is_run_twice_prepares_its_questions_once(poll: LivePoll) -> None:
    """And asks the one that it prepared."""
    lecture = [("One?", TWO, "the mean"), ("Two?", TWO)]
    assert poll.draft(lecture) == poll.draft(lecture)
    assert poll.publish("One?", TWO, correct="the mean") is poll.questions[0]
    assert len(poll.questions) == 2


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (("One?",), "Question 2"),
        ("One?", "Question 2"),
        ({"text": "One?", "option": TWO}, "no 'option'"),
        ({"text": "One?", "options": "ab"}, "list of labels"),
        ({"text": 1, "options": TWO}, "Question 2"),
        ({"text": "One?", "options": [None, {}]}, "'options' is a list of texts"),
        (1, "Question 2"),
    ],
)
def test_a_draft_that_cannot_be_read_says_where_and_why(poll: LivePoll, wrong: Any, says: str) -> None:
    """Nothing of the list is prepared then."""
    with pytest.raises(BadQuestion, match=says):
        poll.draft([("Zero?", TWO), wrong])
    assert poll.questions == ()


def test_a_refusal_is_said_once(poll: LivePoll, caplog: pytest.LogCaptureFixture) -> None:
    """By the error: what the server inside the kernel logs would stand below the cell too."""
    with pytest.raises(BadQuestion):
        poll.publish("Which?", [])
    assert caplog.messages == []


def test_a_draft_that_the_server_refuses_says_where_it_stands(poll: LivePoll) -> None:
    """Those before it are drafts."""
    with pytest.raises(BadQuestion, match=r"Question 2 .* not one of the options"):
        poll.draft([("Zero?", TWO), ("One?", TWO, "the mode")])
    assert len(poll.questions) == 1


@pytest.mark.parametrize("title", ["", "x" * 201, 101])
def test_what_is_no_title_is_told_in_a_sentence(title: Any) -> None:
    """With an example."""
    with pytest.raises(BadRequest, match="A room's title is a text"):
        LivePoll(title)


@pytest.mark.parametrize(
    ("options", "more", "says"),
    [
        (["one"], {}, "at least two"),
        (["same", "same"], {}, "equal"),
        (TWO, {"correct": "the mode"}, "not one of the options"),
        (TWO, {"kind": "essay"}, "no kind of question"),
        (TWO, {"correct": TWO, "kind": "choice"}, "one right answer"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(
    poll: LivePoll, options: list[str], more: dict[str, Any], says: str
) -> None:
    """By the server's own words."""
    with pytest.raises(BadQuestion, match=says):
        poll.publish("Which?", options, **more)
    assert poll.questions == ()


def test_the_same_title_takes_the_room_back(poll: LivePoll) -> None:
    """As after a restart of the kernel: another connection, the same room, questions and results."""
    asked = poll.publish("Which is larger?", TWO, correct="the mean")
    join(poll.join_url).answer("the median")
    asked.reveal()
    open_room._rooms.clear()
    again = LivePoll(poll.title)
    (restored,) = again.questions
    assert again.code == poll.code
    assert restored is not asked
    assert restored.results == {"the mean": 0, "the median": 1}
    assert restored.is_revealed
    assert again.question is restored


def test_a_second_panel_of_a_room_shows_the_same_questions(poll: LivePoll) -> None:
    """A cell that is run again makes no second connection."""
    asked = poll.publish("Which?", TWO)
    again = LivePoll(poll.title)
    assert again.question is asked
    again.close()
    assert poll.connection == "open"


def test_the_end_of_a_room_is_final(poll: LivePoll) -> None:
    """No question is asked any more; the answers stay."""
    asked = poll.publish("Which?", TWO)
    join(poll.join_url).answer("the mean")
    poll.end()
    assert poll.connection == "ended"
    with pytest.raises(RoomEnded):
        poll.publish("Another?", TWO)
    assert len(asked.to_frame()) == 1


def test_traits_are_set_by_the_room_alone(poll: LivePoll) -> None:
    """A person who sets one is told."""
    for name in ("title", "code", "join_url", "participants", "connection", "trouble", "question"):
        with pytest.raises(traitlets.TraitError):
            setattr(poll, name, getattr(poll, name))


def test_an_observer_may_give_commands(poll: LivePoll) -> None:
    """Here a question locks itself with its first answer; what stands in the end is the newest."""
    asked = poll.publish("Which?", TWO)
    locked = Event()

    def lock(change: dict[str, Any]) -> None:
        if change["new"] == 1:
            asked.lock()
            locked.set()

    asked.observe(lock, "answered")
    join(poll.join_url).answer("the mean")
    assert locked.wait(SECONDS)
    until(asked, "_state", lambda state: state["question"]["is_locked"])
    assert asked.is_locked


def test_an_observer_that_fails_keeps_nobody_else_from_the_news(
    poll: LivePoll, caplog: pytest.LogCaptureFixture
) -> None:
    """Its error is logged."""

    def fail(_change: object) -> None:
        raise ValueError("an observer's mistake")

    asked = poll.publish("Which?", TWO)
    asked.observe(fail, "answered")
    with caplog.at_level(logging.ERROR):
        join(poll.join_url).answer("the mean")
        until(poll, "answered", lambda n: n == 1)
        done = Event()
        background().call(done.set)
        assert done.wait(SECONDS)
    assert "an observer's mistake" in caplog.text


def test_the_panel_goes_together_with_other_widgets(poll: LivePoll) -> None:
    """It is one of them."""
    assert VBox([poll, poll.publish("Which?", TWO)]).children[0] is poll


def test_no_token_stands_in_what_may_be_saved_or_printed(poll: LivePoll) -> None:
    """Neither the instructor's nor a participant's: not in state, repr, text or an error."""
    me = join(poll.join_url)
    asked = poll.publish("Which?", TWO)
    tokens = [embedded_server().headers["Authorization"].removeprefix("Bearer "), me._student.token]
    told = ""
    for widget in (poll, asked, me):
        state = {name: value for name, value in widget.get_state().items() if name not in {"layout", "_esm", "_css"}}
        told += json.dumps(state) + repr(widget) + str(widget._repr_mimebundle_()) + repr(vars(widget))
    for token in tokens:
        assert token
        assert token not in told


def test_what_an_author_may_not_have_meant_is_warned_of(poll: LivePoll) -> None:
    """Below the cell that asked, and nothing keeps it from being asked."""
    with pytest.warns(UserWarning, match="__init__ is shown as a bold init") as caught:
        asked = poll.publish("Which method?", ["__init__", "init"])
    assert asked.is_active
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match=r"Question 2 of the list: In the question, the stars of 2\*3\*4"):
        poll.draft([("Which?", TWO), ("What is 2*3*4?", ["24", "9"])])


def test_a_formula_that_cannot_be_shown_keeps_a_question_from_being_asked(poll: LivePoll) -> None:
    """With the command and its place; so does an image, and a forgotten r."""
    with pytest.raises(BadQuestion, match=r"there is no command \\foo here, at character 1"):
        poll.publish(r"Is $\foo{x}$ even?", TWO)
    with pytest.raises(BadQuestion, match=r"In option 2, the image 'plot\.png' cannot be shown"):
        poll.publish("Which?", ["a", "![b](plot.png)"])
    with pytest.raises(BadQuestion, match=r"Put an r before the text"):
        poll.publish("Is $\frac{a}{b}$ positive?", TWO)
    assert poll.question is None


def test_half_a_character_is_told_in_a_sentence(poll: LivePoll) -> None:
    """A lone surrogate cannot be sent."""
    with pytest.raises(BadRequest, match="lone surrogate"):
        poll.publish("half \ud83d", TWO)
    with pytest.raises(BadRequest, match="lone surrogate"):
        LivePoll("half \ud83d")


def test_a_draft_can_be_corrected(poll: LivePoll) -> None:
    """At its place, in what is named alone; a mistake leaves it as it was."""
    wrong, other = poll.draft([("Which is larger?", ["the maen", "the median"], "the median"), ("And now?", TWO)])
    assert poll.edit(wrong, options=TWO) is wrong
    assert (wrong.text, wrong.options) == ("Which is larger?", TWO)
    poll.edit(wrong, text="Which is smaller?", correct=iter(TWO))
    seen = poll._room.instructor.board.question(wrong.id)
    assert (seen.text, seen.kind, seen.correct) == ("Which is smaller?", "multiple_choice", ("a", "b"))
    with pytest.raises(BadQuestion, match="not one of the options"):
        poll.edit(wrong, options=["the mean", "the mode"])
    assert (wrong.options, poll.questions) == (TWO, (wrong, other))


def test_a_deleted_draft_says_so_and_an_asked_question_stays(poll: LivePoll) -> None:
    """Its widget keeps its text; panels and later commands go on."""
    first, second = poll.draft([("Which is larger?", TWO), ("And now?", TWO)])
    poll.delete(first)
    assert (first.is_deleted, first.text, poll.questions) == (True, "Which is larger?", (second,))
    with pytest.raises(UnknownQuestion, match="This draft was deleted"):
        first.publish()
    poll.publish_next()
    assert (second.is_active, second.is_deleted) == (True, False)
    for command in (lambda: poll.delete(second), lambda: poll.edit(second, text="Which?")):
        with pytest.raises(AlreadyPublished, match="stays as the class saw it"):
            command()
    assert poll.question is second
