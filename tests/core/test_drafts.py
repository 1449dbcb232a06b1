"""From what an instructor writes to a question, or to a sentence about what is wrong with it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from asking import question

from livepoll_jupyter.core import drafts
from livepoll_jupyter.core.drafts import (
    MAX_ELEMENTS,
    MAX_LABEL,
    MAX_LEVELS,
    MAX_OPTIONS,
    MAX_SIZE,
    MAX_TEXT,
    draft,
    read,
)
from livepoll_jupyter.core.errors import BadQuestion
from livepoll_jupyter.core.messages import Option
from livepoll_jupyter.core.questions import Question
from livepoll_jupyter.core.texts import reading_key


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
        ({"text": "a" + "\u0301" * 31}, "30 combining marks"),
        ({"options": ["a" + "\u0323\u0301" * 20, "b"]}, "30 combining marks"),
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


def test_a_text_of_too_many_elements_is_refused() -> None:
    """In the question or in one option; the sum of them is bounded by the size."""
    most, more = "<p>" + "<i>x</i>" * (MAX_ELEMENTS - 1) + "</p>", "<i>x</i>" * (MAX_ELEMENTS + 1)
    assert drafted(html=most, label_html=[most, "no"]).html == most
    for changes in ({"html": more}, {"label_html": ["yes", more]}):
        with pytest.raises(BadQuestion, match=r"5,001 signs and other elements .* at most 5,000"):
            drafted(**changes)


def test_a_text_of_too_many_elements_within_each_other_is_refused() -> None:
    """A browser takes eight times as long for twice as many of them in a formula, and has an end to its stack."""
    most = "<i>" * MAX_LEVELS + "x<br><br>" + "</i>" * MAX_LEVELS
    assert drafted(html=most * 3).html == most * 3
    for changes in ({"html": f"<p>{most}</p>"}, {"label_html": ["yes", f"<p>{most}</p>"]}):
        with pytest.raises(BadQuestion, match=r"81 lists, .* at most 80"):
            drafted(**changes)


def test_the_largest_question_that_fits_is_taken() -> None:
    """As many options, as long labels, as much text as the limits say."""
    options = [str(number).rjust(MAX_LABEL, "x") for number in range(MAX_OPTIONS)]
    assert len(drafted(text="x" * MAX_TEXT, options=options).options) == MAX_OPTIONS


def test_the_public_object_hides_what_the_instructors_shows() -> None:
    """The right answer, when results are shown, and whether it was revealed."""
    made = question(correct="neither")
    assert made.for_instructor().correct == ("c",)
    assert not hasattr(made.public(), "correct")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Is $\frac{a}{b}$ positive?", r"Python read \\f in \\frac. Put an r before the text"),
        ("Is $\beta$ small?", r"\\beta"),
        ("$\vec x$", r"\\vec"),
        ("$\alpha$", r"\\alpha"),
        ("$\rho$", r"\\rho"),
        ("$3 \times 3$", r"\\times"),
        ("$\text{a}$", r"\\text"),
        ("a\x00b", "control character U\\+0000 at character 2"),
        ("a\x9bb", r"U\+009B"),
        ("half \ud83d", "lone surrogate, U\\+D83D, at character 6"),
        ("a\ufdd0b", "no character"),
        ("\u200b\u2060", "needs a text"),
    ],
)
def test_characters_that_nobody_means_are_refused_with_what_to_do(text: str, sentence: str) -> None:
    """A forgotten r before LaTeX, above all; in the text and in an option alike."""
    with pytest.raises(BadQuestion, match=sentence):
        drafted(text=text)
    with pytest.raises(BadQuestion, match=sentence if "needs" not in sentence else "Option 1 is empty"):
        drafted(options=[text, "no"])


@pytest.mark.parametrize(
    "text", ["line one\nline two", "line one\r\nline two", "```\nif x:\n\ty\n```", "100 $ \tin cash"]
)
def test_lines_and_tabs_are_taken(text: str) -> None:
    """Code has them."""
    assert drafted(text=text).text == text


@pytest.mark.parametrize(
    "options",
    [
        ["caf\u00e9", "cafe\u0301"],
        ["yes", "yes\u200b"],
        ["yes", "y\u2060es"],
        ["a b", "a\u00a0b"],
        ["a b", "a  b"],
        ["a\u2003b", "a b"],
    ],
)
def test_options_that_look_the_same_are_refused(options: list[str]) -> None:
    """Two spellings of one character, blanks of other kinds, characters without width."""
    with pytest.raises(BadQuestion, match="Options 1 and 2 look the same"):
        drafted(options=options)


def test_options_that_are_rendered_alike_are_refused() -> None:
    """Whatever their Markdown."""
    with pytest.raises(BadQuestion, match="look the same"):
        drafted(options=["**a**", "__a__"], label_html=["<strong>a</strong>", "<strong>a</strong>"])


@pytest.mark.parametrize(
    "options",
    [["`u  v`", "`u v`"], ["\u06a9\u200c\u06a9", "\u06a9\u06a9"], ["Yes", "yes"], ["\U0001f469\u200d\U0001f52c", "x"]],
)
def test_options_that_differ_to_the_eye_are_taken(options: list[str]) -> None:
    """Blanks in code, joiners that join, capitals."""
    html = [f"<code>{one[1:-1]}</code>" if one.startswith("`") else one for one in options]
    assert len(drafted(options=options, label_html=html).options) == 2


@pytest.mark.parametrize("label", ["\u200b", "\u2800", "\u3164", "\u00ad"])
def test_an_option_that_shows_nothing_is_refused(label: str) -> None:
    """A blank that is no blank to a program."""
    with pytest.raises(BadQuestion, match="Option 1 is empty"):
        drafted(options=[label, "no"])
    with pytest.raises(BadQuestion, match="shows nothing on a phone"):
        drafted(label_html=["<strong></strong>", "no"])


def test_the_right_answer_is_compared_as_it_reads() -> None:
    """By normal form and with blanks as blanks."""
    assert drafted(options=["caf\u00e9", "tea"], correct="cafe\u0301").correct == ("a",)
    assert drafted(options=["the mean", "tea"], correct="the\u00a0 mean").correct == ("a",)


@pytest.mark.parametrize("right", [["yes"] * 3_000, [f"yes {number}" for number in range(3_000)]])
def test_however_many_right_answers_are_named_each_label_is_read_once(
    right: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading a label costs time, and this is done where votes wait."""
    read_texts = list[str]()

    def reading(text: str) -> str:
        read_texts.append(text)
        return reading_key(text)

    monkeypatch.setattr(drafts, "reading_key", reading)
    with suppress(BadQuestion):
        drafted(kind="multiple_choice", correct=right)
    assert len(read_texts) <= 6


def test_more_right_answers_than_options_can_be_are_refused() -> None:
    """A column of a table, for example."""
    with pytest.raises(BadQuestion, match="3000 right answers are named; a question has at most 26 options"):
        drafted(kind="multiple_choice", correct=[str(number) for number in range(3_000)])
