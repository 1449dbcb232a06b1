"""From what an instructor writes to a question, or to a sentence about what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest
from asking import question

from livepoll_jupyter.core.drafts import MAX_LABEL, MAX_OPTIONS, MAX_SIZE, MAX_TEXT, draft, read
from livepoll_jupyter.core.errors import BadQuestion
from livepoll_jupyter.core.messages import Option
from livepoll_jupyter.core.questions import Question


def drafted(**changes: Any) -> Question:
    """A draft in which a test has changed something."""
    given: dict[str, Any] = {"kind": "choice", "text": "Which?", "options": ["yes", "no"]}
    html = changes.pop("html", None)
    label_html = changes.pop("label_html", None)
    written = read(**given | changes)
    return draft(
        "q1", written, html or f"<p>{written.text}</p>", label_html or [f"<i>{one}</i>" for one in written.labels]
    )


def test_a_draft_names_its_options_by_letters() -> None:
    """In the order they were given, each with its label and its HTML."""
    assert drafted().options == (Option("a", "yes", "<i>yes</i>"), Option("b", "no", "<i>no</i>"))
    assert drafted().html == "<p>Which?</p>"


def test_a_draft_is_not_asked_yet() -> None:
    """Round 0, neither active nor locked nor revealed."""
    made = drafted()
    assert (made.round, made.is_active, made.is_locked, made.is_revealed) == (0, False, False, False)


def test_labels_are_stripped() -> None:
    """Of the options and of the right answer alike."""
    made = drafted(options=[" yes ", "no\n"], correct=" yes")
    assert ([option.label for option in made.options], made.correct) == (["yes", "no"], ("a",))


@pytest.mark.parametrize(
    ("correct", "ids"),
    [(None, ()), ([], ()), ("no", ("b",)), (["no"], ("b",)), (["no", "no"], ("b",))],
)
def test_the_right_answer_is_given_by_its_label(correct: Any, ids: tuple[str, ...]) -> None:
    """One, a list, or none."""
    assert drafted(correct=correct).correct == ids


def test_several_right_answers_need_a_multiple_choice() -> None:
    """A choice has one."""
    assert drafted(kind="multiple_choice", correct=["yes", "no"]).correct == ("a", "b")
    with pytest.raises(BadQuestion, match="multiple_choice"):
        drafted(correct=["yes", "no"])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"text": " "}, "needs a text"),
        ({"text": "x" * (MAX_TEXT + 1)}, str(MAX_TEXT)),
        ({"options": []}, "at least two options"),
        ({"options": ["yes"]}, "at least two options"),
        ({"options": "yes"}, "list of labels"),
        ({"options": ["yes", " "]}, "empty"),
        ({"options": ["yes", "yes "]}, "Two options are equal: 'yes'"),
        ({"options": [str(number) for number in range(MAX_OPTIONS + 1)]}, str(MAX_OPTIONS)),
        ({"options": ["yes", "x" * (MAX_LABEL + 1)]}, str(MAX_LABEL)),
        ({"correct": "maybe"}, "'maybe' is not one of the options: 'yes', 'no'"),
        ({"correct": ["yes", "maybe"]}, "'maybe'"),
        ({"kind": "riddle"}, "use one of: choice, multiple_choice"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_to_do(changes: dict[str, Any], sentence: str) -> None:
    """Every mistake has its sentence."""
    with pytest.raises(BadQuestion, match=sentence):
        drafted(**changes)


def test_a_question_that_grows_too_large_when_rendered_is_refused() -> None:
    """A slow phone's outbox must hold it."""
    with pytest.raises(BadQuestion, match=f"at most {MAX_SIZE:,} go to a phone"):
        drafted(html="x" * MAX_SIZE)


def test_the_largest_question_that_fits_is_taken() -> None:
    """As many options, as long labels, as much text as the limits say."""
    options = [str(number).rjust(MAX_LABEL, "x") for number in range(MAX_OPTIONS)]
    assert len(drafted(text="x" * MAX_TEXT, options=options).options) == MAX_OPTIONS


def test_the_public_object_hides_what_the_instructors_shows() -> None:
    """The right answer, when results are shown, and whether it was revealed."""
    made = question(correct="neither")
    assert made.for_instructor().correct == ("c",)
    assert not hasattr(made.public(), "correct")
