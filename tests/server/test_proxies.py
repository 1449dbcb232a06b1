"""Whose address counts: the client's as a proxy tells it, if the settings name that proxy; else the connection's."""

from __future__ import annotations

from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from fake_proxy import in_front_of
from hall import SECONDS, Hall, open_hall
from jupyter_hall import BASE_URL, extension, open_jupyter
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from traitlets import TraitError

from livepoll_jupyter.cli.serve import ServeApp
from livepoll_jupyter.core.errors import BadSetting
from livepoll_jupyter.server.app import LivePollApp
from livepoll_jupyter.server.proxies import Proxies, came_by_https
from livepoll_jupyter.server.rates import Rates

NAMES = ["127.0.0.1", "10.0.0.0/8", "::1", "2001:db8:1::/48"]
X = "x-forwarded-for"

FROM_A_PROXY = {
    "one proxy": ({X: "198.51.100.7"}, "198.51.100.7"),
    "the right hop of several": ({X: "203.0.113.9, 198.51.100.7, 10.0.0.5"}, "198.51.100.7"),
    "what a client has made up": ({X: "10.0.0.9, 198.51.100.7"}, "198.51.100.7"),
    "proxies alone": ({X: "10.0.0.9, 10.0.0.5"}, "10.0.0.9"),
    "spaces and empty places": ({X: " 198.51.100.7 ,10.0.0.5"}, "198.51.100.7"),
    "with a port": ({X: "198.51.100.7:51234"}, "198.51.100.7"),
    "an address of version 6": ({X: "2001:db8:9:8:7:6:5:4"}, "2001:db8:9:8::/64"),
    "the same with a port": ({X: "[2001:db8:9:8:7:6:5:4]:443"}, "2001:db8:9:8::/64"),
    "an address of version 4 in one of 6": ({X: "::ffff:198.51.100.7"}, "198.51.100.7"),
    "the standard header": ({"forwarded": "for=198.51.100.7"}, "198.51.100.7"),
    "the standard header's right hop": (
        {"forwarded": 'for=203.0.113.9, For="198.51.100.7:80";proto=https;by=_x , for=10.0.0.5'}, "198.51.100.7",
    ),
    "the standard header, version 6": ({"forwarded": 'for="[2001:db8:9:8::1]:4711"'}, "2001:db8:9:8::/64"),
    "a comma in quotes": ({"forwarded": 'for=198.51.100.7;ext="a, for=1.2.3.4"'}, "198.51.100.7"),
    "both, and they agree": ({X: "198.51.100.7", "forwarded": "for=198.51.100.7"}, "198.51.100.7"),
    "both, and one is made up": ({X: "198.51.100.7", "forwarded": "for=203.0.113.9"}, "127.0.0.1"),
    "nothing": ({}, "127.0.0.1"),
    "nonsense": ({X: "nobody"}, "127.0.0.1"),
    "nonsense before a proxy": ({X: "<script>, 10.0.0.5"}, "10.0.0.5"),
    "an empty header": ({X: ""}, "127.0.0.1"),
    "unknown": ({"forwarded": "for=unknown"}, "127.0.0.1"),
    "hidden": ({"forwarded": "for=_secret, for=10.0.0.5"}, "10.0.0.5"),
    "a hop that does not say": ({"forwarded": "proto=https"}, "127.0.0.1"),
    "one hop that says two": ({"forwarded": "for=198.51.100.7;for=203.0.113.9"}, "127.0.0.1"),
    "what is no such header": ({"forwarded": 'for="198.51.100.7'}, "127.0.0.1"),
    "more hops than there can be": ({X: ", ".join(["203.0.113.9", *["10.0.0.5"] * 5000])}, "10.0.0.5"),
}  # fmt: skip


@pytest.mark.parametrize(("headers", "address"), FROM_A_PROXY.values(), ids=FROM_A_PROXY)
def test_a_proxy_that_is_named_tells_the_address(headers: dict[str, str], address: str) -> None:
    """The first from the right that is no proxy of ours; what a proxy cannot say is that proxy's own."""
    assert Proxies(NAMES).address_of("127.0.0.1", headers) == address


