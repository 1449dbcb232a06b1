"""Timers that ring when the test says so."""

from __future__ import annotations

from collections.abc import Callable


class HandTimer:
    """One call that is to come at ``due`` seconds."""

    def __init__(self, due: float, callback: Callable[[], None]) -> None:
        self.due = due
        self.callback = callback
        self.is_over = False

    def cancel(self) -> None:
        """Do not call."""
        self.is_over = True


class HandTimers:
    """A clock that stands still but for :meth:`advance`."""

    def __init__(self) -> None:
        self._now = 0.0
        self._timers: list[HandTimer] = []

    def after(self, seconds: float, callback: Callable[[], None]) -> HandTimer:
        """Call back once the clock has been moved on by so many seconds."""
        timer = HandTimer(self._now + seconds, callback)
        self._timers.append(timer)
        return timer

    @property
    def waiting(self) -> int:
        """How many calls are still to come."""
        return sum(not timer.is_over for timer in self._timers)

    def advance(self, seconds: float) -> None:
        """Move on, and ring what is due by then."""
        self._now += seconds
        for timer in [timer for timer in self._timers if timer.due <= self._now and not timer.is_over]:
            timer.is_over = True
            timer.callback()
