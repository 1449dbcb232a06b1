"""The files that the audience pages load: read from the package, named by a hash of their content, sent compressed.

Every page names some of them, so what is known of them is kept. The directory is looked at once in a while, so that a
front end that was built again is seen.
"""

from __future__ import annotations

import gzip
import mimetypes
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final

from msgspec import Struct

DIRECTORY = Path(__file__).resolve().parent.parent / "static" / "audience"
"""Where the front end's build puts the audience's bundle."""

LOOK_EVERY: Final = 1.0
"""Seconds after which it is looked whether the files are still the same."""


class Asset(Struct, frozen=True):
    """One file; ``version`` changes with its content."""

    content_type: str
    body: bytes
    compressed: bytes
    version: str


class Assets:
    """The files directly in ``directory``; ``monotonic`` is a clock of seconds."""

    def __init__(self, directory: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._directory = directory
        self._monotonic = monotonic
        self._look_at = float("-inf")
        self._paths: dict[str, tuple[Path, int]] = {}
        self._read: dict[str, tuple[int, Asset]] = {}

    def find(self, name: str) -> Asset | None:
        """The file of that name, None if there is none; at most :data:`LOOK_EVERY` seconds old."""
        now = self._monotonic()
        if now >= self._look_at:
            self._paths = {
                path.name: (path, path.stat().st_mtime_ns) for path in self._directory.glob("[!.]*") if path.is_file()
            }
            self._look_at = now + LOOK_EVERY
        if name not in self._paths:
            return None
        path, changed = self._paths[name]
        read = self._read.get(name)
        if read is None or read[0] != changed:
            read = self._read[name] = changed, _read(path)
        return read[1]


_audience = Assets(DIRECTORY)


def find_asset(name: str) -> Asset | None:
    """The file called ``name`` directly in :data:`DIRECTORY`, None if there is none."""
    return _audience.find(name)


def asset_url(name: str) -> str:
    """The file's address beside the pages; with its version, so that a browser may keep it for ever."""
    asset = find_asset(name)
    return f"assets/{name}" if asset is None else f"assets/{name}?v={asset.version}"


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if content_type.startswith("text/"):
        content_type += "; charset=utf-8"
    return Asset(content_type, body, gzip.compress(body, mtime=0), sha256(body).hexdigest()[:16])
