"""One thread that does one job after the other, and that no process waits for at its end.

The threads of ``concurrent.futures`` are joined when the interpreter ends, so one that hangs in a system call, as a
failing disk makes it, would keep the whole process. Knows nothing of files.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

from ..logs import get_logger
from ..threads import daemon_thread

_T = TypeVar("_T")

_log = get_logger(__name__)


class Writer:
    """The thread, running from now until :meth:`stop`."""

    def __init__(self, name: str) -> None:
        self._jobs: SimpleQueue[tuple[Callable[[], Any], Future[Any]] | Callable[[], None]] = SimpleQueue()
        daemon_thread(self._run, name).start()

    async def do(self, job: Callable[[], _T]) -> _T:
        """What ``job`` returns or raises, after all earlier jobs. Cancelled before its turn, it is not done at all."""
        done: Future[_T] = Future()
        self._jobs.put((job, done))
        return await asyncio.wrap_future(done)

    def post(self, job: Callable[[], None]) -> None:
        """Do ``job`` after all earlier jobs; waits for nothing. What it raises is logged."""
        done: Future[None] = Future()
        done.add_done_callback(_log_failure)
        self._jobs.put((job, done))

    def stop(self, last: Callable[[], None]) -> None:
        """Do ``last`` after all earlier jobs, then end; waits for neither."""
        self._jobs.put(last)

    def _run(self) -> None:
        while isinstance(given := self._jobs.get(), tuple):
            job, done = given
            if done.set_running_or_notify_cancel():
                _carry_out(job, done)
            del given, job, done
        given()


def _log_failure(done: Future[None]) -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        _log.warning("A job that nobody waits for has failed.", exc_info=error)


def _carry_out(job: Callable[[], _T], done: Future[_T]) -> None:
    try:
        result = job()
    except BaseException as error:  # noqa: BLE001 - raised where the job is awaited
        done.set_exception(error)
    else:
        done.set_result(result)
