"""The AsyncAPI 3.0 description of the socket, from ``core.messages``."""

from __future__ import annotations

from typing import get_args

from .._version import __version__
from ..core import messages
from .components import Json, components, sentence

_ABOUT = """\
The socket between a room's server and everybody in the room. Frames are text, one JSON object each. Version 1 \
(new-question, lock-status, results-update and the string "ping") is frozen; a hello opts in to version 2."""

_PING: Json = {"title": "Ping", "description": "The keep-alive, a JSON string.", "type": "string", "const": "ping"}

_ROOM: Json = {"type": "string", "description": "The room's code; without it, the room that was opened last."}


def asyncapi() -> Json:
    """The document, ready for JSON; ``send`` is what the server sends."""
    told, heard = list(get_args(messages.ServerEvent)), list(get_args(messages.ClientMessage))
    typed = [kind for kind in (*told, *heard) if kind is not messages.Ping]
    _, schemas = components(typed)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "livepoll socket", "version": __version__, "description": _ABOUT},
        "defaultContentType": "application/json",
        "channels": {"room": _channel([*told, *heard])},
        "operations": {"tell": _operation("send", told), "hear": _operation("receive", heard)},
        "components": {
            "schemas": schemas | {"Ping": _PING},
            "messages": {kind.__name__: _message(kind) for kind in (*told, *heard)},
        },
    }


def _channel(kinds: list[type]) -> Json:
    return {
        "address": "_ws",
        "description": "Under the server's base URL.",
        "messages": {kind.__name__: {"$ref": f"#/components/messages/{kind.__name__}"} for kind in kinds},
        "bindings": {"ws": {"method": "GET", "query": {"type": "object", "properties": {"room": _ROOM}}}},
    }


def _operation(action: str, kinds: list[type]) -> Json:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/room"},
        "messages": [{"$ref": f"#/channels/room/messages/{kind.__name__}"} for kind in kinds],
    }


def _message(kind: type) -> Json:
    tag = "ping" if kind is messages.Ping else kind.__struct_config__.tag  # type: ignore[attr-defined]
    return {
        "name": tag,
        "title": tag,
        "summary": sentence(kind.__doc__),
        "payload": {"$ref": f"#/components/schemas/{kind.__name__}"},
    }
