"""The two descriptions of the wire that the server hands out: OpenAPI for REST, AsyncAPI for the socket."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

import msgspec
from jupyter_server.auth.decorator import allow_unauthenticated

from .routes import API
from .service import Service
from .web import Rule, ServiceHandler


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
    return _made_by("openapi")


@cache
def asyncapi() -> bytes:
    """The socket's description, made when it is first asked for."""
    return _made_by("asyncapi")


def document_rules(service: Service) -> list[Rule]:
    """Where the documents lie."""
    arguments: dict[str, Any] = {"service": service}
    return [
        (f"{API}openapi.json", DocumentHandler, arguments | {"document": openapi}),
        (f"{API}asyncapi.json", DocumentHandler, arguments | {"document": asyncapi}),
    ]


def _made_by(name: str) -> bytes:
    module = import_module(f"livepoll_jupyter.schema.{name}")
    return msgspec.json.format(msgspec.json.encode(getattr(module, name)()), indent=2)
