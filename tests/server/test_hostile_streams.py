"""Hostile streams by the thousand against a real server: it stays well, and honest participants notice nothing.

``pytest -m long tests/server/test_hostile_streams.py`` sends a million; LIVEPOLL_SEED chooses others.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hall import SECONDS, Socket
from hostile_streams import send_all
from serve_process import Serve, memory_kib, open_files, serve
from tornado.websocket import websocket_connect

FEW, MANY = 3_000, 1_000_000
BATCH = 1_000
"""Streams between two looks at the server."""

LOG_LINES_PER_STREAM = 0.5
"""Lines of the log that a stream may cost at most, on the average."""

MEMORY_KIB = 48 * 1024
"""What the server may keep beyond what it had after the first batch: caches fill, and malloc keeps pages."""


async def honest_vote(running: Serve, question: dict[str, Any], number: int) -> None:
    """A participant comes, votes, and has the ack."""
    token = (await running.ask("POST", f"rooms/{running.opened['code']}/participants", {}))["token"]
    phone = Socket(await asyncio.wait_for(websocket_connect(running.opened["ws_url"]), SECONDS))
    await phone.hello(token)
    assert (await phone.vote(question, op=f"op-{number}"))["status"] == "accepted"
    phone.close()
    await phone.until_closed()


async def has_let_go(running: Serve, files: int) -> None:
    """The server holds no more open files than ``files``; connections that have ended may take it a moment."""
    async with asyncio.timeout(SECONDS):
        while open_files(running) > files:
            await running.ask("GET", "rooms")


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("size", [FEW, pytest.param(MANY, marks=pytest.mark.long)])
async def test_hostile_streams_leave_no_trace(tmp_path: Path, size: int) -> None:
    """No exception in the log, no file left open, no memory kept, no honest vote lost."""
    seed = int(os.environ.get("LIVEPOLL_SEED", "1"))
    log = tmp_path / "serve.log"
    answers: Counter[str] = Counter()
    async with serve(tmp_path, log=log) as running:
        code = running.opened["code"]
        body = {"text": "Which?", "options": ["mean", "median"], "publish": True}
        question = await running.ask("POST", f"rooms/{code}/questions", body)
        await honest_vote(running, question, 0)
        files, memory = open_files(running), 0
        for number, first in enumerate(range(0, size, BATCH), 1):
            seeds = range(seed * MANY + first, seed * MANY + first + BATCH)
            answers += await send_all(int(running.opened["url"].rstrip("/").rpartition(":")[2]), code, question, seeds)
            await honest_vote(running, question, number)
            memory = memory or memory_kib(running)
        await has_let_go(running, files)
        grown = memory_kib(running) - memory
        results = await running.ask("GET", f"rooms/{code}/questions/{question['id']}/results")
    print(f"seed {seed}: {size} streams, answers {dict(answers)}, {grown} KiB more memory")  # noqa: T201 - a report
    said = log.read_text()
    assert "Traceback" not in said
    assert len(said.splitlines()) <= LOG_LINES_PER_STREAM * size
    assert grown <= MEMORY_KIB
    assert results["participants"] == size // BATCH + 1
    assert {"101", "200", "400", "404"} <= answers.keys(), "the streams have stopped to reach the server's parts"
