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
from tornado.web import Application, RequestHandler

from livepoll_jupyter.server import wire as wires
from livepoll_jupyter.server.frames import BINARY, TEXT, frame
from livepoll_jupyter.server.handshake import answer, key_of, wire_on
from livepoll_jupyter.server.readiness import best
from livepoll_jupyter.server.wire import Wire

GROUPS = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*"]
"""All but speed (9) and compression (12 and 13), which is never agreed on."""

CASES = 247
"""How many these are in 0.8.2."""

LONGEST = 65536
"""Bytes of the longest message that they send."""

SECONDS = 150

READINESS = best()

EXCUSED = {
    "6.4.3": "NON-STRICT",  # a frame's text is judged when the frame is there, not byte by byte
    "6.4.4": "NON-STRICT",
    "7.1.6": "INFORMATIONAL",  # what comes of a message that is too big and a close frame right behind it
    "7.13.1": "INFORMATIONAL",  # what comes of the closing code 5000, which is 1002
    "7.13.2": "INFORMATIONAL",  # and of 65535
}
"""What the suite lets pass as a matter of taste."""


class Echo:
    """Sends every text back."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def on_text(self, text: str) -> None:
        """Send it back."""
        self._wire.send(frame(TEXT, text.encode()))

    def on_binary(self, data: bytes) -> None:
        """Send it back."""
        self._wire.send(frame(BINARY, data))

    def on_violation(self, code: int, reason: str) -> None:
        """Close."""
        self._wire.close(code, reason)

    def on_sign_of_life(self) -> None:
        """The wire answers."""

    def on_part(self) -> None:
        """Nothing to send back yet."""

    @property
    def work(self) -> int:
        """No limit."""
        return 0

    @property
    def is_noisy(self) -> bool:
        """Never."""
        return False

    def on_drained(self) -> None:
        """Nothing was kept back."""

    def on_closing(self) -> None:
        """The suite closes in time."""

    def on_gone(self) -> None:
        """Nobody looks."""


class EchoHandler(RequestHandler):
    """Hands the connection over as ``/_ws`` does."""

    def get(self) -> None:
        """Upgrade."""
        key = key_of(self.request.headers, self.request.version)
        assert key is not None
        wire, unread = wire_on(self.detach(), "the suite", READINESS)
        wire.listener = Echo(wire)
        wire.start(answer(key))
        wire.flush()
        if unread:
            wire.hear(unread)


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
async def test_autobahn_finds_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No case of the groups fails, and those that are not simply OK are the known ones."""
    monkeypatch.setattr(wires, "MAX_FRAME", LONGEST)
    server = HTTPServer(Application([("/", EchoHandler)]))
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
