"""Which sockets have something to read, or room to write again. It knows file descriptors, and nothing of what is read.

Ten thousand sockets may become ready at once. Where the system has epoll they share one, which hands out a few of them
in each turn of the loop, in rotation: whatever else the loop has to do waits for those few alone, and no socket needs a
callback object of its own. Elsewhere each socket is the loop's.
"""

from __future__ import annotations

import asyncio
import select
import sys
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

from tornado.ioloop import IOLoop

AT_ONCE: Final = 32
"""Sockets that are looked after in one turn of the loop: about a millisecond's work, if all of them vote."""


LATER_AT_ONCE: Final = 2
"""Of the sockets that have sent more than a peer does, how many have their turns together."""

REQUESTS_AT_ONCE: Final = 1
"""Requests of HTTP that are parsed, and that are answered, in one turn of the loop, some half a millisecond each."""

REQUESTS_BESIDE_VOTES: Final = 0.002
"""Seconds between such turns while votes are being committed; 0 at other times, which is each turn of the loop."""

LATER_EVERY: Final = 0.001
"""Seconds between such turns. The loop sleeps in between if nobody else has sent anything, so that the thread that
writes to the disk does not wait for the interpreter (each time up to 5 ms, ``sys.getswitchinterval``)."""


class Watched(Protocol):
    """Who is told."""

    def readable(self) -> None:
        """There is something to read, if only the end."""

    def writable(self) -> None:
        """There is room to write, which was asked for."""


class Readiness(Protocol):
    """The sockets of one server, which live on one loop."""

    def add(self, descriptor: int, watched: Watched) -> None:
        """Tell ``watched`` whenever there is something to read."""

    def ask_for(self, descriptor: int, *, data: bool, room: bool) -> None:
        """Tell of something to read, of room to write, of both, or of neither from now on."""

    def remove(self, descriptor: int) -> None:
        """Tell nothing more; to be called before the descriptor is closed."""

    def later(self, callback: Callable[[], object]) -> None:
        """Call back a little later, first come, first served, with only a few such calls at a time."""

    async def turn(self) -> None:
        """The same for a coroutine."""


class Later:
    """Work that waits for its turn: ``at_once`` calls, then ``every()`` seconds of rest; 0 is each turn of the loop.

    So however many sockets flood a server, and however much each has sent, whoever is quiet waits for these few alone.
    """

    def __init__(self, at_once: int = LATER_AT_ONCE, every: Callable[[], float] = lambda: LATER_EVERY) -> None:
        self._at_once = at_once
        self._every = every
        self._waiting: deque[Callable[[], object]] = deque()

    def later(self, callback: Callable[[], object]) -> None:
        """Call back a little later, first come, first served, with only a few such calls at a time."""
        self._waiting.append(callback)
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_later(self._every(), self._serve)

    async def turn(self) -> None:
        """The same for a coroutine."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.later(partial(_come, turn))
        await turn

    def _serve(self) -> None:
        for _ in range(min(self._at_once, len(self._waiting))):
            callback = self._waiting[0]  # it stays until it was called, so that what it adds makes no second timer
            try:
                callback()
            except Exception as mistake:  # noqa: BLE001 - logged; the others would never have their turn
                report(mistake)
            self._waiting.popleft()
        if self._waiting:
            asyncio.get_running_loop().call_later(self._every(), self._serve)


def _come(turn: asyncio.Future[None]) -> None:
    if not turn.done():  # whoever waited may have given up
        turn.set_result(None)


def report(mistake: Exception) -> None:
    """Let the loop log a mistake of the server's with one of its sockets."""
    said = {"message": "A mistake of the server's, with one of its sockets", "exception": mistake}
    asyncio.get_running_loop().call_exception_handler(said)


class LoopReadiness(Later):
    """Each socket is a handler of the loop."""

    def add(self, descriptor: int, watched: Watched) -> None:
        """Tell ``watched`` whenever there is something to read."""

        def tell(_: int, events: int) -> None:
            if events & IOLoop.WRITE:
                watched.writable()
            if events & ~IOLoop.WRITE:
                watched.readable()

        IOLoop.current().add_handler(descriptor, tell, IOLoop.READ)

    def ask_for(self, descriptor: int, *, data: bool, room: bool) -> None:
        """Tell of something to read, of room to write, of both, or of neither from now on."""
        IOLoop.current().update_handler(descriptor, (IOLoop.READ if data else 0) | (IOLoop.WRITE if room else 0))

    def remove(self, descriptor: int) -> None:
        """Tell nothing more."""
        IOLoop.current().remove_handler(descriptor)


if sys.platform == "linux":

    class EpollReadiness(Later):
        """All sockets share one epoll, which is all that the loop knows of them; it is there while they are."""

        def __init__(self) -> None:
            super().__init__()
            self._watched: dict[int, Watched] = {}
            self._epoll: select.epoll | None = None

        def add(self, descriptor: int, watched: Watched) -> None:
            """Tell ``watched`` whenever there is something to read."""
            self._open().register(descriptor, select.EPOLLIN)
            self._watched[descriptor] = watched

        def ask_for(self, descriptor: int, *, data: bool, room: bool) -> None:
            """Tell of something to read, of room to write, of both, or of neither from now on."""
            self._open().modify(descriptor, (select.EPOLLIN if data else 0) | (select.EPOLLOUT if room else 0))

        def remove(self, descriptor: int) -> None:
            """Tell nothing more."""
            epoll = self._open()
            epoll.unregister(descriptor)
            del self._watched[descriptor]
            if not self._watched:
                IOLoop.current().remove_handler(epoll.fileno())
                epoll.close()
                self._epoll = None

        def _open(self) -> select.epoll:
            if self._epoll is None:
                self._epoll = select.epoll()
                IOLoop.current().add_handler(self._epoll.fileno(), self._look, IOLoop.READ)
            return self._epoll

        def _look(self, *_: object) -> None:
            if self._epoll is None:
                return
            for descriptor, events in self._epoll.poll(0, AT_ONCE):
                try:
                    self._tell(descriptor, events)
                except Exception as mistake:  # noqa: BLE001 - logged; the others would never have their turn
                    report(mistake)

        def _tell(self, descriptor: int, events: int) -> None:
            # What an earlier one of these led to may have been the end of this one.
            watched = self._watched.get(descriptor)
            if watched is not None and events & select.EPOLLOUT:
                watched.writable()
                watched = self._watched.get(descriptor)
            if watched is not None and events & ~select.EPOLLOUT:
                watched.readable()

    best: type[Readiness] = EpollReadiness
else:
    best = LoopReadiness
