"""One browser is one participant, however it comes to the page; another site's page neither makes nor replaces one."""

from __future__ import annotations

import asyncio
import json
from http.cookiejar import CookieJar
from itertools import product
from urllib.request import Request, urlopen

import pytest
from fake_proxy import in_front_of
from hall import SECONDS, Hall, open_hall
from tornado.httpclient import HTTPResponse
from tornado.websocket import websocket_connect

from livepoll_jupyter.client import Student
from livepoll_jupyter.server.links import Links

SITES = ("same-origin", "same-site", "cross-site", "none")
DESTINATIONS = ("document", "iframe", "frame", "embed", "object", "image", "script", "style", "empty", "video")


def cookies(response: HTTPResponse) -> list[str]:
    """The cookies that an answer sets."""
    return response.headers.get_list("Set-Cookie")


async def first_visit(hall: Hall, code: str) -> str:
    """Open the room's page for the first time; the cookie."""
    (cookie,) = cookies(await hall.fetch("GET", code))
    return cookie.partition(";")[0]


def fetched(site: str, mode: str, destination: str, origin: str | None) -> dict[str, str]:
    """What a browser says of a request."""
    said = {"Sec_Fetch_Site": site, "Sec_Fetch_Mode": mode, "Sec_Fetch_Dest": destination}
    return said | ({} if origin is None else {"Origin": origin})


EVERY_REQUEST = [
    fetched(*parts)
    for parts in product(
        SITES,
        ("navigate", "no-cors", "cors", "same-origin"),
        DESTINATIONS,
        (None, "null", "https://lms.example"),
    )
]


async def test_no_request_of_any_kind_replaces_a_valid_cookie() -> None:
    """Wherever the link stands, the page answers, and the browser stays who it is."""
    async with open_hall() as hall:
        code = await hall.open_room()
        cookie = await first_visit(hall, code)
        for headers, method in product(EVERY_REQUEST, ("GET", "HEAD")):
            answer = await hall.fetch(method, code, Cookie=cookie, **headers)
            assert (answer.code, cookies(answer)) == (200, []), headers


async def test_only_a_page_that_is_opened_makes_a_participant() -> None:
    """A link of any site, an address that is typed, and our own page; no picture, frame or request of another site."""
    async with open_hall() as hall:
        code = await hall.open_room()
        for headers in EVERY_REQUEST:
            answer = await hall.fetch("GET", code, **headers)
            is_opened = (headers["Sec_Fetch_Mode"], headers["Sec_Fetch_Dest"]) == ("navigate", "document")
            is_ours = (
                headers["Sec_Fetch_Site"] in {"same-origin", "none"}
                and headers["Sec_Fetch_Dest"] == "empty"
                and headers["Sec_Fetch_Mode"] in {"cors", "same-origin"}
            )
            assert answer.code == 200
            assert len(cookies(answer)) == (is_opened or is_ours), headers


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://lms.example"}, {"Origin": "null"}, {"Sec_Purpose": "prefetch"}]
)
async def test_a_browser_that_tells_less_makes_none_from_another_page(headers: dict[str, str]) -> None:
    """On plain HTTP a browser tells only the origin, and that only of scripts."""
    async with open_hall() as hall:
        code = await hall.open_room()
        assert cookies(await hall.fetch("GET", code, **headers)) == []


async def test_a_cookie_is_kept_for_a_time_that_does_not_depend_on_the_servers_clock() -> None:
    """A date of a server whose clock is a month behind would lie in the past, and each page would be somebody new."""
    async with open_hall() as hall:
        (cookie,) = cookies(await hall.fetch("GET", await hall.open_room()))
    said = cookie.lower().split("; ")
    assert f"max-age={30 * 24 * 3600}" in said
    assert not [part for part in said if part.startswith("expires")]


async def test_a_page_that_is_fetched_in_advance_waits_until_it_is_opened() -> None:
    """Neither does it run before somebody sees it, so nobody is counted who only typed half an address."""
    async with open_hall() as hall:
        code = await hall.open_room()
        for purpose in ("prefetch", "prefetch;prerender", "prefetch;anonymous-client-ip"):
            answer = await hall.fetch("GET", code, Sec_Purpose=purpose, Sec_Fetch_Mode="navigate")
            assert (answer.code, cookies(answer)) == (503, [])


async def test_asking_for_the_head_of_a_page_makes_nobody() -> None:
    """As a program does that checks the links in a mail."""
    async with open_hall() as hall:
        answer = await hall.fetch("HEAD", await hall.open_room())
        assert (answer.code, cookies(answer)) == (200, [])


