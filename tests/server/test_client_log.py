"""What strangers send gets into the log as what it is, one short line, and only so many lines of it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hall import FakeClock, Hall, open_hall
from jupyter_hall import BASE_URL, extension, open_jupyter
from log_lines import BEGINS, written
from raw_socket import UPGRADE, connected, text

from livepoll_jupyter.logs import get_logger
from livepoll_jupyter.server.client_log import IN_ALL, NAMED, PER_ADDRESS, WINDOW, ClientLog, caused_by
from livepoll_jupyter.server.pages import CodePage

EVIL = "\r\n\x85\u2028LINE forged\x1b[2J\x9b31m\u202e\x00`\\"
"""Line ends of several kinds, a line that looks as if it were ours, a terminal's commands, a change of direction."""

HIDDEN = b"\x85LINE\x9b31m"
"""What of that may stand in any part of a request's head."""

PLAIN = b"\x0b\x0cLINE\x1b[2J"
"""What some versions of Tornado refuse there, and name in the log."""


def heads(raw: bytes, base: str = "/") -> Iterable[bytes]:
    """Requests of which every part is hostile; some are no HTTP."""
    path, host = base.encode(), b" HTTP/1.1\r\nHost: x\r\n"
    rooms = path + b"livepoll/api/rooms"
    yield b"GET " + path + b"nothing/here" + raw + host + b"\r\n"
    yield b"GET " + path + b"livepoll/api/" + raw * 400 + host + b"\r\n"
    yield b"GET " + rooms + b"/%0d%0aLINE%1b%ff%85" + host + b"\r\n"
    yield b"GE" + raw + b"T " + rooms + host + b"\r\n"
    yield b"GET " + rooms + host + b"Referer: " + raw + b"\r\nUser-Agent: " + raw + b"\r\n\r\n"
    yield b"POST " + rooms + host + b"Origin: http://" + raw + b"\r\nContent-Length: 2\r\n\r\n{}"
    yield b"POST " + rooms + host + b"Content-Length: " + raw + b"\r\n\r\n"
    yield b"POST " + rooms + host + b"Transfer-Encoding: " + raw + b"\r\n\r\n"
    yield b"GET " + path + b"_ws?room=" + raw + host + b"Upgrade: websocket\r\n\r\n"
    yield raw + b"\r\n\r\n"
    yield b"GET / HTTP/1.1\r\n" + raw + b"\r\n\r\n"
    yield b"GET / HTTP/1.1\r\nX" + raw + b": x\r\n\r\n"
    yield b"GET / HTTP/1.1\r\nHost: " + raw + b"\r\n\r\n"
    yield b"GET / HTTP/" + raw + b"\r\nHost: x\r\n\r\n"
    yield b"GET / HTTP/1.1\r\nX: " + raw * 10_000


async def send_all(port: int, requests: Iterable[bytes]) -> None:
    """Each on a connection of its own, which is read to its end."""
    for request in requests:
        async with connected(port) as raw:
            try:
                await raw.send(request)
                raw.end()
                await raw.rest()
            except OSError:
                continue  # the server has ended it already


@pytest.mark.parametrize("raw", [HIDDEN, PLAIN])
async def test_no_request_forges_a_line_of_the_log(raw: bytes) -> None:
    """Whatever part of it is hostile."""
    requests = list(heads(raw))
    with written() as log:
        async with open_hall() as hall:
            for request in requests:
                await send_all(hall.port, [request])
                hall.clock.advance(WINDOW)  # the next one has its lines again
    log.check()
    assert log.text.count(BEGINS) >= len(requests)
    assert len(log.text) < 1_000 * len(requests)


@pytest.mark.parametrize("raw", [HIDDEN, PLAIN])
@pytest.mark.usefixtures("jp_environ")
async def test_no_request_to_our_addresses_forges_a_line_of_jupyters_log(raw: bytes, tmp_path: Path) -> None:
    """What Jupyter says of requests to its own addresses is Jupyter's."""
    ours = [head for head in heads(raw, BASE_URL) if BASE_URL.encode() + b"livepoll" in head or b"_ws" in head]
    async with open_jupyter(tmp_path) as app:
        with written(logging.DEBUG, app.log, extension(app).log) as log:
            await send_all(app.port, [head for head in ours if b"Content-Length: " + raw not in head])
    lines = [line for line in log.text.split("\n") if "livepoll" in line.lower()]
    assert len(lines) >= PER_ADDRESS or raw == PLAIN
    for line in lines:
        assert line.isprintable(), ascii(line)
        assert line.startswith(BEGINS)


async def test_no_message_forges_a_line_of_the_log() -> None:
    """An event's name looks like the end of what our decoder says of it."""
    names = [f"x` - at `{EVIL}", EVIL, "at `$.data`\nLINE forged", "\ud800"]
    with written() as log:
        async with open_hall() as hall:
            code = await hall.open_room()
            for name in names:
                async with connected(hall.port) as raw:
                    await raw.shake_hands(f"/_ws?room={code}", UPGRADE)
                    await raw.send(text({"event": name, "data": {name: name}}))
                    error = await raw.message("error")
                    assert error["message"].isprintable()
    log.check()
    assert "sent what is no message" in log.text