@pytest.mark.parametrize("headers", [headers for headers, _ in FROM_A_PROXY.values()], ids=FROM_A_PROXY)
@pytest.mark.parametrize("names", [[], NAMES])
def test_nobody_else_is_believed(headers: dict[str, str], names: list[str]) -> None:
    """Nobody at all where none is named."""
    assert Proxies(names).address_of("192.0.2.1", headers) == "192.0.2.1"
    assert Proxies([]).address_of("127.0.0.1", headers) == "127.0.0.1"


def test_addresses_of_one_network_of_version_6_count_together() -> None:
    """Whoever has one has 2**64 of them."""
    proxies = Proxies([])
    assert proxies.address_of("2001:db8::1", {}) == proxies.address_of("2001:db8::2", {}) == "2001:db8::/64"
    assert proxies.address_of("::ffff:192.0.2.1", {}) == "192.0.2.1"
    assert proxies.address_of("fe80::1%eth0", {}) == "fe80::/64"


@pytest.mark.parametrize("wrong", ["localhost", "10.0.0", "*", "", "10.0.0.0/33", "0.0.0.0/0", "::/0"])
def test_a_name_that_is_no_network_is_refused_with_what_to_write(wrong: str) -> None:
    """Everybody is no network either: then each client could say who it likes to be."""
    with pytest.raises(BadSetting, match=r"127\.0\.0\.1"):
        Proxies([wrong])
    for app in (ServeApp, LivePollApp):
        with pytest.raises(TraitError, match=r"127\.0\.0\.1"):
            app(trusted_proxies=[wrong])


@pytest.mark.parametrize("app", [ServeApp, LivePollApp])
def test_nobody_is_trusted_unless_the_settings_say_so(app: Any) -> None:
    """Not this machine either: what a tunnel brings comes from here, with headers that its far end has written."""
    assert app().trusted_proxies == []


# ---------------------------------------------------------------- on running servers


def guess(port: int, path: str, **headers: str) -> HTTPRequest:
    """A request with a code."""
    return HTTPRequest(
        f"http://127.0.0.1:{port}{path}",
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        request_timeout=SECONDS,
    )


async def statuses(port: int, addresses: list[str], path: str = "/AAAAAA") -> list[int]:
    """What a wrong code gets from each of ``addresses``, as the proxy tells them."""
    requests = [guess(port, path, X_Forwarded_For=address) for address in addresses]
    return [(await AsyncHTTPClient().fetch(each, raise_error=False)).code for each in requests]


ONE_GUESS = Rates(wrong_code_burst=1, wrong_codes_per_second=0.0)


async def test_guesses_count_for_the_client_and_not_for_the_proxy() -> None:
    """On the page and at the socket, whichever way the request goes."""
    async with open_hall(rates=ONE_GUESS) as hall:
        hall.service.proxies = Proxies(["127.0.0.1"])
        assert await statuses(hall.port, ["192.0.2.1", "192.0.2.1", "192.0.2.2"]) == [404, 429, 404]
        assert await statuses(hall.port, ["192.0.2.2", "192.0.2.3"], "/_ws?room=AAAAAA") == [429, 404]


async def test_a_client_that_comes_directly_changes_nothing_by_what_it_says() -> None:
    """It stays one address."""
    async with open_hall(rates=ONE_GUESS) as hall:
        assert await statuses(hall.port, ["192.0.2.1", "192.0.2.2", "192.0.2.3"]) == [404, 429, 429]


@pytest.mark.parametrize("short", [True, False])
async def test_a_peer_has_the_clients_address(short: bool) -> None:  # noqa: FBT001 - pytest's
    """So its votes count for it; on the short way to a socket too."""
    async with open_hall() as hall:
        hall.service.proxies = Proxies(["127.0.0.1"])
        code = await hall.open_room()
        await hall.connect(f"?room={code}{'' if short else '&long=way'}", X_Forwarded_For="192.0.2.1")
        (peer,) = hall.service.hub.live(code).peers
        assert peer.address == "192.0.2.1"


