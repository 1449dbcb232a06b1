"""How long to wait before the next try. Pure: chance comes in as an argument."""

from __future__ import annotations

from msgspec import Struct


class Backoff(Struct, frozen=True, kw_only=True):
    """Three seconds after a loss (the seed protocol's), then doubling up to a cap; the same as the phone's."""

    first: float = 3.0
    """Seconds before the first try."""
    cap: float = 30.0
    """Seconds that no wait exceeds."""
    tries: int = 10
    """After so many in a row that failed a person has to ask for the next."""
    stable: float = 30.0
    """Seconds that a connection must have held for the count to start again."""

    def delay(self, attempt: int, chance: float) -> float:
        """Seconds before try number ``attempt`` (from 1), for a ``chance`` in [0, 1).

        From the second try on half of the wait is chance, so that a class does not come back in one instant.
        """
        full = min(self.cap, self.first * 2.0 ** (attempt - 1))
        return full if attempt == 1 else full * (0.5 + chance / 2)
