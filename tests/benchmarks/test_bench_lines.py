"""What is said to the load generator and to servers, byte by byte; and the comparison servers' one question."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from benchmarks.fleet import Order, Window, line_of
from benchmarks.options import parser
from benchmarks.others.ballot import Ballot
from benchmarks.others.send_loop import frame_of
from benchmarks.servers.base import request


def test_an_order_is_one_line_of_ten_words() -> None:
    """In the order in which ``load/fleet.c`` reads them."""
    order = Order(
        expect="vote-ack", votes=2, after_event=True, spread_ms=2_000, total=200, trigger_after=10, question="q7",
        round=3, patience_ms=5_000,
    )  # fmt: skip
    assert line_of(order, Path("/there")) == "run 3 2 event 2000 200 10 q7 3 5000 /there"
    assert line_of(Order(), None) == "run -1 0 start 0 0 0 q 1 60000 -"


def test_a_report_with_nothing_of_a_kind_can_be_read() -> None:
    """As the load generator prints a window in which nobody voted."""
    line = (
        '{"seconds":0.01,"missing":0,"accepted":0,"rejected":0,"wrong":0,"http_status":200,"server_cpu":0.002,'
        '"busy":0.5,"event_bytes":1024,"voting_seconds":0.0,'
        '"events":{"n":2,"first":1.0,"p50":1.5,"p99":1.5,"last":2.0},"acks":null,"results":null}'
    )
    window = msgspec.json.decode(line, type=Window)
    assert window.events is not None
    assert window.events.last == 2
    assert window.acks is None


def test_a_request_has_the_length_of_its_bytes() -> None:
    """Not of its characters; and a GET has no body."""
    assert request("PUT", "/x", {"A": "b"}, "ä").endswith(b"A: b\r\nContent-Length: 2\r\n\r\n\xc3\xa4")
    assert request("GET", "/x") == b"GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    ("size", "head"), [(125, b"\x81\x7d"), (126, b"\x81\x7e\x00\x7e"), (1_024, b"\x81\x7e\x04\x00")]
)
def test_a_frame_has_the_head_of_rfc_6455(size: int, head: bytes) -> None:
    """Section 5.2: one byte of length, or three."""
    assert frame_of("x" * size) == head + b"x" * size


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("--servers=nobody", "there are standalone"),
        ("--work=sleep", "there are storm"),
        ("--cost=tea", "there are import"),
        ("--sizes=5", "the least that can be measured"),
        ("--sizes=many", "whole numbers of peers with commas"),
        ("--repetitions=0", "at least 1"),
        ("--repetitions=-1", "at least 1"),
        ("--plot=/nowhere/at/all.svg", "there is no directory /nowhere/at"),
    ],
)
def test_what_cannot_be_measured_is_refused_before_anything_starts(
    typed: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the reason, and what can be."""
    with pytest.raises(SystemExit):
        parser().parse_args([typed])
    assert says in capsys.readouterr().err


def vote(op: str, answer: str, *, rev: int = 1, round_: int = 1) -> str:
    """A vote as the load generator writes it."""
    data = {"questionId": "q", "round": round_, "answer": answer, "op": op, "rev": rev}
    return json.dumps({"event": "vote", "data": data})


def status(ack: str | None) -> Any:
    """What became of a vote."""
    assert ack is not None
    return json.loads(ack)["data"]["status"]


async def test_a_comparison_server_does_the_same_work_as_ours() -> None:
    """An event of exactly the size asked for; votes judged, counted once for each participant, refused once locked."""
    sent: list[str] = []
    ballot = Ballot(sent.append)
    assert ballot.obey("/publish?round=1&size=1024")
    assert len(sent[0]) == 1_024
    assert status(ballot.answer("anna", vote("1", "a"))) == "accepted"
    assert status(ballot.answer("anna", vote("2", "b", rev=2))) == "accepted"
    assert status(ballot.answer("anna", vote("3", "z", rev=3))) == "rejected"
    assert status(ballot.answer("anna", vote("4", "a", round_=2))) == "rejected"
    assert ballot.counts == {"a": 0, "b": 1}
    assert ballot.obey("/lock")
    assert status(ballot.answer("ben", vote("5", "a"))) == "rejected"
    assert ballot.answer("ben", "no JSON") is None
    assert not ballot.obey("/else")
