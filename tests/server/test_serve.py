"""``jupyter livepoll serve`` as a process: its first line, its errors, its end, and ``kill -9``."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hall import SECONDS, TOKEN, Socket
from serve_process import COMMAND, Serve, serve, start
from tornado.httpclient import AsyncHTTPClient
from tornado.websocket import WebSocketClosedError, websocket_connect


async def fails(home: Path, *options: str) -> str:
    """What it says on its way out, with status 1."""
    process = await start(*options, home=home)
    out, error = await asyncio.wait_for(process.communicate(), SECONDS)
    assert process.returncode == 1, out
    assert b"Traceback" not in error
    return error.decode()


async def test_the_first_line_is_one_json_object_that_says_where_everything_is(tmp_path: Path) -> None:
    """The page, the socket and the API answer under these addresses."""
    async with serve(tmp_path) as running:
        opened = running.opened
        assert list(opened) == ["url", "ws_url", "join_url", "code", "instructor_token"]
        assert opened["join_url"] == f"{opened['url']}{opened['code']}"
        assert b'data-state="join"' in (await AsyncHTTPClient().fetch(opened["join_url"])).body
        (room,) = await running.ask("GET", "rooms")
        assert room["code"] == opened["code"]
        default = opened["ws_url"].split("?")[0]
        for address in (opened["ws_url"], default):
            (await websocket_connect(address)).close()


async def test_a_restart_keeps_room_port_and_token(tmp_path: Path) -> None:
    """The token may come from the environment; without it each start makes a new one."""
    async with serve(tmp_path, LIVEPOLL_TOKEN=TOKEN) as running:
        first = running.opened
    port = first["url"].rstrip("/").rpartition(":")[2]
    async with serve(tmp_path, f"--port={port}", LIVEPOLL_TOKEN=TOKEN) as running:
        assert running.opened == first
    async with serve(tmp_path, f"--port={port}") as running:
        assert running.opened["instructor_token"] not in {TOKEN, ""}
        assert running.opened["code"] == first["code"]


async def test_without_json_a_person_reads_link_code_and_qr(tmp_path: Path) -> None:
    """The link stands by itself in its line, below a picture of it."""
    process = await start("--ip=127.0.0.1", "--port=0", home=tmp_path)
    assert process.stdout is not None
    text = (await asyncio.wait_for(process.stdout.readuntil(b"Ctrl+C"), SECONDS)).decode()
    process.terminate()
    await process.communicate()
    assert "Students join at   http://127.0.0.1:" in text
    assert "LivePoll('Live poll', server='http://127.0.0.1:" in text
    assert "█" in text


async def test_a_named_port_in_use_ends_with_a_sentence(tmp_path: Path) -> None:
    """A port that nobody named is the next free one after 3000."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = await fails(tmp_path, "--ip=127.0.0.1", f"--port={port}")
    assert said == f"Port {port} is in use. Name another one, or stop the program that uses it.\n"


async def test_the_help_tells_the_settings_of_the_extension_too(tmp_path: Path) -> None:
    """Jupyter's own tells those of no extension."""
    process = await asyncio.create_subprocess_exec(
        COMMAND, "--help-all", env=os.environ | {"HOME": str(tmp_path)}, stdout=asyncio.subprocess.PIPE
    )
    text, _ = await process.communicate()
    assert {b"--LivePollApp.audience_port=<Int>", b"--Rates.join_burst=<Int>"} <= set(text.splitlines())


async def test_a_command_that_there_is_not_ends_with_a_sentence(tmp_path: Path) -> None:
    """And with those that there are."""
    process = await asyncio.create_subprocess_exec(
        COMMAND, "server", env=os.environ | {"HOME": str(tmp_path)}, stderr=asyncio.subprocess.PIPE
    )
    _, error = await process.communicate()
    assert process.returncode == 1
    assert error.decode() == "There is no command 'server'; there are: serve, backup, demo, rehearse.\n"


@pytest.mark.parametrize("surplus", ["extra", "4000"])
async def test_what_it_does_not_take_ends_with_a_sentence(tmp_path: Path, surplus: str) -> None:
    """Whoever forgot ``--port=`` is not served on another port without a word."""
    said = await fails(tmp_path, "--port=0", surplus)
    assert said == f"jupyter livepoll serve takes no {surplus!r}. Its options begin with --; see --help.\n"


@pytest.mark.parametrize("url", ["poll.example.org", "ftp://poll.example.org/", "https:///x", "/x/"])
async def test_a_public_url_that_is_none_ends_with_a_sentence(tmp_path: Path, url: str) -> None:
    """Every join link would lead nowhere."""
    said = await fails(tmp_path, "--port=0", f"--public-url={url}")
    assert said.startswith(f"{url!r} is no public URL. Write all that stands before the code")


async def test_an_address_of_another_machine_ends_with_a_sentence(tmp_path: Path) -> None:
    """And what to do instead."""
    assert "no address '203.0.113.9' to listen on" in await fails(tmp_path, "--ip=203.0.113.9", "--port=0")


async def test_a_directory_that_cannot_be_written_ends_with_a_sentence(tmp_path: Path) -> None:
    """Here it is a file."""
    (tmp_path / "file").write_text("")
    said = await fails(tmp_path, "--port=0", f"--db={tmp_path / 'file' / 'rooms.db'}")
    assert said.startswith("Rooms cannot be kept in ")


