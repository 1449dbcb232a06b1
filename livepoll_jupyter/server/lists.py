"""Answers of the API that grow with a room: written in short pieces, with turns of the loop for everybody else between.

All such answers of a server share one pace, so ten at once take ten times as long and cost votes no more than one.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any, BinaryIO, Final

import msgspec

from ..core.errors import TooMany

PAUSE: Final = 0.002
"""Seconds after each piece in which no further one is made, for any answer of this server."""

AT_ONCE: Final = 8
"""Such answers that are on their way at the same time; each may hold a temporary file."""

FILE_PIECE: Final = 64 * 1024
"""Bytes of a file that are sent in one go."""

PATIENCE: Final = 60.0
"""Seconds that a reader may take for one piece, some 30 KB, before its answer is broken off."""

Pieces = AsyncGenerator[bytes, None]


class Pace:
    """Who may make the next piece. One per server."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._running = 0

    async def paced(self, pieces: Pieces) -> Pieces:
        """The pieces, each made in a turn of its own; raises :exc:`TooMany` if there are too many such answers."""
        if self._running >= AT_ONCE:
            raise TooMany("Too many answers of this size are on their way. Try again when one of them is done.")
        self._running += 1
        try:
            while True:
                async with self._turn:
                    piece = await anext(pieces, None)
                    if piece is None:
                        return
                    await asyncio.sleep(PAUSE)
                yield piece
        finally:
            self._running -= 1


async def file_pieces(file: BinaryIO) -> Pieces:
    """An open file's bytes, from the system's memory as it was written a moment ago."""
    while piece := file.read(FILE_PIECE):
        yield piece


async def json_list(lists: AsyncIterator[Sequence[Any]]) -> Pieces:
    """A JSON array of all that the lists hold, one piece for each list."""
    opening = b"["
    async for items in lists:
        if items:
            yield opening + msgspec.json.encode(items)[1:-1]
            opening = b","
    yield b"[]" if opening == b"[" else b"]"


async def csv_lines(names: Sequence[str], lists: AsyncIterator[Sequence[Any]]) -> Pieces:
    """Comma-separated values under a line of column names; the options of one answer are joined by ``;``."""
    out = io.StringIO()
    rows = csv.DictWriter(out, names)
    rows.writeheader()
    async for items in lists:
        for item in items:
            row: dict[str, Any] = msgspec.to_builtins(item)
            row["answer"] = ";".join(row["answer"]) if isinstance(row["answer"], list) else row["answer"]
            rows.writerow(row)
        yield out.getvalue().encode()
        out.seek(0)
        out.truncate()
    if out.getvalue():  # the names alone
        yield out.getvalue().encode()
