"""The thread that does one job after the other."""

from __future__ import annotations

import asyncio
import sys
import threading
from pathlib import Path

import pytest

from livepoll_jupyter.storage.sqlite import SqliteStore
from livepoll_jupyter.storage.writer import Writer
from livepoll_jupyter.threads import SWITCH


@pytest.fixture
def done() -> list[str]:
    """What was done, in order."""
    return []


async def test_jobs_are_done_in_order_in_one_other_thread(done: list[str]) -> None:
    """And each caller gets what its own job returns."""
    writer = Writer("livepoll-test")

    def job() -> str:
        done.append(threading.current_thread().name)
        return f"job {len(done)}"

    answers = await asyncio.wait_for(asyncio.gather(*(writer.do(job) for _ in range(3))), 10)
    writer.stop(lambda: None)
    assert answers == ["job 1", "job 2", "job 3"]
    assert done == ["livepoll-test"] * 3


async def test_an_error_is_raised_where_the_job_is_awaited() -> None:
    """The thread goes on."""
    writer = Writer("livepoll-test")
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(writer.do(lambda: 1 // 0), 10)
    assert await asyncio.wait_for(writer.do(lambda: 1), 10) == 1
    writer.stop(lambda: None)


async def test_whoever_stops_waiting_takes_the_job_back_unless_it_has_begun(done: list[str]) -> None:
    """What is under way is carried out; what waits behind it is not; the last job is."""
    writer, began, may_end, is_over = Writer("livepoll-test"), asyncio.Event(), threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow() -> None:
        loop.call_soon_threadsafe(began.set)
        may_end.wait(10)
        done.append("slow")

    def last() -> None:
        done.append("last")
        loop.call_soon_threadsafe(is_over.set)

    jobs = [asyncio.ensure_future(writer.do(slow)), asyncio.ensure_future(writer.do(lambda: done.append("behind")))]
    await asyncio.wait_for(began.wait(), 10)
    for job in jobs:
        job.cancel()
    await asyncio.wait_for(asyncio.wait(jobs), 10)
    writer.stop(last)
    may_end.set()
    await asyncio.wait_for(is_over.wait(), 10)
    assert done == ["slow", "last"]


async def test_a_store_lets_no_thread_wait_long_for_the_interpreter(tmp_path: Path) -> None:
    """A commit waits for it after every call of the system, and a busy loop would keep it for 5 ms each time."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(0.005)
    store = SqliteStore(tmp_path / "rooms.db")
    try:
        await store.open()
        assert sys.getswitchinterval() <= SWITCH
    finally:
        await store.close()
        sys.setswitchinterval(usual)
