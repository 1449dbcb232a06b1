"""The only door through which time and randomness enter the server, so that a test can hold both in its hand."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Protocol


class Timer(Protocol):
    """A call that is still to come."""

    def cancel(self) -> None:
        """Do not call."""


class Clock(Protocol):
    """Two times, both in seconds: one that only grows, one that people read."""

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""

    def wall(self) -> float:
        """Seconds since the epoch."""

    def call_at(self, when: float, callback: Callable[[], None]) -> Timer:
        """Call back once :meth:`monotonic` has reached ``when``."""


class LoopClock:
    """The running event loop's clock, which is ``time.monotonic`` for every loop of asyncio."""

    monotonic = staticmethod(time.monotonic)
    wall = staticmethod(time.time)

    def call_at(self, when: float, callback: Callable[[], None]) -> Timer:
        """Call back on the loop's thread."""
        return asyncio.get_running_loop().call_at(when, callback)


async def within(clock: Clock, seconds: float, work: Awaitable[object]) -> bool:
    """Wait for ``work``, but no longer than ``seconds``; False if it was given up. Raises what ``work`` raises."""
    doing = asyncio.ensure_future(work)
    over = asyncio.Event()
    timer = clock.call_at(clock.monotonic() + seconds, over.set)
    waiting = asyncio.ensure_future(over.wait())
    try:
        await asyncio.wait({doing, waiting}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        timer.cancel()
        waiting.cancel()
        is_done = doing.done()
        if not is_done:
            doing.cancel()
    if is_done:
        doing.result()
    return is_done
