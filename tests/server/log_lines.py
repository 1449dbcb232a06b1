"""What a log's file would hold: the bytes that handlers write, whoever's logger it was."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

from tornado.log import LogFormatter

BEGINS = "LINE "
FORMATS = (logging.Formatter(BEGINS + "%(name)s %(message)s"), LogFormatter(fmt=BEGINS + "%(message)s", color=False))
"""Python's, and Tornado's, which Jupyter and many others use."""


class Written:
    """All that was logged in the meantime, as each of :data:`FORMATS` writes it."""

    def __init__(self) -> None:
        self.outputs = [io.StringIO() for _ in FORMATS]

    @property
    def text(self) -> str:
        """As Python's formatter writes it."""
        return self.outputs[0].getvalue()

    def check(self) -> None:
        """No character but a line's end moves a cursor, and no line begins but where a record does or with a mark."""
        for output in self.outputs:
            for line in output.getvalue().split("\n")[:-1]:
                assert line.isprintable(), ascii(line)
                assert line.startswith(BEGINS) or re.match(r" +\| ", line), line


@contextmanager
def written(level: int = logging.DEBUG, *loggers: logging.Logger) -> Iterator[Written]:
    """Catch what the root logger, and others that do not pass their records on to it, are given."""
    caught, roots = Written(), (logging.getLogger(), *loggers)
    handlers = []
    for output, formatter in zip(caught.outputs, FORMATS, strict=True):
        handler = logging.StreamHandler(output)
        handler.setFormatter(formatter)
        handlers.append(handler)
    before = [root.level for root in roots]
    for root in roots:
        root.setLevel(level)
        for handler in handlers:
            root.addHandler(handler)
    try:
        yield caught
    finally:
        for root, was in zip(roots, before, strict=True):
            root.setLevel(was)
            for handler in handlers:
                root.removeHandler(handler)
