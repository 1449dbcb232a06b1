"""Background threads of the package: daemons that a debugger in the same process does not stop."""

from __future__ import annotations

import sys
from collections.abc import Callable
from threading import Thread, current_thread
from typing import Final

SWITCH: Final = 0.0005
"""Seconds that a busy thread keeps the interpreter while another one waits for it. Python's own 5 ms are for programs
that compute. A commit waits for the interpreter after each of its calls of the system, some eight times, so a
busy loop would make each take 40 ms longer."""


def share_interpreter() -> None:
    """Let no thread of this process wait longer than :data:`SWITCH` for a busy one. It holds for the whole process."""
    sys.setswitchinterval(min(SWITCH, sys.getswitchinterval()))


def daemon_thread(target: Callable[[], object], name: str) -> Thread:
    """A daemon thread that was not started yet.

    A breakpoint in a notebook stops every thread that pydevd traces. A stopped loop answers no ping and stores no vote,
    so the class would be cut off for as long as somebody looks at a variable. ipykernel marks its own threads alike.
    """
    thread = Thread(target=target, name=name, daemon=True)
    _hide(thread)
    return thread


def hide_this_thread() -> None:
    """Do the same for the thread that calls this, such as one of an executor."""
    _hide(current_thread())


def _hide(thread: Thread) -> None:
    # pydevd has no other way than these two attributes, which it asks every thread for.
    thread.pydev_do_not_trace = True  # type: ignore[attr-defined]
    thread.is_pydev_daemon_thread = True  # type: ignore[attr-defined]
