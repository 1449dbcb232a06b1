"""What happens when a connection comes and the process has no open file left for it, on Jupyter's port.

Tornado raises the system's error out of the callback that accepts, the connection stays in the queue, and the loop
calls back at once: a traceback in the log, hundreds of times in a second. Here one file is held in reserve. It is
let go for a moment, each connection that waits is taken and closed, and one line a minute says so.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import traceback
from collections.abc import Callable, Iterable
from logging import Logger
from typing import Any, Final

from .clock import Clock

FULL: Final = {errno.EMFILE, errno.ENFILE}
"""The process, or the system, has no open file left."""

ACCEPTS: Final = {"accept_handler", "_accept"}
"""The functions that accept connections: Tornado's, and that of the listener for the class."""

AT_ONCE: Final = 256
"""Connections that are closed in one turn of the loop."""

EVERY: Final = 60.0
"""Seconds between two lines of the log."""


class FullHandler:
    """The loop's handler for exceptions; it hears of that one error, and leaves all others to who was there before.

    ``listening`` gives the sockets on which connections come. :meth:`install` and :meth:`remove` on the loop's thread.
    """

    def __init__(self, listening: Callable[[], Iterable[socket.socket]], log: Logger, clock: Clock) -> None:
        self._listening = listening
        self._log = log
        self._clock = clock
        self._reserve: int | None = None
        self._closed = 0
        self._silent_until = 0.0
        self._before: Callable[[asyncio.AbstractEventLoop, dict[str, Any]], object] | None = None

    def install(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hear of exceptions from now on."""
        self._take_reserve()
        self._before = loop.get_exception_handler()
        loop.set_exception_handler(self._handle)

    def remove(self, loop: asyncio.AbstractEventLoop) -> None:
        """Give the loop back as it was, unless somebody else has come behind us."""
        if loop.get_exception_handler() == self._handle:
            loop.set_exception_handler(self._before)
        self._let_go()

    def _handle(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if _is_full(context.get("exception")):
            self._drain()
        elif self._before is not None:
            self._before(loop, context)
        else:
            loop.default_exception_handler(context)

    def _drain(self) -> None:
        self._let_go()
        try:
            for each in self._listening():
                self._closed += _close_waiting(each)
        finally:
            self._take_reserve()
        now = self._clock.monotonic()
        if now >= self._silent_until:
            self._silent_until = now + EVERY
            self._log.warning(
                "This process has no open file left. Raise the limit (ulimit -n), or look who opens so many. "
                "Connections closed as they came: %d.", self._closed,
            )  # fmt: skip
            self._closed = 0

    def _let_go(self) -> None:
        if self._reserve is not None:
            os.close(self._reserve)
            self._reserve = None

    def _take_reserve(self) -> None:
        try:
            self._reserve = os.open(os.devnull, os.O_RDONLY)
        except OSError as full:
            # Somebody else took the last one; until a file is free again nothing can be accepted, nor closed.
            self._log.debug("No file could be held in reserve: %s", full)


def _is_full(error: object) -> bool:
    """Whether that is the system's refusal to accept a connection in Tornado, and not of any other file."""
    if not isinstance(error, OSError) or error.errno not in FULL:
        return False
    return any(frame.name in ACCEPTS for frame in traceback.extract_tb(error.__traceback__))


def _close_waiting(listening: socket.socket) -> int:
    for count in range(AT_ONCE):
        try:
            connection, _ = listening.accept()
        except OSError:  # none waits, it has gone again, or the reserve was not enough
            return count
        connection.close()
    return AT_ONCE
