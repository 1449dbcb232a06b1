"""How much of a request's body is read, decided at its head: by the address that is asked for, and by who asks.

Tornado would read all of it first and parse forms and uploads in it. Here a handler is asked before the body comes,
what comes is counted, nothing but JSON is ever parsed, and who sends slowly is given up. It is the same on a listener
of our own and on Jupyter's.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from tornado import web

from ..core.errors import TooLarge
from .clock import Clock, Timer

MAX_BODY: Final = 256 * 1024
"""Bytes of the instructor's body: a question with all the text and options that it may have."""

SMALL_BODY: Final = 512
"""Bytes of anybody else's body, and of one that says nothing, such as ``{}``."""

MOST_DIGITS: Final = 20
"""Digits of a length: more than any body has bytes."""

BODY_SECONDS: Final = 20.0
"""Seconds, from the end of the head, in which the whole body must have come."""


@web.stream_request_body
class BodyHandler(web.RequestHandler):
    """Reads a body of at most :attr:`max_body` bytes, which a subclass sets in ``prepare`` by :meth:`expect_body`."""

    max_body: int = SMALL_BODY
    _body_timer: Timer | None = None
    _is_whole = False
    _received: bytearray

    def expect_body(self, most: int, clock: Clock) -> None:
        """Take up to ``most`` bytes in the next seconds; raises :exc:`TooLarge` if the head announces more."""
        self.max_body = most
        announced = self.request.headers.get("Content-Length", "")
        # Python reads no number of thousands of digits, so their count is looked at first.
        if announced.isdecimal() and (len(announced) > MOST_DIGITS or int(announced) > most):
            raise _too_large(most)
        if has_body(self.request.headers):
            self._body_timer = clock.call_at(clock.monotonic() + BODY_SECONDS, self._give_up)

    def data_received(self, chunk: bytes) -> None:
        """Keep what comes, up to the limit; called by Tornado, which would only log an exception."""
        if not self._finished:
            self._received += chunk
            if len(self._received) > self.max_body:
                wrong = _too_large(self.max_body)
                self.send_error(exc_info=(TooLarge, wrong, None))

    def received(self) -> bytes:
        """The whole body; call it in the method that answers."""
        self._forget_timer()
        self._is_whole = True
        return bytes(self._received)

    @property
    def is_unread(self) -> bool:
        """Whether some of a body may still come, so that the connection ends with the answer."""
        return not self._is_whole and has_body(self.request.headers)

    def on_finish(self) -> None:
        """Let go of what was received; called by Tornado."""
        self._forget_timer()
        self._received.clear()
        super().on_finish()

    def on_connection_close(self) -> None:
        """The client has gone; called by Tornado."""
        self._forget_timer()
        super().on_connection_close()

    def _give_up(self) -> None:
        if not self._finished:
            self.send_error(HTTPStatus.REQUEST_TIMEOUT)

    def _forget_timer(self) -> None:
        if self._body_timer is not None:
            self._body_timer.cancel()
            self._body_timer = None


def has_body(headers: Mapping[str, str]) -> bool:
    """Whether the head announces a body; Tornado refuses what says so in a way that can be understood twice."""
    return headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in headers


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"The body is too large; at most {most:,} bytes are read here.")
