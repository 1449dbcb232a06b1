"""A loop for callers that have none: one daemon thread per process, alive while the kernel's own thread is busy.

A second daemon thread runs callbacks in order, so that what a caller observes may itself call
:meth:`Background.run` without waiting for itself.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from queue import SimpleQueue
from threading import Lock, current_thread
from typing import Any, TypeVar

from ..logs import get_logger
from ..threads import daemon_thread
from .errors import Unreachable

log = get_logger(__name__)

T = TypeVar("T")

DEADLINE = 20.0
"""Seconds that a synchronous call waits before it gives up; above every deadline of the calls within."""


class Background:
    """A loop on a thread of its own, and a thread for callbacks."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._looper = daemon_thread(self._run_loop, "livepoll")
        self._caller = daemon_thread(self._run_calls, "livepoll-callbacks")
        self._looper.start()
        self._caller.start()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start ``work`` on the loop, from any thread."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def run(self, work: Coroutine[Any, Any, T], *, deadline: float = DEADLINE) -> T:
        """Run ``work`` on the loop and wait for it, from any thread but the loop's.

        Raises:
            Unreachable: it took longer than ``deadline`` seconds, and was cancelled.
        """
        if current_thread() is self._looper:
            work.close()
            raise RuntimeError("The loop's own thread may not wait for the loop.")
        running = self.submit(work)
        try:
            return running.result(deadline)
        except Late as late:
            running.cancel()
            raise Unreachable(f"The server did not answer within {deadline:g} s.") from late

    def call(self, callback: Callable[[], None]) -> None:
        """Run ``callback`` on the callbacks' thread, after those that were handed in before."""
        self._calls.put(callback)

    def _run_loop(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def _run_calls(self) -> None:
        while True:
            callback = self._calls.get()
            try:
                callback()
            except Exception:
                # Somebody's observer failed: tell them, and go on for everybody else.
                log.exception("A function that observes a poll raised an error.")


_held: dict[int, Background] = {}
_holding = Lock()


def background() -> Background:
    """The process's one background loop; a forked process gets its own, for threads do not survive a fork."""
    with _holding:
        if os.getpid() not in _held:
            _held.clear()
            _held[os.getpid()] = Background()
        return _held[os.getpid()]
