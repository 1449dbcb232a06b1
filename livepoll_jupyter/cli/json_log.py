"""The log for machines: one JSON object a line."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import msgspec


class JsonFormatter(logging.Formatter):
    """``time`` (ISO 8601, UTC), ``level``, ``logger``, ``message``, and ``trace`` where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """One record as one line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
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
