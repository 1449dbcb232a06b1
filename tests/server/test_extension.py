"""The extension in a real Jupyter server: what kernels find, when the class's listener opens, how it all ends."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hall import SECONDS, FakeClock
from jupyter_hall import BASE_URL, JUPYTER_TOKEN, extension, free_port, open_jupyter
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect
from traitlets import TraitError

from livepoll_jupyter.core.codec import decode_reason
from livepoll_jupyter.core.messages import CloseReason
from livepoll_jupyter.server.app import PROBLEM, LivePollApp
from livepoll_jupyter.server.links import IN_USE

CERTIFICATE = Path(__file__).with_name("localhost.pem")
URL, TOKEN, HUB = "LIVEPOLL_URL", "LIVEPOLL_TOKEN", "JUPYTERHUB_PUBLIC_URL"


@pytest.fixture(autouse=True)
def clean_environment(jp_environ: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Jupyter's directories are a test's own, and no other server's variables are set."""
    del jp_environ
    for name in (URL, TOKEN, HUB):
        monkeypatch.delenv(name, raising=False)
    yield
    assert URL not in os.environ
    assert TOKEN not in os.environ


async def ask(method: str, path: str, body: Any = None) -> Any:
    """What a program in a kernel does: with the URL and the token from its environment."""
    response = await AsyncHTTPClient().fetch(
        f"{os.environ[URL]}livepoll/api/{path}",
        method=method,
        headers={"Authorization": f"Bearer {os.environ[TOKEN]}"},
        body=None if body is None else json.dumps(body),
        allow_nonstandard_methods=True,
        request_timeout=SECONDS,
    )
    return json.loads(response.body) if response.body else None


def port_of(url: str) -> int:
    """The port in a URL."""
    return int(url.split("/")[2].rpartition(":")[2])


