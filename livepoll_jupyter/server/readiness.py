"""Which sockets have something to read, or room to write again. It knows file descriptors, and nothing of what is read.

Ten thousand sockets may become ready at once. Where the system has epoll they share one, which hands out a few of them
in each turn of the loop, in rotation: whatever else the loop has to do waits for those few alone, and no socket needs a
callback object of its own. Elsewhere each socket is the loop's.
"""

from __future__ import annotations

import asyncio
import select
import sys
from typing import Final, Protocol

from tornado.ioloop import IOLoop

AT_ONCE: Final = 32
"""Sockets that are looked after in one turn of the loop: about a millisecond's work, if all of them vote."""


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


class LoopReadiness:
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

    class EpollReadiness:
        """All sockets share one epoll, which is all that the loop knows of them; it is there while they are."""

        def __init__(self) -> None:
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
                    said = {"message": "A mistake of the server's, with one of its sockets", "exception": mistake}
                    asyncio.get_running_loop().call_exception_handler(said)

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
