"""The wire: what is written, what is read, and what is said of text that is neither."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livepoll_jupyter.core import messages
from livepoll_jupyter.core.codec import (
    decode_client,
    decode_reason,
    decode_server,
    encode,
    encode_client,
    encode_reason,
    refusal_event,
)
from livepoll_jupyter.core.errors import BadMessage, QuestionLocked, Unavailable
from livepoll_jupyter.core.messages import (
    MAX_FRAME,
    PING_MS,
    CloseReason,
    ErrorData,
    ErrorEvent,
    Hello,
    HelloData,
    Ping,
    Resume,
    Vote,
    VoteData,
)

WIRE = Path(__file__).parents[1] / "wire"
GOLDEN = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(WIRE.glob("*.json"))}
FROM_SERVER = {name: golden for name, golden in GOLDEN.items() if golden["from"] == "server"}
FROM_CLIENT = {name: golden for name, golden in GOLDEN.items() if golden["from"] == "client"}


NESTED = '{"event": "vote", "data": {"answer": ' + "[" * 10_000
"""Within the size of a frame, and deeper than a reader by recursion can go."""


def a_vote(**changes: Any) -> str:
    """The text of a vote with some of its data changed; a field that is changed to ``...`` is left out."""
    data = {"questionId": "q1", "round": 1, "answer": "a", "op": "one", "rev": 1} | changes
    return json.dumps({"event": "vote", "data": {key: value for key, value in data.items() if value is not ...}})


@pytest.mark.parametrize("name", FROM_SERVER)
def test_a_golden_message_of_the_server_is_read_and_written_as_it_stands(name: str) -> None:
    """Decoded to its type, encoded to the same JSON."""
    golden = FROM_SERVER[name]
    event = decode_server(json.dumps(golden["message"]))
    assert type(event).__name__ == golden["type"]
    assert json.loads(encode(event)) == golden["message"]


@pytest.mark.parametrize("name", FROM_CLIENT)
def test_a_golden_message_of_a_client_is_read_and_written_as_it_stands(name: str) -> None:
    """Decoded to its type, encoded to the same JSON."""
    golden = FROM_CLIENT[name]
    message = decode_client(json.dumps(golden["message"]))
    assert type(message).__name__ == golden["type"]
    assert json.loads(encode_client(message)) == golden["message"]


def test_every_message_has_a_golden_file() -> None:
    """A new message comes with an example that both languages read."""
    kinds = {kind.__name__ for kind in (*get_args(messages.ServerEvent), *get_args(messages.ClientMessage))}
    assert {golden["type"] for golden in GOLDEN.values()} == kinds


def test_the_numbers_of_the_protocol() -> None:
    """16 KiB and 30 s, from the protocol and the seed."""
    assert (MAX_FRAME, PING_MS) == (16_384, 30_000)


def test_a_message_is_one_line() -> None:
    """A frame, a log line and a line of a transcript are the same thing."""
    assert b"\n" not in encode(ErrorEvent(data=ErrorData("bad-message", "two\nlines", retry=False)))


@pytest.mark.parametrize("text", ["ping", '"ping"', ' "ping"\n'])
def test_a_ping_may_be_bare_or_json(text: str) -> None:
    """The seed sends it either way."""
    assert decode_client(text) == Ping()


def test_a_hello_and_a_vote_are_read() -> None:
    """Every field, with the optional ones."""
    hello = Hello(HelloData(v=2, token="t", resume=Resume("e", 3)))
    vote = Vote(VoteData(questionId="q", round=1, answer=["a"], op="o", rev=1))
    assert decode_client(encode_client(hello)) == hello
    assert decode_client(encode_client(vote)) == vote


def test_what_a_newer_client_adds_is_passed_over() -> None:
    """Version 2 only adds; so will the next."""
    assert decode_client('{"event":"hello","data":{"v":3,"mood":"good"},"x":1}') == Hello(HelloData(v=3))


@pytest.mark.parametrize(
    "text",
    ["", "hello", "{", "pong", '{"event": "vote"', "\ud800", NESTED],
    ids=["empty", "word", "brace", "pong", "cut off", "surrogate", "nested"],
)
def test_text_that_is_not_json_is_refused_with_what_to_send(text: str) -> None:
    """The sentence shows the form of a message."""
    with pytest.raises(BadMessage, match=r"not JSON"):
        decode_client(text)


@pytest.mark.parametrize("text", ["1", "null", "[]", '"hello"', '["ping"]'])
def test_json_that_is_no_event_is_refused(text: str) -> None:
    """A number, an array, another string."""
    with pytest.raises(BadMessage):
        decode_client(text)


@pytest.mark.parametrize("text", ['{"event":"lock"}', '{"event":"new-question","data":{}}', '{"event":7}', "{}"])
def test_an_unknown_event_is_refused(text: str) -> None:
    """Those of the server included; nobody commands a room by socket."""
    with pytest.raises(BadMessage):
        decode_client(text)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"questionId": 7}, "questionId"),
        ({"questionId": ""}, "questionId"),
        ({"questionId": "x" * 65}, "questionId"),
        ({"round": "1"}, "round"),
        ({"round": 0}, "round"),
        ({"op": "x" * 65}, "op"),
        ({"op": None}, "op"),
        ({"rev": 0}, "rev"),
        ({"rev": 1.5}, "rev"),
        ({"rev": True}, "rev"),
        ({"rev": 2**53}, "rev"),
        ({"rev": ...}, "data"),
        ({"answer": ...}, "data"),
    ],
)
def test_a_wrong_type_is_refused_by_the_fields_name(changes: dict[str, Any], field: str) -> None:
    """The author learns where to look."""
    with pytest.raises(BadMessage, match=field):
        decode_client(a_vote(**changes))


@pytest.mark.parametrize("backslashes", range(5))
@pytest.mark.parametrize("field", ["op", "questionId", "answer"])
def test_the_nul_character_is_refused_and_what_looks_like_it_is_not(field: str, backslashes: int) -> None:
    """Wherever it stands, whatever stands before it: an escape that is escaped itself is six plain characters."""
    data = {"questionId": "q1", "round": 1, "answer": "a", "op": "one", "rev": 1, field: "MARK"}
    text = json.dumps({"event": "vote", "data": data}).replace("MARK", "x" + "\\" * backslashes + "u0000")
    if backslashes % 2:
        with pytest.raises(BadMessage, match="NUL"):
            decode_client(text)
    else:
        assert decode_client(text) == msgspec.json.decode(text, type=messages.Vote)


def test_an_answer_may_be_anything_until_its_kind_reads_it() -> None:
    """The wire knows no kinds."""
    for answer in ("a", ["a", "b"], 3, None, {"x": 1}):
        message = decode_client(a_vote(answer=answer))
        assert isinstance(message, Vote)
        assert message.data.answer == answer


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever comes is a message or a refusal."""
    with suppress(BadMessage):
        assert isinstance(decode_client(text), get_args(messages.ClientMessage))