def listens(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def test_kernels_find_the_server_and_may_open_rooms(tmp_path: Path) -> None:
    """By two environment variables; the token is random for each server and Jupyter's is not needed."""
    async with open_jupyter(tmp_path) as app:
        assert os.environ[URL] == f"http://127.0.0.1:{app.port}{BASE_URL}"
        assert len(os.environ[TOKEN]) >= 32
        room = await ask("POST", "rooms", {"title": "Statistics 101"})
        assert room["join_url"] == f"http://127.0.0.1:{app.port}{BASE_URL}livepoll/{room['code']}"
        assert room["ws_url"] == f"ws://127.0.0.1:{app.port}{BASE_URL}_ws?room={room['code']}"


async def test_kernels_of_a_server_with_tls_have_a_listener_without(tmp_path: Path) -> None:
    """They know no certificate of the server's; the listener takes the instructor's token, on this machine alone."""
    async with open_jupyter(tmp_path, server={"certfile": str(CERTIFICATE)}) as app:
        assert os.environ[URL].startswith("http://127.0.0.1:")
        assert port_of(os.environ[URL]) != app.port
        room = await ask("POST", "rooms", {"title": "Statistics 101"})
        assert room["join_url"] == f"https://127.0.0.1:{app.port}{BASE_URL}livepoll/{room['code']}"
        socket_url = f"{os.environ[URL].replace('http', 'ws')}_ws?room={room['code']}"
        (await websocket_connect(socket_url)).close()
        with pytest.raises(HTTPClientError) as refused:
            await AsyncHTTPClient().fetch(f"{os.environ[URL]}livepoll/api/rooms")
        assert refused.value.code == 401
        port = port_of(os.environ[URL])
    assert not listens(port)


async def test_an_extension_that_is_loaded_and_never_started_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the log, and to the kernels; an older Jupyter server calls no hook."""

    async def nothing(_: LivePollApp, __: object) -> None:
        """What such a server does."""

    monkeypatch.setattr(LivePollApp, "_start_jupyter_server_extension", nothing)
    async with open_jupyter(tmp_path) as app:
        assert "jupyter-server 2.20" in os.environ[PROBLEM]
        extension(app)._check_start()
        assert "not started it" in capsys.readouterr().err
    assert PROBLEM not in os.environ


async def test_an_extension_that_is_started_leaves_no_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither in the log nor for kernels."""
    async with open_jupyter(tmp_path) as app:
        assert PROBLEM not in os.environ
        extension(app)._check_start()
        assert "not started it" not in capsys.readouterr().err


async def test_the_class_has_a_listener_of_its_own_from_the_first_room_on(tmp_path: Path) -> None:
    """Nothing listens on a server that polls nobody; join links lead to the listener."""
    port = free_port()
    async with open_jupyter(tmp_path, audience_ip="127.0.0.1", audience_port=port):
        assert not listens(port)
        room = await ask("POST", "rooms", {"title": "Statistics 101"})
        assert room["join_url"] == f"http://127.0.0.1:{port}/{room['code']}"
        page = await AsyncHTTPClient().fetch(room["join_url"])
        assert b'data-state="join"' in page.body
        with pytest.raises(HTTPClientError) as refused:
            await AsyncHTTPClient().fetch(f"http://127.0.0.1:{port}/livepoll/api/rooms")
        assert refused.value.code == 404
    assert not listens(port)


async def test_a_room_that_is_open_at_the_start_has_its_listener_at_once(tmp_path: Path) -> None:
    """A Jupyter server that was restarted finds its rooms, and the phones find them again."""
    port = free_port()
    async with open_jupyter(tmp_path, audience_ip="127.0.0.1", audience_port=port):
        room = await ask("POST", "rooms", {"title": "Statistics 101"})
    async with open_jupyter(tmp_path, audience_ip="127.0.0.1", audience_port=port):
        assert listens(port)
        assert [held["join_url"] for held in await ask("GET", "rooms")] == [room["join_url"]]


async def test_a_port_that_is_taken_is_said_and_the_next_free_one_is_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The log names both."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with open_jupyter(tmp_path, audience_ip="127.0.0.1", audience_port=port):
            room = await ask("POST", "rooms", {"title": "Statistics 101"})
            found = port_of(room["join_url"])
    assert port < found <= port + 50
    assert f"Port {port} is taken; the class finds its page on port {found}." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "hub", "start"),
    [
        ({"public_url": "https://poll.example.org"}, None, "https://poll.example.org/"),
        ({}, "https://hub.example.org/user/ada/", "https://hub.example.org/user/ada/livepoll/"),
        (
            {"public_url": "https://poll.example.org/x/"},
            "https://hub.example.org/user/ada/",
            "https://poll.example.org/x/",
        ),
    ],
    ids=["tunnel", "hub", "tunnel on a hub"],
)
async def test_join_links_lead_through_a_tunnel_or_a_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], hub: str | None, start: str
) -> None:
    """The setting wins over the hub, the hub over this machine's address."""
    if hub:
        monkeypatch.setenv(HUB, hub)
    async with open_jupyter(tmp_path, audience_ip="127.0.0.1", audience_port=0, **settings):
        room = await ask("POST", "rooms", {"title": "Statistics 101"})
    assert room["join_url"] == f"{start}{room['code']}"
    assert room["ws_url"] == f"wss{start.removeprefix('https').removesuffix('livepoll/')}_ws?room={room['code']}"


@pytest.fixture
def on_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """What JupyterHub sets: its public URL is empty unless its administrator has named it (``Spawner.get_env``)."""
    monkeypatch.setenv(HUB, "")
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", BASE_URL)


HUB_SERVER = {"trust_xheaders": True, "allow_remote_access": True}
"""How JupyterHub starts a server: behind its proxy."""


async def sidebar(app: ServerApp, **headers: str) -> None:
    """What JupyterLab's page asks: logged in, through a proxy that has put ``headers`` there."""
    url = f"http://127.0.0.1:{app.port}{BASE_URL}livepoll/api/rooms"
    sent = {"Authorization": f"token {JUPYTER_TOKEN}"} | {name.replace("_", "-"): it for name, it in headers.items()}
    await AsyncHTTPClient().fetch(url, headers=sent)