async def test_a_mistake_of_ours_is_logged_with_its_trace_and_forges_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception's text may be a stranger's."""

    def get(_: Any) -> None:
        raise ZeroDivisionError(EVIL + "\nLINE forged too")

    monkeypatch.setattr(CodePage, "get", get)
    with written() as log:
        async with open_hall() as hall:
            assert (await hall.fetch("GET", "")).code == 500
    log.check()
    assert "ZeroDivisionError" in log.text
    assert "test_client_log.py" in log.text


def test_a_module_of_ours_that_forgets_to_escape_forges_no_line() -> None:
    """The loggers themselves look over every line once more."""
    with written() as log:
        get_logger("livepoll_jupyter.test").warning("A title: %s", EVIL)
        wrong = ValueError(EVIL + "x" * 100_000)
        get_logger("livepoll_jupyter.test").error("A long text: %s", "y" * 100_000, exc_info=wrong)
    log.check()
    assert len(log.text) < 10_000


# ---------------------------------------------------------------- how many lines


async def refuse(hall: Hall, times: int) -> None:
    """So many requests that are refused, on one connection."""
    async with connected(hall.port) as raw:
        request = b"GET /a/b/c HTTP/1.1\r\nHost: x\r\n\r\n"
        await raw.send(request * (times - 1) + request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert (await raw.rest()).count(b"HTTP/1.1 404") == times


async def test_refused_requests_have_a_few_lines_and_then_a_sum() -> None:
    """The sum comes at the end of the minute, though the flood has ended before."""
    async with open_hall() as hall:
        with written(logging.WARNING) as log:
            await refuse(hall, 500)
            assert log.text.count("404 GET") == PER_ADDRESS
            assert "more" not in log.text
            hall.clock.advance(WINDOW)
            assert f"... and {500 - PER_ADDRESS} more from 127.0.0.1 in the last minute" in log.text
            await refuse(hall, 1)
            assert log.text.count("404 GET") == PER_ADDRESS + 1


async def test_a_server_that_stops_tells_what_it_left_out() -> None:
    """The minute may not be over."""
    with written(logging.WARNING) as log:
        async with open_hall() as hall:
            await refuse(hall, 100)
    assert f"... and {100 - PER_ADDRESS} more from 127.0.0.1" in log.text


async def test_sockets_that_send_what_is_no_message_have_a_few_lines() -> None:
    """Each of them has only one, and all of them together have no more than one address may have."""
    with written(logging.WARNING) as log:
        async with open_hall() as hall:
            code = await hall.open_room()
            for _ in range(50):
                socket = await hall.connect(f"?room={code}")
                await socket.send("{")
                await socket.until("error")
    assert log.text.count("no message") == PER_ADDRESS
    assert "and 45 more" in log.text


def client_log(name: str, clock: FakeClock) -> ClientLog:
    """A log of what clients cause, that writes to the logger of that name."""
    return ClientLog(logging.getLogger(name), clock)


def test_a_hundred_thousand_hostile_requests_write_a_few_kibibytes() -> None:
    """From one address or from as many; in a minute."""
    for addresses in (1, 10, 100_000):
        clock = FakeClock()
        log = client_log("flood", clock)
        with written(logging.INFO) as lines:
            for number in range(100_000):
                log.warning("%s", EVIL * 1000, extra=caused_by(f"2001:db8::{number % addresses:x}"))
                clock.advance(0.0001)
            clock.advance(WINDOW)
        lines.check()
        written_in_full = PER_ADDRESS if addresses == 1 else IN_ALL
        assert len(lines.text.encode()) < 2_100 * written_in_full + 100 * (NAMED + 1)


def test_every_line_is_written_or_counted() -> None:
    """None is lost, however many addresses there are, and little is kept for them."""
    clock = FakeClock()
    log = client_log("count", clock)
    with written(logging.INFO) as lines:
        for number in range(20_000):
            log.warning("one", extra=caused_by(f"10.0.{number // 7 % 256}.{number % 251}"))
        assert len(log._warnings._left_out) <= 2 * IN_ALL
        clock.advance(WINDOW)
    counted = [int(line.split()[4].replace(",", "")) for line in lines.text.split("\n") if "more from" in line]
    assert len(counted) <= NAMED + 1
    assert lines.text.count("count one") + sum(counted) == 20_000


def test_a_flood_of_refusals_hides_no_mistake() -> None:
    """Errors are counted apart."""
    log = client_log("errors", FakeClock())
    with written(logging.INFO) as lines:
        for _ in range(1000):
            log.warning("refused", extra=caused_by("10.0.0.7"))
        log.error("a mistake", extra=caused_by("10.0.0.7"))
        log.warning("of our own")
    log.end()
    assert "a mistake" in lines.text
    assert "of our own" in lines.text
