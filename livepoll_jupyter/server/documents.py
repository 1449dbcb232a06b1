"""The two descriptions of the wire that the server hands out: OpenAPI for REST, AsyncAPI for the socket."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
from jupyter_server.auth.decorator import allow_unauthenticated

from ..core.errors import Forbidden, Refusal, Unauthorized
from ..schema.asyncapi import asyncapi as describe_socket
from ..schema.openapi import Operation
from ..schema.openapi import openapi as describe_rest
from .auth import Role
from .routes import ALWAYS, API, ROUTES, Route
from .service import Service
from .web import Rule, ServiceHandler, status_of


class DocumentHandler(ServiceHandler):
    """One document. It describes what every caller may know, so it is everybody's."""

    document: Callable[[], bytes]

    def initialize(self, service: Service, document: Callable[[], bytes]) -> None:  # type: ignore[override]
        """Tornado's constructor for the arguments of a route."""
        super().initialize(service)
        self.document = document

    @allow_unauthenticated
    def get(self) -> None:
        """Answer GET."""
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(self.document())


@cache
def openapi() -> bytes:
    """The REST API's description, made when it is first asked for."""
    return _pretty(describe_rest(rest_operations()))


@cache
def asyncapi() -> bytes:
    """The socket's description, made when it is first asked for."""
    return _pretty(describe_socket())


def document_rules(service: Service) -> list[Rule]:
    """Where the documents lie."""
    arguments: dict[str, Any] = {"service": service}
    return [
        (f"{API}openapi.json", DocumentHandler, arguments | {"document": openapi}),
        (f"{API}asyncapi.json", DocumentHandler, arguments | {"document": asyncapi}),
    ]


def rest_operations() -> list[Operation]:
    """The table of routes as the description needs it."""
    return [_described(route) for route in ROUTES]


def _described(route: Route) -> Operation:
    is_open = route.role is Role.LISTENER
    refusals: list[type[Refusal]] = [*ALWAYS, *route.refusals, *([] if is_open else [Unauthorized, Forbidden])]
    return Operation(
        method=route.method,
        path=route.path,
        name=route.operation.__name__,
        summary=route.summary,
        request=route.request,
        response=route.response,
        successes=(route.status, *route.statuses),
        refusals={status_of(refusal("")): refusal.__doc__ or "" for refusal in refusals},
        is_open=is_open,
        is_csv_too=route.is_csv_too,
        media_type=route.media_type,
    )


def _pretty(document: dict[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document), indent=2)
