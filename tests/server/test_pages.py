"""The pages of the class: strict headers, nothing from elsewhere, a cookie that no script can read."""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64encode
from hashlib import sha256

import pytest
from hall import Hall, open_hall
from tornado.httpclient import HTTPResponse

from livepoll_jupyter.server import assets
from livepoll_jupyter.server.html import content_security_policy
from livepoll_jupyter.server.links import Links


def cookies(response: HTTPResponse) -> list[str]:
    """The cookies that an answer sets."""
    return response.headers.get_list("Set-Cookie")


async def pages(hall: Hall) -> list[HTTPResponse]:
    """One page of each kind."""
    code, ended = await hall.open_room("Open"), await hall.open_room("Ended")
    await hall.ask("DELETE", f"rooms/{ended}")
    return [await hall.fetch("GET", path) for path in (code, "", "ZZZZZZ", ended)]


async def test_each_kind_of_page_has_its_status_and_state() -> None:
    """A room, the page for a code, a wrong code, an ended room."""
    async with open_hall() as hall:
        found = [(page.code, re.findall(rb'data-state="(\w+)"', page.body)) for page in await pages(hall)]
    assert found == [(200, [b"join"]), (200, [b"enter"]), (404, [b"unknown"]), (410, [b"ended"])]


async def test_a_slash_after_the_code_leads_to_the_page() -> None:
    """And what is no code leads nowhere."""
    async with open_hall() as hall:
        code = await hall.open_room("Open")
        answer = await hall.fetch("GET", f"{code.lower()}/")
        assert (answer.code, answer.headers["Location"]) == (302, f"../{code}")
        for other in ("a%0d%0ab", "%2F%2Fevil.example", "lab"):
            assert (await hall.fetch("GET", f"{other}/")).code == 404


async def test_pages_carry_strict_headers_and_load_nothing_from_elsewhere() -> None:
    """No inline script, one style that the policy names by its hash, nothing of another host, kept, framed or told."""
    async with open_hall() as hall:
        for page in await pages(hall):
            policy, html = page.headers["Content-Security-Policy"], page.body.decode()
            (style,) = re.findall(r"<style>(.+)</style>", html, re.DOTALL)
            digest = b64encode(sha256(style.encode()).digest()).decode()
            assert policy.startswith(f"default-src 'none'; script-src 'self'; style-src 'sha256-{digest}';")
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert f"connect-src 'self' ws://127.0.0.1:{hall.port} wss://127.0.0.1:{hall.port};" in policy
            assert page.headers["Referrer-Policy"] == "no-referrer"
            assert page.headers["X-Content-Type-Options"] == "nosniff"
            assert page.headers["Cache-Control"] == "no-store"
            assert not re.search(r"https?://|//\w|<script>|@import|<style.*<style|</.*</style|style=|\son\w+=", html)


def test_a_host_that_is_none_is_not_repeated_in_the_policy() -> None:
    """Whatever somebody sends as ``Host`` adds no source to the policy."""
    for host in ("evil.example; script-src *", "a b", "", "é;", "x\n"):
        assert "connect-src 'self';" in content_security_policy(host)


async def test_a_title_is_only_ever_text() -> None:
    """Whatever an instructor calls a room."""
    title = "</title><script>alert(1)</script>\" onload='x' $code"
    async with open_hall() as hall:
        page = (await hall.fetch("GET", await hall.open_room(title))).body.decode()
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&#x27;x&#x27; $code" in page


