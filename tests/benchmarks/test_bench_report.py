"""What is printed and drawn of results, and what the guard says of them."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest

from benchmarks import guard
from benchmarks.goals import COSTS, GOALS, ONE, USE, Goal
from benchmarks.machine import CannotMeasure
from benchmarks.page import longest_task_ms
from benchmarks.plot import svg
from benchmarks.ratios import Sample
from benchmarks.report import Results, number, whole
from benchmarks.servers import ALL

FAN_OUT = Goal(title="fan-out", figure="fanout_last_ms", theirs="nitro", sizes=(1_000,), at_most=0.6)


def results(*samples: Sample) -> Results:
    """A run that found these."""
    return Results("a machine", {"Python": "3"}, "2026-01-01 00:00 UTC", list(samples), ["jupyter at 1,000: why"])


def session(server: str, figures: dict[str, float], *, size: int = 1_000, repetition: int = 0) -> Sample:
    """One session."""
    return Sample(server, size, repetition, figures)


def test_a_table_has_medians_spreads_and_the_goals_verdict() -> None:
    """And says on which machine, and what was not measured."""
    text = whole(
        results(
            *(session("standalone", {"fanout_last_ms": value}, repetition=n) for n, value in enumerate((10, 20, 30))),
            *(session("nitro", {"fanout_last_ms": 20}, repetition=n) for n in range(3)),
        )
    )
    assert "a machine" in text
    assert "| livepoll standalone | 20 (10 to 30) |" in text
    assert "| last peer served / Nitro | 1,000 | ≤ 0.6 | 1 (0.5 to 1.5) | missed |" in text
    assert "Not measured: jupyter at 1,000: why" in text


def test_a_figure_that_nobody_measured_has_no_column() -> None:
    """A run of fan-out alone prints no empty columns."""
    text = whole(results(session("nitro", {"fanout_last_ms": 20})))
    assert "last peer ms" in text
    assert "votes/s" not in text


@pytest.mark.parametrize(("value", "text"), [(0.12345, "0.123"), (9.876, "9.88"), (45_678, "45,700"), (327, "327")])
def test_numbers_have_three_digits_that_say_something(value: float, text: str) -> None:
    """More would be noise."""
    assert number(value) == text


@pytest.mark.parametrize(("median", "is_met"), [(0.6, True), (0.61, False)])
def test_a_goal_is_met_up_to_its_bound(median: float, *, is_met: bool) -> None:
    """By the median of the ratios."""
    samples = [session("standalone", {"fanout_last_ms": median}), session("nitro", {"fanout_last_ms": 1})]
    found = FAN_OUT.measured(samples, 1_000)
    assert found is not None
    assert FAN_OUT.is_met(found) is is_met


def test_the_cost_of_being_used_has_a_table_of_its_own() -> None:
    """Medians and spreads; a figure without a bound is only told."""
    text = whole(
        results(
            *(
                session(USE, {"import_s": value, "import_base_s": 1}, size=ONE, repetition=n)
                for n, value in enumerate((0.1, 0.3, 0.2))
            )
        )
    )
    assert "| importing all our public names beyond that, s | ≤ 0.25 | 0.2 (0.1 to 0.3) | met |" in text
    assert "| `import ipywidgets`, whole process, s |  | 1 (1 to 1) |  |" in text
    assert "first paint" not in text
    assert "1 peers" not in text


def test_every_cost_is_told_once() -> None:
    """Two rows of one figure would be a slip of a name."""
    assert len({cost.figure for cost in COSTS}) == len(COSTS)


def test_the_longest_task_is_one_of_a_pages_own_thread_and_by_its_cpu() -> None:
    """What other threads did, and what other programs took of the time, is nobody's long task."""
    named = {"pid": 1, "tid": 2, "name": "thread_name", "args": {"name": "CrRendererMain"}}
    mine = {"pid": 1, "tid": 2, "name": "ThreadControllerImpl::RunTask", "dur": 90_000, "tdur": 20_000}
    other = mine | {"tid": 3, "tdur": 70_000}
    within = mine | {"name": "Layout", "tdur": 30_000}
    assert longest_task_ms(json.dumps({"traceEvents": [named, mine, other, within]}).encode()) == 20


def test_every_goal_and_bound_is_of_servers_that_there_are() -> None:
    """A slip of a name would be a goal that is never measured."""
    names = {kind.name for kind in ALL}
    for goal in (*GOALS, *guard.stored()):
        assert {goal.ours, goal.theirs or goal.ours} <= names
        assert (goal.at_most is None) != (goal.at_least is None)


@pytest.mark.parametrize(("ours", "holds"), [(1.0, True), (100.0, False)])
def test_the_guard_fails_on_a_ratio_that_is_worse_than_its_bound(ours: float, *, holds: bool) -> None:
    """And names it."""
    bound = Goal(title="a bound", figure="x", theirs="tornado", sizes=(guard.SIZE,), at_most=2)
    samples = [session("standalone", {"x": ours}, size=guard.SIZE), session("tornado", {"x": 1}, size=guard.SIZE)]
    text, found = guard.verdict([bound], samples)
    assert found is holds
    assert ("WORSE" in text) is not holds


def test_the_guard_does_not_take_what_was_not_measured_for_good() -> None:
    """A peer that did not start proves nothing."""
    bound = Goal(title="a bound", figure="x", theirs="tornado", sizes=(guard.SIZE,), at_most=2)
    text, holds = guard.verdict([bound], [])
    assert holds is None
    assert "not measured" in text
    assert "WORSE" not in text


def test_the_plot_is_an_svg_with_a_line_for_each_server() -> None:
    """With a title for those who hear it."""
    found = results(
        *(
            session(name, {"fanout_last_ms": size / 10}, size=size)
            for name in ("nitro", "tornado")
            for size in (200, 1_000)
        )
    )
    root = ET.fromstring(svg(found))  # noqa: S314 - our own text
    names = "{http://www.w3.org/2000/svg}"
    assert len(root.findall(f"{names}polyline")) == 2
    assert "last peer" in (root.findtext(f"{names}title") or "")


def test_without_a_fan_out_there_is_no_plot() -> None:
    """It says so."""
    with pytest.raises(CannotMeasure, match="no fan-out"):
        svg(results())
