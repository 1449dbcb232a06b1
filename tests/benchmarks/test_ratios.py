"""Paired ratios: what is divided by what, and what a repetition that lacks one of the two is worth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.panel import Watch
from benchmarks.ratios import Sample, of_one, ratio, shuffled, summary


def sample(server: str, repetition: int, value: float, *, size: int = 1_000) -> Sample:
    """One session that found one figure."""
    return Sample(server, size, repetition, {"last": value})


def test_a_ratio_is_taken_within_each_repetition() -> None:
    """A minute in which the whole machine is ten times as slow changes no ratio."""
    samples = [
        sample("ours", 0, 2), sample("theirs", 0, 4),
        sample("ours", 1, 20), sample("theirs", 1, 40),
        sample("ours", 2, 3), sample("theirs", 2, 5),
    ]  # fmt: skip
    found = ratio(samples, "ours", "theirs", 1_000, "last")
    assert found is not None
    assert (found.median, found.least, found.most, found.n) == (0.5, 0.5, 0.6, 3)


def test_a_repetition_that_lacks_one_of_the_two_makes_no_pair() -> None:
    """A session that failed is left out, with the one beside it."""
    samples = [sample("ours", 0, 1), sample("theirs", 1, 1), sample("ours", 2, 3), sample("theirs", 2, 1)]
    found = ratio(samples, "ours", "theirs", 1_000, "last")
    assert found is not None
    assert (found.median, found.n) == (3, 1)


@pytest.mark.parametrize(
    "samples",
    [[], [sample("ours", 0, 1)], [sample("ours", 0, 1), sample("theirs", 0, 0)]],
    ids=["nothing", "only ours", "a zero to divide by"],
)
def test_without_a_pair_there_is_no_ratio(samples: list[Sample]) -> None:
    """None, and no error: a table then says that it was not measured."""
    assert ratio(samples, "ours", "theirs", 1_000, "last") is None


def test_sizes_are_kept_apart() -> None:
    """A figure at 200 peers is none at 1,000."""
    samples = [sample("ours", 0, 1, size=200), sample("ours", 0, 5)]
    found = of_one(samples, "ours", 1_000, "last")
    assert found is not None
    assert (found.median, found.n) == (5, 1)


@given(st.lists(st.floats(min_value=0, max_value=1e9), min_size=1))
def test_a_median_lies_within_its_spread(values: list[float]) -> None:
    """Whatever was measured."""
    found = summary(values)
    assert found.least <= found.median <= found.most
    assert found.n == len(values)


def test_of_nothing_there_is_no_summary() -> None:
    """It is said, not guessed."""
    with pytest.raises(ValueError, match="nothing"):
        summary([])


def test_each_repetition_has_an_order_of_its_own_and_everybody_in_it() -> None:
    """The order differs between repetitions, and is the same in the next run."""
    orders = [shuffled("abcdef", repetition) for repetition in range(5)]
    assert len({tuple(order) for order in orders}) > 1
    assert all(sorted(order) == list("abcdef") for order in orders)
    assert orders == [shuffled("abcdef", repetition) for repetition in range(5)]


def test_the_share_of_a_core_is_between_two_moments() -> None:
    """What the process had used before, and how long it had run, is none of it."""
    assert Watch(cpu=1.0, wall=100.0).share_until(Watch(cpu=1.5, wall=125.0)) == 2.0
