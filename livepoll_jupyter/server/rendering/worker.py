"""The rendering process: reads tasks from its input, a line each, and writes what it made of them to its output.

It ends with its input, and so with the server. ``process`` kills it when a text takes too long; should the server be
gone by then, an alarm of its own ends it.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from contextlib import suppress
from typing import BinaryIO

import msgspec

from ...core.drafts import MAX_SIZE, too_large
from .formulas import prepare
from .prose import render, render_label
from .shapes import Done, Task

ALARM = 30.0
"""Seconds after which a task ends the process, whoever is left to kill it."""


def carry_out(task: Task) -> Done:
    """The task's texts as HTML and as plain text.

    HTML that is too large for a question stays here: the server would have to read it, and to look through it.
    """
    text = render(task.text)
    labels = [render_label(label, f"option {number}") for number, label in enumerate(task.labels, 1)]
    size = sum(len(made.html.encode()) for made in (text, *labels))
    if size > MAX_SIZE:
        return Done(problems=(too_large(size),))
    return Done(
        html=text.html,
        labels=tuple(label.html for label in labels),
        plain=text.plain,
        plain_labels=tuple(label.plain for label in labels),
        warnings=(*text.warnings, *(warning for label in labels for warning in label.warnings)),
        problems=(*text.problems, *(problem for label in labels for problem in label.problems)),
    )


def serve(tasks: BinaryIO, results: BinaryIO) -> None:
    """Say that all is loaded, then answer each task until there are no more."""
    prepare()
    carry_out(Task("```python\nx\n```", ("$x$",)))
    _write(results, Done())
    for line in tasks:
        _alarm(ALARM)
        try:
            done = carry_out(msgspec.json.decode(line, type=Task))
        except Exception:  # noqa: BLE001 - told to the server, which logs it
            done = Done(failure=traceback.format_exc())
        _alarm(0)
        _write(results, done)


def _write(results: BinaryIO, done: Done) -> None:
    results.write(msgspec.json.encode(done) + b"\n")
    results.flush()


def _alarm(seconds: float) -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def main() -> None:
    """Serve the process that started this one; an interrupt is for that one to hear."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    results = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What a library prints must not get between the results.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with suppress(BrokenPipeError):  # the server was killed, and there is nobody to answer
        serve(sys.stdin.buffer, results)
    os._exit(0)  # without another try to write what nobody reads


if __name__ == "__main__":
    main()
