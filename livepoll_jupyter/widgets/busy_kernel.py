"""Messages of our widgets while the kernel runs a cell: they are handled at once and leave that cell as it is.

Everything here works around a gap in ipykernel, IPython or comm; each is guarded, so that a version without the gap, or
without the name, is left as it is. ``tests/widgets/test_real_kernel.py`` tells when a version changes one.
"""

from __future__ import annotations

import logging
from typing import Any

from IPython import get_ipython
from IPython.core.displaypub import CapturingDisplayPublisher

from ..logs import get_logger

log = get_logger(__name__)


def answer_while_busy(comm: Any) -> None:
    """Let messages to ``comm`` be handled while a cell runs, without any effect on that cell.

    - ipykernel 7.4 sends a message to the shell that spoke last on the comm, which is the main one, and that is busy
      while a cell runs. It goes to the subshell that the front end sent it to instead.
    - comm 0.2 triggers IPython's ``pre_execute`` and ``post_execute`` around a message as around a cell. In a subshell
      this happens in the middle of the cell that runs: matplotlib then shows and closes a figure that is half drawn,
      and the cell's own ``plt.show()`` shows nothing. A button of ours runs no code of the user's, so it is no
      execution.
    - In a cell under ``%%capture`` ipykernel asks IPython's publisher for a method that this one has not, and the
      message is lost.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = lambda _data, sent_to: sent_to  # noqa: SLF001 - no public way exists
    if hasattr(comm, "_msg_callback"):
        comm.handle_msg = lambda message: comm._msg_callback(message)  # noqa: PLW0108, SLF001 - looked up when it is due
    if not hasattr(CapturingDisplayPublisher, "set_parent"):
        # What is captured has no parent, so there is nothing to set.
        CapturingDisplayPublisher.set_parent = lambda _publisher, _parent: None  # type: ignore[attr-defined]


def kernel_log() -> logging.Logger:
    """A logger that writes to the kernel's own log, if there is one: other loggers write below the running cell."""
    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is not None:
        log.parent = kernel.log
    return log
