"""Looks from time to time whether this machine's address has changed, and tells the panels of open rooms.

A laptop wakes up in another network, or gets its first one after the room was opened. Nothing in the rooms changes
with that, so no panel would fetch the new link by itself.
"""

from __future__ import annotations

from typing import Final

from .clock import Timer
from .service import Service

EVERY: Final = 5.0
"""Seconds from one look to the next; a look asks the routing table, and takes some ten microseconds."""


class AddressWatch:
    """Looks every :data:`EVERY` seconds, from :meth:`start` to :meth:`stop`; both on the service's loop."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._timer: Timer | None = None

    def start(self) -> None:
        """Begin; a no-op if it was done before."""
        if self._timer is None:
            self._wait()

    def stop(self) -> None:
        """End; a no-op if it was done before."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self) -> None:
        clock = self._service.clock
        self._timer = clock.call_at(clock.monotonic() + EVERY, self._look)

    def _look(self) -> None:
        self._wait()
        if self._service.links.look():
            self._service.hub.show_links()
