"""Where a room is found: the links that people follow, and the picture of a link. It opens nothing."""

from __future__ import annotations

import io
import socket
from contextlib import closing
from functools import lru_cache
from typing import Final
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
    """The pages' URL as a person named it: without blanks around it, its host in small letters, ending in one slash.

    Raises:
        BadSetting: it is no URL, or holds what cannot stand before a code: blanks, a query, a fragment, a password.
    """
    try:
        parts = urlsplit(url.strip())
        parts.port  # noqa: B018 - it raises for what is no port
    except ValueError as wrong:
        raise _no_public_url(url) from wrong
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise _no_public_url(url)
    if any(mark in url for mark in "?#") or any(letter.isspace() or not letter.isprintable() for letter in url.strip()):
        raise _no_public_url(url)
    return with_slash(f"{parts.scheme}://{parts.netloc.lower()}{parts.path}")


def _no_public_url(url: str) -> BadSetting:
    return BadSetting(
        f"{url!r} is no public URL. Write all that stands before the code, without ? and #, such as "
        "https://poll.example.org/."
    )


def lan_address(family: socket.AddressFamily = socket.AF_INET) -> str:
    """This machine's address in its network, or the loopback one; asks the routing table and sends nothing."""
    somewhere, itself = _ADDRESSES[family]
    try:
        with closing(socket.socket(family, socket.SOCK_DGRAM)) as probe:
            probe.connect((somewhere, 9))
            return str(probe.getsockname()[0])
    except OSError:
        return itself


_ADDRESSES: Final = {socket.AF_INET: ("192.0.2.1", "127.0.0.1"), socket.AF_INET6: ("2001:db8::1", "::1")}
"""Of each family an address for documentation, which a default route leads to, and the loopback address."""


def reachable_host(ip: str) -> str:
    """A host name under which a listener on ``ip`` is reached from the class's devices."""
    host = ip
    if ip in {"", "0.0.0.0", "*"}:  # noqa: S104 - compared, not bound
        host = lan_address()
    elif ip == "::":
        # Such a listener takes IPv6 alone.
        host = lan_address(socket.AF_INET6)
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
