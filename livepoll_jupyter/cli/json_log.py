"""The log for machines: one JSON object a line."""

from __future__ import annotations

import copy
import logging
from datetime import UTC, datetime

import msgspec

from ..core.foreign import printable
from ..logs import make_safe


class JsonFormatter(logging.Formatter):
    """``time`` (ISO 8601, UTC), ``level``, ``logger``, ``message``, and ``trace`` where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """One record as one line, whichever library's it is."""
        # Its own trace is made anew: another handler may have kept one that is neither escaped nor cut.
        record = copy.copy(record)
        record.exc_text = None
        make_safe(record)
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": printable(record.name),
            "message": record.getMessage(),
        }
        if record.exc_text:
            line["trace"] = record.exc_text
        return msgspec.json.encode(line).decode()


def log_as_json(log: logging.Logger | logging.LoggerAdapter[logging.Logger]) -> None:
    """Let ``log``, and whatever other libraries log, write JSON to the standard error stream; may be called again."""
    logger = log.logger if isinstance(log, logging.LoggerAdapter) else log
    for handler in logger.handlers:
        handler.setFormatter(JsonFormatter())
    if not any(isinstance(handler.formatter, JsonFormatter) for handler in logging.getLogger().handlers):
        others = logging.StreamHandler()
        others.setFormatter(JsonFormatter())
        logging.getLogger().addHandler(others)
