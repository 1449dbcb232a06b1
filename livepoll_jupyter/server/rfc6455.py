"""Tornado's WebSocket, reading as strictly as RFC 6455 asks: the handshake, the pings and all writing stay Tornado's.

Tornado by itself takes unmasked frames, echoes closing codes that nobody may send, and drops the connection of a client
that breaks the RFC without a word. Here such a client gets a close frame with the code and the reason, and its
connection stays half open until it has had time to read that: closing a socket in which bytes wait unread resets it,
and a reset overtakes the close frame. Tornado ends it after five seconds.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator

from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketProtocol, WebSocketProtocol13

from .frames import FrameReader, Message, Violation

CHUNK = 4096
"""Bytes that are read before other sockets have their turn."""


class StrictProtocol(WebSocketProtocol13):
    """A socket whose client may not break the RFC. Extensions are never agreed on, compression neither.

    ``refuse`` is called with a closing code and a reason once a client has broken it, and closes the socket.
    """

    def __init__(self, lenient: WebSocketProtocol13, refuse: Callable[[int, str], None]) -> None:
        super().__init__(lenient.handler, lenient.mask_outgoing, lenient.params)
        self._refuse = refuse

    async def _receive_frame_loop(self) -> None:
        try:
            await self._receive(FrameReader(self.params.max_message_size))
        except StreamClosedError:
            self._abort()
        finally:
            self.handler.on_ws_connection_close(self.close_code, self.close_reason)

    async def _receive(self, reader: FrameReader) -> None:
        while not self.client_terminated:
            chunk = await self.stream.read_bytes(CHUNK, partial=True)
            try:
                await self._hear(reader.feed(chunk))
            except Violation as broken:
                self._refuse(broken.code, broken.reason)
                await self._let_it_read_why()
            await asyncio.sleep(0)

    async def _hear(self, messages: Iterator[Message]) -> None:
        for opcode, payload in messages:
            handled = self._handle_message(opcode, payload)
            if handled is not None:
                await handled

    async def _let_it_read_why(self) -> None:
        """End our side, and throw away what still comes until the client ends its own (RFC 6455, section 7.1.1)."""
        await self.stream.write(b"")
        if not self.stream.closed():
            self._end_writing()
        while True:
            await self.stream.read_bytes(CHUNK, partial=True)
            await asyncio.sleep(0)

    def _end_writing(self) -> None:
        try:
            self.stream.socket.shutdown(socket.SHUT_WR)
        except OSError as gone:
            raise StreamClosedError(gone) from gone


def strict(protocol: WebSocketProtocol | None, refuse: Callable[[int, str], None]) -> StrictProtocol | None:
    """The protocol that Tornado chose for a server's handler, made strict; None for a version that Tornado lacks."""
    return StrictProtocol(protocol, refuse) if isinstance(protocol, WebSocketProtocol13) else None
