"""Refusals, read back from what a server or a proxy answered."""

from __future__ import annotations

import io

import pytest
from tornado.httpclient import HTTPClientError, HTTPRequest, HTTPResponse
from tornado.httputil import HTTPHeaders

from livepoll_jupyter.client.errors import Unreachable, refusal, refusal_of
from livepoll_jupyter.core.errors import BadAnswer, NotFound, QuestionLocked, Refusal


@pytest.mark.parametrize("kind", [BadAnswer, QuestionLocked, NotFound, Unreachable])
def test_a_code_gives_back_the_refusal_that_has_it(kind: type[Refusal]) -> None:
    """With the server's sentence."""
    back = refusal(kind.code, "Do this next.")
    assert type(back) is kind
    assert back.message == "Do this next."


def test_a_code_of_a_newer_server_is_a_plain_refusal() -> None:
    """Which may be caught like all of them."""
    assert type(refusal("from-the-future", "Update.")) is Refusal


def answer(status: int, body: bytes, **headers: str) -> HTTPClientError:
    """An HTTP error with a body; header names with ``_`` for ``-``."""
    told = HTTPHeaders({name.replace("_", "-"): value for name, value in headers.items()})
    request = HTTPRequest("http://h/")
    return HTTPClientError(status, "Reason", HTTPResponse(request, status, told, io.BytesIO(body)))


def test_the_body_names_the_refusal() -> None:
    """As every error of the REST API does."""
    assert type(refusal_of(answer(409, b'{"code": "question-locked", "message": "Late."}'))) is QuestionLocked


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None), ("", None)]
)
def test_a_refusal_says_when_to_ask_again_if_the_answer_names_seconds(header: str, seconds: float | None) -> None:
    """A date, which needs the same clock on both sides, is passed over."""
    crowded = answer(429, b'{"code": "too-many", "message": "Later."}', Retry_After=header)
    assert refusal_of(crowded).retry_after == seconds


@pytest.mark.parametrize("body", [b'{"code": "\xff"', b'{"x": ' + b"[" * 500_000, b"[1", b'{"code": 1}'])
def test_whatever_the_body_is_a_refusal_comes_of_it(body: bytes) -> None:
    """It may be a hostile server's, or a proxy's page."""
    assert refusal_of(answer(404, body)).code


def test_an_answer_of_a_proxy_is_told_by_its_status() -> None:
    """It has no body of ours."""
    assert isinstance(refusal_of(answer(404, b"<html>")), NotFound)
    assert isinstance(refusal_of(answer(502, b"<html>")), Unreachable)
