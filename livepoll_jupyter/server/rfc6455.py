"""Tornado's WebSocket, reading as strictly as RFC 6455 asks: the handshake, the pings and all writing stay Tornado's.

Tornado by itself takes unmasked frames, echoes closing codes that nobody may send, and drops the connection of a client
that breaks the RFC without a word. Here such a client gets a close frame with the code and the reason, and its
connection stays half open until it has had time to read that: closing a socket in which bytes wait unread resets it,
and a reset overtakes the close frame. Tornado ends it after five seconds.
"""

from __future__ import annotations

import asyncio
import socket

from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketProtocol, WebSocketProtocol13

from ..core.codec import encode_reason
from .frames import FrameReader, Violation

CHUNK = 4096
"""Bytes that are read before other sockets have their turn."""


class StrictProtocol(WebSocketProtocol13):
    """A socket whose client may not break the RFC. Extensions are never agreed on, compression neither."""

    async def _receive_frame_loop(self) -> None:
        try:
            await self._receive(FrameReader(self.params.max_message_size))
        except Violation as broken:
            await self._fail(broken)
        except StreamClosedError:
            self._abort()
        finally:
            self.handler.on_ws_connection_close(self.close_code, self.close_reason)

    async def _receive(self, reader: FrameReader) -> None:
        while not self.client_terminated:
            chunk = await self.stream.read_bytes(CHUNK, partial=True)
            for opcode, payload in reader.feed(chunk):
                handled = self._handle_message(opcode, payload)
                if handled is not None:
                    await handled
            await asyncio.sleep(0)

    async def _fail(self, broken: Violation) -> None:
        """Fail the connection (RFC 6455, section 7.1.7), and let the client read why (section 7.1.1)."""
        self.close(broken.code, encode_reason(broken.reason))
        try:
            await self.stream.write(b"")
            self._end_writing()
            while True:
                await self.stream.read_bytes(CHUNK, partial=True)
                await asyncio.sleep(0)
        except StreamClosedError:
            self._abort()

    def _end_writing(self) -> None:
        if self.stream.closed():
            return
        try:
            self.stream.socket.shutdown(socket.SHUT_WR)
        except OSError as gone:
            raise StreamClosedError(gone) from gone


def strict(protocol: WebSocketProtocol | None) -> StrictProtocol | None:
    """The protocol that Tornado chose for a server's handler, made strict; None as it is for a version it lacks."""
    if not isinstance(protocol, WebSocketProtocol13):
        return None
    return StrictProtocol(protocol.handler, protocol.mask_outgoing, protocol.params)
