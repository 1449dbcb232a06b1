"""The short way to a socket: an upgrade that is plain and is granted needs nothing of an HTTP server.

A hall comes at once, and reading a request costs Tornado more than all the rest of letting a phone in. So what waits on
a new connection is looked at without taking it. If it is the whole head of such a request, as browsers and programs
send it, and would be granted, the socket is taken over here. Everything else, and every refusal, is Tornado's, which
reads the connection from its first byte as if nobody had looked. What may come in is decided by ``websocket.admit`` on
both ways; the short one takes nothing that the long one would not.
"""

from __future__ import annotations

import re
import socket
from typing import Final, NamedTuple

from ..core.errors import BadRequest, Refusal
from .callers import Caller
from .codes import normal_code
from .handshake import answer, key_of
from .service import Service
from .websocket import admit, begin
from .wire_socket import SocketWire

MAX_HEAD: Final = 8192
"""Bytes of a request's head; browsers send less than a thousand."""

_VERSION: Final = "HTTP/1.1"
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+(?::[0-9]+)?|\[[0-9a-f:.]+\](?::[0-9]+)?")
_WITH_BODY: Final = {"content-length", "transfer-encoding", "expect"}


class _Request(NamedTuple):
    """The code that is asked for, the headers by their names in small letters, and how many bytes that is."""

    asked: str
    headers: dict[str, str]
    length: int


def plain_request(base_url: str) -> re.Pattern[bytes]:
    """What the whole head of a plain upgrade looks like on a server under ``base_url``."""
    return re.compile(
        rb"GET %b_ws\?room=([A-Za-z0-9]+) HTTP/1\.1\r\n((?:[A-Za-z0-9-]+:[ -~]*\r\n)+)\r\n"
        % re.escape(base_url).encode()
    )


def take(service: Service, connection: socket.socket, address: str, plain: re.Pattern[bytes]) -> bool:
    """Open the socket that is asked for, if that goes the short way; False leaves ``connection`` as it was."""
    request = _peek(connection, plain)
    if request is None or service.is_closing or not service.is_open:
        return False
    caller = Caller(service, request.headers, request.headers["host"], address)
    try:
        key = _checked_key(service, caller, request)
        live, identity = admit(service, caller, request.asked)
    except Refusal:
        return False
    connection.recv(request.length)
    wire = SocketWire(connection, caller.address, service.readiness)
    begin(service, wire, live, identity, answer(key))
    return True


def has_come(connection: socket.socket) -> bool:
    """Whether anything has come on ``connection``, if only its end."""
    try:
        connection.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True  # it has failed: Tornado finds out
    return True


def _checked_key(service: Service, caller: Caller, request: _Request) -> str:
    """The key of the handshake; raises what would be refused, before it is counted, as Tornado's way counts it too."""
    code = normal_code(request.asked)
    service.store.room(code)
    caller.identify(code)
    key = key_of(request.headers, _VERSION)
    if key is None:
        raise BadRequest("That is another version of the protocol.")
    return key


def _peek(connection: socket.socket, plain: re.Pattern[bytes]) -> _Request | None:
    try:
        head = connection.recv(MAX_HEAD, socket.MSG_PEEK)
    except OSError:
        return None  # it has failed: Tornado finds out
    found = plain.match(head)
    if found is None:
        return None
    lines = found[2].decode("ascii").split("\r\n")[:-1]
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    is_twice = len(headers) != len(lines)
    if is_twice or _HOST.fullmatch(headers.get("host", "")) is None or not headers.keys().isdisjoint(_WITH_BODY):
        return None
    return _Request(found[1].decode("ascii"), headers, found.end())
