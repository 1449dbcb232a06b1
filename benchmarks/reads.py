"""``python -m benchmarks.reads``: what downloads of a large room cost a vote that is cast meanwhile, as a ratio.

A server has a room of so many questions and votes. One phone votes twenty times a second, and the time to each ack is
taken, by turns while nothing else happens and while five programs download all answers at once, again and again. The
server has one core, the phone and the downloads the other.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any, Final

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from livepoll_jupyter.core.commands import AddQuestion, CastVote
from livepoll_jupyter.core.messages import Option
from livepoll_jupyter.core.questions import Question
from livepoll_jupyter.storage.base import Outcome, Store
from livepoll_jupyter.storage.sqlite import SqliteStore

from .machine import cores

CODE: Final = "K7M2QX"
TOKEN: Final = "the-benchmark's-token"  # noqa: S105 - of a server on loopback, for a minute
OPTIONS: Final = (Option("a", "mean", "mean"), Option("b", "median", "median"))
EVERY: Final = 0.05
"""Seconds between two votes."""


async def fill(path: Path, questions: int, votes: int) -> None:
    """Write the room, as a lecture would have."""
    store = SqliteStore(path)
    await store.open()
    await store.open_room(CODE, "Statistics 101", "epoch", time.time())
    for number in range(questions):
        question = Question(
            id=f"q{number}", kind="choice", text="Which?", html="Which?", options=OPTIONS, correct=("a",),
        )  # fmt: skip
        await _done(store, AddQuestion(question, True))  # noqa: FBT003 - published
        await asyncio.gather(*(_done(store, _vote(number, voter)) for voter in range(votes)))
    await store.close()


def _vote(question: int, voter: int) -> CastVote:
    return CastVote(f"participant-{voter:06}", f"q{question}", 1, "ab"[voter % 2], f"{question}-{voter}", 1)


async def _done(store: Store, command: Any) -> None:
    done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    store.submit(CODE, command, time.time(), done.set_result)
    await done


@asynccontextmanager
async def server(path: Path, core: int) -> AsyncIterator[str]:
    """``jupyter livepoll serve`` on that file and core; its URL. Prints how long it took to serve."""
    program = Path(sys.executable).with_name("jupyter-livepoll")
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        str(program), "serve", "--json", "--ip=127.0.0.1", "--port=0", f"--db={path}",
        stdout=asyncio.subprocess.PIPE, env=os.environ | {"LIVEPOLL_TOKEN": TOKEN},
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )  # fmt: skip
    assert process.stdout is not None  # noqa: S101 - for the type checker
    try:
        url = json.loads(await process.stdout.readline())["url"]
        sys.stdout.write(f"The server was ready {time.perf_counter() - began:.1f} s after its start.\n")
        yield str(url)
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def ask(url: str, method: str, path: str) -> bytes:
    """One request of the instructor's."""
    request = HTTPRequest(
        f"{url}livepoll/api/{path}", method, {"Authorization": f"Bearer {TOKEN}"},
        body=None if method == "GET" else "{}", request_timeout=300,
    )  # fmt: skip
    return (await AsyncHTTPClient().fetch(request)).body


class Phone:
    """Votes on the question that is being asked, and takes the time to each ack."""

    def __init__(self, socket: WebSocketClientConnection, question: dict[str, Any], number: int) -> None:
        self._socket = socket
        self._question = question
        self._revs = itertools.count(1)
        self._number = number

    @classmethod
    async def connect(cls, url: str, number: int) -> Phone:
        """Join, and say hello."""
        token = json.loads(await ask(url, "POST", f"rooms/{CODE}/participants"))["token"]
        socket = await websocket_connect(f"{url.replace('http', 'ws', 1)}_ws?room={CODE}")
        await socket.write_message(json.dumps({"event": "hello", "data": {"v": 2, "token": token}}))
        while True:
            message = json.loads(await socket.read_message() or "{}")
            if message["event"] == "snapshot":
                return cls(socket, message["data"]["question"], number)

    async def vote(self) -> float:
        """Milliseconds from the vote to its ack."""
        rev = next(self._revs)
        data = {"questionId": self._question["id"], "round": 1, "answer": "ab"[rev % 2], "op": f"o{rev}", "rev": rev}
        began = time.perf_counter()
        await self._socket.write_message(json.dumps({"event": "vote", "data": data}))
        while True:
            message = json.loads(await self._socket.read_message() or "{}")
            if message["event"] == "vote-ack":
                return (time.perf_counter() - began) * 1e3


async def acks(phone: Phone, seconds: float) -> list[float]:
    """The times of the votes of so many seconds."""
    loop = asyncio.get_running_loop()
    until, found = loop.time() + seconds, []
    while loop.time() < until:
        due = loop.time() + EVERY
        found.append(await phone.vote())
        await asyncio.sleep(max(0.0, due - loop.time()))
    return found


class Reader:
    """Another process that downloads all answers again and again, and drops them."""

    PROGRAM: Final = """
import http.client, sys
host, path, token = sys.argv[1:]
while True:
    connection = http.client.HTTPConnection(host, timeout=300)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    response, size = connection.getresponse(), 0
    while part := response.read(65536):
        size += len(part)
    print(size, flush=True)
    connection.close()
"""


async def during(url: str, path: str, readers: int, phone: Phone, seconds: float) -> tuple[list[float], int]:
    """The times of votes while so many programs download, and how many downloads were finished meanwhile."""
    host = url.removeprefix("http://").rstrip("/")
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", Reader.PROGRAM, host, f"/livepoll/api/{path}", TOKEN, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(readers)
    ]
    try:
        await asyncio.sleep(0.3)
        found = await acks(phone, seconds)
    finally:
        for process in processes:
            process.kill()
    lines = [(await process.communicate())[0].count(b"\n") for process in processes]
    return found, sum(lines)


def p99(times: Sequence[float]) -> float:
    """All but one in a hundred were quicker."""
    return quantiles(times, n=100)[-1]


async def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = argparse.ArgumentParser("python -m benchmarks.reads", description=__doc__)
    options.add_argument("--questions", type=int, default=200)
    options.add_argument("--votes", type=int, default=1000, help="votes for each question")
    options.add_argument("--readers", type=int, default=5)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--seconds", type=float, default=10.0)
    options.add_argument("--path", default=f"rooms/{CODE}/answers", help="what is downloaded; also: backup, rooms")
    asked = options.parse_args(arguments)
    site = cores()
    with TemporaryDirectory(prefix="livepoll-bench-") as folder:
        path = Path(folder) / "rooms.db"
        await fill(path, asked.questions, asked.votes)
        os.sched_setaffinity(0, {site.load})
        async with server(path, site.server) as url:
            phone = await Phone.connect(url, 0)
            await acks(phone, 1)
            ratios = []
            for run in range(1, asked.runs + 1):
                quiet = p99(await acks(phone, asked.seconds))
                times, downloads = await during(url, asked.path, asked.readers, phone, asked.seconds)
                ratios.append(p99(times) / quiet)
                sys.stdout.write(
                    f"run {run}: ack p99 {quiet:.2f} ms quiet, {p99(times):.2f} ms during {asked.readers} downloads "
                    f"({downloads} finished): {ratios[-1]:.2f} times\n"
                )
            sys.stdout.write(f"median {median(ratios):.2f} times ({min(ratios):.2f} to {max(ratios):.2f})\n")


if __name__ == "__main__":
    asyncio.run(main())
