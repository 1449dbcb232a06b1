"""The loop that runs beside a busy kernel."""

from __future__ import annotations

import asyncio
import logging
from threading import Event, current_thread

import pytest

from livepoll_jupyter.client.background import Background, background
from livepoll_jupyter.client.errors import Unreachable

SECONDS = 10.0


async def thread_name() -> str:
    """Where this runs."""
    return current_thread().name


def test_work_runs_on_a_thread_of_its_own() -> None:
    """The same one for the whole process."""
    assert background().run(thread_name()) == "livepoll"
    assert background() is background()


def test_an_error_of_the_work_is_raised_where_it_was_asked_for() -> None:
    """As if it had been called there."""

    async def fail() -> None:
        raise ValueError("this one")

    with pytest.raises(ValueError, match="this one"):
        background().run(fail())


def test_work_that_takes_too_long_is_given_up() -> None:
    """And cancelled."""
    cancelled = Event()

    async def never() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    with pytest.raises(Unreachable):
        background().run(never(), deadline=0.01)
    assert cancelled.wait(SECONDS)


def test_a_callback_may_itself_wait_for_the_loop() -> None:
    """An observer that locks the question it observes."""
    done = Event()
    names: list[str] = []

    def callback() -> None:
        names.append(background().run(thread_name()))
        done.set()

    background().call(callback)
    assert done.wait(SECONDS)
    assert names == ["livepoll"]


def test_the_loop_never_waits_for_itself() -> None:
    """That would stop the whole kernel's polls."""

    async def wrong() -> None:
        background().run(thread_name())

    with pytest.raises(RuntimeError):
        background().run(wrong())


def test_a_callback_that_fails_is_logged_and_the_next_one_runs(caplog: pytest.LogCaptureFixture) -> None:
    """In the order in which they came."""
    own, done = Background(), Event()

    def fail() -> None:
        raise ValueError("an observer's mistake")

    with caplog.at_level(logging.ERROR):
        own.call(fail)
        own.call(done.set)
        assert done.wait(SECONDS)
    assert "an observer's mistake" in caplog.text
