"""Finds a proxy that cuts connections on which nothing was said for a while, and how often to ping below that. Pure.

A proxy counts the same time on each connection; a killed server or a lost network cuts at any. So two cuts after about
the same silence are a proxy's, and one alone is nothing. They need not follow each other: the server's own pings, which
nobody tells us of, lengthen the silence that we see before some cuts. The phone does the same.
"""

from __future__ import annotations

import math
from typing import Final

from msgspec import Struct

LEAST_PING: Final = 2.0
"""Seconds between pings, below which no proxy makes us go."""

SAME: Final = 1.5
"""Seconds by which the silences before two cuts may differ."""

REMEMBERED: Final = 3
"""Cuts with which the next one is compared."""


class IdleCuts(Struct, frozen=True):
    """What is known of cuts: the silences before the last few, and the longest time between pings that avoids them."""

    silences: tuple[float, ...] = ()
    ping_after: float = math.inf

    def with_cut(self, silence: float) -> IdleCuts:
        """What is known after a connection was cut on which nothing had been heard for ``silence`` seconds."""
        same = [earlier for earlier in self.silences if abs(earlier - silence) <= SAME]
        ping_after = self.ping_after
        if same:
            ping_after = max(LEAST_PING, min(ping_after, *(each / 2 for each in (*same, silence))))
        return IdleCuts((*self.silences, silence)[-REMEMBERED:], ping_after)
