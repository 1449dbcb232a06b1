"""Who is asking, by what the head of their request says: the same for a page, the API and a socket.

It reads headers and answers nothing; whose server read them it does not know.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from itertools import islice
from sys import intern
from typing import Final
from urllib.parse import urlsplit

from tornado.httputil import parse_cookie

from ..core.errors import BadRequest, NotFound, Unauthorized
from ..core.room import Room
from .auth import INSTRUCTOR, LISTENER, Identity, bearer
from .codes import looks_like_code, normal_code
from .links import is_loopback
from .proxies import first_host
from .service import Service

MOST_OF_HOST: Final = 512
"""How many cookies of all programs on this host are looked at; a browser keeps fewer than 200 for one host."""

MOST_COOKIES: Final = 8
"""How many cookies of one room are looked at: one browser has one for each path that the page was opened under."""


class Caller:
    """Whoever sent ``headers`` to ``host`` from ``peer``; the names of headers are asked for in small letters.

    ``is_proxy`` where the other end is known to be a proxy. ``address`` is the client's: see :class:`Proxies`.
    """

    __slots__ = ("_found", "_headers", "_host", "_is_behind_proxy", "_service", "address")

    def __init__(
        self, service: Service, headers: Mapping[str, str], host: str, peer: str, *, is_proxy: bool = False
    ) -> None:
        self.address = intern(service.proxies.address_of(peer, headers, is_proxy=is_proxy))
        self._is_behind_proxy = is_proxy or service.proxies.has(peer)
        self._service = service
        self._headers = headers
        self._host = host
        self._found: dict[str, Identity] = {}

    def is_same_origin(self) -> bool:
        """Whether the caller is a program, or a page that came from this very server (a proxy before it included)."""
        site = self._headers.get("sec-fetch-site")
        if site is not None:
            return site in {"same-origin", "none"}
        origin = self._headers.get("origin")
        ours = {self._host.lower(), self._told_host(), host_of(self._service.links.pages)} - {""}
        return origin is None or host_of(origin) in ours

    def check_origin(self) -> None:
        """Raise :exc:`BadRequest` for an ``Origin`` that is no address."""
        host_of(self._headers.get("origin", ""))

    def find_room(self, typed: str) -> Room:
        """The open room with that code; counts wrong ones and raises the refusal.

        A right code always leads to its room, whatever others behind the same address have guessed.
        """
        try:
            return self._service.store.room(normal_code(typed))
        except NotFound:
            if looks_like_code(typed):
                self._service.gate.wrong_code(self.address, self._service.clock.monotonic())
            raise

    def identify(self, code: str) -> Identity:
        """Who the caller is in that room, by the token in the header or the cookie; raises :exc:`Unauthorized`."""
        if code not in self._found:
            self._found[code] = self._identify(code)
        return self._found[code]

    def is_our_page(self) -> bool:
        """Whether the browser says that a page of this very server sends this; a program says nothing of the kind."""
        tells = self._headers.get("sec-fetch-site") or self._headers.get("origin")
        return bool(tells) and self.is_same_origin()

    def page_origin(self, *, is_secure: bool) -> str:
        """Scheme and host as the browser has them whose page of this server sends this; empty for anybody else.

        ``is_secure`` is what the server knows of the browser's connection. A browser that tells more is believed: it
        names the scheme in ``Origin``, and sends ``Sec-Fetch-Site`` by HTTPS, or to the machine that it runs on.
        """
        if not self.is_same_origin():
            return ""
        origin, host = self._headers.get("origin"), self._told_host() or self._host.lower()
        if origin is not None:
            return origin.lower()
        tells = self._headers.get("sec-fetch-site") == "same-origin"
        if not tells and host_of(self._headers.get("referer", "")) != host:
            return ""
        is_https = is_secure or (tells and not is_loopback(f"http://{host}/"))
        return f"{'https' if is_https else 'http'}://{host}"

    def _told_host(self) -> str:
        """The host that the browser asked for, if a known proxy tells it."""
        return first_host(self._headers) if self._is_behind_proxy else ""

    def may_have_newest_room(self) -> bool:
        """Whether the caller may listen without naming a room: a program, or a page of this server.

        A page of another site may not, and neither may one whose own name was made to point here (DNS rebinding): it
        is of the same origin, as the browser sees it. Nobody can do that to an address, or to a name of this machine.
        """
        origin, site = self._headers.get("origin"), self._headers.get("sec-fetch-site")
        if origin is None and site is None:
            return True
        named = self._host if origin is None else host_of(origin)
        return self.is_same_origin() and (names_this_machine(named) or named == host_of(self._service.links.pages))

    def opens_page(self) -> bool:
        """Whether somebody opens the page, by a link of any site or a typed address, or the page itself asks again.

        False for a picture, a frame or a script of another page, which nobody sees as our page. Browsers tell these
        apart on HTTPS and on this machine (Fetch Metadata). Elsewhere they tell no more than the origin of a script,
        but keep no cookie with ``SameSite=Lax`` that comes as part of another site's page.
        """
        mode, destination = self._headers.get("sec-fetch-mode"), self._headers.get("sec-fetch-dest")
        if mode == "navigate":
            return destination in {None, "document"}
        return self.is_same_origin() and mode != "no-cors" and destination in {None, "empty"}

    def is_fetched_in_advance(self) -> bool:
        """Whether the browser fetches the page before anybody wants to see it."""
        return "prefetch" in self._headers.get("sec-purpose", "")

    def cookie_identity(self, code: str) -> Identity | None:
        """The participant that the room's cookie names to our own pages; None without one or for another site's page.

        Raises :exc:`Unauthorized` for a cookie that is not valid.
        """
        if not self.is_same_origin():
            return None
        held = self.cookie_participant(code)
        return None if held is None else held[0]

    def cookie_participant(self, code: str) -> tuple[Identity, str] | None:
        """The participant that the room's cookie names, and the token in it; None without one.

        Whoever asks: the caller has to know that no other site's page profits. Of several cookies the first that is
        valid counts: browsers send the nearest path first, and one may be left from an older server. Raises
        :exc:`Unauthorized` if there are only others.
        """
        tokens = list(islice(self._cookies(cookie_name(code)), MOST_COOKIES))
        for token in tokens:
            try:
                identity = self._service.tokens.identify(code, token)
            except Unauthorized:
                continue
            if identity.participant is not None:
                return identity, token
        if tokens:
            raise Unauthorized("The cookie of this room is not valid any more. Reload the room's page.")
        return None

    def _cookies(self, name: str) -> Iterator[str]:
        # Every cookie of this host comes along; only those of that name are worth their parsing.
        for part in self._headers.get("cookie", "").split(";", MOST_OF_HOST)[:MOST_OF_HOST]:
            value = parse_cookie(part).get(name) if part.lstrip().startswith(name) else None
            if value is not None:
                yield value

    def _identify(self, code: str) -> Identity:
        token = bearer(self._headers.get("authorization"))
        if token is None:
            return self.cookie_identity(code) or LISTENER
        if self._service.tokens.is_instructor(token):
            return INSTRUCTOR
        return self._service.tokens.identify(code, token)


def host_of(url: str) -> str:
    """The host and port of ``url``, empty where it names none; raises :exc:`BadRequest` for what is no address."""
    try:
        return urlsplit(url).netloc.lower()
    except ValueError as wrong:
        raise BadRequest("The request's Origin is not an address.") from wrong


def names_this_machine(netloc: str) -> bool:
    """Whether ``netloc`` is an address, or a name that leads to this machine or into its own network alone."""
    try:
        host = (urlsplit(f"//{netloc}").hostname or "").rstrip(".")
    except ValueError:
        return False
    try:
        ip_address(host)
    except ValueError:
        own = socket.gethostname().lower()
        return host != "" and ("." not in host or host.endswith(".localhost") or host in {own, f"{own}.local"})
    return True


def cookie_name(code: str) -> str:
    """The cookie that holds a participant's token for one room."""
    return f"livepoll_{code}"
