"""What a lecturer does by mistake or by habit, and what they write in other words than ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from livepoll_jupyter.core.errors import BadQuestion, BadSetting
from livepoll_jupyter.widgets import LivePoll, join
from livepoll_jupyter.widgets.place import find_server

TWO = ["the mean", "the median"]


def some_numbers() -> Iterator[int]:
    """A generator."""
    yield from (1, 2)


def test_a_question_may_be_asked_after_the_panel_was_closed(poll: LivePoll) -> None:
    """The room goes on; closing the panel twice is no mistake."""
    poll.close()
    poll.close()
    asked = poll.publish("Which is larger?", TWO)
    assert (asked.round, asked.is_active) == (1, True)
    assert poll.draft([("Another?", TWO)])[0].round == 0


def test_a_cell_that_joins_and_is_run_again_makes_no_second_student(poll: LivePoll) -> None:
    """Who wants several students asks for seats that are not shown; who has left is another student."""
    me = join(poll.join_url)
    assert join(poll.join_url) is me
    assert join(f" {poll.join_url}. ") is me
    assert len({id(join(poll.join_url, show=False)) for _ in range(2)}) == 2
    me.leave()
    assert join(poll.join_url) is not me


@pytest.mark.parametrize(
    ("options", "labels"),
    [
        ([1, 2.5], ["1", "2.5"]),
        (range(2), ["0", "1"]),
        (np.array([0.5, 2]), ["0.5", "2.0"]),
        (pd.Series([1, 2]), ["1", "2"]),
        (some_numbers(), ["1", "2"]),
        ((word for word in TWO), TWO),
        ([True, False], ["True", "False"]),
    ],
    ids=["numbers", "range", "array", "series", "generator", "texts of a generator", "truths"],
)
def test_options_may_come_from_whatever_gives_one_after_the_other(poll: LivePoll, options: Any, labels: Any) -> None:
    """Each becomes a label as Python writes it."""
    assert poll.publish("Which?", options).options == labels


@pytest.mark.parametrize(
    ("correct", "kind", "right"),
    [
        ("the median", "choice", ["b"]),
        ("b", "choice", ["b"]),
        ("B", "choice", ["b"]),
        (["a", "the median"], "multiple_choice", ["a", "b"]),
        (("b",), "multiple_choice", ["b"]),
        (None, "choice", []),
    ],
)
def test_the_right_answer_may_be_a_label_or_a_letter_and_a_list_finds_its_kind(
    poll: LivePoll, correct: Any, kind: str, right: list[str]
) -> None:
    """And what was asked so is known when the cell is run again."""
    asked = poll.publish("Which?", TWO, correct=correct)
    assert (asked.kind, list(asked._seen.correct)) == (kind, right)
    assert poll.publish("Which?", TWO, correct=correct) is asked


def test_a_right_answer_may_be_a_number_and_a_label_goes_before_a_letter(poll: LivePoll) -> None:
    """The options ``b`` and ``a`` are named by what they say."""
    assert poll.publish("Which?", [1, 2], correct=2)._seen.correct == ("b",)
    assert poll.publish("Which one?", ["b", "a"], correct="a")._seen.correct == ("b",)
    with pytest.raises(BadQuestion, match="not one of the options"):
        poll.publish("Which other?", TWO, correct="c")


def test_a_draft_is_found_although_its_blanks_and_accents_are_others(poll: LivePoll) -> None:
    """As after a change of editor; its code is compared with its indentation."""
    (draft,) = poll.draft([("Which\u00e9 ?\n\n    x = 1", TWO, "the mean")])
    assert poll.draft([("Whiche\u0301 ? \n\n    x = 1\n", ["the mean ", "the median"], "a")]) == [draft]
    assert poll.draft([("Which\u00e9 ?\n\nx = 1", TWO, "the mean")]) != [draft]


def test_a_table_of_answers_goes_to_excel_and_is_grouped(poll: LivePoll, tmp_path: Path) -> None:
    """Times have no zone, and several answers are one value."""
    asked = poll.publish("Which?", TWO, correct=TWO)
    join(poll.join_url, show=False).answer(TWO)
    table = asked.to_frame()
    table.to_excel(tmp_path / "answers.xlsx")
    assert table.groupby("answer").size().to_dict() == {tuple(TWO): 1}
    assert table["at"].dt.tz is None


def test_ids_are_never_taken_for_numbers(poll: LivePoll) -> None:
    """They begin with a letter that begins no number."""
    asked = poll.publish("Which?", TWO)
    join(poll.join_url, show=False).answer("a")
    table = asked.to_frame()
    assert {name[0] for name in [*table["participant"], *table["questionId"]]} == {"q"}


@pytest.mark.parametrize("token", ["secret-\u00e9", "sec ret", "sec\nret"])
def test_a_token_that_is_none_is_refused_without_being_told(token: str) -> None:
    """A line's end after it is no harm."""
    with pytest.raises(BadSetting) as refused:
        find_server("http://127.0.0.1:1", token)
    assert token not in str(refused.value)
    assert find_server("http://127.0.0.1:1", "secret\n").headers == {"Authorization": "Bearer secret"}
