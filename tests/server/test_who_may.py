"""Who may do what: every route, role and protocol, on the Jupyter server, on the audience listener and on ``serve``.

The walk reads the routes from the running servers, so a route that is mounted without a policy here fails.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hall import SECONDS, TOKEN, open_hall
from jupyter_hall import BASE_URL, JUPYTER_TOKEN, extension, open_jupyter
from msgspec import Struct
from tornado.httputil import HTTPHeaders
from tornado.routing import PathMatches, Rule, RuleRouter
from tornado.web import Application

from livepoll_jupyter.server.listener import audience, everything
from livepoll_jupyter.server.service import Service

INSTRUCTOR = "the instructor's token, or a login to Jupyter"
ANYBODY = "everybody with the code"
SOCKET = "everybody may listen; whoever says a name must prove it"
NOBODY = "there is nothing"

API = {
    "livepoll/api/rooms": INSTRUCTOR,
    "livepoll/api/rooms/(?P<code>[^/]+)": INSTRUCTOR,
    "livepoll/api/rooms/(?P<code>[^/]+)/questions": INSTRUCTOR,
    "livepoll/api/rooms/(?P<code>[^/]+)/questions/(?P<question_id>[^/]+)": INSTRUCTOR,
    "livepoll/api/rooms/(?P<code>[^/]+)/questions/(?P<question_id>[^/]+)/publish": INSTRUCTOR,
    "livepoll/api/rooms/(?P<code>[^/]+)/questions/(?P<question_id>[^/]+)/reveal": INSTRUCTOR,
    "livepoll/api/rooms/(?P<code>[^/]+)/questions/(?P<question_id>[^/]+)/close": INSTRUCTOR,
    "livepoll/api/rooms/(?P<code>[^/]+)/questions/(?P<question_id>[^/]+)/lock": INSTRUCTOR,
    "livepoll/api/rooms/(?P<code>[^/]+)/questions/(?P<question_id>[^/]+)/results": INSTRUCTOR,
    "livepoll/api/rooms/(?P<code>[^/]+)/answers": INSTRUCTOR,
    "livepoll/api/backup": INSTRUCTOR,
    "livepoll/api/rooms/(?P<code>[^/]+)/observers": INSTRUCTOR,
    "livepoll/api/openapi.json": ANYBODY,
    "livepoll/api/asyncapi.json": ANYBODY,
}
CLASS = {
    "_ws": SOCKET,
    "livepoll/api/rooms/(?P<code>[^/]+)/participants": ANYBODY,
    "livepoll/api/.*": NOBODY,
}
BESIDE_THE_PAGES = {"api/rooms/(?P<code>[^/]+)/participants": ANYBODY}
PAGES = {"": ANYBODY, "assets/([^/]+)": ANYBODY, "([^/]+)": ANYBODY, "([^/]+)/": ANYBODY}

ON_THE_LISTENER = CLASS | BESIDE_THE_PAGES | PAGES
ON_SERVE = API | ON_THE_LISTENER | {"healthz": ANYBODY}
ON_JUPYTER = API | CLASS | {"livepoll/_ws": SOCKET} | {f"livepoll/{path}": policy for path, policy in PAGES.items()}

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


class Place:
    """A server with one room in it, and what each role sends. ``known`` are the roles that count as the instructor."""

    def __init__(
        self, base: str, routes: list[str], code: str, roles: dict[str, dict[str, str]], known: set[str]
    ) -> None:
        self.base = base
        self.routes = routes
        self.code = code
        self.roles = roles
        self.known = known

    def path_of(self, pattern: str) -> str:
        """An address that the pattern matches; the question is one that there is not, so that nothing is changed."""
        filled = pattern.replace("(?P<code>[^/]+)", self.code).replace("(?P<question_id>[^/]+)", "nowhere")
        return filled.replace("assets/([^/]+)", "assets/audience.js").replace("([^/]+)", self.code).replace(".*", "x")


class Answer(Struct):
    """What came back; an upgrade that was accepted is an answer like any other."""

    code: int
    headers: HTTPHeaders
    body: bytes


async def ask(place: Place, method: str, path: str, headers: dict[str, str], body: str | None = None) -> Answer:
    """One request, exactly as it is said, over a connection of its own."""
    where = urlsplit(f"{place.base}{path}")
    target = f"{where.path}?{where.query}" if where.query else where.path
    sent = {"Host": where.netloc, "Connection": "close"} | headers
    sent |= {"Content-Length": str(len(body))} if body is not None else {}
    head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    async with asyncio.timeout(SECONDS):
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        writer.write(f"{method} {target} HTTP/1.1\r\n{head}\r\n{body or ''}".encode())
        status, _, lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").partition("\r\n")
        received, code = HTTPHeaders.parse(lines), int(status.split()[1])
        content = (
            b"" if code == HTTPStatus.SWITCHING_PROTOCOLS or method == "HEAD" else await read_body(reader, received)
        )
        writer.close()
        await writer.wait_closed()
    return Answer(code, received, content)


async def read_body(reader: asyncio.StreamReader, headers: HTTPHeaders) -> bytes:
    """As many bytes as the answer says."""
    return await reader.readexactly(int(headers.get("Content-Length", "0")))


def mounted(application: Application) -> list[str]:
    """The patterns of all routes whose handlers are ours."""

    def walk(router: Any) -> list[Rule]:
        rules = router.rules if isinstance(router, RuleRouter) else []
        return [found for rule in rules for found in ([rule, *walk(rule.target)])]

    return [
        rule.matcher.regex.pattern.removesuffix("$")
        for rule in walk(application.default_router)
        if isinstance(rule.matcher, PathMatches)
        and isinstance(rule.target, type)
        and rule.target.__module__.startswith("livepoll_jupyter")
    ]


def roles_of(service: Service, code: str, participant: str) -> dict[str, dict[str, str]]:
    """What each caller sends with every request."""
    observer = service.tokens.new_observer(code)
    return {
        "anonymous": {},
        "wrong token": {"Authorization": f"Bearer {TOKEN}x"},
        "wrong cookie": {"Cookie": f"livepoll_{code}=wrong.token"},
        "participant by cookie": {"Cookie": f"livepoll_{code}={participant}"},
        "participant by header": {"Authorization": f"Bearer {participant}"},
        "observer": {"Authorization": f"Bearer {observer}"},
        "instructor": {"Authorization": f"Bearer {TOKEN}"},
        "instructor's token in the address": {},
    }


@asynccontextmanager
async def on_a_listener(rules: Callable[..., Any]) -> AsyncIterator[Place]:
    """The audience listener, or ``serve``."""
    async with open_hall(rules=rules) as hall:
        await hall.service.open()
        room = await hall.service.open_room("Statistics 101")
        _, participant = hall.service.tokens.new_participant(room.code)
        routes = [pattern.removeprefix("/") for pattern in mounted(hall.application)]
        roles = roles_of(hall.service, room.code, participant)
        yield Place(f"http://127.0.0.1:{hall.port}/", routes, room.code, roles, {"instructor"})


async def walk(place: Place, policies: dict[str, str]) -> None:
    """Ask every route in every role with every method, over HTTP and as an upgrade."""
    assert sorted(place.routes) == sorted(policies), "a route has no policy, or a policy has no route"
    for (pattern, policy), role, method in product(policies.items(), place.roles, METHODS):
        for upgrade in ({}, UPGRADE):
            if method == "DELETE" and role in place.known:
                continue  # it is allowed, and would end the room
            path = place.path_of(pattern) + (f"?token={TOKEN}" if "address" in role else "")
            response = await ask(place, method, path, place.roles[role] | upgrade, "{}" if method != "GET" else None)
            where = f"{role}: {method} {path} {'upgrade' if upgrade else ''} → {response.code}"
            check(policy, role, method, response, is_upgrade=bool(upgrade), is_known=role in place.known, where=where)


def check(
    policy: str, role: str, method: str, response: Answer, *, is_upgrade: bool, is_known: bool, where: str
) -> None:
    """Whether the answer is what the policy says."""
    if policy is INSTRUCTOR:
        assert (response.code in REFUSED) == (not is_known), where
    elif policy is ANYBODY:
        assert response.code not in REFUSED, where
    elif policy is NOBODY:
        assert response.code == HTTPStatus.NOT_FOUND, where
    elif role.startswith("wrong"):
        assert response.code == HTTPStatus.UNAUTHORIZED, where
    else:
        expected = HTTPStatus.SWITCHING_PROTOCOLS if is_upgrade else HTTPStatus.BAD_REQUEST
        assert response.code == (expected if method == "GET" else HTTPStatus.METHOD_NOT_ALLOWED), where
    if policy is not SOCKET:
        assert response.code != HTTPStatus.SWITCHING_PROTOCOLS, where
    assert "Access-Control-Allow-Origin" not in response.headers, where
    assert TOKEN.encode() not in response.body, where


async def test_on_serve() -> None:
    """The class, and the instructor by token."""
    async with on_a_listener(everything) as place:
        await walk(place, ON_SERVE)


async def test_on_the_audience_listener() -> None:
    """The class alone: the instructor's API is not even there."""
    async with on_a_listener(audience) as place:
        await walk(place, ON_THE_LISTENER)
        for path in ("livepoll/api/rooms", f"livepoll/api/rooms/{place.code}", "livepoll/api/openapi.json"):
            response = await ask(place, "GET", path, place.roles["instructor"])
            assert response.code == HTTPStatus.NOT_FOUND