@pytest.mark.parametrize("text", ["nonsense", "[]", '{"event":"unknown","data":{}}', '{"event":"pong","data":{}}'])
def test_a_client_is_told_what_it_cannot_read(text: str) -> None:
    """So that it can log and skip it."""
    with pytest.raises(BadMessage, match="does not know"):
        decode_server(text)


def test_a_refusal_travels_with_its_code_its_sentence_and_whether_to_retry() -> None:
    """``error`` is the refusal itself."""
    assert refusal_event(QuestionLocked("Locked.")).data == ErrorData("question-locked", "Locked.", retry=False)
    assert refusal_event(Unavailable("Later.")).data == ErrorData("unavailable", "Later.", retry=True)


def test_a_version_1_peer_is_sent_nothing_that_it_does_not_know() -> None:
    """Those of the seed, and what is wrong with its own messages."""
    tags = {event.__struct_config__.tag for event in messages.V1_EVENTS}
    assert tags == {"new-question", "lock-status", "results-update", "error"}


def test_the_public_question_has_no_field_for_the_right_answer() -> None:
    """What a participant is sent cannot give it away."""
    assert not {"correct", "is_revealed"} & set(messages.Question.__struct_fields__)


def test_a_close_frame_says_why_and_when_to_come_back() -> None:
    """As JSON within the 123 bytes that RFC 6455 leaves."""
    text = encode_reason("restart", 4_000)
    assert decode_reason(text) == CloseReason(reason="restart", retryAfterMs=4_000)
    assert json.loads(text) == {"reason": "restart", "retryAfterMs": 4_000}
    assert json.loads(encode_reason("room-ended")) == {"reason": "room-ended"}
    assert len(encode_reason("restart", 10**9)) <= 123


@pytest.mark.parametrize(
    "text", [None, "", "going away", "{}", '{"reason":1}', '{"reason":"x","retryAfterMs":-1}', "[1]"]
)
def test_a_close_reason_of_somebody_else_is_none_of_ours(text: str | None) -> None:
    """A proxy's words, or none at all."""
    assert decode_reason(text) is None
