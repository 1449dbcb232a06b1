"""Who is speaking: four roles, and the tokens that prove them. Nothing here reads a request or writes a log.

The instructor's token is one random text per server. Participants' and observers' tokens are names that the server
made up, signed with the store's secret and bound to one room (HMAC-SHA256, RFC 2104), so that none has to be kept.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from enum import StrEnum
from hashlib import sha256

from msgspec import Struct

from ..core.errors import Unauthorized
from .codes import new_id


class Role(StrEnum):
    """What a caller may do; a listener has the code and nothing else."""

    INSTRUCTOR = "instructor"
    OBSERVER = "observer"
    PARTICIPANT = "participant"
    LISTENER = "listener"


class Identity(Struct, frozen=True):
    """A caller whose token was checked; only a participant has an id."""

    role: Role
    participant: str | None = None

    @property
    def is_staff(self) -> bool:
        """Whether results that the class does not see yet may be shown."""
        return self.role in {Role.INSTRUCTOR, Role.OBSERVER}


LISTENER = Identity(Role.LISTENER)
INSTRUCTOR = Identity(Role.INSTRUCTOR)
OBSERVER = Identity(Role.OBSERVER)


class Tokens:
    """Makes and checks tokens. ``secret`` signs; ``instructor`` is the token that the instructor's programs send."""

    def __init__(self, secret: bytes, instructor: str) -> None:
        self.instructor = instructor
        self._secret = secret

    def is_instructor(self, token: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(token.encode(), self.instructor.encode())

    def new_participant(self, code: str) -> tuple[str, str]:
        """A new participant of the room, as ``(id, token)``."""
        return self._issue(Role.PARTICIPANT, code)

    def new_observer(self, code: str) -> str:
        """A token that may watch the room."""
        return self._issue(Role.OBSERVER, code)[1]

    def identify(self, code: str, token: str) -> Identity:
        """The participant or observer of the room that ``token`` names; raises :exc:`Unauthorized`."""
        name, _, signature = token.rpartition(".")
        if self._matches(Role.PARTICIPANT, code, name, signature):
            return Identity(Role.PARTICIPANT, name)
        if self._matches(Role.OBSERVER, code, name, signature):
            return OBSERVER
        raise Unauthorized("That token is not valid in this room. Join again with the room's link.")

    def _issue(self, role: Role, code: str) -> tuple[str, str]:
        name = new_id(10)
        return name, f"{name}.{self._sign(role, code, name)}"

    def _sign(self, role: Role, code: str, name: str) -> str:
        signed = f"{role}\0{code}\0{name}".encode()
        return urlsafe_b64encode(hmac.digest(self._secret, signed, sha256)).decode().rstrip("=")

    def _matches(self, role: Role, code: str, name: str, signature: str) -> bool:
        return hmac.compare_digest(self._sign(role, code, name).encode(), signature.encode())


def bearer(authorization: str | None) -> str | None:
    """The token in an ``Authorization`` header (RFC 6750; Jupyter says ``token``); None for another scheme."""
    scheme, _, token = (authorization or "").strip().partition(" ")
    return token.strip() if scheme.lower() in {"bearer", "token"} else None


def kept_instructor_token(secret: bytes) -> str:
    """The instructor's token that goes with a store: a restarted server has it again, and notebooks find it."""
    return urlsafe_b64encode(hmac.digest(secret, Role.INSTRUCTOR.encode(), sha256)).decode().rstrip("=")


def new_instructor_token() -> str:
    """A random token of 256 bits."""
    return secrets.token_urlsafe(32)
