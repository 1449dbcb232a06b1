"""Messages to JSON and back. The only room that knows JSON; what a message is stands in ``messages``."""

from __future__ import annotations

import re

import msgspec
from msgspec import UNSET, Struct

from .errors import BadMessage, Refusal
from .foreign import foreign
from .messages import (
    ClientMessage,
    CloseReason,
    ErrorData,
    ErrorEvent,
    Event,
    Hello,
    Ping,
    ServerEvent,
    Vote,
)

_encoder = msgspec.json.Encoder()
_client_decoder: msgspec.json.Decoder[Hello | Vote] = msgspec.json.Decoder(Hello | Vote)
_server_decoder: msgspec.json.Decoder[ServerEvent] = msgspec.json.Decoder(ServerEvent)
_reason_decoder = msgspec.json.Decoder(CloseReason)
_PINGS = frozenset({'"ping"', "ping"})
_PING = Ping()
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""The one way to write that character in JSON: an escape that is not escaped itself."""
_PATH = re.compile(r" - at `(?:key in )?([^`]+)`\Z")
"""At the end of what msgspec says; before it may stand text of the client's that looks the same."""


def encode(message: Event | Struct) -> bytes:
    """JSON of one message, as UTF-8 bytes without a line break."""
    return _encoder.encode(message)


def encode_client(message: ClientMessage) -> str:
    """JSON of a client's message, as text."""
    return '"ping"' if isinstance(message, Ping) else _encoder.encode(message).decode()


def decode_client(text: str) -> ClientMessage:
    """What a client says; raises :exc:`BadMessage` with a sentence for its author."""
    if not text.startswith("{") and text.strip() in _PINGS:
        return _PING
    if "\\u0000" in text and _NUL.search(text):
        raise BadMessage("A message holds no NUL character. Leave it out.")
    try:
        return _client_decoder.decode(text)
    except msgspec.ValidationError as wrong:
        raise BadMessage(_what_is_wrong(wrong)) from wrong
    except (msgspec.DecodeError, UnicodeError, RecursionError) as wrong:
        raise BadMessage('That is not JSON. Send {"event": …, "data": {…}} or the string "ping".') from wrong


def decode_server(text: str | bytes) -> ServerEvent:
    """What a server says; raises :exc:`BadMessage`, which a client logs and skips."""
    try:
        return _server_decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as wrong:
        raise BadMessage(f"The server sent something this client does not know: {foreign(wrong)}") from wrong


def encode_reason(reason: str, retry_after_ms: int | None = None) -> str:
    """The text of a close frame's reason."""
    return _encoder.encode(
        CloseReason(reason=reason, retryAfterMs=UNSET if retry_after_ms is None else retry_after_ms)
    ).decode()


def decode_reason(text: str | None) -> CloseReason | None:
    """What a close frame's reason says; None for one that is not ours."""
    try:
        return _reason_decoder.decode(text or "")
    except msgspec.MsgspecError:
        return None


def refusal_event(refusal: Refusal) -> ErrorEvent:
    """The ``error`` event that tells a peer of a refusal."""
    return ErrorEvent(data=ErrorData(refusal.code, refusal.message, refusal.retry))


def _what_is_wrong(error: msgspec.ValidationError) -> str:
    found = _PATH.search(str(error))
    path = found.group(1) if found else "$"
    if path == "$.event":
        return 'Unknown event. A client may send "hello", "vote" or the string "ping".'
    return f"A field is missing or of a wrong type at {foreign(path)}; the AsyncAPI description lists them all."
