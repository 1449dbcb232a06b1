"""``jupyter livepoll demo``: one command from nothing to a class that answers."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from pathlib import Path

import pytest
from hall import Socket
from tornado.httpclient import AsyncHTTPClient
from tornado.websocket import websocket_connect

from livepoll_jupyter.cli import demo
from livepoll_jupyter.core.errors import BadSetting

SECONDS = 60
"""What starting JupyterLab may take."""

COMMAND = Path(sys.executable).with_name("jupyter-livepoll")
STUDENTS = 3
NOTIFICATION = "@jupyterlab/apputils-extension:notification"


async def until_seated(socket: Socket, students: int) -> None:
    """Return when so many participants are connected."""
    there = (await socket.until("snapshot"))["data"]["participants"]
    while there < students:
        there = (await socket.until("presence"))["data"]["participants"]


async def asks_for_news(lecture: str) -> bool:
    """Whether JupyterLab would ask the instructor if it may fetch news."""
    setting = re.sub(r"/lab/tree/[^?]+", f"/lab/api/settings/{NOTIFICATION}", lecture)
    answer = await AsyncHTTPClient().fetch(setting)
    default = json.loads(answer.body)["schema"]["properties"]["fetchNews"]["default"]
    return bool(default == "none")


async def test_the_demo_opens_the_lecture_prints_how_to_join_and_seats_a_class(tmp_path: Path) -> None:
    """JupyterLab serves a copy of the lecture, the room has the lecture's title, and everything ends with a signal."""
    places = {name: str(tmp_path) for name in ("HOME", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")}
    process = await asyncio.create_subprocess_exec(
        COMMAND, "demo", "--no-browser", f"--students={STUDENTS}",
        "--", "--LivePollApp.audience_ip=127.0.0.1", "--LivePollApp.audience_port=0",
        env=os.environ | places, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(SECONDS):
        text = (await process.stdout.readuntil(b"Ctrl+C")).decode()
        (link,) = re.findall(r"Students join at +(\S+)", text)
        (lecture,) = re.findall(r"The lecture +(\S+)", text)
        assert "█" in text
        page = await AsyncHTTPClient().fetch(link)
        assert b'data-title="Statistics 101"' in page.body
        name = lecture.partition("?")[0].rpartition("/")[2]
        copied = await AsyncHTTPClient().fetch(lecture.replace("/lab/tree/", "/api/contents/"))
        assert copied.code == 200, name
        cells = [cell for cell in json.loads(copied.body)["content"]["cells"] if cell["cell_type"] == "code"]
        assert {cell["metadata"]["trusted"] for cell in cells} == {True}
        assert {(cell["execution_count"], *cell["outputs"]) for cell in cells} == {(None,)}
        assert await asks_for_news(lecture) is False
        base, _, code = link.rpartition("/")
        socket = Socket(await websocket_connect(f"{base.replace('http', 'ws')}/_ws?room={code}"))
        await socket.hello()
        await until_seated(socket, STUDENTS)
        process.send_signal(signal.SIGTERM)
        assert await socket.until_closed() == 1012
        socket.close()
        await process.communicate()
    assert process.returncode == 0


def test_without_jupyterlab_the_demo_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """JupyterLab and the kernel are in an extra, as a server needs neither."""
    monkeypatch.setattr(demo, "find_spec", lambda name: None if name == "jupyterlab" else object())
    with pytest.raises(BadSetting, match=r"needs jupyterlab, .* pip install 'livepoll-jupyter\[demo\]'"):
        demo.DemoApp().start()
