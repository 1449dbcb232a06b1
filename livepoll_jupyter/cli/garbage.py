"""How often a process that is a server looks for garbage. Only such a process: in Jupyter's the collector is not ours.

Votes, messages and peers hold no cycles, so reference counts free them at once. What a vote makes on its way waits for
the commit; the collector, left alone, would walk through all of it each 700 objects, to find nothing.
"""

from __future__ import annotations

import gc
from typing import Final

OFTEN: Final = (50_000, 20, 100)
"""New containers before the youngest are looked through, and how many such looks before the older ones are."""


def expect_little() -> None:
    """Leave alone what was loaded by now, and look for new garbage seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*OFTEN)
