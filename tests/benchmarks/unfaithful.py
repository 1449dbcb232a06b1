"""A server that keeps one rule of the benchmark too few; its argument says which. Started by ``test_load.py``."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

from benchmarks.others import naive_tornado
from benchmarks.others.naive_tornado import SocketHandler, handlers, main

tell = naive_tornado.broadcast
answer = SocketHandler.on_message


def twice(text: str) -> None:
    """Send everybody each event a second time, when the first has long come."""
    tell(text)
    asyncio.get_running_loop().call_later(0.02, tell, text)


def to_all_but_one(text: str) -> None:
    """Leave one out, whom the connection is then closed to."""
    tell(text)
    next(iter(handlers)).close()


def ack_twice(handler: SocketHandler, message: str | bytes) -> None:
    """Ack each vote a second time."""
    answer(handler, message)
    answer(handler, message)


def faults() -> dict[str, Callable[[], None]]:
    """What can be wrong."""
    return {
        "none": lambda: None,
        "events-twice": lambda: setattr(naive_tornado, "broadcast", twice),
        "one-is-closed": lambda: setattr(naive_tornado, "broadcast", to_all_but_one),
        "acks-twice": lambda: setattr(SocketHandler, "on_message", ack_twice),
    }


if __name__ == "__main__":
    faults()[sys.argv[1]]()
    asyncio.run(main())
