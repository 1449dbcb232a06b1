"""Which changes go out now and which wait for the bundle.

The first change after a quiet time opens a window; one bundle leaves at its end, whatever came in
between. So two bundles are never less than a window apart, and none leaves when nothing changed. Time
is passed in as ``now``, in seconds of any monotonic clock.
"""

from __future__ import annotations

WINDOW = 2.0
"""Seconds, from the seed protocol: "Results updates (every 2 seconds)"."""


class Bundler:
    """The timing of one bundled message of one room."""

    __slots__ = ("_due", "_window")

    def __init__(self, window: float = WINDOW) -> None:
        self._window = window
        self._due: float | None = None

    @property
    def due(self) -> float | None:
        """When the waiting bundle leaves; None when none waits."""
        return self._due

    def changed(self, now: float) -> bool:
        """Note a change; True if it opened a window, so that the caller sets its timer for ``due``."""
        if self._due is not None:
            return False
        self._due = now + self._window
        return True

    def take(self, now: float) -> bool:
        """True, once, when the waiting bundle must leave."""
        if self._due is None or now < self._due:
            return False
        self._due = None
        return True

    def drop(self) -> None:
        """Forget what waits: it has just been sent another way."""
        self._due = None
