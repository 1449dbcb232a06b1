"""The files that the audience pages load: read from the package, named by a hash of their content, sent compressed."""

from __future__ import annotations

import gzip
import mimetypes
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from msgspec import Struct

DIRECTORY = Path(__file__).resolve().parent.parent / "static" / "audience"
"""Where the front end's build puts the audience's bundle."""


class Asset(Struct, frozen=True):
    """One file; ``version`` changes with its content."""

    content_type: str
    body: bytes
    compressed: bytes
    version: str


def find_asset(name: str) -> Asset | None:
    """The file called ``name`` directly in the directory, None if there is none."""
    for path in DIRECTORY.glob("[!.]*"):
        if path.name == name and path.is_file():
            return _read(path, path.stat().st_mtime_ns)
    return None


def asset_url(name: str) -> str:
    """The file's address beside the pages; with its version, so that a browser may keep it for ever."""
    asset = find_asset(name)
    return f"assets/{name}" if asset is None else f"assets/{name}?v={asset.version}"


@lru_cache(maxsize=16)
def _read(path: Path, _changed: int) -> Asset:
    body = path.read_bytes()
    content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if content_type.startswith("text/"):
        content_type += "; charset=utf-8"
    return Asset(content_type, body, gzip.compress(body, mtime=0), sha256(body).hexdigest()[:16])
