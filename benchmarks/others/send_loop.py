"""The limit in Python: ``load/send_loop.c`` line by line. It judges no vote, keeps nothing and waits for nobody."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import selectors
import socket
import sys
from contextlib import suppress
from typing import Final

from .ballot import text_of

READ: Final = 65536
GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

selector = selectors.DefaultSelector()
peers: dict[socket.socket, None] = {}


def frame_of(text: str) -> bytes:
    """A whole text frame of at most 65,535 bytes."""
    payload = text.encode()
    size = len(payload)
    return (bytes([0x81, size]) if size < 126 else bytes([0x81, 126]) + size.to_bytes(2, "big")) + payload  # noqa: PLR2004 - RFC 6455, 5.2


def publish(round_: int, size: int) -> None:
    """Send an event of ``size`` bytes to everybody."""
    head = text_of("new-question", {"id": "q", "round": round_, "text": ""})
    frame = frame_of(head[:-3] + "x" * (size - len(head)) + head[-3:])
    for peer in peers:
        with suppress(BlockingIOError):
            peer.send(frame)


def acknowledge(peer: socket.socket, received: bytes) -> None:
    """Answer each vote in what was received."""
    while len(received) > 6:  # noqa: PLR2004 - a head and a mask
        length, head = received[1] & 127, 2
        if length == 126:  # noqa: PLR2004
            length, head = int.from_bytes(received[2:4], "big"), 4
        mask, masked = received[head : head + 4], received[head + 4 : head + 4 + length]
        key = int.from_bytes((mask * (length // 4 + 1))[:length], "big")
        text = (int.from_bytes(masked, "big") ^ key).to_bytes(length, "big")
        if received[0] & 15 == 1:
            peer.send(frame_of(text_of("vote-ack", {"op": json.loads(text)["data"]["op"], "status": "accepted"})))
        received = received[head + 4 + length :]


def answer(peer: socket.socket, request: bytes) -> None:
    """Upgrade, or do what the instructor asks for."""
    key = re.search(rb"Sec-WebSocket-Key: (\S+)", request)
    if key is None:
        asked = re.search(rb"/publish\?round=(\d+)&size=(\d+)", request)
        if asked is not None:
            publish(int(asked[1]), int(asked[2]))
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        let_go(peer)
        return
    accept = base64.b64encode(hashlib.sha1(key[1] + GUID, usedforsecurity=False).digest())
    peer.send(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
    peers[peer] = None


def let_go(peer: socket.socket) -> None:
    """The socket is gone."""
    peers.pop(peer, None)
    selector.unregister(peer)
    peer.close()


def accept_all(listener: socket.socket) -> None:
    """Take in everybody who waits."""
    with suppress(BlockingIOError):
        while True:
            peer, _ = listener.accept()
            peer.setblocking(False)  # noqa: FBT003 - the name of the method
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(peer, selectors.EVENT_READ)


def serve(peer: socket.socket) -> None:
    """Read once."""
    try:
        received = peer.recv(READ)
    except ConnectionError:
        received = b""
    if not received:
        let_go(peer)
    elif peer in peers:
        acknowledge(peer, received)
    else:
        answer(peer, received)


def main() -> None:
    """Serve until killed."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    listener.setblocking(False)  # noqa: FBT003
    selector.register(listener, selectors.EVENT_READ)
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                accept_all(listener)
            elif isinstance(key.fileobj, socket.socket):
                serve(key.fileobj)


if __name__ == "__main__":
    main()
