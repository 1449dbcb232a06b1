"""What another server says is printed into a notebook or a terminal; it moves no cursor there and hides no line."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse
from tornado.httpclient import HTTPRequest as Request
from tornado.httputil import HTTPHeaders
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from livepoll_jupyter.cli.main import main
from livepoll_jupyter.client.errors import MAX_MESSAGE, Unreachable, refusal, refusal_of
from livepoll_jupyter.client.rest import Api
from livepoll_jupyter.core.codec import decode_server
from livepoll_jupyter.core.errors import BadMessage, NotFound, Refusal

EVIL = "\x1b]0;mine\x07\x1b[2J\r\n\x9b31m\u202e\u2028 done \ud800"
CODES = ["not-found", "made-up", EVIL]


def answered(status: int, body: bytes, reason: str = "x") -> HTTPClientError:
    """The error that an HTTP answer is for a client."""
    buffer = io.BytesIO(body)
    response = HTTPResponse(Request("http://x/"), status, HTTPHeaders(), buffer, reason=reason)
    return HTTPClientError(status, reason, response)


@pytest.mark.parametrize("code", CODES)
def test_a_servers_refusal_is_shown_escaped_and_cut(code: str) -> None:
    """In an answer of the REST interface, and in an event."""
    escaped = EVIL.replace("\ud800", "")
    body = json.dumps({"code": code, "message": escaped * 1000}).encode()
    for refused in (refusal_of(answered(404, body)), refusal(code, EVIL * 1000)):
        assert isinstance(refused, Refusal)
        for text in (refused.message, str(refused), *refused._render_traceback_()):
            assert text.isprintable()
            assert len(text) < MAX_MESSAGE + 100


def test_an_answer_that_is_none_of_ours_is_shown_escaped() -> None:
    """By its status and its reason, which anybody writes."""
    refused = refusal_of(answered(404, b"no JSON", EVIL))
    assert isinstance(refused, NotFound)
    assert refused.message.isprintable()


@pytest.mark.parametrize(
    "event", [{"event": EVIL}, {"event": "pong", "data": {EVIL: 1}}, EVIL, {"event": f"x` {EVIL}"}]
)
def test_an_event_that_is_unknown_is_described_escaped(event: object) -> None:
    """The client logs it and goes on."""
    with pytest.raises(BadMessage) as unknown:
        decode_server(json.dumps(event))
    assert unknown.value.message.isprintable()


class Hostile(RequestHandler):
    """Answers everything with 200 and a body that has a type of its own."""

    def get(self) -> None:
        """A room whose fields are not what they should be."""
        self.finish(json.dumps([{"code": EVIL, "title": {EVIL: EVIL}}]).encode())


@asynccontextmanager
async def hostile_server() -> AsyncIterator[str]:
    """Its address."""
    sockets = bind_sockets(0, "127.0.0.1")
    server = Application([(".*", Hostile)], log_function=lambda _: None).listen(0, "127.0.0.1")
    server.add_sockets(sockets)
    yield f"http://127.0.0.1:{sockets[0].getsockname()[1]}/"
    server.stop()
    await server.close_all_connections()


async def test_an_answer_of_the_wrong_shape_is_a_refusal_in_plain_characters() -> None:
    """And no traceback of the decoder."""
    async with hostile_server() as base:
        with pytest.raises(Unreachable, match="not a livepoll server") as wrong:
            await Api(base).room("K7WQ2M")
    assert wrong.value.message.isprintable()


def test_the_command_line_prints_no_escape_sequence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever's words the refusal repeats."""

    def refuse(_: object) -> None:
        raise Refusal(EVIL)

    monkeypatch.setattr(main.__globals__["LivePollCommand"], "launch_instance", refuse)
    with pytest.raises(SystemExit) as end:
        main([])
    assert str(end.value.code).isprintable()
