"""A signal to ``jupyter livepoll serve`` while a hall votes: nothing acked is lost, and the process is gone in 5 s."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hall import SECONDS, TOKEN, Socket
from serve_process import Serve, serve
from tornado.httpclient import HTTPClientError
from tornado.websocket import WebSocketClosedError, websocket_connect

from livepoll_jupyter.core.codec import decode_reason

VOTERS = 200
PROMISED = 5.0
"""Seconds in which a stopped server is gone."""

HANGING = (sys.executable, Path(__file__).with_name("hanging_serve.py"))


class Voter:
    """A participant who changes the vote with every ack; ``acked`` is the newest one."""

    def __init__(self, token: str, socket_: Socket) -> None:
        self.name = token.partition(".")[0]
        self.socket = socket_
        self.acked = 0

    async def vote(self, question: dict[str, Any], on_ack: Callable[[], None]) -> None:
        """Vote until the server closes the socket."""
        while True:
            with suppress(WebSocketClosedError):
                await self.cast(question, self.acked + 1)
            while True:
                message = await self.socket.receive()
                if message is None:
                    return
                if message["event"] == "vote-ack":
                    break
            assert message["data"]["status"] == "accepted"
            self.acked = message["data"]["rev"]
            on_ack()

    async def cast(self, question: dict[str, Any], rev: int) -> None:
        """Send one vote."""
        data = {"questionId": question["id"], "round": 1, "answer": "ab"[rev % 2], "op": f"op-{rev}", "rev": rev}
        await self.socket.send({"event": "vote", "data": data})


async def seat(running: Serve) -> Voter:
    """A voter in the server's room, after hello."""
    token = (await running.ask("POST", f"rooms/{running.opened['code']}/participants", {}))["token"]
    voter = Voter(token, Socket(await websocket_connect(running.opened["ws_url"])))
    await voter.socket.hello(token)
    return voter


async def publish(running: Serve) -> Any:
    """A question with two options."""
    body = {"text": "Which?", "options": ["mean", "median"], "publish": True}
    return await running.ask("POST", f"rooms/{running.opened['code']}/questions", body)


async def no_longer_listens(running: Serve) -> None:
    """Return once nobody can connect any more, be it refused or reset in the backlog: the signal was heard."""
    port = int(running.opened["url"].rstrip("/").rpartition(":")[2])
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(SECONDS):
        while True:
            with socket.socket() as probe:
                probe.settimeout(0)
                try:
                    await loop.sock_connect(probe, ("127.0.0.1", port))
                except ConnectionError:
                    return


async def test_a_signal_in_the_middle_of_votes_loses_none_that_was_acked(tmp_path: Path) -> None:
    """Two hundred sockets vote without a pause; each is told 1012 and when to come back, and the process ends well."""
    acks = count(1)
    async with serve(tmp_path, LIVEPOLL_TOKEN=TOKEN) as running:
        question = await publish(running)
        voters = [await seat(running) for _ in range(VOTERS)]

        def stop_in_the_middle() -> None:
            if next(acks) == 5 * VOTERS:
                running.process.send_signal(signal.SIGTERM)

        voting = [asyncio.ensure_future(voter.vote(question, stop_in_the_middle)) for voter in voters]
        await asyncio.wait_for(asyncio.gather(*voting), 3 * SECONDS)
        assert await asyncio.wait_for(running.process.wait(), PROMISED) == 0
        for voter in voters:
            assert voter.socket.close_code == 1012
            reason = decode_reason(voter.socket.close_reason)
            assert reason is not None
            assert (reason.reason, reason.retryAfterMs) == ("restart", 3000)
            voter.socket.close()
    async with serve(tmp_path, LIVEPOLL_TOKEN=TOKEN) as running:
        rows = {row["participant"]: row for row in await running.ask("GET", f"rooms/{running.opened['code']}/answers")}
    for voter in voters:
        row = rows[voter.name]
        assert row["rev"] >= voter.acked > 0
        assert row["answer"] == "ab"[row["rev"] % 2]


async def hanging(running: Serve, hang: Callable[[], None], question: Any, voter: Voter) -> None:
    """Let the disk hang with this voter's second vote."""
    assert running.process.stdout is not None
    await voter.cast(question, 1)
    assert (await voter.socket.until("vote-ack"))["data"]["rev"] == 1
    hang()
    await voter.cast(question, 2)
    assert await asyncio.wait_for(running.process.stdout.readline(), SECONDS) == b"hanging\n"


async def test_a_hanging_disk_does_not_hold_the_process(tmp_path: Path) -> None:
    """It is gone in 5 s, whoever waits for it; what it had not kept was not acked, what was acked is there."""
    mark = tmp_path / "hang"
    async with serve(tmp_path, command=HANGING, LIVEPOLL_TOKEN=TOKEN, LIVEPOLL_TEST_HANG=str(mark)) as running:
        question = await publish(running)
        voter = await seat(running)
        await hanging(running, mark.touch, question, voter)
        path = f"rooms/{running.opened['code']}/questions/{question['id']}/lock"
        locking = asyncio.ensure_future(running.ask("PUT", path, {"is_locked": True}))
        await running.ask("GET", "rooms")
        running.process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(running.process.wait(), PROMISED) == 0
        with pytest.raises(HTTPClientError):
            await locking
        while (message := await voter.socket.receive()) is not None:
            assert message["event"] != "vote-ack"
        assert voter.socket.close_code == 1012
        voter.socket.close()
    async with serve(tmp_path, LIVEPOLL_TOKEN=TOKEN) as running:
        (row,) = await running.ask("GET", f"rooms/{running.opened['code']}/answers")
        assert (row["participant"], row["rev"]) == (voter.name, 1)


@pytest.mark.parametrize("again", [signal.SIGTERM, signal.SIGINT])
async def test_a_second_signal_ends_the_process_at_once(tmp_path: Path, again: signal.Signals) -> None:
    """Whoever cannot wait for the disk need not: the system's own way of ending takes over."""
    mark = tmp_path / "hang"
    async with serve(tmp_path, command=HANGING, LIVEPOLL_TEST_HANG=str(mark)) as running:
        voter = await seat(running)
        await hanging(running, mark.touch, await publish(running), voter)
        running.process.send_signal(signal.SIGTERM)
        await no_longer_listens(running)
        running.process.send_signal(again)
        assert await running.ends() == -again
        voter.socket.close()
