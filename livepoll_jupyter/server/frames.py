"""What goes over a WebSocket, by the rules of RFC 6455: a server's frames are made, and a client's are read.

It reads, judges and writes bytes, and does nothing else: no socket, no clock, no answer. A breach of the RFC raises
:exc:`Violation` as soon as the bytes that break it have come; the reader is of no more use then. Lengths that could
have been written shorter are read all the same: no harm comes of them.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Final, NamedTuple

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
_NOTHING = -1

PROTOCOL_ERROR, BAD_TEXT, TOO_BIG = 1002, 1007, 1009
"""Closing codes (RFC 6455, section 7.4.1)."""

_FINAL, _RESERVED, _OPCODE, _MASKED, _LENGTH = 0x80, 0x70, 0x0F, 0x80, 0x7F
_HEAD: Final = 2
_CODE: Final = 2
_MAX_CONTROL: Final = 125
_MAX_REASON: Final = _MAX_CONTROL - _CODE
_MORE_LENGTH: Final = {126: 2, 127: 8}
_TWO_BYTES, _EIGHT_BYTES = _MORE_LENGTH
_MAX_SHORT: Final = 2**16 - 1
_MAX_LENGTH: Final = 2**63 - 1

MAX_FRAGMENTS: Final = 256
"""Frames that one message may come in: an empty one is no longer a message, but has to be read."""

_CODES: Final = (range(1000, 1004), range(1007, 1015), range(3000, 5000))
"""Codes that a close frame may carry: the registered ones, and those for libraries and applications."""


class Violation(Exception):
    """A client broke the RFC, or a rule of who hears it.

    ``code`` is what the socket is closed with, ``reason`` says in a word or two why.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Message(NamedTuple):
    """A whole text or binary message, or a control frame; a text's payload is UTF-8."""

    opcode: int
    payload: bytes


class _Frame(NamedTuple):
    is_final: bool
    opcode: int
    payload: bytes


# ---------------------------------------------------------------- what a server sends


def frame(opcode: int, payload: bytes) -> bytes:
    """A whole frame as a server sends it: final and not masked."""
    size = len(payload)
    if size <= _MAX_CONTROL:
        return bytes((_FINAL | opcode, size)) + payload
    if size <= _MAX_SHORT:
        return bytes((_FINAL | opcode, _TWO_BYTES)) + size.to_bytes(2) + payload
    return bytes((_FINAL | opcode, _EIGHT_BYTES)) + size.to_bytes(8) + payload


def close_frame(code: int, reason: str) -> bytes:
    """A close frame; raises :exc:`ValueError` for a reason of more than 123 bytes."""
    said = reason.encode()
    if len(said) > _MAX_REASON:
        raise ValueError(f"A close frame has no room for a reason of {len(said)} bytes.")
    return frame(CLOSE, code.to_bytes(_CODE) + said)


# ---------------------------------------------------------------- what a client sends


def whole_text(data: bytes, limit: int) -> str | None:
    """The text, if ``data`` is one frame with all of a text of at most ``limit`` bytes, as most of what comes is.

    None says no more than that it is not so: a :class:`FrameReader` has to look, and finds what is wrong, if anything.
    """
    if len(data) < _HEAD + 4 or data[0] != _FINAL | TEXT:
        return None
    size, mask_at = data[1] ^ _MASKED, _HEAD
    if size == _TWO_BYTES:
        size, mask_at = int.from_bytes(data[_HEAD:4]), 4
    elif size > _MAX_CONTROL:
        return None
    start = mask_at + 4
    if len(data) != start + size or size > limit:
        return None
    try:
        return _unmasked(data[mask_at:start], data[start:]).decode()
    except UnicodeDecodeError:
        return None


