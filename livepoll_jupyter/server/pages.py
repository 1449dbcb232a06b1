"""The pages that a class sees, in the one frame of HTML, and the files that it loads.

Nothing is loaded from anywhere else. Opening a room's page makes a participant: the token is in a cookie that no script
can read and that only this room's socket uses.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from jupyter_server.auth.decorator import allow_unauthenticated
from tornado import web

from ..core.errors import NotFound, Unauthorized, Unavailable
from ..core.rest import Problem
from .assets import find_asset
from .callers import cookie_name
from .codes import looks_like_code, normal_code
from .html import compressed, content_security_policy, page
from .service import Service
from .web import Rule, ServiceHandler

COOKIE_SECONDS: Final = 30 * 24 * 3600
"""How long a browser keeps a participant. By its own clock: the clock of the server, or of the phone, may be wrong."""

ONE_YEAR: Final = "public, max-age=31536000, immutable"

_STATES = {HTTPStatus.NOT_FOUND: "unknown", HTTPStatus.GONE: "ended"}


class PackedHandler(ServiceHandler):
    """What is sent compressed to whoever can read that."""

    def finish_packed(self, body: bytes, packed: bytes) -> None:
        """Send ``body``, or ``packed``, which is the same with gzip."""
        self.set_header("Vary", "Accept-Encoding")
        if "gzip" in self.request.headers.get("Accept-Encoding", ""):
            self.set_header("Content-Encoding", "gzip")
            self.finish(packed)
        else:
            self.finish(body)


class PageHandler(PackedHandler):
    """A page in the one frame. ``under`` is where the pages lie under the server's base URL."""

    under: str

    def initialize(self, service: Service, under: str) -> None:  # type: ignore[override]
        """Tornado's constructor for the arguments of a route."""
        super().initialize(service)
        self.under = under

    def set_default_headers(self) -> None:
        """The strict headers of everything that a browser shows."""
        super().set_default_headers()
        self.set_header("Content-Security-Policy", content_security_policy(self.request.host))

    async def prepare(self) -> None:
        """Open the service with the first visit."""
        await self.service.ready()
        await super().prepare()

    def show(self, state: str, *, code: str = "", title: str = "Join a room") -> None:
        """Write the page in one of its states: join, enter, unknown, ended."""
        text = page(state, code=code, title=title)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish_packed(text.encode(), compressed(text))

    def write_problem(self, problem: Problem) -> None:
        """A wrong or expired code is a page of its own; anything else is said in a line."""
        state = _STATES.get(HTTPStatus(self.get_status()))
        if state is not None:
            self.show(state)
        else:
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.finish(problem.message)


class CodePage(PageHandler):
    """The page on which a code is typed."""

    @allow_unauthenticated
    def get(self) -> None:
        """Answer GET."""
        self.show("enter")

    head = get


class StudentPage(PageHandler):
    """A room's page."""

    @allow_unauthenticated
    def get(self, code: str) -> None:
        """Answer GET, and make whoever opens the page without a valid cookie a participant."""
        if self.caller.is_fetched_in_advance():
            # The browser asks again when the page is wanted; until then no script may run and nobody may be counted.
            raise Unavailable("This page is not given in advance. Open it.")
        room = self.caller.find_room(code)
        if self.caller.opens_page() and not self._is_participant(room.code):
            self._make_participant(room.code)
        self.show("join", code=room.code, title=room.title)

    @allow_unauthenticated
    def head(self, code: str) -> None:
        """Answer HEAD: the page as it is for somebody who is a participant already."""
        room = self.caller.find_room(code)
        self.show("join", code=room.code, title=room.title)

    def _is_participant(self, code: str) -> bool:
        try:
            return self.caller.cookie_participant(code) is not None
        except Unauthorized:
            return False

    def _make_participant(self, code: str) -> None:
        self.service.gate.join(self.address, self.service.clock.monotonic())
        _, token = self.service.tokens.new_participant(code)
        self.set_cookie(
            cookie_name(code),
            token,
            max_age=COOKIE_SECONDS,
            path=self.cookie_path(),
            httponly=True,
            samesite="Lax",
            secure=self.is_secure(),
        )

    def cookie_path(self) -> str:
        """The base URL of a Jupyter server, which knows it. Else empty, which is the directory of the page.

        The browser knows that directory where a proxy in front has taken a prefix away, and the server does not.
        """
        directory = self.request.path.rpartition("/")[0] + "/"
        return directory.removesuffix(self.under) if self.under else ""


class SlashedPage(PageHandler):
    """A room's page as some type it, with a slash at the end: it leads to the page itself."""

    @allow_unauthenticated
    def get(self, code: str) -> None:
        """Answer GET."""
        if not looks_like_code(code):
            raise NotFound("There is nothing at this address.")
        self.redirect(f"../{normal_code(code)}")

    head = get


class AssetHandler(PackedHandler):
    """A file that a page loads."""

    compute_etag = web.RequestHandler.compute_etag

    async def prepare(self) -> None:
        """Wait for its turn, as every request does."""
        await self.service.requests.turn()
        await super().prepare()

    @allow_unauthenticated
    def get(self, name: str) -> None:
        """Answer GET; with the right version in the address the browser may keep it."""
        asset = find_asset(name)
        if asset is None:
            raise NotFound("There is no such file.")
        is_versioned = self.get_query_argument("v", None) == asset.version
        self.set_header("Cache-Control", ONE_YEAR if is_versioned else "no-cache")
        self.set_header("Content-Type", asset.content_type)
        self.finish_packed(asset.body, asset.compressed)

    head = get


class NothingHere(ServiceHandler):
    """Every other address."""

    async def prepare(self) -> None:
        """Say so, whatever the method."""
        await self.service.requests.turn()
        raise NotFound("There is nothing at this address.")


def page_rules(service: Service, under: str = "") -> list[Rule]:
    """The pages at ``under``: ``""`` for a listener of their own, ``livepoll/`` on a Jupyter server."""
    arguments: dict[str, Any] = {"service": service, "under": under}
    return [
        (under, CodePage, arguments),
        (f"{under}assets/([^/]+)", AssetHandler, {"service": service}),
        (f"{under}([^/]+)", StudentPage, arguments),
        (f"{under}([^/]+)/", SlashedPage, arguments),
    ]