@pytest.mark.parametrize("way", ["{}", "{}/", "%20{}", "{}%20"])
async def test_however_a_code_is_typed_it_is_the_same_room_for_the_cookie(way: str) -> None:
    """In small letters, with a space, with a slash at the end."""
    async with open_hall() as hall:
        code = await hall.open_room()
        cookie = await first_visit(hall, code)
        for typed in (code, code.lower()):
            answer = await hall.fetch("GET", way.format(typed), Cookie=cookie)
            assert answer.code in {200, 302}
            assert cookies(answer) == []


async def test_a_valid_cookie_counts_beside_one_that_is_not() -> None:
    """A browser sends two of one name where two paths or an older server have left one each; the nearer comes first."""
    async with open_hall() as hall:
        code = await hall.open_room()
        one, two = await first_visit(hall, code), await first_visit(hall, code)
        stale = f"livepoll_{code}=stale.token"
        for sent, expected in (
            (f"{one}; {stale}", one),
            (f"{stale}; {one}", one),
            (f"{one}; {two}", one),
            (f"{two}; a=b; {one}", two),
        ):
            assert cookies(await hall.fetch("GET", code, Cookie=sent)) == []
            welcome = await (await hall.connect(f"?room={code}", Cookie=sent)).hello()
            assert welcome["participant"] == expected.partition("=")[2].partition(".")[0]


async def test_an_observers_token_in_a_cookie_is_nobody() -> None:
    """No page sets one, so whoever did wants the class's page to be something else."""
    async with open_hall() as hall:
        code = await hall.open_room()
        sent = f"livepoll_{code}={hall.service.tokens.new_observer(code)}"
        assert len(cookies(await hall.fetch("GET", code, Cookie=sent))) == 1


async def test_a_page_whose_socket_is_nobody_gets_the_browsers_own_participant() -> None:
    """Behind a proxy that changes the host, the page asks over HTTP; a reload is then the same participant still."""
    async with open_hall() as hall:
        code = await hall.open_room()
        cookie = await first_visit(hall, code)
        path = f"livepoll/api/rooms/{code}/participants"
        for headers in ({"Sec_Fetch_Site": "same-origin"}, {"Origin": f"http://127.0.0.1:{hall.port}"}):
            given = json.loads((await hall.fetch("POST", path, Cookie=cookie, **headers)).body)
            assert given["token"] == cookie.partition("=")[2]
        strangers: list[dict[str, str]] = [
            {},
            {"Sec_Fetch_Site": "cross-site"},
            {"Sec_Fetch_Site": "same-site", "Origin": f"http://127.0.0.1:{hall.port}"},
            {"Origin": "null"},
        ]
        for headers in strangers:
            given = json.loads((await hall.fetch("POST", path, Cookie=cookie, **headers)).body)
            assert given["token"] != cookie.partition("=")[2]


@pytest.mark.parametrize("prefix", ["", "/class", "/livepoll", "/a/livepoll"])
async def test_a_program_finds_its_room_behind_any_prefix(prefix: str) -> None:
    """A proxy may call the place as it likes, ``livepoll`` too: nothing is guessed from the link."""
    async with open_hall() as hall, in_front_of(hall.port, prefix) as port:
        hall.service.links = Links(f"http://127.0.0.1:{port}{prefix}/")
        room = json.loads((await hall.ask("POST", "rooms", {"title": "Statistics"})).body)
        student = Student(room["join_url"])
        await student.join()
        assert student.session.participant is not None
        await student.leave()
        socket = await websocket_connect(room["ws_url"])
        socket.close()


@pytest.mark.parametrize("prefix", ["", "/class", "/livepoll", "/a/livepoll"])
async def test_a_cookie_holds_right_behind_the_prefix(prefix: str) -> None:
    """Kept and sent as a browser does it: to the page and what lies beside it, and to nobody else on that host."""
    async with open_hall() as hall, in_front_of(hall.port, prefix) as port:
        code = await hall.open_room()
        site = f"http://127.0.0.1:{port}"
        jar = CookieJar()
        page = Request(f"{site}{prefix}/{code}")
        answer = await asyncio.to_thread(urlopen, page, timeout=SECONDS)
        jar.extract_cookies(answer, page)
        answer.close()

        def is_sent(path: str) -> bool:
            request = Request(f"{site}{path}")
            jar.add_cookie_header(request)
            return request.has_header("Cookie")

        for beside in (code, "_ws", f"api/rooms/{code}/participants"):
            assert is_sent(f"{prefix}/{beside}")
        assert is_sent("/elsewhere") is (prefix == "")