@pytest.mark.usefixtures("on_hub")
async def test_a_hub_that_does_not_know_its_public_url_learns_it_from_the_sidebar(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Until then the panel says that phones may not reach the link; no listener is opened, the class uses the hub's."""
    port = free_port()
    settings: dict[str, Any] = {"audience_ip": "127.0.0.1", "audience_port": port, "server": HUB_SERVER}
    async with open_jupyter(tmp_path, **settings) as app:
        assert f"followed by {BASE_URL}livepoll/" in capsys.readouterr().err
        room = await ask("POST", "rooms", {"title": "Statistics 101"})
        assert room["join_notice"].startswith("Phones may not reach this link.")
        assert room["qr_svg"] == ""
        assert not listens(port)
        phone = await websocket_connect(f"ws://127.0.0.1:{app.port}{BASE_URL}_ws?room={room['code']}")
        phone.close()

        forwarded = {"X_Forwarded_Host": "Hub.Example.org", "X_Forwarded_Proto": "https,http"}
        await sidebar(app, **forwarded, Sec_Fetch_Site="same-origin")
        room = await ask("GET", f"rooms/{room['code']}")
        base = f"hub.example.org{BASE_URL}"
        assert (room["join_notice"], room["join_url"]) == ("", f"https://{base}livepoll/{room['code']}")
        assert room["ws_url"] == f"wss://{base}_ws?room={room['code']}"
        assert room["qr_svg"].startswith("<svg")


@pytest.mark.usefixtures("on_hub")
@pytest.mark.parametrize(
    "headers",
    [
        {"X_Forwarded_Host": "10.0.0.7:8888"},
        {"X_Forwarded_Host": "evil.example", "Sec_Fetch_Site": "cross-site"},
        {"X_Forwarded_Host": "hub.example.org", "Origin": "https://evil.example", "Sec_Fetch_Site": "same-site"},
        {"X_Forwarded_Host": "hub.example.org/x?", "Sec_Fetch_Site": "same-origin"},
        {"X_Forwarded_Host": "me:secret@hub.example.org", "Sec_Fetch_Site": "same-origin"},
        {"X_Forwarded_Host": "hub.example.org<b>", "Sec_Fetch_Site": "same-origin"},
        {"X_Forwarded_Host": "[", "Sec_Fetch_Site": "same-origin"},
    ],
    ids=["a program", "another site", "another origin", "a path", "a password", "markup", "no address"],
)
async def test_no_address_is_learned_from_what_is_no_page_of_this_server(
    tmp_path: Path, headers: dict[str, str]
) -> None:
    """Nor from a host that none is."""
    async with open_jupyter(tmp_path, server=HUB_SERVER) as app:
        room = await ask("POST", "rooms", {"title": "Statistics 101"})
        with suppress(HTTPClientError):  # some are refused altogether
            await sidebar(app, **headers)
        assert (await ask("GET", f"rooms/{room['code']}")) == room


@pytest.mark.usefixtures("on_hub")
async def test_two_sidebars_under_two_addresses_do_not_change_the_links_back_and_forth(tmp_path: Path) -> None:
    """Each change makes both ask again, and each question would be the next change, without an end."""
    async with open_jupyter(tmp_path, server=HUB_SERVER) as app:
        room = await ask("POST", "rooms", {"title": "Statistics 101"})
        clock = extension(app).service.clock = FakeClock()

        async def link_after(host: str) -> str:
            await sidebar(app, X_Forwarded_Host=host, Sec_Fetch_Site="same-origin")
            found: str = (await ask("GET", f"rooms/{room['code']}"))["join_url"]
            return found.split("/")[2]

        hosts = ["hub.example.org", "hub.lan", "hub.example.org", "hub.lan"]
        assert [await link_after(host) for host in hosts] == ["hub.example.org"] * 4
        clock.advance(IN_USE)
        assert await link_after("hub.lan") == "hub.lan"


@pytest.mark.usefixtures("on_hub")
async def test_a_better_address_is_not_replaced_by_one_of_this_machine(tmp_path: Path) -> None:
    """A colleague's tunnel to the hub is no way for phones; the scheme is what the browser names."""
    async with open_jupyter(tmp_path, server=HUB_SERVER) as app:
        room = await ask("POST", "rooms", {"title": "Statistics 101"})
        for host, learned in [
            ("localhost:8000", "http://localhost:8000"), ("hub.example.org", "https://hub.example.org"),
            ("127.0.0.1:8000", "https://hub.example.org"),
        ]:  # fmt: skip
            await sidebar(app, X_Forwarded_Host=host, Sec_Fetch_Site="same-origin")
            room = await ask("GET", f"rooms/{room['code']}")
            assert room["join_url"] == f"{learned}{BASE_URL}livepoll/{room['code']}"
            assert ("this machine alone" in room["join_notice"]) is ("localhost" in learned)


@pytest.mark.usefixtures("on_hub")
@pytest.mark.parametrize(("path", "is_tunnel"), [(f"{BASE_URL}livepoll/", False), ("/", True)])
async def test_on_a_hub_only_a_tunnel_has_a_listener(tmp_path: Path, path: str, *, is_tunnel: bool) -> None:
    """A public URL that is the hub's own leads to Jupyter's port."""
    port = free_port()
    settings: dict[str, Any] = {
        "audience_ip": "127.0.0.1",
        "audience_port": port,
        "public_url": f"https://hub.example.org{path}",
    }
    async with open_jupyter(tmp_path, **settings):
        await ask("POST", "rooms", {"title": "Statistics 101"})
        assert listens(port) is is_tunnel


@pytest.mark.parametrize("scheme", ["token", "Bearer"])
async def test_a_token_of_jupyters_is_the_instructors_on_the_socket_too(tmp_path: Path, scheme: str) -> None:
    """As it is for the API, so that whoever may ask a question also sees the answers."""
    async with open_jupyter(tmp_path) as app:
        room = await ask("POST", "rooms", {"title": "Statistics 101"})
        url = f"ws://127.0.0.1:{app.port}{BASE_URL}_ws?room={room['code']}"
        panel = await websocket_connect(HTTPRequest(url, headers={"Authorization": f"{scheme} {JUPYTER_TOKEN}"}))
        await panel.write_message('{"event": "hello", "data": {"v": 2}}')
        welcome = json.loads(str(await asyncio.wait_for(panel.read_message(), SECONDS)))
        assert welcome["data"]["role"] == "instructor"
        panel.close()
        with pytest.raises(HTTPClientError) as refused:
            await websocket_connect(HTTPRequest(url, headers={"Authorization": f"{scheme} wrong"}))
        assert refused.value.code == 401


async def test_the_end_tells_every_phone_to_come_back(tmp_path: Path) -> None:
    """1012 and when, and the port is free again."""
    async with open_jupyter(tmp_path, audience_ip="127.0.0.1", audience_port=0):
        room = await ask("POST", "rooms", {"title": "Statistics 101"})
        phone = await websocket_connect(room["ws_url"])
        port = port_of(room["join_url"])
    assert await asyncio.wait_for(phone.read_message(), SECONDS) is None
    assert phone.close_code == 1012
    assert decode_reason(phone.close_reason) == CloseReason(reason="restart", retryAfterMs=3000)
    phone.close()
    assert not listens(port)


async def test_whoever_comes_while_the_extension_stops_is_told_to_come_later(tmp_path: Path) -> None:
    """Jupyter's own listener is open to the end: there, 503 with when to come back, for sockets, pages and the API."""
    async with open_jupyter(tmp_path) as app:
        room = await ask("POST", "rooms", {"title": "Statistics 101"})
        url, token = os.environ[URL], os.environ[TOKEN]
        await extension(app).stop_extension()
        for path in (f"livepoll/{room['code']}", "livepoll/api/rooms", "_ws"):
            answer = await AsyncHTTPClient().fetch(
                f"{url}{path}", headers={"Authorization": f"Bearer {token}"}, raise_error=False
            )
            assert (answer.code, answer.headers["Retry-After"]) == (503, "5")
            assert b"restarting" in answer.body
        with pytest.raises(HTTPClientError) as refused:
            await websocket_connect(room["ws_url"])
        assert refused.value.code == 503


async def test_jupyter_stops_though_the_extension_could_not_be_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A setting that cannot be used costs the polls, and never the way to end the server."""

    def fail(_: LivePollApp) -> None:
        raise TraitError("join_burst should not be less than 1")

    monkeypatch.setattr(LivePollApp, "initialize_handlers", fail)
    async with open_jupyter(tmp_path) as app:
        found = extension(app)
    assert not hasattr(found, "service")


async def test_a_file_may_be_named_from_the_home_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration file has no shell that would replace the ``~``."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    async with open_jupyter(tmp_path, db="~/rooms.db"):
        assert (tmp_path / "rooms.db").is_file()


async def test_a_public_url_that_is_none_refuses_the_room_with_a_sentence(tmp_path: Path) -> None:
    """Whoever opens a room reads what to write instead of a link that leads nowhere."""
    async with open_jupyter(tmp_path, public_url="poll.example.org"):
        with pytest.raises(HTTPClientError) as refused:
            await ask("POST", "rooms", {"title": "Statistics 101"})
        assert refused.value.response is not None
        assert json.loads(refused.value.response.body)["message"].startswith("'poll.example.org' is no public URL.")


async def test_a_file_that_cannot_be_used_is_said_and_jupyter_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The log says what to do; a stranger is told no path. Once the file can be used, so can LivePoll."""
    (tmp_path / "file").write_text("no directory")
    async with open_jupyter(tmp_path, db=str(tmp_path / "file" / "rooms.db")):
        assert "LivePoll cannot serve rooms" in capsys.readouterr().err
        with pytest.raises(HTTPClientError) as refused:
            await ask("GET", "rooms")
        assert refused.value.response is not None
        assert (refused.value.code, json.loads(refused.value.response.body)["code"]) == (503, "unavailable")
        assert str(tmp_path) not in refused.value.response.body.decode()
        (tmp_path / "file").unlink()
        assert await ask("GET", "rooms") == []


async def test_who_is_logged_in_is_told_what_to_do_with_a_damaged_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each request gets the sentence; none leaves a traceback in the log."""
    (tmp_path / "rooms.db").write_bytes(b"SQLite format 3\0" + bytes(4096))
    async with open_jupyter(tmp_path):
        capsys.readouterr()
        for _ in range(2):
            with pytest.raises(HTTPClientError) as refused:
                await AsyncHTTPClient().fetch(
                    f"{os.environ[URL]}livepoll/api/rooms", headers={"Authorization": f"token {JUPYTER_TOKEN}"}
                )
            assert refused.value.response is not None
            said = json.loads(refused.value.response.body)
            assert (refused.value.code, said["code"]) == (503, "unavailable")
            assert str(tmp_path / "rooms.db") in said["message"]
        assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("name", ["audience_ip", "audience_port", "public_url", "db"])
def test_every_setting_is_explained(name: str) -> None:
    """Its help says what it means and what its edge values do."""
    help_text = LivePollApp.class_own_traits(config=True)[name].help
    assert len(help_text) > 60
    assert any(word in help_text for word in ("empty for", "0 for"))


@pytest.mark.parametrize("audience_ip", ["", "127.0.0.1"], ids=["Jupyter's port", "the audience's port"])
async def test_a_hall_may_wait_to_be_let_in(tmp_path: Path, audience_ip: str) -> None:
    """More than Tornado's 128: whoever finds the queue full tries again a second later, and then after two more."""
    async with open_jupyter(tmp_path, audience_ip=audience_ip, audience_port=0) as app, AsyncExitStack() as waiting:
        room = await ask("POST", "rooms", {"title": "Statistics 101"})
        port = port_of(room["join_url"])
        assert (port == app.port) is (audience_ip == "")
        # The loop has no turn in between, so nobody is taken in.
        for _ in range(300):
            phone = waiting.enter_context(closing(socket.socket()))
            phone.settimeout(0.5)
            phone.connect(("127.0.0.1", port))
