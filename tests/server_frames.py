"""A server's WebSocket frames, read by a few lines of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator


def payloads(written: bytes) -> Iterator[bytes]:
    """The payloads of whole text frames, as a server writes them: final, with no reserved bit and no mask."""
    while written:
        assert written[0] == 0x81, written[:2]
        more = {126: 2, 127: 8}.get(written[1], 0)
        start = 2 + more
        end = start + (int.from_bytes(written[2:start]) if more else written[1])
        assert len(written) >= end, "half a frame"
        yield written[start:end]
        written = written[end:]