async def test_nothing_of_jupyter_answers_on_the_audience_listener() -> None:
    """Neither its pages nor its API, logged in or not, nor as an upgrade."""
    paths = [
        "lab", "tree", "login", "logout", "api", "api/status", "api/contents", "api/kernels", "api/sessions", "api/me",
        "api/kernels/x/channels", "terminals/websocket/1", "static/logo/logo.png", "files/x", "metrics",
        "lab/api/settings", "a/b/c", "..%2f..%2fetc%2fpasswd", "assets/..%2f..%2f__init__.py", "livepoll/",
    ]  # fmt: skip
    async with on_a_listener(audience) as place:
        for path, headers in product(paths, ({}, UPGRADE)):
            response = await ask(place, "GET", path, headers)
            assert response.code == HTTPStatus.NOT_FOUND, path


async def test_a_token_that_stands_in_an_address_gets_into_no_log_line(caplog: pytest.LogCaptureFixture) -> None:
    """It counts for nothing there, and whoever reads the log learns nothing from the mistake."""
    caplog.set_level("DEBUG")
    async with on_a_listener(everything) as place:
        for path, headers in product(("livepoll/api/rooms", "_ws", "nothing/here", place.code), ({}, UPGRADE)):
            await ask(place, "GET", f"{path}?token={TOKEN}", headers)
    assert "GET /nothing/here" in caplog.text
    assert TOKEN not in caplog.text


