"""Our own server, alone and in Jupyter: real rooms, participants with tokens, validation and durable votes.

It is asked as any program asks it, by its REST API.
"""

from __future__ import annotations

import http.client
import json
import secrets
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from ..panel import TITLE, Panel
from .base import Server, Site, free_port, python, request

TOKEN: Final = secrets.token_urlsafe(16)
HELLO: Final = json.dumps({"event": "hello", "data": {"v": 2}}, separators=(",", ":"))
TEXTS: Final = {False: "x" * 340, True: "x" * 7_900}
"""A question's text, which its event holds twice (as it is and as HTML): events of 1 KB, and of 16 KB."""


class Ours(Server):
    """A server of ours with one room and two questions, a small one and a large one."""

    has_rooms = True
    code: str

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._questions: dict[bool, str] = {}
        self._tokens: list[str] = []
        self._asked_large = False

    def environment(self) -> dict[str, str]:
        """The instructor's token, and a home of its own."""
        home = str(self.site.directory)
        return {"LIVEPOLL_TOKEN": TOKEN, "JUPYTER_DATA_DIR": home, "JUPYTER_CONFIG_DIR": home, "HOME": home}

    def prepare(self) -> None:
        """Open the room and write its questions."""
        self.code = self.ask("POST", "rooms", {"title": TITLE})["code"]
        for is_large, text in TEXTS.items():
            question = {"text": text, "options": ["A", "B", "C", "D"]}
            self._questions[is_large] = self.ask("POST", f"rooms/{self.code}/questions", question)["id"]

    @property
    def question(self) -> str:
        """The small question's id."""
        return self._questions[False]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request of the instructor's, and its answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            return self._exchange(connection, method, path, body)
        finally:
            connection.close()

    def seats(self, numbers: Iterable[int]) -> list[str]:
        """Phones that have joined: the cookie of a participant, and the hello of version 2."""
        wanted = list(numbers)
        self._join(max(wanted) + 1 - len(self._tokens))
        return [
            f"/_ws?room={self.code}\tCookie: livepoll_{self.code}={self._tokens[number]}\t{HELLO}" for number in wanted
        ]

    def publish(self, round_: int, *, is_large: bool = False) -> bytes:  # noqa: ARG002 - the server counts rounds
        """Ask the question once more."""
        self._asked_large = is_large
        return self._command("POST", "publish")

    def lock(self) -> bytes:
        """Stop the votes."""
        return self._command("PUT", "lock", '{"is_locked":true}')

    def panel(self) -> Panel:
        """The instructor's, for a server that is named."""
        return Panel(f"http://127.0.0.1:{self.port}/", TOKEN, self.site.directory)

    def close(self) -> bytes:
        """End the round: only then the same question can be asked again."""
        return self._command("POST", "close")

    @property
    def large_question(self) -> str:
        """The large question's id; a benchmark that does not ask it has one that was never published."""
        return self._questions[True]

    def ask_again(self) -> None:
        """Publish the small question and close it."""
        for verb in ("publish", "close"):
            self.ask("POST", f"rooms/{self.code}/questions/{self.question}/{verb}", {})

    def join(self, count: int) -> list[str]:
        """Tokens of so many new participants."""
        return [self.ask("POST", f"rooms/{self.code}/participants", {})["token"] for _ in range(count)]

    def _command(self, method: str, verb: str, body: str = "{}") -> bytes:
        target = f"/livepoll/api/rooms/{self.code}/questions/{self._questions[self._asked_large]}/{verb}"
        return request(method, target, {"Authorization": f"Bearer {TOKEN}"}, body)

    def _join(self, count: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        for _ in range(count):
            joined = self._exchange(connection, "POST", f"rooms/{self.code}/participants", {})
            self._tokens.append(joined["token"])
        connection.close()

    def _exchange(self, connection: http.client.HTTPConnection, method: str, path: str, body: Any) -> Any:
        text = None if body is None else json.dumps(body)
        connection.request(method, f"/livepoll/api/{path}", text, {"Authorization": f"Bearer {TOKEN}"})
        response = connection.getresponse()
        answer = response.read()
        if response.status >= http.client.BAD_REQUEST:
            raise self.failed()
        return json.loads(answer)


class Standalone(Ours):
    """``jupyter livepoll serve``."""

    name = "standalone"
    title = "livepoll standalone"

    def command(self) -> list[str]:
        """The command line."""
        program = Path(sys.executable).with_name("jupyter-livepoll")
        return [
            str(program), "serve", "--json", "--ip=127.0.0.1", "--port=0", f"--db={self.site.directory / 'rooms.db'}",
        ]  # fmt: skip

    def become_ready(self) -> None:
        """Read where it listens."""
        self.port = int(json.loads(self.first_line())["url"].rstrip("/").rpartition(":")[2])
        self.prepare()


class InJupyter(Ours):
    """The server extension in a real Jupyter server; the class has its own listener, as usual."""

    name = "jupyter"
    title = "livepoll in Jupyter"
    audience_ip = "127.0.0.1"
    module = "jupyter_server"
    extensions = "livepoll_jupyter=True"

    def command(self) -> list[str]:
        """The command line."""
        self.port, self._audience_port = free_port(), free_port()
        options = {
            "ServerApp.ip": "127.0.0.1",
            "ServerApp.port": self.port,
            "ServerApp.port_retries": 0,
            "ServerApp.open_browser": False,
            "ServerApp.allow_root": True,
            "ServerApp.root_dir": self.site.directory,
            "ServerApp.jpserver_extensions": self.extensions,
            "ServerApp.log_level": "WARN",
            "LivePollApp.db": self.site.directory / "rooms.db",
            "LivePollApp.audience_ip": self.audience_ip,
            "LivePollApp.audience_port": self._audience_port,
        }
        return [*python(self.module), *(f"--{name}={value}" for name, value in options.items())]

    def become_ready(self) -> None:
        """Wait until it listens."""
        self.wait_for_port()
        self.prepare()

    @property
    def door(self) -> int:
        """The audience's listener, which opens with the first room."""
        return self._audience_port


class OnJupytersPort(InJupyter):
    """The same without a listener of the audience's own: behind a JupyterHub, all come in by Jupyter's port."""

    name = "jupyter-port"
    title = "livepoll on Jupyter's own port"
    audience_ip = ""

    @property
    def door(self) -> int:
        """Jupyter's."""
        return self.port
