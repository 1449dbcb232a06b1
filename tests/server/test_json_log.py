"""The log for machines: whatever a record holds, it is one line of JSON, escaped and of a limited length."""

from __future__ import annotations

import json
import logging

import pytest

from livepoll_jupyter.cli.json_log import JsonFormatter
from livepoll_jupyter.logs import MAX_LINE, MAX_TRACE

EVIL = "\x9b31m\u202e\x7f\ud800\n" + "x" * 10 * MAX_LINE + "\nline" * 10 * MAX_TRACE


@pytest.mark.parametrize("name", ["livepoll_jupyter.server", "asyncio", "\x9b\ud800"], ids=["own", "other", "evil"])
def test_any_librarys_record_is_one_safe_line(name: str) -> None:
    """Its message, its traceback and its logger's name; also when another handler has kept the traceback as it is."""
    error = ValueError(EVIL)
    caught = (ValueError, error, None)
    record = logging.LogRecord(name, logging.ERROR, __file__, 1, "Failed: %s", (EVIL,), caught)
    record.exc_text = logging.Formatter().formatException(caught)
    text = JsonFormatter().format(record)
    assert text.isprintable()
    line = json.loads(text)
    assert all(value.replace("\n", "").isprintable() for value in line.values())
    assert len(line["message"]) < MAX_LINE + 100
    trace = line["trace"].split("\n")
    assert len(trace) <= MAX_TRACE + 1
    assert max(map(len, trace)) < MAX_LINE + 100
