"""Where a room is found: the links that people follow, and the picture of a link. It opens nothing."""

from __future__ import annotations

import io
import socket
from contextlib import closing
from functools import lru_cache
from urllib.parse import urlsplit

import segno

from ..core.errors import BadSetting

PAGES = "livepoll/"
"""Under a Jupyter server's base URL the audience pages lie here."""


class Links:
    """The links of a server whose pages lie directly under ``pages``, a URL that ends in a slash.

    ``_ws`` lies beside the pages on every server, so nothing has to be known of the path. ``base`` is the URL under
    which it lies as well, where that is another one and known: a Jupyter server's.
    """

    def __init__(self, pages: str, base: str = "") -> None:
        self.pages = pages
        self._base = base or pages

    def join_url(self, code: str) -> str:
        """What a student opens."""
        return f"{self.pages}{code}"

    def ws_url(self, code: str) -> str:
        """The room's socket."""
        return f"{self._base.replace('http', 'ws', 1)}_ws?room={code}"


def with_slash(url: str) -> str:
    """The URL, ending in one slash."""
    return url.rstrip("/") + "/"


def public_pages(url: str) -> str:
    """The pages' URL as a person named it, ending in one slash; raises :exc:`BadSetting` for what is none."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise BadSetting(f"{url!r} is no public URL. Write all of it, such as https://poll.example.org/.")
    return with_slash(url)


def lan_address() -> str:
    """This machine's address in its network, or 127.0.0.1; asks the routing table and sends nothing."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def reachable_host(ip: str) -> str:
    """A host name under which a listener on ``ip`` is reached from the class's devices."""
    host = lan_address() if ip in {"", "0.0.0.0", "::", "*"} else ip  # noqa: S104 - compared, not bound
    return f"[{host}]" if ":" in host else host


@lru_cache(maxsize=256)
def qr_svg(url: str) -> str:
    """The link as an SVG picture with a quiet zone, dark on white in every theme."""
    out = io.BytesIO()
    segno.make(url, error="m").save(
        out,
        kind="svg",
        xmldecl=False,
        border=4,
        dark="#000",
        light="#fff",
        omitsize=True,
        title="QR code of the join link",
    )
    return out.getvalue().decode()


def qr_text(url: str) -> str:
    """The link as a picture of block characters, for a terminal."""
    out = io.StringIO()
    segno.make(url, error="l").terminal(out, border=2, compact=True)
    return out.getvalue()
