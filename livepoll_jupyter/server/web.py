"""What every handler has in common: a service, refusals as HTTP statuses, and headers that keep strangers out.

A refusal that is raised anywhere in a request becomes its status and ``{code, message}``; any other exception becomes
a 500 whose text stays in the log.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from logging import DEBUG, ERROR, WARNING, Logger, LoggerAdapter
from types import TracebackType
from typing import Any, Final, cast

import msgspec
from tornado import httputil, web

from ..core import errors
from ..core.errors import Refusal
from ..core.foreign import foreign
from ..core.rest import Problem
from .bodies import BodyHandler
from .callers import Caller
from .client_log import caused_by, within_request
from .proxies import came_by_https
from .service import Service

STATUSES: tuple[tuple[type[Refusal], HTTPStatus], ...] = (
    (errors.BadRequest, HTTPStatus.BAD_REQUEST),
    (errors.Unauthorized, HTTPStatus.UNAUTHORIZED),
    (errors.Forbidden, HTTPStatus.FORBIDDEN),
    (errors.NotFound, HTTPStatus.NOT_FOUND),
    (errors.Conflict, HTTPStatus.CONFLICT),
    (errors.RoomEnded, HTTPStatus.GONE),
    (errors.TooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (errors.TooMany, HTTPStatus.TOO_MANY_REQUESTS),
    (errors.Unavailable, HTTPStatus.SERVICE_UNAVAILABLE),
)

RETRY_AFTER = "5"
"""Seconds, in the header of a refusal that may succeed later."""

_SAYS = {
    HTTPStatus.BAD_REQUEST: ("bad-request", "The server does not understand this request."),
    HTTPStatus.FORBIDDEN: ("forbidden", "That is not allowed from here."),
    HTTPStatus.NOT_FOUND: ("not-found", "There is nothing at this address."),
    HTTPStatus.REQUEST_TIMEOUT: ("too-slow", "The request took too long to come. Send it again."),
    HTTPStatus.METHOD_NOT_ALLOWED: ("method-not-allowed", "That method is not available here; see Allow."),
}
_LEVELS: Final = {HTTPStatus.INTERNAL_SERVER_ERROR: ERROR}
_SAYS_ELSE = ("internal-error", "The server made a mistake. Its log says more.")


PEERS_ARE_PROXIES: Final = "livepoll_peers_are_proxies"
"""In an application's settings: whether whoever connects to it is a proxy (Jupyter's ``trust_xheaders``)."""


def peer_of(request: httputil.HTTPServerRequest) -> str:
    """The other end of the connection, whatever its headers say; ``unknown`` on a Unix socket.

    Where Jupyter trusts them, Tornado has put into ``remote_ip`` what a header says, and ``X-Real-IP`` first of all,
    which a proxy may have passed on from the client.
    """
    context = getattr(request.connection, "context", None)
    if context is None:
        return request.remote_ip or "unknown"
    address = getattr(context, "address", None)
    return str(address[0]) if isinstance(address, tuple) and address else "unknown"


def status_of(refusal: Refusal) -> HTTPStatus:
    """The HTTP status of a refusal's branch of the tree."""
    return next(status for branch, status in STATUSES if isinstance(refusal, branch))


def log_answer(handler: web.RequestHandler) -> None:
    """The line of an answered request, on a listener of our own; one that went well is for who looks for a fault."""
    if isinstance(handler, ServiceHandler):
        status, request = handler.get_status(), handler.request
        level = _LEVELS.get(HTTPStatus(status), DEBUG if status < HTTPStatus.BAD_REQUEST else WARNING)
        method, address = foreign(request.method, 20), foreign(handler.address)
        handler.log.log(level, "%d %s %s (%s)", status, method, request.uri, address)


