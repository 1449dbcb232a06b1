"""The OpenAPI 3.1 description of the instructor's REST API, from its table of routes and the types of its bodies.

Which routes there are is the server's business: it passes them in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from msgspec import Struct

from .._version import __version__
from ..core.rest import Problem
from .components import Json, components, sentence

_ABOUT = """\
What an instructor's programs ask of a livepoll server. Paths lie under the server's base URL. Votes travel over the \
socket: see asyncapi.json beside this document."""


class Operation(Struct, frozen=True, kw_only=True):
    """One method at one path.

    ``path`` is relative to the base URL, with ``{names}``; ``successes`` are its statuses when it did what it should,
    ``refusals`` the others, each with a sentence; ``is_open`` where no token is asked for; ``is_csv_too`` where
    ``Accept: text/csv`` is heard; ``media_type`` of an answer that is a file.
    """

    method: str
    path: str
    name: str
    summary: str
    request: Any
    response: Any
    successes: Sequence[HTTPStatus]
    refusals: Mapping[HTTPStatus, str]
    is_open: bool
    is_csv_too: bool
    media_type: str = ""


def openapi(operations: Iterable[Operation]) -> Json:
    """The document, ready for JSON."""
    described = list(operations)
    bodies = [body for each in described for body in (each.request, each.response) if body is not None]
    shown, schemas = components([Problem, *bodies])
    found = iter(shown[1:])
    paths: dict[str, Json] = {}
    for each in described:
        request = next(found) if each.request is not None else None
        response = next(found) if each.response is not None else None
        paths.setdefault(f"/{each.path}", {})[each.method.lower()] = _operation(each, request, response)
    return {
        "openapi": "3.1.0",
        "info": {"title": "livepoll REST API", "version": __version__, "description": _ABOUT},
        "servers": [{"url": "../../", "description": "The base URL, as seen from this document."}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"instructor": {"type": "http", "scheme": "bearer"}}},
    }


def _operation(operation: Operation, request: Json | None, response: Json | None) -> Json:
    described: Json = {
        "operationId": operation.name,
        "summary": sentence(operation.summary),
        "security": [] if operation.is_open else [{"instructor": []}],
        "responses": _responses(operation, response),
    }
    names = re.findall(r"\{(\w+)\}", operation.path)
    if names:
        described["parameters"] = [_parameter(name) for name in names]
    if request is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": request}}}
    return described


def _parameter(name: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _responses(operation: Operation, response: Json | None) -> Json:
    content: Json = {} if response is None else {"application/json": {"schema": response}}
    if operation.is_csv_too:
        content["text/csv"] = {"schema": {"type": "string"}}
    if operation.media_type:
        content[operation.media_type] = {"schema": {"type": "string", "format": "binary"}}
    with_content: Json = {"content": content} if content else {}
    done = {str(status.value): {"description": status.phrase} | with_content for status in operation.successes}
    return done | {str(status.value): _refusal(text) for status, text in sorted(operation.refusals.items())}


def _refusal(text: str) -> Json:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": sentence(text), "content": {"application/json": {"schema": schema}}}
