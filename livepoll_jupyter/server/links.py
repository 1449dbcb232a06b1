"""Where a room is found: the links that people follow, and the picture of a link. It opens nothing."""

from __future__ import annotations

import io
import re
import socket
from contextlib import closing
from functools import lru_cache
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

import segno

from ..core.errors import BadSetting

PAGES = "livepoll/"
"""Under a Jupyter server's base URL the audience pages lie here."""


NO_NETWORK: Final = (
    "This machine has no network that phones could reach. Connect it to the network of the class: this link then "
    "changes by itself. Until then it opens on this machine alone."
)

THIS_MACHINE_ALONE: Final = (
    "Phones cannot reach this link: it opens on this machine alone, since its server listens on the loopback address."
)


class Links:
    """The links of a server whose pages lie directly under ``pages``, a URL that ends in a slash.

    ``_ws`` lies beside the pages on every server, so nothing has to be known of the path. ``base`` is the URL under
    which it lies as well, where that is another one and known: a Jupyter server's.
    """

    def __init__(self, pages: str, base: str = "") -> None:
        self.pages = pages
        self._base = base or pages

    @property
    def notice(self) -> str:
        """Why phones may not reach the link, and what to do, in sentences for the instructor; empty if they may."""
        return THIS_MACHINE_ALONE if is_loopback(self.pages) else ""

    @property
    def deserves_picture(self) -> bool:
        """Whether there is a QR code of the link: not of one that phones may not reach, unless somebody has set it."""
        return self.notice in {"", THIS_MACHINE_ALONE}

    def look(self) -> bool:
        """Find out again where the pages are; whether that has changed."""
        return False

    def join_url(self, code: str) -> str:
        """What a student opens."""
        return f"{self.pages}{code}"

    def ws_url(self, code: str) -> str:
        """The room's socket."""
        return f"{self._base.replace('http', 'ws', 1)}_ws?room={code}"


class OwnLinks(Links):
    """The links of a listener of ours on ``ip`` and ``port``, whose pages lie under the path ``under``.

    The machine may come into a network, or into another one, while the server runs. So :meth:`look` asks for its
    address anew.
    """

    def __init__(self, ip: str, port: int, under: str = "/") -> None:
        self._ip, self._port, self._under = ip, port, under
        super().__init__(self._now())

    @property
    def notice(self) -> str:
        """What :attr:`Links.notice` says, and where only a network is missing, that."""
        return NO_NETWORK if super().notice and is_everywhere(self._ip) else super().notice

    def look(self) -> bool:
        """Ask for the machine's address; whether the links are others now."""
        before, self.pages = self.pages, self._now()
        self._base = self.pages
        return self.pages != before

    def _now(self) -> str:
        return f"http://{reachable_host(self._ip)}:{self._port}{self._under}"


IN_USE: Final = 30.0
"""Seconds after a request under a learned address in which no other one takes its place; an open sidebar sends one
every five seconds."""


class HubLinks(Links):
    """The links of a server on a hub that does not tell its public URL: ``local``, until the URL is learned.

    The class comes through the hub's proxy. What its address is, only a browser that came that way knows.
    """

    def __init__(self, local: str) -> None:
        super().__init__(local + PAGES, local)
        self._is_learned = False
        self._seen_at = 0.0

    @property
    def notice(self) -> str:
        """What :attr:`Links.notice` says, and before an address was learned what to do."""
        return super().notice if self._is_learned else HUB_UNKNOWN

    def learn(self, base: str, now: float) -> bool:
        """The server's base URL as its instructor's browser has it ``now``; whether the links are others now.

        An address that means another machine on a phone replaces no better one. Of two good ones that are both in use
        the first stays: each change makes every sidebar ask again, and two of them under two addresses would never
        end. ``base`` is what a request says, so what is no plain URL is not believed. ``now`` is in seconds of a
        monotonic clock.
        """
        try:
            pages = public_pages(base + PAGES)
        except BadSetting:
            return False
        is_plain = _PLAIN_HOST.fullmatch(urlsplit(pages).netloc) is not None
        if pages == self.pages and self._is_learned:
            self._seen_at = now
        if not is_plain or pages == self.pages or (self._is_learned and is_loopback(pages)):
            return False
        if self._is_learned and not is_loopback(self.pages) and now - self._seen_at < IN_USE:
            return False
        self.pages, self._base, self._is_learned, self._seen_at = pages, with_slash(base), True, now
        return True


HUB_UNKNOWN: Final = (
    "Phones may not reach this link. This JupyterHub does not tell its public address, so open JupyterLab through the "
    "hub or reload it, from whose address the link is then made, or set LivePollApp.public_url."
)

_PLAIN_HOST: Final = re.compile(r"(?:[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?")
"""A host and port as a browser writes them: a name in ASCII or an address."""


def is_loopback(url: str) -> bool:
    """Whether ``url`` names this machine by its loopback address, so that it means another machine on a phone."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


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
    for somewhere in _SOMEWHERE[family]:
        try:
            with closing(socket.socket(family, socket.SOCK_DGRAM)) as probe:
                probe.connect((somewhere, 9))
                return str(probe.getsockname()[0])
        except OSError:
            continue  # no route leads there
    return _ITSELF[family]


_SOMEWHERE: Final = {
    socket.AF_INET: ("192.0.2.1", "10.42.0.1", "192.168.137.1", "192.168.2.1", "169.254.1.1"),
    socket.AF_INET6: ("2001:db8::1",),
}
"""Addresses to ask the way to: one for documentation, which a default route leads to. Then, for a machine that has a
network and no way out of it, those of a hotspot (NetworkManager's, Windows', macOS') and a link-local one."""

_ITSELF: Final = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}


def is_everywhere(ip: str) -> bool:
    """Whether a listener on ``ip`` listens on all addresses of this machine."""
    return ip in {"", "0.0.0.0", "*", "::"}  # noqa: S104 - compared, not bound


def reachable_host(ip: str) -> str:
    """A host name under which a listener on ``ip`` is reached from the class's devices."""
    host = ip
    if is_everywhere(ip):
        # A listener on :: takes IPv6 alone.
        host = lan_address(socket.AF_INET6 if ip == "::" else socket.AF_INET)
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
