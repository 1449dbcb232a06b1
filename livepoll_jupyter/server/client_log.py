"""The log of what clients cause: so many lines for each address and for all of them, and then only how many more.

Who is refused, or sends what is no message, has a line in the log, since that helps to find a mistake. Anybody may
do it a hundred thousand times, so after a few lines the rest of the minute is counted, and told in one line at its end.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from ..core.foreign import foreign
from ..logs import make_safe
from .clock import Clock, Timer

WINDOW: Final = 60.0
"""Seconds for which lines are counted together."""

PER_ADDRESS: Final = 5
"""Lines of one address in a window."""

IN_ALL: Final = 50
"""Lines of all addresses in a window."""

NAMED: Final = 10
"""How many addresses the end of a window names; the others are told in one number."""


class Allowance:
    """Which lines of a window may be written, and what is left to say at its end. It knows no time."""

    def __init__(self) -> None:
        self._written = 0
        self._lines: dict[str, int] = {}
        self._left_out: dict[str, int] = {}
        self._others = 0

    def take(self, address: str) -> bool:
        """Whether one more line of ``address`` may be written; if not, it is counted."""
        lines = self._lines.get(address, 0)
        if self._written < IN_ALL and lines < PER_ADDRESS:
            self._written += 1
            self._lines[address] = lines + 1
            return True
        # At most IN_ALL addresses have a line, and as many more have a number: what is kept does not grow.
        if address in self._left_out or len(self._left_out) < 2 * IN_ALL:
            self._left_out[address] = self._left_out.get(address, 0) + 1
        else:
            self._others += 1
        return False

    def summary(self) -> list[str]:
        """What to say of the lines that were left out."""
        ranked = sorted(self._left_out.items(), key=lambda each: -each[1])
        others = self._others + sum(count for _, count in ranked[NAMED:])
        said = [f"... and {count:,} more from {foreign(address, 64)}" for address, count in ranked[:NAMED]]
        if others:
            said.append(f"... and {others:,} more from other addresses")
        return said


class ClientLog(logging.Logger):
    """Writes to the logger ``to`` what clients cause; the caller names the address by :func:`caused_by`.

    Records without an address, and those at the level DEBUG, are all written. :meth:`end` at the end.
    """

    def __init__(self, to: logging.Logger, clock: Clock) -> None:
        super().__init__(to.name)
        self.parent = to
        self._clock = clock
        self._timer: Timer | None = None
        self._thread = threading.get_ident()
        _divert_tornado()
        self._begin()

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 - the name in logging
        """What the logger behind this one writes."""
        return self.parent is not None and self.parent.isEnabledFor(level)

    def handle(self, record: logging.LogRecord) -> None:
        """Write the record, or count it."""
        address = _address_of(record)
        if address is None or record.levelno <= logging.DEBUG or self._may_write(record, address):
            self._write(record)

    def end(self) -> None:
        """Say what is still to be said of the lines that were left out."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        said = [line for allowance in (self._warnings, self._errors) for line in allowance.summary()]
        self._begin()
        for line in said:
            self._write(
                self.makeRecord(self.name, logging.WARNING, __file__, 0, f"{line} in the last minute", (), None)
            )

    def _begin(self) -> None:
        # A flood of refusals must not hide the mistakes that an attacker finds in us.
        self._warnings, self._errors = Allowance(), Allowance()

    def _may_write(self, record: logging.LogRecord, address: str) -> bool:
        if threading.get_ident() != self._thread:
            return True  # a mistake of ours, off the loop: its timers belong to the loop
        if self._timer is None:
            self._timer = self._clock.call_at(self._clock.monotonic() + WINDOW, self.end)
        return (self._errors if record.levelno >= logging.ERROR else self._warnings).take(address)

    def _write(self, record: logging.LogRecord) -> None:
        make_safe(record)
        if self.parent is not None:
            self.parent.handle(record)


# -------------------------------------------------------------------- whose doing a record is

_ADDRESS: Final = "livepoll_address"
_cause: ContextVar[tuple[ClientLog, str] | None] = ContextVar("livepoll_cause", default=None)


def caused_by(address: str) -> dict[str, Any]:
    """``extra=`` for a record that a client at ``address`` causes."""
    return {_ADDRESS: address}


@contextmanager
def within_request(log: ClientLog, address: str) -> Iterator[None]:
    """What is logged meanwhile is the doing of ``address``; so are Tornado's lines, and those of tasks made here."""
    token = _cause.set((log, address))
    try:
        yield
    finally:
        _cause.reset(token)


def _address_of(record: logging.LogRecord) -> str | None:
    told: str | None = getattr(record, _ADDRESS, None)
    if told is None:
        cause = _cause.get()
        return None if cause is None else cause[1]
    return told


class _Diverted(logging.Filter):
    """Takes what Tornado says of a connection of ours into our log; all else it lets pass as it is."""

    def filter(self, record: logging.LogRecord) -> bool:
        cause = _cause.get()
        if cause is None:
            return True
        log, _ = cause
        if log.isEnabledFor(record.levelno):
            log.handle(record)
        return False


_DIVERTED: Final = _Diverted()


def _divert_tornado() -> None:
    """Let what Tornado logs :func:`within_request` go to the log that is named there; once or often."""
    for name in ("tornado.access", "tornado.application", "tornado.general"):
        logging.getLogger(name).addFilter(_DIVERTED)
