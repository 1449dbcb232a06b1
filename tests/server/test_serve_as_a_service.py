"""``jupyter livepoll serve`` under a supervisor: settings from files and the environment, its log, token and health."""

from __future__ import annotations

import asyncio
import json
import stat
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hall import SECONDS, TOKEN
from serve_process import serve, start
from tornado.httpclient import AsyncHTTPClient
from tornado.websocket import websocket_connect


async def fails(home: Path, *options: str, log: Path | None = None, **environment: str) -> str:
    """What it says on its way out, with status 1."""
    process = await start(*options, home=home, log=log, **environment)
    out, error = await asyncio.wait_for(process.communicate(), SECONDS)
    assert (process.returncode, out) == (1, b"")
    assert b"Traceback" not in error
    return error.decode()


async def opened_by(home: Path, *options: str, log: Path | None = None, **environment: str) -> dict[str, str]:
    """What the first line says, of a server that is given these options and no others."""
    process = await start("--json", *options, home=home, log=log, **environment)
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), SECONDS)
    finally:
        process.kill()
        await process.communicate()
    return dict(json.loads(line))


async def said_to_a_person(home: Path, *options: str) -> str:
    """What stands on the screen once it runs."""
    process = await start("--ip=127.0.0.1", "--port=0", *options, home=home)
    try:
        assert process.stdout is not None
        return (await asyncio.wait_for(process.stdout.readuntil(b"Ctrl+C"), SECONDS)).decode()
    finally:
        process.kill()
        await process.communicate()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("settings.py", "c.ServeApp.ip = '127.0.0.1'\nc.ServeApp.port = 0\nc.ServeApp.base_url = '/from/file/'\n"),
        ("settings.json", '{"ServeApp": {"ip": "127.0.0.1", "port": 0, "base_url": "/from/file/"}}'),
    ],
)
async def test_a_named_file_is_read(tmp_path: Path, name: str, text: str) -> None:
    """Before, it was ignored, and the server listened on all addresses."""
    (tmp_path / name).write_text(text)
    opened = await opened_by(tmp_path, f"--config={tmp_path / name}")
    assert opened["url"].startswith("http://127.0.0.1:")
    assert opened["url"].endswith("/from/file/")


async def test_a_file_in_jupyters_configuration_directory_is_read(tmp_path: Path) -> None:
    """Under its name, ``livepoll_config.py``; the command line wins over it."""
    (tmp_path / "livepoll_config.py").write_text("c.ServeApp.ip = '203.0.113.9'\nc.ServeApp.base_url = '/x/'\n")
    opened = await opened_by(tmp_path, "--ip=127.0.0.1", "--port=0", JUPYTER_CONFIG_DIR=str(tmp_path))
    assert opened["url"].startswith("http://127.0.0.1:")
    assert opened["url"].endswith("/x/")


async def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    """By the names that traitlets gives them."""
    opened = await opened_by(tmp_path, SERVEAPP__IP="127.0.0.1", SERVEAPP__PORT="0", SERVEAPP__BASE_URL="/env/")
    assert opened["url"].startswith("http://127.0.0.1:")
    assert opened["url"].endswith("/env/")


@pytest.mark.parametrize("text", ["c.ServeApp.ip = ", "raise ValueError('no')"])
async def test_a_file_that_cannot_be_read_ends_with_a_sentence(tmp_path: Path, text: str) -> None:
    """Serving without its settings could open what was meant to stay closed."""
    (tmp_path / "settings.py").write_text(text)
    assert "cannot be read" in await fails(tmp_path, f"--config={tmp_path / 'settings.py'}")


async def test_no_other_file_than_the_named_one_is_read(tmp_path: Path) -> None:
    """Neither code beside a file with settings alone, nor a file of a known kind in place of one of an unknown kind."""
    (tmp_path / "settings.py").write_text("raise RuntimeError('this was not asked for')\n")
    (tmp_path / "settings.json").write_text('{"ServeApp": {"ip": "127.0.0.1", "port": 0, "base_url": "/from/json/"}}')
    (tmp_path / "settings.toml").write_text("")
    opened = await opened_by(tmp_path, f"--config={tmp_path / 'settings.json'}")
    assert opened["url"].endswith("/from/json/")
    assert "a .py or a .json file is needed" in await fails(tmp_path, f"--config={tmp_path / 'settings.toml'}")


async def test_a_file_that_is_not_there_ends_with_a_sentence(tmp_path: Path) -> None:
    """And nothing listens."""
    assert "There is no file" in await fails(tmp_path, f"--config={tmp_path / 'settings.py'}")


