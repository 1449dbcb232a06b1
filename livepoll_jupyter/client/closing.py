"""What a close frame tells the client: the table of the wire protocol, and nothing else."""

from __future__ import annotations

from typing import Final

from msgspec import UNSET

from ..core.codec import decode_reason
from ..core.errors import BadRequest, Refusal, RoomEnded, TooLarge, TooMany, Unauthorized

_STOPS: Final[dict[int, tuple[type[Refusal], str]]] = {
    1003: (BadRequest, "The server refused a frame of this client."),
    1008: (BadRequest, "The server refused this client."),
    1009: (TooLarge, "The server refused a message that was too long."),
    4501: (Unauthorized, "The server does not know this token any more. Join again."),
    4503: (RoomEnded, "This room has ended. Ask for the code of a new one."),
    4504: (TooMany, "Too many connections of this participant are open, so the oldest was closed."),
}
_COMES_BACK: Final = frozenset({1012, 1013})


def stop_reason(code: int | None) -> Refusal | None:
    """Why to stop after a close with ``code``; None where trying again is right."""
    if code not in _STOPS:
        return None
    refusal, message = _STOPS[code]
    return refusal(message)


def told_to_wait(code: int | None, reason: str | None) -> float | None:
    """About how many seconds a server that restarts or has too much to do asks to wait; None where it named none."""
    said = decode_reason(reason) if code in _COMES_BACK else None
    return None if said is None or said.retryAfterMs is UNSET else said.retryAfterMs / 1000
