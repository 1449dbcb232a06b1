"""Whether every frame of a log is what SQLite wrote there, by the checksums that SQLite itself looks at as it recovers.

Each checksum goes on from the one before, so one changed byte is noticed whoever changed it. A frame takes some
0.1 ms. The layout is that of https://sqlite.org/walformat.html.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Final

HEADER: Final = 32
"""Bytes before the first frame."""

FRAME_HEADER: Final = 24
"""Bytes before each page."""

_SUMMED: Final = 8
"""Bytes of a frame's header that its checksum covers, beside the page."""

_MAGIC: Final = 0x377F0682
"""A log's first four bytes; its last bit says that the checksums are of big-endian numbers."""

Read = Callable[[int, int], bytes]
"""So many bytes of the log, from an offset; fewer where it ends."""


class BadFrame(Exception):
    """The header or a frame is not what SQLite wrote."""


def sound_frames(read: Read, salt: bytes, frames: int, page_size: int) -> Iterator[int]:
    """Look at the log's header and so many frames one by one, and give each one's number; raises :exc:`BadFrame`."""
    header = read(HEADER, 0)
    order = _order(header)
    sums = _summed(header[:24], (0, 0), order)
    if header[16:24] != salt or sums != struct.unpack(">II", header[24:]):
        raise BadFrame
    size = FRAME_HEADER + page_size
    for number in range(frames):
        frame = read(size, HEADER + number * size)
        if len(frame) < size or frame[8:16] != salt:
            raise BadFrame
        sums = _summed(frame[:_SUMMED] + frame[FRAME_HEADER:], sums, order)
        if sums != struct.unpack_from(">II", frame, 16):
            raise BadFrame
        yield number


def _order(header: bytes) -> str:
    magic = int.from_bytes(header[:4], "big")
    if len(header) < HEADER or magic & ~1 != _MAGIC:
        raise BadFrame
    return ">" if magic & 1 else "<"


def _summed(content: bytes, sums: tuple[int, int], order: str) -> tuple[int, int]:
    numbers = iter(struct.unpack(f"{order}{len(content) // 4}I", content))
    first, second = sums
    for one, other in zip(numbers, numbers, strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return first, second
