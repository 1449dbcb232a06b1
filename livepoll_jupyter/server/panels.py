"""Which kernels show which room. The kernels say so themselves, with the instructor's token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

KERNELS: Final = 16
"""Kernels that are remembered for each room: those that asked for it last."""

LONGEST_ID: Final = 100
"""Characters of a kernel's id; Jupyter's have 36."""


class Panels:
    """Remembers for each room which kernels have asked for it; some of them may have ended."""

    def __init__(self) -> None:
        self._kernels: dict[str, dict[str, None]] = {}

    def note(self, code: str, kernel: str) -> None:
        """A kernel has asked for the room. What is no kernel's id is ignored."""
        if not kernel or len(kernel) > LONGEST_ID:
            return
        kernels = self._kernels.setdefault(code, {})
        kernels.pop(kernel, None)
        kernels[kernel] = None
        while len(kernels) > KERNELS:
            del kernels[next(iter(kernels))]

    def kernels_of(self, code: str) -> Sequence[str]:
        """The kernels whose panels show the room, the one that asked last at the end."""
        return tuple(self._kernels.get(code, ()))
