"""A class that is connected is activity: neither an idle shutdown nor the culling of kernels ends a lecture."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hall import SECONDS
from jupyter_hall import JUPYTER_TOKEN, extension, open_jupyter
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import AsyncHTTPClient

from livepoll_jupyter.client import Student

LECTURE = """
from livepoll_jupyter import LivePoll
poll = LivePoll("Culled")
"""


@pytest.fixture(autouse=True)
def clean_environment(jp_environ: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Jupyter's directories are a test's own, and no other server's variables are set."""
    del jp_environ
    for name in ("LIVEPOLL_URL", "LIVEPOLL_TOKEN", "JUPYTERHUB_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    return iter([None])


class Culling:
    """A Jupyter server that looks each second for kernels that were idle for too long, and culls them."""

    def __init__(self, app: ServerApp) -> None:
        self.app = app
        self.rounds = 0
        self._round = asyncio.Event()
        manager: Any = app.kernel_manager
        cull_kernels = manager.cull_kernels

        async def cull_and_tell() -> None:
            await cull_kernels()
            self.rounds += 1
            self._round.set()

        manager.cull_kernels = cull_and_tell

    async def until(self, is_so: Any) -> None:
        """Return after the first round of culling after which it is so."""
        async with asyncio.timeout(SECONDS):
            while not is_so():
                self._round.clear()
                await self._round.wait()

    async def run(self, code: str) -> None:
        """Start a kernel and run code in it; nobody is connected to it afterwards."""
        manager: Any = self.app.kernel_manager
        self.kernel: str = await manager.start_kernel()
        client = manager.get_kernel(self.kernel).client()
        client.start_channels()
        try:
            await client.wait_for_ready(timeout=SECONDS)
            reply = await client.execute_interactive(code, timeout=SECONDS, output_hook=lambda _message: None)
            assert reply["content"]["status"] == "ok", reply["content"]
        finally:
            client.stop_channels()


@asynccontextmanager
async def culling(directory: Path) -> AsyncIterator[Culling]:
    """Such a server."""
    manager = {"MappingKernelManager": {"cull_idle_timeout": 600, "cull_interval": 1}}
    async with open_jupyter(directory, more=manager, activity_interval=0.2) as app:
        yield Culling(app)


async def ask(method: str, path: str, body: Any = None) -> Any:
    """What a program of the instructor's does, outside the kernel."""
    response = await AsyncHTTPClient().fetch(
        f"{os.environ['LIVEPOLL_URL']}livepoll/api/{path}", method=method,
        headers={"Authorization": f"Bearer {os.environ['LIVEPOLL_TOKEN']}"},
        body=None if body is None else json.dumps(body), request_timeout=SECONDS,
    )  # fmt: skip
    return json.loads(response.body) if response.body else None


async def test_a_kernel_whose_panel_a_class_looks_at_is_not_culled_and_its_room_outlives_it(tmp_path: Path) -> None:
    """It stays for as long as a participant is connected; then it goes, and the room takes votes without it."""
    async with culling(tmp_path) as server:
        manager: Any = server.app.kernel_manager
        await server.run(LECTURE)
        (room,) = await ask("GET", "rooms")
        assert room["kernels"] == [server.kernel]
        me = Student(room["join_url"])
        await me.join()
        manager.cull_idle_timeout = 1
        rounds = server.rounds
        await server.until(lambda: server.rounds >= rounds + 4)
        assert server.kernel in manager
        await me.leave()
        await server.until(lambda: server.kernel not in manager)
        await me.join()
        question = {"text": "Still there?", "options": ["yes", "no"], "publish": True}
        await ask("POST", f"rooms/{room['code']}/questions", question)
        await me.until(lambda student: student.session.question is not None)
        assert await me.answer("yes") == "a"
        await me.leave()


async def test_an_idle_server_stays_while_a_participant_is_connected(tmp_path: Path) -> None:
    """Jupyter asks before it stops; the room that nobody is connected to does not hold it."""
    async with open_jupyter(tmp_path, activity_interval=0.2) as app:
        stopped: list[bool] = []
        app.stop = lambda from_signal=False: stopped.append(from_signal)  # type: ignore[method-assign]
        room = await ask("POST", "rooms", {"title": "Idle"})
        me = Student(room["join_url"])
        await me.join()
        app.shutdown_no_activity_timeout = 0  # so any time without activity is too long
        app.shutdown_no_activity()
        assert stopped == []
        assert extension(app).current_activity() == {room["code"]: 1}
        await ask("DELETE", f"rooms/{room['code']}")
        assert extension(app).current_activity() is None
        app.shutdown_no_activity()
        assert stopped == [False]


async def test_a_hubs_culler_sees_the_class(tmp_path: Path) -> None:
    """It reads the server's last activity, which is renewed while a participant is connected."""
    async with open_jupyter(tmp_path) as app:
        room = await ask("POST", "rooms", {"title": "Hub"})
        me = Student(room["join_url"])
        await me.join()
        begun = datetime.now(UTC)
        activity = extension(app)._activity
        assert activity is not None
        activity.report()
        headers = {"Authorization": f"token {JUPYTER_TOKEN}"}
        status = await AsyncHTTPClient().fetch(f"{os.environ['LIVEPOLL_URL']}api/status", headers=headers)
        assert datetime.fromisoformat(json.loads(status.body)["last_activity"]) > begun
        await me.leave()
