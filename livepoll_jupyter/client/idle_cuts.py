"""Finds a proxy that cuts connections on which nothing was said for a while, and how often to ping below that. Pure.

A proxy counts the same time on each connection; a killed server or a lost network cuts at any. So two cuts in a row
after about the same silence are a proxy's, and one alone is nothing. The phone does the same.
"""

from __future__ import annotations

import math
from typing import Final

from msgspec import Struct

LEAST_PING: Final = 2.0
"""Seconds between pings, below which no proxy makes us go."""

SAME: Final = 1.5
"""Seconds by which the silences before two cuts may differ."""


class IdleCuts(Struct, frozen=True):
    """What is known of cuts: the silence before the last one, and the longest time between pings that avoids them."""

    silence: float | None = None
    ping_after: float = math.inf

    def with_cut(self, silence: float) -> IdleCuts:
        """What is known after a connection was cut on which nothing had been heard for ``silence`` seconds."""
        if self.silence is None or abs(silence - self.silence) > SAME:
            return IdleCuts(silence, self.ping_after)
        return IdleCuts(silence, max(LEAST_PING, min(self.ping_after, silence / 2, self.silence / 2)))
