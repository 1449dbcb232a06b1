"""No open file is left when a connection comes to Jupyter's port: it is closed, with one line in the log."""

from __future__ import annotations

import asyncio
import os
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hall import SECONDS, FakeClock
from jupyter_hall import extension, open_jupyter
from log_lines import written
from tornado.netutil import add_accept_handler, bind_sockets

from livepoll_jupyter.logs import get_logger
from livepoll_jupyter.server.accepting import EVERY, FullHandler


class Port:
    """A port of somebody else's server, and what came of connections to it."""

    def __init__(self, listening: socket.socket) -> None:
        self.listening = listening
        self.taken: list[socket.socket] = []
        self.clock = FakeClock()
        self.handler = FullHandler(lambda: [listening], get_logger("livepoll_jupyter.test"), self.clock)

    def take(self, connection: socket.socket, _: Any) -> None:
        """A connection came."""
        self.taken.append(connection)


@asynccontextmanager
async def port() -> AsyncIterator[Port]:
    """Such a port, watched as Jupyter's is."""
    (listening,) = bind_sockets(0, "127.0.0.1")
    here = Port(listening)
    stop = add_accept_handler(listening, here.take)
    loop = asyncio.get_running_loop()
    here.handler.install(loop)
    try:
        yield here
    finally:
        here.handler.remove(loop)
        stop()
        for each in (listening, *here.taken):
            each.close()


async def call(here: Port, client: socket.socket) -> None:
    """Begin to connect; that takes no open file more than the client has."""
    client.setblocking(False)  # noqa: FBT003 - the name of the method
    await asyncio.get_running_loop().sock_connect(client, here.listening.getsockname())


async def is_closed(client: socket.socket) -> bool:
    """Wait until the other end says something, which should be the end."""
    try:
        return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(client, 1), SECONDS) == b""
    except ConnectionResetError:
        return True


def use_up(files: ExitStack) -> None:
    """Open files until there is none left, of a few more than there are."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    probe = os.open(os.devnull, os.O_RDONLY)
    os.close(probe)
    resource.setrlimit(resource.RLIMIT_NOFILE, (probe + 5, before[1]))
    files.callback(resource.setrlimit, resource.RLIMIT_NOFILE, before)
    while True:
        try:
            one = os.open(os.devnull, os.O_RDONLY)
        except OSError:
            return
        files.callback(os.close, one)


async def test_connections_for_which_no_file_is_left_are_closed_with_one_line_in_a_minute() -> None:
    """When there are files again the next one is served."""
    async with port() as here:
        with ExitStack() as clients, written() as log:
            callers = [clients.enter_context(socket.socket()) for _ in range(20)]
            with ExitStack() as files:
                use_up(files)
                for caller in callers[:10]:
                    await call(here, caller)
                    assert await is_closed(caller)
                assert log.text.count("\n") == 1
                assert "as they came: 1." in log.text
                here.clock.advance(EVERY)
                for caller in callers[10:15]:
                    await call(here, caller)
                    assert await is_closed(caller)
                assert log.text.count("\n") == 2
                assert "as they came: 10." in log.text
            assert here.taken == []
            await call(here, callers[15])
            async with asyncio.timeout(SECONDS):
                while not here.taken:  # noqa: ASYNC110 - Tornado tells nobody
                    await asyncio.sleep(0)


async def test_other_exceptions_go_where_they_went_before() -> None:
    """To a handler that somebody else has set, and to Python's own."""
    heard: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    was = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, context: heard.append(context))
    try:
        async with port():
            wrong = {"message": "another", "exception": OSError(24, "Too many open files")}
            loop.call_exception_handler(wrong)
            assert heard == [wrong]
        loop.call_exception_handler({"message": "one more"})
        assert len(heard) == 2
    finally:
        loop.set_exception_handler(was)


@pytest.mark.usefixtures("jp_environ")
async def test_the_extension_watches_jupyters_port_and_gives_the_loop_back(tmp_path: Path) -> None:
    """While it runs, its own listener's port too."""
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()
    async with open_jupyter(tmp_path, audience_ip="127.0.0.1", audience_port=0) as app:
        ours = extension(app)
        assert ours._full is not None
        assert loop.get_exception_handler() == ours._full._handle
        await ours.service.open_room("Statistics 101")
        async with asyncio.timeout(SECONDS):
            while not app.http_server._sockets:  # noqa: ASYNC110 - Jupyter tells nobody
                await asyncio.sleep(0)
        ports = {each.getsockname()[1] for each in ours._full._listening()}
        assert ours._listener is not None
        assert {app.port, ours._listener.port} <= ports
    assert loop.get_exception_handler() == before