# ---------------------------------------------------------------- on the Jupyter server


@asynccontextmanager
async def on_jupyter(directory: Path, *, is_strict: bool = False) -> AsyncIterator[Place]:
    """The Jupyter server with a room, and with Jupyter's own login among the roles."""
    async with open_jupyter(directory, allow_unauthenticated_access=not is_strict) as app:
        service = extension(app).service
        room = await service.open_room("Statistics 101")
        _, participant = service.tokens.new_participant(room.code)
        routes = [pattern.removeprefix(BASE_URL) for pattern in mounted(app.web_app)]
        login = {"Jupyter's token": {"Authorization": f"token {JUPYTER_TOKEN}"}}
        roles = roles_of(service, room.code, participant) | login
        yield Place(f"http://127.0.0.1:{app.port}{BASE_URL}", routes, room.code, roles, {"instructor", *login})


@pytest.fixture
def our_token(monkeypatch: pytest.MonkeyPatch, jp_environ: None) -> None:
    """The instructor's token is the one of these tests, and Jupyter's directories are a test's own."""
    del jp_environ
    monkeypatch.setenv("LIVEPOLL_TOKEN", TOKEN)
    monkeypatch.setenv("LIVEPOLL_URL", "")


@pytest.mark.usefixtures("our_token")
@pytest.mark.parametrize("is_strict", [False, True])
async def test_on_the_jupyter_server(tmp_path: Path, is_strict: bool) -> None:  # noqa: FBT001 - pytest's
    """The class without any login; the instructor by our token or by Jupyter's. However strict Jupyter itself is."""
    async with on_jupyter(tmp_path, is_strict=is_strict) as place:
        await walk(place, ON_JUPYTER)


