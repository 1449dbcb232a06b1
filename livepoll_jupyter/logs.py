"""The package's loggers. Whatever text gets into a line of theirs, it stays one line, of a limited length.

This is the second of two nets. Where text of others is put into a line, it goes through ``core.foreign.foreign``, which
keeps two texts apart; what was forgotten there (an exception's text, a path of the system) is caught here.
"""

from __future__ import annotations

import logging
import traceback
from typing import Final

from .core.foreign import printable

MAX_LINE: Final = 2_000
"""Characters of one line."""

MAX_TRACE: Final = 100
"""Lines of one traceback."""

TRACE_MARK: Final = "  | "
"""What each line of a traceback begins with: no line of ours begins so, and no line of a traceback otherwise."""


class OneLine(logging.Filter):
    """Makes each record safe to write (:func:`make_safe`), and lets all of them pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record in its place."""
        make_safe(record)
        return True


ONE_LINE: Final = OneLine()
"""The one object, since a logger takes the same filter only once."""


def get_logger(name: str) -> logging.Logger:
    """The logger of that name; every module of this package gets its own here."""
    log = logging.getLogger(name)
    log.addFilter(ONE_LINE)
    return log


def make_safe(record: logging.LogRecord) -> None:
    """Let the record's text be one line without control characters; a traceback's lines each begin with a mark."""
    message = record.getMessage()
    if not message.isprintable() or len(message) > MAX_LINE:
        record.msg, record.args = _line(message), None
    if record.exc_info and record.exc_info[0] is not None and record.exc_text is None:
        record.exc_text = _trace("".join(traceback.format_exception(*record.exc_info)))


def _trace(text: str) -> str:
    lines = text.rstrip("\n").split("\n")
    if len(lines) > MAX_TRACE:
        left_out = len(lines) - MAX_TRACE
        lines = [*lines[: MAX_TRACE // 2], f"... {left_out:,} more lines ...", *lines[-MAX_TRACE // 2 :]]
    return "\n".join(TRACE_MARK + _line(line) for line in lines)


def _line(text: str) -> str:
    kept = printable(text[:MAX_LINE])[:MAX_LINE]
    return kept if len(text) <= MAX_LINE else f"{kept} ... and {len(text) - MAX_LINE:,} more characters"
