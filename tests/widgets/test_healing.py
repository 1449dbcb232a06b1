"""A server that is stopped and comes back with its rooms: the panel heals without being asked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from waiting import until

from livepoll_jupyter.client.background import background
from livepoll_jupyter.server.standalone import Settings, Standalone
from livepoll_jupyter.storage.sqlite import SqliteStore
from livepoll_jupyter.widgets import LivePoll, join


class Restarting:
    """A server with a file of its own, which may be stopped and started on the same port; nobody chose its token."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._port = 0
        self._server: Standalone | None = None

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self._port}/"

    @property
    def token(self) -> str:
        """The instructor's."""
        assert self._server is not None
        return self._server.instructor_token

    def start(self) -> None:
        """Listen, on the port of before."""
        background().run(self._start())

    def stop(self) -> None:
        """Let go of everything."""
        if self._server is not None:
            background().run(self._server.close())
            self._server = None

    async def _start(self) -> None:
        settings = Settings(ip="127.0.0.1", port=self._port, is_exact_port=bool(self._port))
        self._server = Standalone(SqliteStore(self._file), settings, logging.getLogger("healing"))
        await asyncio.wait_for(self._server.open(), 10)
        self._port = int(self._server.url.rstrip("/").rpartition(":")[2])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Restarting]:
    """A running server."""
    running = Restarting(tmp_path / "rooms.sqlite")
    running.start()
    yield running
    running.stop()


def test_panel_and_seat_come_back_with_the_server(server: Restarting) -> None:
    """With the question, its results and the student's answer; and the next vote counts."""
    poll = LivePoll("Healing", server=server.url, token=server.token)
    asked = poll.publish("Which?", ["x", "y"])
    me = join(poll.join_url)
    me.answer("x")
    server.stop()
    until(poll, "connection", lambda state: state == "reconnecting")
    server.start()
    until(poll, "connection", lambda state: state == "open")
    until(me, "connection", lambda state: state == "open")
    assert me.my_answer == "x"
    assert me.answer("y") == "y"
    asked.lock()
    assert asked.results == {"x": 0, "y": 1}
    me.close()
    poll.end()