async def test_the_page_makes_a_participant_whose_cookie_no_script_can_read() -> None:
    """The cookie opens the socket as that participant; a second visit keeps it."""
    async with open_hall() as hall:
        code = await hall.open_room()
        (cookie,) = cookies(await hall.fetch("GET", code.lower()))
        assert cookie.startswith(f"livepoll_{code}=")
        assert {"HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "Path" not in cookie  # which is the page's own directory, whatever a proxy in front has made of it
        sent = cookie.split(";")[0]
        assert cookies(await hall.fetch("GET", code, Cookie=sent)) == []
        welcome = await (await hall.connect(f"?room={code}", Cookie=sent)).hello()
        assert (welcome["role"], welcome["participant"]) == ("participant", sent.split("=")[1].split(".")[0])


async def test_a_cookie_that_no_longer_holds_is_replaced_by_the_page() -> None:
    """So a phone whose server lost its file is well again after it asks its own address."""
    async with open_hall() as hall:
        code = await hall.open_room()
        (cookie,) = cookies(await hall.fetch("GET", code, Cookie=f"livepoll_{code}=old.token"))
        socket = await hall.connect(f"?room={code}", Cookie=cookie.split(";")[0])
        assert (await socket.hello())["role"] == "participant"


@pytest.mark.parametrize(
    ("headers", "is_secure"),
    [({}, False), ({"X_Forwarded_Proto": "https"}, True), ({"X_Forwarded_Proto": "http"}, False)],
)
async def test_the_cookie_is_secure_where_the_browser_came_by_https(headers: dict[str, str], is_secure: bool) -> None:  # noqa: FBT001
    """If only to a tunnel or a proxy."""
    async with open_hall() as hall:
        (cookie,) = cookies(await hall.fetch("GET", await hall.open_room(), **headers))
        assert ("Secure" in cookie.split("; ")) is is_secure


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "same-site", "Origin": "http://127.0.0.1:8888"},
    ],
)
async def test_another_sites_page_may_listen_and_is_nobody(headers: dict[str, str]) -> None:
    """A cookie that a browser sends along counts for our own pages alone."""
    async with open_hall() as hall:
        code = await hall.open_room()
        sent = cookies(await hall.fetch("GET", code))[0].split(";")[0]
        welcome = await (await hall.connect(f"?room={code}", Cookie=sent, **headers)).hello()
        assert welcome["role"] == "listener"


async def test_a_page_without_an_origin_is_nobody_on_a_server_without_a_host() -> None:
    """Links are relative on a Unix socket; an origin of ``null`` is not theirs."""
    async with open_hall() as hall:
        code = await hall.open_room()
        hall.service.links = Links("/livepoll/")
        sent = cookies(await hall.fetch("GET", code))[0].split(";")[0]
        welcome = await (await hall.connect(f"?room={code}", Cookie=sent, Origin="null")).hello()
        assert welcome["role"] == "listener"


async def test_assets_are_compressed_and_kept_as_long_as_their_content_holds() -> None:
    """The page names them by a hash, and under that name a browser keeps them for a year."""
    async with open_hall() as hall:
        page = (await hall.fetch("GET", "")).body.decode()
        names = re.findall(r'(?:src|href)="(assets/[^"]+)"', page)
        assert len(names) == 1
        for name in names:
            asset = await hall.fetch("GET", name)
            assert "immutable" in asset.headers["Cache-Control"]
            packed = assets.find_asset(name.split("/")[1].split("?")[0])
            assert packed is not None
            assert gzip.decompress(packed.compressed) == asset.body
            plain = await hall.fetch("GET", name.split("?")[0])
            assert plain.headers["Cache-Control"] == "no-cache"
            zipped = await hall.fetch("GET", name, Accept_Encoding="gzip")
            assert zipped.headers["X-Consumed-Content-Encoding"] == "gzip"


async def test_pages_are_compressed_too() -> None:
    """They carry their style, and are the same for all who come with that."""
    async with open_hall() as hall:
        code = await hall.open_room("Open")
        plain = await hall.fetch("GET", code)
        zipped = await hall.fetch("GET", code, Accept_Encoding="gzip")
        assert zipped.headers["X-Consumed-Content-Encoding"] == "gzip"
        assert (plain.headers["Vary"], zipped.body) == ("Accept-Encoding", plain.body)


async def test_nothing_but_the_bundle_is_an_asset() -> None:
    """Neither hidden files nor those elsewhere."""
    async with open_hall() as hall:
        for name in (".gitignore", "..", "../widget/widget.js", "nothing.js", "x" * 300, "audience.js%00"):
            response = await hall.fetch("GET", f"assets/{name.replace('/', '%2F')}")
            assert (response.code, json.loads(response.body)["code"]) == (404, "not-found")


async def test_a_page_says_what_to_do_without_javascript() -> None:
    """And, by its style, after some seconds in which its script has not come."""
    async with open_hall() as hall:
        for page in await pages(hall):
            html = page.body.decode()
            (told,) = re.findall(r"<noscript>(.+)</noscript>", html, re.DOTALL)
            assert "needs JavaScript" in told
            assert "another browser" in told
            assert "This page has not started" in html
            assert re.search(r"\.lp-late\{[^}]*animation:", html)
