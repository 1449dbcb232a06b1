"""How long to wait before the next try. Pure: chance comes in as an argument, a number in [0, 1)."""

from __future__ import annotations

from msgspec import Struct


class Backoff(Struct, frozen=True, kw_only=True):
    """Three seconds after a loss (the seed protocol's), then doubling up to a cap; the same as the phone's."""

    first: float = 3.0
    """Seconds before the first try."""
    cap: float = 30.0
    """Seconds that no wait exceeds, unless the server asks for more."""
    tries: int = 10
    """After so many in a row that failed a person has to ask for the next."""
    stable: float = 5.0
    """Seconds that a connection must have been open, so that the next wait is a short one again."""
    least_told: float = 1.0
    most_told: float = 120.0
    """Seconds between which a server's own figure is believed."""

    def delay(self, attempt: int, chance: float) -> float:
        """Seconds before try number ``attempt``, from 1.

        From the second try on half of the wait is chance, so that a class does not come back in one instant.
        """
        full = self._full(attempt)
        return full if attempt == 1 else full * (0.5 + chance / 2)

    def told(self, seconds: float, chance: float) -> float:
        """Seconds to wait where the server has named ``seconds``: from half of them to one and a half."""
        return min(self.most_told, max(self.least_told, seconds)) * (0.5 + chance)

    def put_off(self, times: int, chance: float) -> float:
        """Seconds before an act that the server has put off so many times, from 1, is tried again.

        Chance from the first on: what puts off one vote puts off those of a whole hall in the same moment.
        """
        return self.told(self._full(times), chance)

    def _full(self, attempt: int) -> float:
        return min(self.cap, self.first * 2.0 ** (attempt - 1))