async def check_links(place: Place, login: dict[str, str]) -> None:
    """A link on another site starts nothing with the cookie; a typed address, our own pages and a token do."""
    ours = place.base + "lab"
    started: list[tuple[dict[str, str], int]] = [
        ({"Sec-Fetch-Site": "cross-site", "Referer": "http://evil.example/"}, HTTPStatus.FORBIDDEN),
        ({"Sec-Fetch-Site": "same-site"}, HTTPStatus.FORBIDDEN),
        ({"Sec-Fetch-Site": "cross-site", "Referer": ours}, HTTPStatus.FORBIDDEN),
        ({"Referer": "http://evil.example/"}, HTTPStatus.FORBIDDEN),
        ({"Referer": ours}, HTTPStatus.OK),
        ({"Sec-Fetch-Site": "none"}, HTTPStatus.OK),
        ({"Sec-Fetch-Site": "same-origin", "Referer": ours}, HTTPStatus.OK),
        ({"Sec-Fetch-Site": "cross-site", "Authorization": f"token {JUPYTER_TOKEN}"}, HTTPStatus.OK),
    ]
    for path in ("rooms", f"rooms/{place.code}/answers", "backup"):
        codes = [(await ask(place, "GET", f"livepoll/api/{path}", login | headers)).code for headers, _ in started]
        assert codes == [code for _, code in started]


@pytest.mark.usefixtures("our_token")
async def test_a_login_cookie_counts_only_with_its_xsrf_token(tmp_path: Path) -> None:
    """Another site's page can make a browser send the cookie, and nothing happens."""
    async with on_jupyter(tmp_path) as place:
        cookies: dict[str, str] = {}
        for path in (f"login?token={JUPYTER_TOKEN}", "login"):
            page = await ask(place, "GET", path, {})
            cookies |= dict(cookie.split(";")[0].split("=", 1) for cookie in page.headers.get_list("Set-Cookie"))
        login = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        ours = login | {"Origin": place.base.removesuffix(BASE_URL)}
        body = json.dumps({"title": "Forged"})
        assert (await ask(place, "GET", "livepoll/api/rooms", login)).code == HTTPStatus.OK
        await check_links(place, login)
        forged = await ask(place, "POST", "livepoll/api/rooms", login | {"Origin": "http://evil.example"}, body)
        assert forged.code in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
        without = await ask(place, "POST", "livepoll/api/rooms", ours, body)
        assert without.code == HTTPStatus.FORBIDDEN
        assert set(json.loads(without.body)) == {"code", "message"}
        meant = ours | {"X-XSRFToken": cookies["_xsrf"]}
        assert (await ask(place, "POST", "livepoll/api/rooms", meant, body)).code == HTTPStatus.CREATED


@pytest.mark.usefixtures("our_token")
async def test_the_audience_gets_none_of_jupyters_cookies(tmp_path: Path) -> None:
    """A student's page on the Jupyter server sets the room's cookie, under the server's base URL, and no other."""
    async with on_jupyter(tmp_path) as place:
        page = await ask(place, "GET", f"livepoll/{place.code}", {})
        (cookie,) = page.headers.get_list("Set-Cookie")
        assert cookie.startswith(f"livepoll_{place.code}=")
        assert {"HttpOnly", "SameSite=Lax", f"Path={BASE_URL}"} <= set(cookie.split("; "))
