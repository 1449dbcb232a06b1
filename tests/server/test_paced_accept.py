"""Jupyter's port: connections are taken a few at a time, and handshakes of TLS by turns, so that votes have theirs."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hall import SECONDS, Hall, open_hall
from places import CERTIFICATE, trusting
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets, ssl_options_to_context

from livepoll_jupyter.server import paced_accept
from livepoll_jupyter.server.client_log import PER_ADDRESS
from livepoll_jupyter.server.paced_accept import TLS_AT_ONCE, PacedAccept


class ByHand:
    """Turns that come when a test says so."""

    def __init__(self) -> None:
        self.waiting: deque[Callable[[], object]] = deque()
        self._more = asyncio.Event()

    def later(self, callback: Callable[[], object]) -> None:
        """Keep it."""
        self.waiting.append(callback)
        self._more.set()

    async def until(self, number: int) -> None:
        """Return when so many wait."""
        while len(self.waiting) < number:
            self._more.clear()
            await asyncio.wait_for(self._more.wait(), SECONDS)


@asynccontextmanager
async def port_of_jupyter(hall: Hall, certificate: Path | None = CERTIFICATE) -> AsyncIterator[tuple[int, PacedAccept]]:
    """A server of Tornado's, as Jupyter has one, whose connections are ours; its port."""
    options = None if certificate is None else {"certfile": str(certificate)}
    server = HTTPServer(hall.application, ssl_options=options)
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    paced = PacedAccept(server, hall.service)
    paced.install()
    yield sockets[0].getsockname()[1], paced
    server.stop()
    await server.close_all_connections()


async def page(port: int, *, tls: bool = True) -> bytes:
    """The first line of the answer to a request."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting() if tls else None)
    writer.write(b"GET /nothing/at/all HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    line = await reader.readline()
    writer.close()
    return line


async def test_handshakes_are_worked_out_one_by_one() -> None:
    """However many clients have said hello at once, each waits for its own turn."""
    async with open_hall() as hall, port_of_jupyter(hall) as (port, paced):
        turns = ByHand()
        paced._handshakes = turns  # type: ignore[assignment]
        pages = [asyncio.ensure_future(page(port)) for _ in range(20)]
        await turns.until(20)
        assert not any(each.done() for each in pages)
        while not all(each.done() for each in pages):
            if turns.waiting:
                turns.waiting.popleft()()
            else:
                more = asyncio.ensure_future(turns.until(1))
                await asyncio.wait([*pages, more], return_when="FIRST_COMPLETED")
                more.cancel()
        assert {each.result() for each in pages} == {b"HTTP/1.1 404 Not Found\r\n"}


@pytest.mark.parametrize("certificate", [CERTIFICATE, None], ids=["tls", "plain"])
async def test_connections_are_taken_a_few_at_a_time_and_all_of_them(certificate: Path | None) -> None:
    """Then the listening socket waits for a turn as well."""
    async with open_hall() as hall, port_of_jupyter(hall, certificate) as (port, paced):
        turns = ByHand()
        paced._accepts = turns  # type: ignore[assignment]
        pages = [asyncio.ensure_future(page(port, tls=certificate is not None)) for _ in range(3 * TLS_AT_ONCE)]
        while not all(each.done() for each in pages):
            more = asyncio.ensure_future(turns.until(1))
            await asyncio.wait([*pages, more], return_when="FIRST_COMPLETED")
            more.cancel()
            assert len(turns.waiting) <= 1
            while turns.waiting:
                turns.waiting.popleft()()
        assert {each.result() for each in pages} == {b"HTTP/1.1 404 Not Found\r\n"}


async def test_the_certificate_is_read_once_and_again_when_its_file_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading it for each connection is what a flood of them costs most."""
    read: list[dict[str, Any]] = []

    def noted(options: dict[str, Any], *, server_side: bool) -> ssl.SSLContext:
        read.append(options)
        return ssl_options_to_context(options, server_side=server_side)

    monkeypatch.setattr(paced_accept, "ssl_options_to_context", noted)
    certificate = Path(shutil.copy(CERTIFICATE, tmp_path / "own.pem"))
    async with open_hall() as hall, port_of_jupyter(hall, certificate) as (port, _):
        for _ in range(3):
            await page(port)
        assert len(read) == 1
        os.utime(certificate, (1, 1))
        await page(port)
        assert len(read) == 2


async def test_what_is_no_handshake_fills_no_log(caplog: pytest.LogCaptureFixture) -> None:
    """A few lines of one address in a minute, as for all that clients do."""
    caplog.set_level(logging.WARNING)
    async with open_hall() as hall, port_of_jupyter(hall) as (port, _):
        for _ in range(4 * PER_ADDRESS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            with suppress(ConnectionResetError):
                await reader.read()
            writer.close()
        lines = [record for record in caplog.records if "SSL Error" in record.getMessage()]
        assert len(lines) == PER_ADDRESS


async def test_a_server_that_is_stopped_takes_nobody_any_more() -> None:
    """As it would have been without us; those who wait for a turn hold nothing up."""
    async with open_hall() as hall, port_of_jupyter(hall) as (port, paced):
        assert (await page(port)).startswith(b"HTTP/1.1 404")
        paced._server.stop()
        with pytest.raises(OSError, match="Connect call failed"):
            await page(port)
