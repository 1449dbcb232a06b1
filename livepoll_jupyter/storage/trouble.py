"""Whether commits work: what the instructor is told while they do not, how long one takes, when the next try is due.

It is told of every commit, and keeps the time of none but the one under way. It stores nothing and decides nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from ..logs import get_logger
from .journal import ADVICE, JournalError

SLOW: Final = 2.0
"""Seconds that a commit may take before the instructor hears of it."""

TRY_AGAIN: Final = 1.0
"""Seconds between two tries while nothing can be stored."""

SLOW_DISK: Final = (
    "The disk is slow: votes have waited for more than two seconds to be stored. None is lost; each is counted as soon "
    "as it is stored. Stop other programs that write to the disk."
)

_log = get_logger(__name__)


class Timer(Protocol):
    """A call that is still to come."""

    def cancel(self) -> None:
        """Do not call."""


After = Callable[[float, Callable[[], None]], Timer]
"""Calls back on the loop's thread after so many seconds."""


def after_on_loop(seconds: float, callback: Callable[[], None]) -> Timer:
    """By the running loop's own clock."""
    return asyncio.get_running_loop().call_later(seconds, callback)


class Trouble:
    """The present trouble. ``try_again`` is called every second while a commit has failed and none has worked since."""

    def __init__(self, after: After, try_again: Callable[[], None]) -> None:
        self.sentence: str | None = None
        self._after = after
        self._try_again = try_again
        self._callbacks: list[Callable[[], None]] = []
        self._slow: Timer | None = None
        self._next_try: Timer | None = None

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call back whenever the sentence has changed."""
        self._callbacks.append(callback)

    def begins(self) -> None:
        """A commit is handed over."""
        self._slow = self._after(SLOW, self._is_slow)

    def works(self, *, is_idle: bool, is_whole: bool) -> None:
        """It is committed. ``is_idle``: nothing else waits; ``is_whole``: every room can be read.

        Slowness is over when nothing else waits, or with the first quick commit.
        """
        was_slow = self._slow is None
        self.stop()
        if self.sentence is None:
            return
        if not is_whole or (was_slow and not is_idle):
            self._next_try = self._after(TRY_AGAIN, self._try_again)
        else:
            _log.warning("Votes are stored again.")
            self._say(None)

    def fails(self, error: Exception) -> None:
        """It failed, or what is stored cannot be read."""
        self.stop()
        self._next_try = self._after(TRY_AGAIN, self._try_again)
        if self.sentence in {None, SLOW_DISK}:
            _log.error("Votes cannot be stored; they are refused until they can.", exc_info=error)
        self._say(error.advice if isinstance(error, JournalError) else ADVICE)

    def stop(self) -> None:
        """Wait for nothing any more."""
        for timer in (self._slow, self._next_try):
            if timer is not None:
                timer.cancel()
        self._slow = self._next_try = None

    def _is_slow(self) -> None:
        self._slow = None
        if self.sentence is None:
            _log.warning(SLOW_DISK)
            self._say(SLOW_DISK)

    def _say(self, sentence: str | None) -> None:
        if sentence == self.sentence:
            return
        self.sentence = sentence
        for callback in self._callbacks:
            try:
                callback()
            except Exception:  # noqa: BLE001 - who is told must not cost the others their commit
                _log.exception("Telling of the store's trouble failed.")