async def test_a_page_behind_a_proxy_that_changes_the_host_is_known_if_the_proxy_tells_it() -> None:
    """Only by a proxy that is named."""
    async with open_hall() as hall:
        code = await hall.open_room()
        page = await hall.fetch("GET", code)
        cookie = page.headers["Set-Cookie"].partition(";")[0]
        said = {"Cookie": cookie, "Origin": "https://poll.example", "X_Forwarded_Host": "poll.example, inner"}
        assert (await (await hall.connect(f"?room={code}", **said)).hello())["role"] == "listener"
        hall.service.proxies = Proxies(["127.0.0.1"])
        assert (await (await hall.connect(f"?room={code}", **said)).hello())["role"] == "participant"


@pytest.mark.usefixtures("jp_environ")
@pytest.mark.parametrize("is_hub", [True, False])
async def test_on_a_jupyter_server_the_hubs_proxy_is_believed_and_nobody_else(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    is_hub: bool,  # noqa: FBT001 - pytest's
) -> None:
    """``trust_xheaders`` says that a proxy is in front, as on a hub. ``X-Real-IP`` may be the client's own word."""
    monkeypatch.setenv("LIVEPOLL_TOKEN", "")
    async with open_jupyter(tmp_path, server={"trust_xheaders": is_hub}) as app:
        extension(app).service.gate.__init__(ONE_GUESS)  # type: ignore[misc]
        path = f"{BASE_URL}livepoll/AAAAAA"

        async def ask(**headers: str) -> int:
            return (await AsyncHTTPClient().fetch(guess(app.port, path, **headers), raise_error=False)).code

        assert await ask(X_Forwarded_For="192.0.2.1") == 404
        assert await ask(X_Forwarded_For="192.0.2.1", X_Real_IP="192.0.2.7") == 429
        assert await ask(X_Forwarded_For="192.0.2.7, 192.0.2.1") == 429
        assert await ask(X_Forwarded_For="192.0.2.2") == (404 if is_hub else 429)


# ---------------------------------------------------------------- https

BY_HTTPS: list[dict[str, str]] = [
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-Proto": "HTTPS"},
    {"X-Forwarded-Proto": "https,http"},
    {"X-Forwarded-Proto": "https, http, http"},
    {"X-Scheme": "https"},
    {"Forwarded": "proto=https"},
    {"Forwarded": 'for=192.0.2.1;proto="https", for=10.0.0.5;proto=http'},
    {"X-Forwarded-Proto": "https", "X-Scheme": "https", "Forwarded": "for=192.0.2.1;proto=https"},
    {"X-Forwarded-Proto": "https", "Forwarded": "for=192.0.2.1"},
]

BY_HTTP: list[dict[str, str]] = [
    {},
    {"X-Forwarded-Proto": "http"},
    {"X-Forwarded-Proto": "http,https"},
    {"X-Forwarded-Proto": ""},
    {"X-Forwarded-Proto": "httpsx"},
    {"X-Scheme": "http"},
    {"Forwarded": "for=192.0.2.1;proto=http, for=10.0.0.5;proto=https"},
    {"Forwarded": 'proto="https'},
    {"X-Forwarded-Proto": "http", "Forwarded": "proto=https"},
    {"X-Forwarded-Proto": "https", "X-Scheme": "http"},
]


@pytest.mark.parametrize(
    ("headers", "is_https"), [*((each, True) for each in BY_HTTPS), *((each, False) for each in BY_HTTP)]
)
async def test_a_cookie_is_secure_where_the_browsers_own_connection_is(
    headers: dict[str, str],
    is_https: bool,  # noqa: FBT001 - pytest's
) -> None:
    """The first that a list names is the browser's. Where headers disagree it is not: that would lose the cookie."""
    assert came_by_https({name.lower(): value for name, value in headers.items()}) is is_https
    async with open_hall() as hall:
        page = await fetch_page(hall, headers)
        cookie = SimpleCookie(page.headers["Set-Cookie"])
        (morsel,) = cookie.values()
        assert bool(morsel["secure"]) is is_https


async def fetch_page(hall: Hall, headers: dict[str, str]) -> HTTPResponse:
    """A room's page, by a proxy that adds ``headers``."""
    code = await hall.open_room()
    async with in_front_of(hall.port, headers=headers) as port:
        return await AsyncHTTPClient().fetch(f"http://127.0.0.1:{port}/{code}", request_timeout=SECONDS)
