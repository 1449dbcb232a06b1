"""Autobahn|Testsuite against an endpoint that echoes and reads its frames as ``/_ws`` does.

The suite runs under Python 2.7 and is installed apart: docs/contributing.md says how.
"""

from __future__ import annotations

import asyncio
import json
import os
import shlex
from pathlib import Path
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketHandler

from livepoll_jupyter.server.rfc6455 import StrictProtocol, strict

GROUPS = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*"]
"""All but speed (9) and compression (12 and 13), which is never agreed on."""

CASES = 247
"""How many these are in 0.8.2."""

SECONDS = 150

EXCUSED = {
    "6.4.3": "NON-STRICT",  # a frame's text is judged when the frame is there, not byte by byte
    "6.4.4": "NON-STRICT",
    "7.1.6": "INFORMATIONAL",  # what comes of a message that is too big and a close frame right behind it
    "7.13.1": "INFORMATIONAL",  # what comes of the closing code 5000, which is 1002
    "7.13.2": "INFORMATIONAL",  # and of 65535
}
"""What the suite lets pass as a matter of taste."""


class Echo(WebSocketHandler):
    """Sends every message back."""

    max_message_size = 65536

    def get_websocket_protocol(self) -> StrictProtocol | None:
        """What ``/_ws`` has."""
        return strict(super().get_websocket_protocol(), self.close)

    def open(self, *_: str, **__: str) -> None:
        """Do not wait for more to send."""
        self.set_nodelay(True)

    async def on_message(self, message: str | bytes) -> None:
        """Send it back."""
        await self.write_message(message, binary=isinstance(message, bytes))


def wstest() -> list[str]:
    """The suite's command."""
    command = shlex.split(os.environ.get("WSTEST", ""))
    if not command:
        pytest.fail("Set WSTEST to the command of Autobahn|Testsuite; docs/contributing.md says how to install it.")
    return command


async def run_suite(port: int, directory: Path) -> None:
    """Let the suite work through its cases, and write its report into ``directory``."""
    specification = directory / "fuzzingclient.json"
    servers = [{"agent": "livepoll", "url": f"ws://127.0.0.1:{port}/"}]
    specification.write_text(json.dumps({"outdir": str(directory), "servers": servers, "cases": GROUPS}))
    arguments = ["--mode", "fuzzingclient", "--spec", str(specification)]
    running = await asyncio.create_subprocess_exec(*wstest(), *arguments, stdout=asyncio.subprocess.DEVNULL)
    try:
        async with asyncio.timeout(SECONDS):
            assert await running.wait() == 0, "wstest failed; what it says stands above."
    finally:
        if running.returncode is None:
            running.kill()


def not_ok(report: dict[str, Any]) -> dict[str, str]:
    """The cases that are not OK in substance and in how they close, with what they are instead."""
    verdicts = {case: {verdict["behavior"], verdict["behaviorClose"]} - {"OK"} for case, verdict in report.items()}
    return {case: " and ".join(sorted(verdict)) for case, verdict in verdicts.items() if verdict}


@pytest.mark.long
async def test_autobahn_finds_no_fault(tmp_path: Path) -> None:
    """No case of the groups fails, and those that are not simply OK are the known ones."""
    server = HTTPServer(Application([("/", Echo)]))
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    try:
        await run_suite(sockets[0].getsockname()[1], tmp_path)
    finally:
        server.stop()
        await server.close_all_connections()
    report = json.loads((tmp_path / "index.json").read_text())["livepoll"]
    assert len(report) == CASES
    assert not_ok(report) == EXCUSED