async def test_a_database_from_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    """With a sentence; the file is as it was."""
    path = tmp_path / "rooms.db"
    async with serve(tmp_path, "--port=0", f"--db={path}") as running:
        running.process.send_signal(signal.SIGTERM)
        await running.ends()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    said = await fails(tmp_path, "--port=0", f"--db={path}")
    assert "newer" in said
    assert path.read_bytes() == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_drains(tmp_path: Path, number: signal.Signals) -> None:
    """Every peer is told to come back (1012), and the process ends well."""
    async with serve(tmp_path) as running:
        phone = Socket(await websocket_connect(running.opened["ws_url"]))
        await phone.hello()
        running.process.send_signal(number)
        assert await phone.until_closed() == 1012
        assert await running.ends() == 0
        phone.close()


async def test_no_token_is_in_what_it_logs(tmp_path: Path) -> None:
    """Neither after good requests nor after bad ones, at the level that says most."""
    async with serve(tmp_path, "--port=0", "--log-level=DEBUG") as running:
        code = running.opened["code"]
        participant = await running.ask("POST", f"rooms/{code}/participants", {})
        observer = await running.ask("POST", f"rooms/{code}/observers", {})
        phone = Socket(await websocket_connect(running.opened["ws_url"]))
        await phone.hello(participant["token"])
        await phone.send({"event": "hello", "data": {"v": 2, "token": "wrong.token"}})
        assert await phone.until_closed() == 4501
        phone.close()
        await AsyncHTTPClient().fetch(
            f"{running.opened['url']}livepoll/api/rooms", headers={"Authorization": "Bearer wrong"}, raise_error=False
        )
        running.process.terminate()
        assert await running.ends() == 0
        assert running.process.stderr is not None
        log = (await running.process.stderr.read()).decode()
    assert "401 GET /livepoll/api/rooms" in log
    for token in (running.opened["instructor_token"], participant["token"], observer["token"], "wrong.token", "wrong "):
        assert token not in log


# ---------------------------------------------------------------- kill -9

VOTERS, CHANGES = 200, 5


class Voter:
    """A participant who votes again and again; ``acked`` is the newest vote that the server has acknowledged."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.acked: tuple[int, str] | None = None

    @property
    def name(self) -> str:
        """The participant's id."""
        return self.token.partition(".")[0]

    async def vote(self, socket: Socket, question: dict[str, Any], on_ack: Callable[[], None]) -> None:
        """Vote ``CHANGES`` times, or until the server is gone."""
        for rev in range(1, CHANGES + 1):
            answer = "ab"[rev % 2]
            data = {"questionId": question["id"], "round": 1, "answer": answer, "op": f"op-{rev}", "rev": rev}
            with suppress(WebSocketClosedError):
                await socket.send({"event": "vote", "data": data})
            while True:
                message = await socket.receive()
                if message is None:
                    return
                if message["event"] == "vote-ack":
                    break
            assert message["data"]["status"] == "accepted"
            self.acked = (rev, answer)
            on_ack()


async def seat(running: Serve, voters: list[Voter]) -> list[Socket]:
    """A socket for each voter, after hello."""
    sockets = [Socket(await websocket_connect(running.opened["ws_url"])) for _ in voters]
    for socket_, voter in zip(sockets, voters, strict=True):
        await socket_.hello(voter.token)
    return sockets


async def test_kill_9_in_the_middle_of_a_thousand_votes_loses_none_that_was_acked(tmp_path: Path) -> None:
    """After the restart each acked vote is there, or a newer one of the same participant; and the rest may follow."""
    acks = count(1)
    async with serve(tmp_path, LIVEPOLL_TOKEN=TOKEN) as running:
        code = running.opened["code"]
        body = {"text": "Which?", "options": ["mean", "median"], "publish": True}
        question = await running.ask("POST", f"rooms/{code}/questions", body)
        voters = [Voter((await running.ask("POST", f"rooms/{code}/participants", {}))["token"]) for _ in range(VOTERS)]
        sockets = await seat(running, voters)

        def kill_in_the_middle() -> None:
            if next(acks) == VOTERS * CHANGES // 2:
                running.process.kill()

        voting = [
            asyncio.ensure_future(voter.vote(socket_, question, kill_in_the_middle))
            for voter, socket_ in zip(voters, sockets, strict=True)
        ]
        await asyncio.wait_for(asyncio.gather(*voting), SECONDS)
        for socket_ in sockets:
            socket_.close()
    port = running.opened["url"].rstrip("/").rpartition(":")[2]
    async with serve(tmp_path, f"--port={port}", LIVEPOLL_TOKEN=TOKEN) as running:
        rows = {row["participant"]: row for row in await running.ask("GET", f"rooms/{code}/answers")}
        acked = [voter for voter in voters if voter.acked is not None]
        assert len(acked) > VOTERS // 2
        assert sum(voter.acked[0] for voter in acked if voter.acked) < VOTERS * CHANGES
        for voter in acked:
            row = rows[voter.name]
            assert (row["rev"], row["answer"]) >= voter.acked  # type: ignore[operator]
            assert row["answer"] == "ab"[row["rev"] % 2]
        results = await running.ask("GET", f"rooms/{code}/questions/{question['id']}/results")
        assert results["participants"] == results["total"] == len(rows)
        late = next(voter for voter in voters if voter.acked is None or voter.acked[0] < CHANGES)
        (again,) = await seat(running, [late])
        assert (await again.vote(question, "b", op="after the restart", rev=99))["status"] == "accepted"
        again.close()
