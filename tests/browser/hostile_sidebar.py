"""JupyterLab's own server in the hands of an attacker, as far as the sidebar asks it: its REST API and its socket."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import hostile_fields as fields
from payloads import PAYLOADS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page, Route, WebSocketRoute

CODE = "K7WQ2M"
AT_ONCE = 120
"""Questions of a room."""


def numbers_of_rooms() -> Iterator[range]:
    """Those of the payloads, room by room."""
    return (range(first, min(first + AT_ONCE, len(PAYLOADS))) for first in range(0, len(PAYLOADS), AT_ONCE))


class HostileApi:
    """Answers in JupyterLab's place; the room has a question for each of ``numbers``."""

    def __init__(self, numbers: range = range(AT_ONCE)) -> None:
        self.numbers = numbers
        self._sockets: list[WebSocketRoute] = []

    @property
    def title(self) -> str:
        """The title of the room that is shown."""
        return f"From {self.numbers.start}"

    def show(self, numbers: range) -> None:
        """Let the room be another, and say that it changed."""
        self.numbers = numbers
        for socket in self._sockets:
            self._tell(socket)

    def answer_for(self, page: Page) -> None:
        """Stand between the page and its server."""
        page.route(re.compile("/livepoll/api/"), self._answer)
        page.route_web_socket(re.compile("/_ws"), self._accept)

    def patch_bundle_of(self, page: Page, patch: Callable[[str], str]) -> None:
        """Change the sidebar's script on its way."""

        def fulfil(route: Route) -> None:
            answer = route.fetch()
            body = answer.text()
            route.fulfill(response=answer, body=patch(body) if "sanitizedFragment(" in body else body)

        page.route(re.compile(r"/extensions/livepoll-jupyter/.*\.js"), fulfil)

    @staticmethod
    def is_shown_by_lab(url: str) -> bool:
        """JupyterLab changes its address by itself."""
        return "/lab" in url

    def _answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path.partition("/livepoll/api/")[2]
        if route.request.method == "POST" and path.endswith("/observers"):
            route.fulfill(json={"token": "a-token"})
        elif path == "rooms":
            room = fields.room(range(self.numbers.start, self.numbers.start), CODE, self.title)
            others = [{**room, "code": fields.payload(number), "title": fields.payload(number)} for number in range(20)]
            route.fulfill(json=[*others, room])
        elif route.request.method == "GET":
            route.fulfill(json=fields.room(self.numbers, CODE, self.title))
        else:
            bad = fields.payload(len(path))
            route.fulfill(status=409, json={"code": bad, "message": bad})

    def _accept(self, socket: WebSocketRoute) -> None:
        self._sockets.append(socket)
        socket.on_message(lambda message: self._tell(socket) if "hello" in str(message) else None)

    def _tell(self, socket: WebSocketRoute) -> None:
        for event in fields.observer_events(self.numbers.start):
            socket.send(json.dumps(event))
