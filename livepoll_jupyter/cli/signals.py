"""SIGINT and SIGTERM as a call on the event loop, on systems whose loops know signals and on those that do not."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from typing import Final

STOPPING: Final = (signal.SIGINT, signal.SIGTERM)


def on_stop(call: Callable[[], object]) -> None:
    """Call ``call`` on the running loop when this process is told to stop; told again, it ends at once."""
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for number in STOPPING:
            signal.signal(number, signal.SIG_DFL)
        call()

    for number in STOPPING:
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