class FrameReader:
    """Reads one client's frames. A message may have ``limit`` bytes, over all its fragments."""

    __slots__ = ("_bytes", "_fragments", "_limit", "_message", "_opcode", "_text")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes = bytearray()
        self._opcode = _NOTHING
        self._fragments = 0
        self._message = bytearray()
        self._text = codecs.getincrementaldecoder("utf-8")()

    @property
    def is_between_messages(self) -> bool:
        """Whether nothing is kept, so that another reader could go on."""
        return not self._bytes and self._opcode == _NOTHING

    @property
    def holds_bytes(self) -> bool:
        """Whether bytes are kept that no frame has been made of yet: part of one, or what :meth:`frames` left."""
        return bool(self._bytes)

    def feed(self, data: bytes) -> Iterator[Message]:
        """Take ``data``, and return an iterator over the messages that are complete; it raises :exc:`Violation`.

        What a client sends after its close frame is not read.
        """
        self.take(data)
        return (message for message in self.frames() if message is not None)

    def take(self, data: bytes) -> None:
        """Keep ``data`` for :meth:`frames`."""
        self._bytes += data

    def frames(self) -> Iterator[Message | None]:
        """Read one frame after the other: the message that each completes, None where it is a part of one.

        Raises :exc:`Violation`. The caller may stop at any frame and call this again later: the rest is kept.
        """
        while found := self._take_frame():
            message = self._control(found) if found.opcode & 0x8 else self._data(found)
            yield message
            if message is not None and message.opcode == CLOSE:
                return

    # ------------------------------------------------------------ one frame

    def _take_frame(self) -> _Frame | None:
        if len(self._bytes) < _HEAD:
            return None
        first, second = self._bytes[:_HEAD]
        self._check_head(first, second)
        mask_at = _HEAD + _MORE_LENGTH.get(second & _LENGTH, 0)
        if len(self._bytes) < mask_at:
            return None
        start = mask_at + 4
        end = start + self._length(first, second & _LENGTH, bytes(self._bytes[_HEAD:mask_at]))
        if len(self._bytes) < end:
            return None
        payload = _unmasked(bytes(self._bytes[mask_at:start]), bytes(self._bytes[start:end]))
        del self._bytes[:end]
        return _Frame(bool(first & _FINAL), first & _OPCODE, payload)

    def _check_head(self, first: int, second: int) -> None:
        if first & _RESERVED:
            raise Violation(PROTOCOL_ERROR, "reserved-bits")
        if not second & _MASKED:
            raise Violation(PROTOCOL_ERROR, "unmasked")
        match first & _OPCODE:
            case 0x8 | 0x9 | 0xA:
                if not first & _FINAL or second & _LENGTH > _MAX_CONTROL:
                    raise Violation(PROTOCOL_ERROR, "bad-control-frame")
            case 0x0 | 0x1 | 0x2 as opcode:
                if (opcode == CONTINUATION) is (self._opcode == _NOTHING):
                    raise Violation(PROTOCOL_ERROR, "out-of-order")
            case _:
                raise Violation(PROTOCOL_ERROR, "unknown-opcode")

    def _length(self, first: int, short: int, more: bytes) -> int:
        length = int.from_bytes(more) if more else short
        if length > _MAX_LENGTH:
            raise Violation(PROTOCOL_ERROR, "bad-length")
        if not first & 0x8 and len(self._message) + length > self._limit:
            raise Violation(TOO_BIG, "too-large")
        return length

    # ------------------------------------------------------------ what it means

    def _control(self, found: _Frame) -> Message:
        if found.opcode == CLOSE and found.payload:
            _check_close(found.payload)
        return Message(found.opcode, found.payload)

    def _data(self, found: _Frame) -> Message | None:
        if found.opcode != CONTINUATION:
            self._opcode = found.opcode
            self._fragments = 0
        self._fragments += 1
        if self._fragments > MAX_FRAGMENTS:
            raise Violation(TOO_BIG, "too-many-fragments")
        if self._opcode == TEXT:
            _decode(self._text, found.payload, is_final=found.is_final)
        self._message += found.payload
        return self._whole() if found.is_final else None

    def _whole(self) -> Message:
        message = Message(self._opcode, bytes(self._message))
        self._opcode = _NOTHING
        self._message.clear()
        return message


def _check_close(payload: bytes) -> None:
    # A payload of one byte is refused with the rest: it makes a number below all codes.
    if not any(int.from_bytes(payload[:_CODE]) in codes for codes in _CODES):
        raise Violation(PROTOCOL_ERROR, "bad-close-code")
    _decode(codecs.getincrementaldecoder("utf-8")(), payload[_CODE:], is_final=True)


def _decode(decoder: codecs.IncrementalDecoder, part: bytes, *, is_final: bool) -> None:
    try:
        decoder.decode(part, is_final)
    except UnicodeDecodeError as wrong:
        raise Violation(BAD_TEXT, "not-utf-8") from wrong


def _unmasked(mask: bytes, payload: bytes) -> bytes:
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload) ^ int.from_bytes(key)).to_bytes(size)
