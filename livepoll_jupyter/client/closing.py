"""What a close code or a refused upgrade tells the client: the table of the wire protocol, and nothing else."""

from __future__ import annotations

from typing import Final

from ..core.errors import BadRequest, Refusal, RoomEnded, TooLarge, TooMany, Unauthorized

_STOPS: Final[dict[int, tuple[type[Refusal], str]]] = {
    1003: (BadRequest, "The server refused a frame of this client."),
    1008: (BadRequest, "The server refused this client."),
    1009: (TooLarge, "The server refused a message that was too long."),
    4501: (Unauthorized, "The server does not know this token any more. Join again."),
    4503: (RoomEnded, "This room has ended. Ask for the code of a new one."),
    4504: (TooMany, "The room is full."),
}


def stop_reason(code: int | None) -> Refusal | None:
    """Why to stop after a close with ``code``; None where trying again is right."""
    if code not in _STOPS:
        return None
    refusal, message = _STOPS[code]
    return refusal(message)
