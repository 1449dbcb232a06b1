"""Answers of the API that grow with a room: written in short pieces, with turns of the loop for everybody else between.

All such answers of a server share one pace, so ten at once take ten times as long and cost votes no more than one.
"""

from __future__ import annotations

import asyncio
import csv
import io
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO, Final
from urllib.parse import quote

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

CSV_PIECE: Final = 32 * 1024
"""Characters of CSV after which a piece ends, with the row that is being written."""

MARK_OF_UTF_8: Final = "\ufeff"
"""The first character of a CSV file: without it Excel takes the file for one in the code page of its own system."""

FORMULA_STARTS: Final = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
"""What a spreadsheet begins a formula with; Excel also takes the wide forms in some languages."""
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_PART: Final = re.compile(r"[^;\t\r\n]+")
"""A cell, for a spreadsheet that separates cells otherwise: Excel takes a semicolon in many languages."""

Pieces = AsyncGenerator[bytes, None]


class Pace:
    """Who may make the next piece. One per server."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._running = 0

    async def paced(self, pieces: Pieces) -> Pieces:
        """The pieces, each made in a turn of its own; raises :exc:`TooMany` if there are too many such answers."""
        with self.begun():
            while True:
                async with self._turn:
                    piece = await anext(pieces, None)
                    if piece is None:
                        return
                    await asyncio.sleep(PAUSE)
                yield piece

    @contextmanager
    def begun(self) -> Iterator[None]:
        """One such answer is being made or sent; raises :exc:`TooMany` if there are too many."""
        if self._running >= AT_ONCE:
            raise TooMany("Too many answers of this size are on their way. Try again when one of them is done.")
        self._running += 1
        try:
            yield
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


def safe_cell(value: Any) -> Any:
    """A text with an apostrophe before whatever a spreadsheet would take for a formula; numbers stay as they are.

    So the OWASP Foundation has it ("CSV Injection"), also behind what separates cells in other places of the world.
    """
    if not isinstance(value, str):
        return value
    safe = _PART.sub(_safe_part, value)
    return f"'{safe}" if safe.startswith(("\t", "\r", "\n")) else safe


def _safe_part(part: re.Match[str]) -> str:
    text = part[0].lstrip()
    if text[:1] not in FORMULA_STARTS or _NUMBER.fullmatch(text.rstrip()):
        return part[0]
    return f"{part[0][: -len(text)]}'{text}"


def attachment(name: str, fallback: str) -> str:
    """A ``Content-Disposition`` for a file called ``name`` (RFC 6266); ``fallback`` in ASCII for old programs."""
    shown = re.sub(r'[\s\x00-\x1f\x7f/\\:*?"<>|]+', " ", name.encode("utf-8", "replace").decode()).strip(" .")
    return f"attachment; filename=\"{fallback}\"; filename*=UTF-8''{quote(shown, safe='')}"


async def csv_lines(
    names: Sequence[str], lists: AsyncIterator[Sequence[Any]], more: Callable[[Any], dict[str, str]] = lambda _: {}
) -> Pieces:
    """Comma-separated values in UTF-8 with its mark, under a line of column names (RFC 4180).

    The options of one answer are joined by ``;``.

    ``more`` has the columns that a record itself does not have.
    """
    out = io.StringIO()
    out.write(MARK_OF_UTF_8)
    rows = csv.DictWriter(out, names)
    rows.writeheader()
    async for items in lists:
        for item in items:
            row: dict[str, Any] = msgspec.to_builtins(item)
            row["answer"] = ";".join(row["answer"]) if isinstance(row["answer"], list) else row["answer"]
            rows.writerow({name: safe_cell(value) for name, value in (row | more(item)).items()})
            if out.tell() >= CSV_PIECE:  # A question's text is long, and in each of its rows.
                yield out.getvalue().encode()
                out.seek(0)
                out.truncate()
        if out.tell():
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    if out.getvalue():  # the names alone
        yield out.getvalue().encode()
