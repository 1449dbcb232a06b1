"""What every handler has in common: a service, refusals as HTTP statuses, and headers that keep strangers out.

A refusal that is raised anywhere in a request becomes its status and ``{code, message}``; any other exception becomes
a 500 whose text stays in the log.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from types import TracebackType
from typing import Any

import msgspec
from tornado import web

from ..core import errors
from ..core.errors import Refusal
from ..core.rest import Problem
from .callers import Caller
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
    HTTPStatus.METHOD_NOT_ALLOWED: ("method-not-allowed", "That method is not available here; see Allow."),
}
_SAYS_ELSE = ("internal-error", "The server made a mistake. Its log says more.")


def status_of(refusal: Refusal) -> HTTPStatus:
    """The HTTP status of a refusal's branch of the tree."""
    return next(status for branch, status in STATUSES if isinstance(refusal, branch))


class ServiceHandler(web.RequestHandler):
    """A request to a service. It reads no cookie but the room's own."""

    service: Service
    caller: Caller

    def initialize(self, service: Service) -> None:
        """Tornado's constructor for the arguments of a route."""
        self.service = service
        request = self.request
        self.caller = Caller(service, request.headers, request.host, request.remote_ip or "unknown")
        # A token that somebody puts into an address by mistake must not get into a log line.
        self.request.uri = self.request.path

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

    # ------------------------------------------------------------ the caller

    @property
    def address(self) -> str:
        """Where the request came from."""
        return self.caller.address

    def is_secure(self) -> bool:
        """Whether the browser came by https, if only to a proxy before this server."""
        return "https" in {self.request.protocol, self.request.headers.get("X-Forwarded-Proto", "").lower()}

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
        """Log mistakes of ours; a refusal is none."""
        if not isinstance(value, Refusal):
            super().log_exception(typ, value, tb)

    def finish_json(self, body: Any) -> None:
        """End the answer with a JSON body."""
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(msgspec.json.encode(body))


Rule = tuple[str, type[web.RequestHandler], dict[str, Any]]
"""A pattern under the base URL, its handler and its arguments."""
