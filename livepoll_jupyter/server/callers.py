"""Who is asking, by what the head of their request says: the same for a page, the API and a socket.

It reads headers and answers nothing; whose server read them it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from tornado.httputil import parse_cookie

from ..core.errors import BadRequest, NotFound, Unauthorized
from ..core.room import Room
from .auth import INSTRUCTOR, LISTENER, Identity, bearer
from .codes import looks_like_code, normal_code
from .service import Service


class Caller:
    """Whoever sent ``headers`` to ``host`` from ``address``; the names of headers are asked for in small letters."""

    __slots__ = ("_found", "_headers", "_host", "_service", "address")

    def __init__(self, service: Service, headers: Mapping[str, str], host: str, address: str) -> None:
        self.address = address
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
        ours = {self._host.lower(), host_of(self._service.links.pages)} - {""}
        return origin is None or host_of(origin) in ours

    def check_origin(self) -> None:
        """Raise :exc:`BadRequest` for an ``Origin`` that is no address."""
        host_of(self._headers.get("origin", ""))

    def find_room(self, typed: str) -> Room:
        """The open room with that code; counts wrong ones and raises the refusal.

        Who belongs to the room already is let in whatever others behind the same address have guessed.
        """
        code, now = normal_code(typed), self._service.clock.monotonic()
        if not self._belongs_to(code):
            self._service.gate.before_code(self.address, now)
        try:
            return self._service.store.room(code)
        except NotFound:
            if looks_like_code(typed):
                self._service.gate.wrong_code(self.address, now)
            raise

    def identify(self, code: str) -> Identity:
        """Who the caller is in that room, by the token in the header or the cookie; raises :exc:`Unauthorized`."""
        if code not in self._found:
            self._found[code] = self._identify(code)
        return self._found[code]

    def cookie_identity(self, code: str) -> Identity | None:
        """The participant that the room's cookie names, None without one; raises :exc:`Unauthorized`."""
        cookies = self._headers.get("cookie")
        token = None if cookies is None else parse_cookie(cookies).get(cookie_name(code))
        if token is None or not self.is_same_origin():
            return None
        return self._service.tokens.identify(code, token)

    def _identify(self, code: str) -> Identity:
        token = bearer(self._headers.get("authorization"))
        if token is None:
            return self.cookie_identity(code) or LISTENER
        if self._service.tokens.is_instructor(token):
            return INSTRUCTOR
        return self._service.tokens.identify(code, token)

    def _belongs_to(self, code: str) -> bool:
        try:
            return self.identify(code) is not LISTENER
        except Unauthorized:
            return False


def host_of(url: str) -> str:
    """The host and port of ``url``, empty where it names none; raises :exc:`BadRequest` for what is no address."""
    try:
        return urlsplit(url).netloc.lower()
    except ValueError as wrong:
        raise BadRequest("The request's Origin is not an address.") from wrong


def cookie_name(code: str) -> str:
    """The cookie that holds a participant's token for one room."""
    return f"livepoll_{code}"
