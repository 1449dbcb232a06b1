"""A hall that is larger than the process may hold: as many as fit are served, the others are told when to come back."""

from __future__ import annotations

import asyncio
import logging
import resource
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hall import SECONDS, Caught, FakeClock, Socket
from serve_process import COMMAND, serve
from tornado.websocket import websocket_connect

from livepoll_jupyter.core.codec import decode_reason
from livepoll_jupyter.server import attendance, open_files
from livepoll_jupyter.server.auth import LISTENER
from livepoll_jupyter.server.peers import Peer


def limited(soft: int, hard: int) -> tuple[str, ...]:
    """The command under these limits of open files."""
    return ("sh", "-c", f'ulimit -Sn {soft} && ulimit -Hn {hard} && exec "$@"', "sh", str(COMMAND))


async def test_a_server_asks_for_as_many_open_files_as_it_may_have(tmp_path: Path) -> None:
    """Systems begin with few, for programs that a hall does not come to."""
    async with serve(tmp_path, command=limited(80, 2000)) as running:
        sockets = [Socket(await websocket_connect(running.opened["ws_url"])) for _ in range(150)]
        for socket in sockets:
            await socket.hello()
            socket.close()


async def test_who_does_not_fit_is_told_when_to_come_back_and_costs_the_others_nothing(tmp_path: Path) -> None:
    """The socket is opened, and closed with 1013; pages and the API go on; when somebody leaves there is room again."""
    async with serve(tmp_path, command=limited(200, 200)) as running:
        served: list[Socket] = []
        refused: list[Socket] = []
        for _ in range(250):
            socket = Socket(await websocket_connect(running.opened["ws_url"]))
            await socket.send({"event": "hello", "data": {"v": 2}})
            first = await socket.receive()
            (refused if first is None else served).append(socket)
        assert 100 < len(served) < 200
        for socket in refused:
            assert socket.close_code == 1013
            reason = decode_reason(socket.close_reason)
            assert reason is not None
            assert (reason.reason, reason.retryAfterMs) == ("overload", 3000)
        assert len(await running.ask("GET", "rooms")) == 1
        for socket in served:
            await socket.send('"ping"')
            await socket.until("pong")
        leaving = served.pop()
        leaving.close()
        await leaving.until_closed()
        served.append(Socket(await websocket_connect(running.opened["ws_url"])))
        await served[-1].hello()
        for socket in (*served, *refused):
            socket.close()


async def test_connections_that_say_nothing_use_up_no_more_than_their_share(tmp_path: Path) -> None:
    """Of those beyond it the oldest is closed; who is in goes on, newcomers come in, and the log has no line of it."""
    async with serve(tmp_path, command=limited(200, 200)) as running, AsyncExitStack() as silent:
        socket = Socket(await websocket_connect(running.opened["ws_url"]))
        await socket.hello()
        port = urlsplit(running.opened["url"]).port
        readers: list[asyncio.StreamReader] = []
        for _ in range(250):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            await writer.drain()
            readers.append(reader)
            silent.callback(writer.close)
        newcomer = Socket(await websocket_connect(running.opened["ws_url"]))
        await newcomer.hello()
        newcomer.close()
        assert await asyncio.wait_for(readers[0].read(), SECONDS) == b""
        await socket.send('"ping"')
        await socket.until("pong")
        socket.close()
        running.process.kill()
        assert (await running.process.communicate())[1] == b""


@pytest.fixture
def limits() -> Iterator[tuple[int, int]]:
    """The limits of this process, which are the same again after the test."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield before
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_limit_is_only_ever_raised(limits: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """And a system that refuses leaves it as it is."""
    _, hard = limits
    log = logging.getLogger(__name__)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
    open_files.raise_limit(log)
    wanted = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert wanted == (min(hard, open_files.WANTED), hard)
    monkeypatch.setattr(open_files, "WANTED", 600)
    open_files.raise_limit(log)
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == wanted

    def refuse(*_: object) -> None:
        raise ValueError("current limit exceeds maximum limit")

    monkeypatch.setattr(open_files, "WANTED", hard)
    monkeypatch.setattr(resource, "setrlimit", refuse)
    open_files.raise_limit(log)


def test_the_last_eighth_of_the_open_files_is_kept_for_pages_and_the_disk(limits: tuple[int, int]) -> None:
    """By the number of the newest one: the system hands out the lowest that is free."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (800, limits[1]))
    assert not open_files.is_scarce(699)
    assert open_files.is_scarce(700)
    assert not open_files.is_last(774)
    assert open_files.is_last(775)


def test_who_is_turned_away_has_little_time_and_few_open_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second; and of more than may wait the first is dropped at once."""
    monkeypatch.setattr(attendance, "MOST_TURNED_AWAY", 2)
    clock = FakeClock()
    attending = attendance.Attendance(clock)
    sockets = [Caught(clock) for _ in range(4)]
    peers = [Peer(socket, LISTENER) for socket in sockets]
    for peer in peers:
        attending.part(peer)
    for peer in peers[:3]:
        attending.turn_away(peer)
    assert [socket.is_dropped for socket in sockets] == [True, False, False, False]
    clock.advance(attendance.TURNED_AWAY)
    assert [socket.is_dropped for socket in sockets] == [True, True, True, False]
    clock.advance(attendance.FAREWELL)
    assert all(socket.is_dropped for socket in sockets)


def test_a_share_of_the_open_files_follows_their_limit(limits: tuple[int, int]) -> None:
    """And is never more than is wanted."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (800, limits[1]))
    assert [open_files.share(8, 4_096), open_files.share(8, 50), open_files.share(1_000, 50)] == [100, 50, 1]
