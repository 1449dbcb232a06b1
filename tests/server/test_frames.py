"""The reader of frames, without a socket: however the bytes are cut, the same messages, and never a surprise."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from raw_socket import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, closing, frame, head

from livepoll_jupyter.server.frames import (
    MAX_FRAGMENTS,
    TOO_BIG,
    FrameReader,
    Message,
    Violation,
    close_frame,
    whole_text,
)
from livepoll_jupyter.server.frames import frame as written

LIMIT = 1000

texts = st.text(max_size=200).map(lambda said: Message(TEXT, said.encode()))
binaries = st.binary(max_size=LIMIT).map(lambda sent: Message(BINARY, sent))
controls = st.builds(Message, st.sampled_from([PING, PONG]), st.binary(max_size=125))


def read(chunks: Iterable[bytes]) -> tuple[list[Message], Violation | None]:
    """What a new reader takes from ``chunks``, up to a breach."""
    reader = FrameReader(LIMIT)
    messages: list[Message] = []
    try:
        for chunk in chunks:
            messages.extend(reader.feed(chunk))
    except Violation as broken:
        return messages, broken
    return messages, None


def cut(data: bytes, at: Iterable[int]) -> list[bytes]:
    """The pieces of ``data``, which is cut at these places as far as it has them."""
    borders = sorted({0, len(data), *(place % (len(data) + 1) for place in at)})
    return [data[a:b] for a, b in pairwise(borders)]


def fragments(message: Message, at: list[int]) -> list[bytes]:
    """The frames of one message; a control frame is never fragmented."""
    if message.opcode & 0x8:
        return [frame(*message)]
    parts = cut(message.payload, at) or [b""]
    last = len(parts) - 1
    return [frame(CONTINUATION if i else message.opcode, part, is_final=i == last) for i, part in enumerate(parts)]


@given(st.data())
def test_however_they_are_fragmented_and_cut_messages_are_whole(data: st.DataObject) -> None:
    """In order, whichever bytes come together."""
    sent = data.draw(st.lists(texts | binaries | controls, max_size=5))
    places = st.lists(st.integers(0, 5000), max_size=5)
    stream = b"".join(part for message in sent for part in fragments(message, data.draw(places)))
    assert read(cut(stream, data.draw(places))) == (sent, None)


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_any_bytes_are_messages_or_a_breach(chunks: list[bytes]) -> None:
    """Nothing else is ever raised, and the code is one that a server may send."""
    _, broken = read(chunks)
    assert broken is None or broken.code in {1002, 1007, 1009}


@given(st.binary(min_size=1, max_size=60))
def test_a_text_is_taken_if_and_only_if_it_is_strict_utf_8(payload: bytes) -> None:
    """No surrogates, nothing overlong, nothing beyond Unicode: as Python decodes."""
    try:
        payload.decode("utf-8", "strict")
    except UnicodeDecodeError:
        messages, broken = read([frame(TEXT, payload)])
        assert messages == []
        assert broken is not None
        assert broken.code == 1007
    else:
        assert read([frame(TEXT, payload)]) == ([Message(TEXT, payload)], None)


@given(st.integers(0, 65535))
def test_a_close_code_is_taken_if_and_only_if_it_may_be_sent(code: int) -> None:
    """The registered ones, and 3000 to 4999."""
    may_be_sent = 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999
    messages, broken = read([closing(code)])
    assert [message.opcode for message in messages] == ([CLOSE] if may_be_sent else [])
    assert (broken is None) is may_be_sent


@pytest.mark.parametrize(
    "begun",
    [head(5, 100), head(TEXT, 5, is_masked=False), head(TEXT, 5, reserved=4), head(PING, 126)[:2],
     head(CONTINUATION, 5), head(TEXT, LIMIT + 1), head(TEXT, 2**63)],
)  # fmt: skip
def test_a_breach_in_the_head_is_seen_before_the_payload_comes(begun: bytes) -> None:
    """Nothing is kept for a frame that is refused."""
    assert read([begun])[1] is not None


def test_what_follows_a_close_frame_is_not_read() -> None:
    """Not even to find fault with it."""
    assert read([closing(1000) + frame(5)]) == ([Message(CLOSE, b"\x03\xe8")], None)


def test_control_frames_count_nothing_towards_a_message() -> None:
    """A ping between two fragments does not make the message too long."""
    most = b"x" * LIMIT
    stream = [frame(TEXT, most, is_final=False), frame(PING, bytes(125)), frame(CONTINUATION)]
    assert read(stream) == ([Message(PING, bytes(125)), Message(TEXT, most)], None)


@pytest.mark.parametrize("part", [b"", b"x"])
def test_a_message_does_not_come_in_pieces_without_end(part: bytes) -> None:
    """However little each of them adds to it."""
    between = [frame(CONTINUATION, part, is_final=False)] * (MAX_FRAGMENTS - 2)
    begun = [frame(TEXT, part, is_final=False), *between]
    assert read([*begun, frame(CONTINUATION, part)] * 2) == ([Message(TEXT, part * MAX_FRAGMENTS)] * 2, None)
    messages, broken = read([*begun, between[0], between[0]])
    assert (messages, broken and broken.code) == ([], TOO_BIG)


@given(st.text(max_size=LIMIT // 4))
def test_a_text_that_came_in_one_piece_needs_no_reader(said: str) -> None:
    """The short way is there for nearly everything."""
    assert whole_text(frame(TEXT, said.encode()), LIMIT) == said


@given(
    st.sampled_from([frame(TEXT, b"ping"), frame(TEXT, b"x" * 300), frame(TEXT, b"x" * LIMIT), frame(TEXT)]),
    st.lists(st.tuples(st.integers(0, 10), st.integers(0, 255)), max_size=3),
    st.integers(-2, 2),
)
def test_the_short_way_takes_nothing_that_the_reader_would_not_take(
    sent: bytes, changes: list[tuple[int, int]], longer: int
) -> None:
    """Whatever bytes in the head and the mask are wrong, and if there are too few or too many of them."""
    changed = bytearray(sent)
    for place, byte in changes:
        changed[place % len(changed)] = byte
    data = bytes(changed) + b"x" * longer if longer > 0 else bytes(changed[: len(changed) + longer])
    text = whole_text(data, LIMIT)
    if text is not None:
        assert read([data]) == ([Message(TEXT, text.encode())], None)


def test_the_short_way_keeps_the_limit() -> None:
    """One byte more is the reader's, which refuses it."""
    assert whole_text(frame(TEXT, b"x" * LIMIT), LIMIT) is not None
    assert whole_text(frame(TEXT, b"x" * (LIMIT + 1)), LIMIT) is None


@given(st.binary(max_size=125))
def test_a_reader_that_keeps_nothing_may_be_let_go_of(payload: bytes) -> None:
    """Not one that waits for the rest of a frame, nor one that has had a fragment."""
    for sent in (frame(TEXT, b"ping")[:-1], frame(BINARY, payload, is_final=False)):
        reader = FrameReader(LIMIT)
        assert reader.is_between_messages
        assert list(reader.feed(sent)) == []
        assert not reader.is_between_messages
    reader = FrameReader(LIMIT)
    list(reader.feed(frame(BINARY, payload)))
    assert reader.is_between_messages


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536])
def test_a_servers_frame_says_how_long_it_is(size: int) -> None:
    """In as few bytes as possible, with no mask."""
    assert written(TEXT, bytes(size)) == head(TEXT, size, is_masked=False) + bytes(size)


def test_a_close_frame_has_room_for_123_bytes_of_reason() -> None:
    """RFC 6455, section 5.5; nobody is sent half a reason."""
    assert close_frame(4503, "x" * 123) == head(CLOSE, 125, is_masked=False) + b"\x11\x97" + b"x" * 123
    with pytest.raises(ValueError, match="124 bytes"):
        close_frame(4503, "x" * 124)