class ServiceHandler(BodyHandler):
    """A request to a service. It reads no cookie but the room's own, and of a body as little as can be."""

    service: Service
    caller: Caller

    def initialize(self, service: Service) -> None:
        """Tornado's constructor for the arguments of a route."""
        self.service = service
        self._received = bytearray()
        request = self.request
        is_proxy = bool(self.settings.get(PEERS_ARE_PROXIES))
        self.caller = Caller(service, request.headers, request.host, peer_of(request), is_proxy=is_proxy)
        # What stands in a log line: no token that somebody put into an address by mistake, and nothing unprintable.
        request.uri = foreign(request.path)

    def set_default_headers(self) -> None:
        """Nothing may be sniffed, framed or told to other sites."""
        super().set_default_headers()
        self.clear_header("Server")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")

    def compute_etag(self) -> str | None:
        """A state that must not be stored has no name to compare."""
        return None

    def check_xsrf_cookie(self) -> None:
        """Nothing here acts on a cookie of Jupyter's, so there is nothing to forge."""

    async def prepare(self) -> None:
        """Called by Tornado at the end of the head; who overrides it calls this last."""
        self.expect_body(self.max_body, self.service.clock)

    # ------------------------------------------------------------ the caller

    @property
    def address(self) -> str:
        """Where the request came from."""
        return self.caller.address

    def is_secure(self) -> bool:
        """Whether the browser came by https, if only to a proxy before this server."""
        if self.settings.get(PEERS_ARE_PROXIES):
            # Tornado has put what the proxy tells into ``protocol``, but takes the last of a list.
            return came_by_https(self.request.headers)
        return self.request.protocol == "https" or came_by_https(self.request.headers)

    # ------------------------------------------------------------ errors

    def methods(self) -> Iterable[str]:
        """The methods that this address answers."""
        return [
            name
            for name in self.SUPPORTED_METHODS
            if getattr(type(self), name.lower()) is not getattr(web.RequestHandler, name.lower())
        ]

    def problem(self, status: int, error: BaseException | None) -> Problem:
        """What is said of an error; never the text of an exception that was not written for strangers."""
        if isinstance(error, Refusal):
            return Problem(error.code, error.message)
        return Problem(*_SAYS.get(HTTPStatus(status), _SAYS_ELSE))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with the refusal's status; called by Tornado."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, Refusal):
            status_code = status_of(error)
            self.set_status(status_code)
            if error.retry:
                self.set_header("Retry-After", RETRY_AFTER)
        if status_code == HTTPStatus.UNAUTHORIZED:
            self.set_header("WWW-Authenticate", "Bearer")
        if status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            self.set_header("Allow", ", ".join(sorted(self.methods())))
        if self.is_unread:
            self.set_header("Connection", "close")
        self.write_problem(self.problem(status_code, error))

    def write_problem(self, problem: Problem) -> None:
        """Write the body of an error; JSON unless a page overrides it."""
        self.finish_json(problem)

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Log mistakes of ours; a refusal is none, and has its line among the answers."""
        if isinstance(value, (Refusal, web.HTTPError)) or typ is None or value is None:
            return
        what = "A mistake of the server's, in the answer to %s %s"
        self.log.error(what, foreign(self.request.method, 20), self.request.uri, exc_info=(typ, value, tb))

    @property
    def log(self) -> Logger:
        """Where it is logged what becomes of this request: by us, and by Jupyter's classes, which ask for this."""
        # Jupyter's classes declare a Logger; they log with it and nothing more.
        return cast("Logger", LoggerAdapter(self.service.client_log, caused_by(self.address)))

    def _log(self) -> None:
        """Write the line of an answered request; Tornado keeps this for those who override it."""
        with within_request(self.service.client_log, self.address):
            super()._log()

    def finish_json(self, body: Any) -> None:
        """End the answer with a JSON body."""
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(msgspec.json.encode(body))


Rule = tuple[str, type[web.RequestHandler], dict[str, Any]]
"""A pattern under the base URL, its handler and its arguments."""
