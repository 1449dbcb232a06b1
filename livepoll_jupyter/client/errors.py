"""Refusals on the client's side: the server's, read back from the wire, and one of our own."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct
from tornado.httpclient import HTTPClientError

from ..core.errors import BadRequest, Conflict, Forbidden, NotFound, Refusal, RoomEnded, TooMany, Unauthorized
from ..core.foreign import foreign, printable

MAX_MESSAGE: Final = 500
"""Characters of a server's sentence that are shown."""

_BY_STATUS: dict[int, type[Refusal]] = {
    400: BadRequest, 401: Unauthorized, 403: Forbidden, 404: NotFound, 409: Conflict, 410: RoomEnded, 429: TooMany,
}  # fmt: skip


class Unreachable(Refusal):
    """No server answered in time; whether it did what was asked is unknown."""

    code = "unreachable"
    retry = True


class _Body(Struct):
    code: str
    message: str


def refusal(code: str, message: str) -> Refusal:
    """The refusal that the server named by ``code``; the plain :exc:`Refusal` for a code of a newer server.

    What it says is printed into a notebook, and the server may be anybody's. It is a whole sentence, in which LaTeX's
    backslashes stay as they are.
    """
    return _by_code(Refusal).get(code, Refusal)(_shown(message))


def _shown(message: str) -> str:
    shown = printable(message[:MAX_MESSAGE])[:MAX_MESSAGE]  # what is escaped becomes longer
    return shown if len(message) <= MAX_MESSAGE else f"{shown}… and {len(message) - MAX_MESSAGE:,} more"


def refusal_of(answer: HTTPClientError) -> Refusal:
    """The refusal in an HTTP answer, with the ``Retry-After`` of that answer if it names seconds."""
    declined = _declined(answer)
    after = answer.response.headers.get("Retry-After", "") if answer.response else ""
    if after.isdecimal():
        declined.retry_after = float(after)
    return declined


def _declined(answer: HTTPClientError) -> Refusal:
    """One of a proxy in between has no body of ours and is told by its status."""
    try:
        body = msgspec.json.decode(answer.response.body if answer.response else b"", type=_Body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return _BY_STATUS.get(answer.code, Unreachable)(
            f"The server answered {answer.code}: {foreign(answer.message)}."
        )
    return refusal(body.code, body.message)


def _by_code(root: type[Refusal]) -> dict[str, type[Refusal]]:
    known = {root.code: root}
    for kind in root.__subclasses__():
        known |= _by_code(kind)
    return known
