"""The two seconds, by a clock that only the test moves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from livepoll_jupyter.core.bundler import WINDOW, Bundler


def test_the_window_is_that_of_the_seed() -> None:
    """Every two seconds."""
    assert WINDOW == 2.0


def test_nothing_leaves_when_nothing_changed() -> None:
    """However much time goes by."""
    bundler = Bundler()
    assert bundler.due is None
    assert not any(bundler.take(float(now)) for now in range(100))


def test_the_first_change_opens_a_window_and_the_bundle_leaves_at_its_end() -> None:
    """Once, and not before."""
    bundler = Bundler()
    assert bundler.changed(10.0)
    assert bundler.due == 12.0
    assert [bundler.take(now) for now in (10.0, 11.999, 12.0, 12.0, 15.0)] == [False, False, True, False, False]


def test_further_changes_do_not_move_the_window() -> None:
    """A storm cannot keep the results back."""
    bundler = Bundler()
    bundler.changed(10.0)
    assert not any(bundler.changed(10.0 + step / 100) for step in range(200))
    assert bundler.due == 12.0


def test_what_was_sent_another_way_does_not_wait() -> None:
    """A lock's final results replace the bundle; the next change opens a new window."""
    bundler = Bundler()
    bundler.changed(10.0)
    bundler.drop()
    assert not bundler.take(12.0)
    assert bundler.changed(12.5)
    assert bundler.due == 14.5


@given(st.lists(st.tuples(st.floats(0, 3), st.booleans()), max_size=200))
def test_two_bundles_are_never_less_than_a_window_apart(steps: list[tuple[float, bool]]) -> None:
    """Whatever comes when, and however late the timer is: one per window, none without a change, none forgotten."""
    bundler, now, left, pending = Bundler(), 0.0, [-WINDOW], False
    for wait, is_change in steps:
        now += wait
        if is_change:
            bundler.changed(now)
            pending = True
        elif bundler.take(now):
            assert pending
            assert now - left[-1] >= WINDOW
            left.append(now)
            pending = False
        assert (bundler.due is not None) == pending
