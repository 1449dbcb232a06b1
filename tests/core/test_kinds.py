"""The kinds of question: which answers they take, what counts, what is right, how labels are read."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from asking import question

from livepoll_jupyter.core.errors import BadAnswer, BadQuestion
from livepoll_jupyter.core.kinds import KINDS, kind_of

CHOICE, SEVERAL = kind_of("choice"), kind_of("multiple_choice")
ONE, MANY = question(), question(kind="multiple_choice", correct=["neither", "the mean"])


def test_a_kind_is_found_by_its_name() -> None:
    """And an unknown name is answered with the known ones."""
    assert {name: kind.name for name, kind in KINDS.items()} == {name: name for name in KINDS}
    with pytest.raises(BadQuestion, match="choice, multiple_choice"):
        kind_of("riddle")


def test_a_choice_counts_its_option() -> None:
    """The answer is its own key."""
    assert CHOICE.read(ONE, "b") == ("b", ("b",))


def test_a_multiple_choice_counts_each_option_in_their_order() -> None:
    """However the phone sent them."""
    assert SEVERAL.read(MANY, ["c", "a"]) == (["a", "c"], ("a", "c"))


@pytest.mark.parametrize("answer", [[], ["a", "a"], ["a", "z"], ["z"], "a", None, 1, [1], [["a"]], {"a": 1}])
def test_a_multiple_choice_takes_only_a_list_of_different_options(answer: Any) -> None:
    """Anything else is refused."""
    with pytest.raises(BadAnswer):
        SEVERAL.read(MANY, answer)


@pytest.mark.parametrize("answer", [["a"], [], None, 1, "z", "the mean", {"a": 1}])
def test_a_choice_takes_only_one_option(answer: Any) -> None:
    """Anything else is refused."""
    with pytest.raises(BadAnswer):
        CHOICE.read(ONE, answer)


def test_what_is_right_is_known_where_it_was_said() -> None:
    """One option, exactly the right ones together, or nothing."""
    assert (CHOICE.is_correct(ONE, "a"), CHOICE.is_correct(ONE, "b")) == (True, False)
    assert [SEVERAL.is_correct(MANY, answer) for answer in (["a", "c"], ["a"], ["a", "b", "c"])] == [True, False, False]
    assert CHOICE.is_correct(question(correct=None), "a") is None
    assert SEVERAL.is_correct(question(kind="multiple_choice", correct=[]), ["a"]) is None


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_counts_name_every_option(kind: Any) -> None:
    """Zeros included, in the order of the options."""
    assert list(kind.counts(ONE, Counter(b=2)).items()) == [("a", 0), ("b", 2), ("c", 0)]


def test_labels_are_what_a_person_reads() -> None:
    """In place of ids."""
    assert CHOICE.labels(ONE, "b") == "the median"
    assert SEVERAL.labels(MANY, ["a", "c"]) == ["the mean", "neither"]


def test_a_person_may_answer_by_label_or_by_id() -> None:
    """And by one label where a list is asked for."""
    assert [CHOICE.from_labels(ONE.public(), given) for given in ("the median", "b")] == ["b", "b"]
    assert SEVERAL.from_labels(MANY.public(), ["neither", "a"]) == ["c", "a"]
    assert SEVERAL.from_labels(MANY.public(), "neither") == ["c"]


def test_a_label_wins_over_an_id() -> None:
    """Of a question whose labels look like ids."""
    swapped = question(options=["b", "a"], correct=None)
    assert CHOICE.from_labels(swapped.public(), "b") == "a"


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_an_unknown_label_is_answered_with_the_labels(kind: Any) -> None:
    """So that a typing mistake is seen at once."""
    with pytest.raises(BadAnswer, match="'the mean', 'the median', 'neither'"):
        kind.from_labels(ONE.public(), "the mode")


def test_an_answer_is_compared_with_labels_as_they_read() -> None:
    """In one normal form, with blanks as blanks; the exact label comes first."""
    drinks = question(options=["caf\u00e9", "green tea"], correct=None).public()
    assert CHOICE.from_labels(drinks, "cafe\u0301") == "a"
    assert CHOICE.from_labels(drinks, "green\u00a0 tea ") == "b"
    with pytest.raises(BadAnswer, match="choose from: 'café', 'green tea'"):
        CHOICE.from_labels(drinks, "greentea")