@pytest.mark.parametrize("base", ["http://h/x/", "/a b/", "/x/?y", "//[x"])
async def test_a_base_url_that_is_none_ends_with_a_sentence(tmp_path: Path, base: str) -> None:
    """It is a path and nothing else."""
    assert "is no base URL" in await fails(tmp_path, f"--base-url={base}")


async def test_everything_lies_under_the_base_url(tmp_path: Path) -> None:
    """Also under one that ends like the pages of a Jupyter server, which a hub's service has."""
    async with serve(tmp_path, "--port=0", "--base-url=/services///livepoll") as running:
        opened = running.opened
        assert opened["url"].endswith("/services/livepoll/")
        assert opened["join_url"] == f"{opened['url']}{opened['code']}"
        (room,) = await running.ask("GET", "rooms")
        assert room["code"] == opened["code"]
        page = await AsyncHTTPClient().fetch(opened["join_url"])
        # No path: the browser takes the directory of the page, which is the base URL as the browser knows it.
        assert "Path=" not in page.headers["Set-Cookie"]
        socket = await websocket_connect(opened["ws_url"])
        socket.close()
        outside = opened["url"].removesuffix("services/livepoll/")
        answer = await AsyncHTTPClient().fetch(f"{outside}{opened['code']}", raise_error=False)
        assert answer.code == 404


async def test_the_token_is_written_to_a_file_that_nobody_else_may_read(tmp_path: Path) -> None:
    """A service's output is kept in logs; the path is printed instead."""
    text = await said_to_a_person(tmp_path)
    (path,) = [Path(line.split("in the file ")[1]) for line in text.splitlines() if "token in the file" in line]
    token = path.read_text().strip()
    assert len(token) >= 32
    assert token not in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["/", "x" * 300])
async def test_a_token_file_that_cannot_be_written_ends_with_a_sentence(tmp_path: Path, name: str) -> None:
    """And with no trace of a token."""
    said = await fails(tmp_path, "--ip=127.0.0.1", "--port=0", f"--token-file={name}")
    assert "cannot be written" in said
    assert "Traceback" not in said


async def test_the_folder_of_the_token_is_for_its_user_alone(tmp_path: Path) -> None:
    """A database may lie there later."""
    await said_to_a_person(tmp_path, f"--db={tmp_path / 'elsewhere' / 'rooms.db'}")
    assert stat.S_IMODE((tmp_path / "livepoll").stat().st_mode) == 0o700


async def test_an_old_token_file_that_others_may_read_is_replaced(tmp_path: Path) -> None:
    """Whoever has it open sees nothing new, and a link in its place is not followed."""
    elsewhere, path = tmp_path / "elsewhere", tmp_path / "token"
    elsewhere.write_text("untouched")
    path.symlink_to(elsewhere)
    await said_to_a_person(tmp_path, f"--token-file={path}")
    assert elsewhere.read_text() == "untouched"
    assert not path.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_the_token_is_printed_when_it_is_asked_for(tmp_path: Path) -> None:
    """By ``--show-token``; no file is written then."""
    text = await said_to_a_person(tmp_path, "--show-token")
    (token,) = [line.split()[-1] for line in text.splitlines() if "Instructor's token" in line]
    assert len(token) >= 32
    assert not (tmp_path / "livepoll" / "token").exists()


async def test_a_token_from_the_environment_may_end_in_a_line_end(tmp_path: Path) -> None:
    """As a file of secrets brings it."""
    assert (await opened_by(tmp_path, "--ip=127.0.0.1", "--port=0", LIVEPOLL_TOKEN=f"{TOKEN}\n"))[
        "instructor_token"
    ] == TOKEN


async def test_the_log_may_be_json(tmp_path: Path) -> None:
    """One object a line, with time and level."""
    process = await start("--json", "--log-json", "--log-level=DEBUG", "--ip=127.0.0.1", "--port=0", home=tmp_path)
    assert process.stdout is not None
    opened = json.loads(await asyncio.wait_for(process.stdout.readline(), SECONDS))
    await AsyncHTTPClient().fetch(f"{opened['url']}nothing/here", raise_error=False)
    process.terminate()
    _, error = await asyncio.wait_for(process.communicate(), SECONDS)
    lines: list[dict[str, Any]] = [json.loads(line) for line in error.splitlines()]
    assert lines
    assert all(datetime.fromisoformat(line["time"]).tzinfo and line["level"] and line["message"] for line in lines)


async def test_health_is_told_to_anybody(tmp_path: Path) -> None:
    """And nothing else is."""
    async with serve(tmp_path) as running:
        answer = await AsyncHTTPClient().fetch(f"{running.opened['url']}healthz")
    assert (answer.code, json.loads(answer.body)) == (200, {"status": "ok"})
