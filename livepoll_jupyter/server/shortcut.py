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
from sys import intern
from typing import Final

from ..core.errors import Refusal
from .callers import Caller, host_of
from .codes import normal_code
from .handshake import answer, key_of
from .service import Service
from .websocket import admit, begin
from .wire_socket import SocketWire

MAX_HEAD: Final = 8192
"""Bytes of a request's head; browsers send less than a thousand."""

_PLAIN: Final = re.compile(rb"GET /_ws\?room=([A-Za-z0-9]+) HTTP/1\.1\r\n((?:[A-Za-z0-9-]+:[ -~]*\r\n)+)\r\n")
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+(?::[0-9]+)?|\[[0-9a-f:.]+\](?::[0-9]+)?")
_WITH_BODY: Final = {"content-length", "transfer-encoding", "expect"}


def take(service: Service, connection: socket.socket, address: str) -> bool:
    """Open the socket that is asked for, if that goes the short way; False leaves ``connection`` as it was."""
    request = _peek(connection)
    if request is None or service.is_closing or not service.is_open:
        return False
    asked, headers, length = request
    caller = Caller(service, headers, headers["host"], intern(address))
    try:
        host_of(headers.get("origin", ""))
        key = key_of(headers)
        # Before anything is counted, since Tornado's way counts it again.
        service.store.room(normal_code(asked))
        caller.identify(normal_code(asked))
        if key is None:
            return False
        live, identity = admit(service, caller, asked)
    except Refusal:
        return False
    connection.recv(length)
    wire = SocketWire(connection, caller.address, service.readiness)
    begin(service, wire, live, identity, answer(key))
    return True


def _peek(connection: socket.socket) -> tuple[str, dict[str, str], int] | None:
    """The code, the headers by their names in small letters, and how many bytes that is."""
    try:
        head = connection.recv(MAX_HEAD, socket.MSG_PEEK)
    except OSError:
        return None
    plain = _PLAIN.match(head)
    if plain is None:
        return None
    lines = plain[2].decode("ascii").split("\r\n")[:-1]
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    is_twice = len(headers) != len(lines)
    if is_twice or _HOST.fullmatch(headers.get("host", "")) is None or not headers.keys().isdisjoint(_WITH_BODY):
        return None
    return plain[1].decode("ascii"), headers, plain.end()
