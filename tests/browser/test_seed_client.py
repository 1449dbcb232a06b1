"""The client code of the text that the project grew from, joined from its own snippets, works unmodified.

The text lies beside this in ``seed/websocket.md`` as it was found. Its snippets are taken from it, put one after the
other into the function that they name, and run in Chromium on a page of ``http://localhost:3000``, where the text has
its server. Chromium looks that address up where the test's server really is, so the code keeps its URL whatever port
is free.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from phones import LAUNCH, Phone
from serving import Serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import BrowserContext, BrowserType, Page, WebSocket

SEED = Path(__file__).resolve().parents[1] / "seed"
TEXT = (SEED / "websocket.md").read_text()
TRANSCRIPT = json.loads((SEED / "transcript.json").read_text())
PAGE = "http://localhost:3000/"
OPTIONS = ["yes", "no"]


def blocks(language: str, under: str) -> list[str]:
    """The code blocks of the text in one language, under one heading."""
    section = TEXT.partition(f"{under}\n")[2].partition("\n#")[0]
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)


def joined_client() -> str:
    """The snippets in the function that the second one calls, and the keep-alive as the text describes it."""
    (connect,) = blocks("javascript", "### Client Connection")
    (reconnect,) = blocks("javascript", "### Reconnection Logic")
    (ping,) = blocks("json", "#### `ping`")
    (seconds,) = re.findall(r"\*\*Interval\*\*: (\d+) seconds", TEXT)
    keep_alive = f"setInterval(() => ws.send({ping.strip()!r}), {seconds}000)"
    return f"function setupWebSocket() {{\n{connect}\n{reconnect}\n{keep_alive}\n}}\nsetupWebSocket()"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Serve]:
    """A server of this test's own, with the default room alone: the seed's address names none."""
    with Serve(tmp_path) as running:
        yield running


@pytest.fixture
def context(chromium: BrowserType, server: Serve) -> Iterator[BrowserContext]:
    """A browser for which the server stands at ``localhost:3000``."""
    rules = f"--host-resolver-rules=MAP localhost:3000 127.0.0.1:{server.port}"
    with chromium.launch(executable_path=LAUNCH["executable_path"], args=["--no-sandbox", rules]) as browser:
        yield browser.new_context()


class SeedClient:
    """The page that runs the seed's code, and everything that its sockets were sent."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.heard: list[dict[str, Any]] = []
        self.said: list[str] = []
        self.errors: list[str] = []
        self._sockets: list[WebSocket] = []
        page.on("websocket", self._listen)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.clock.install()
        page.goto(PAGE)

    def run(self) -> None:
        """Run the code."""
        with self.page.expect_websocket() as opened:
            self.page.evaluate(f"() => {{ {joined_client()} }}")
        assert opened.value.url == "ws://localhost:3000/_ws"

    def hears(self, number: int) -> None:
        """Wait until so many messages have come in all."""
        while len(self.heard) < number:
            self._sockets[-1].wait_for_event("framereceived")

    def transcript(self) -> list[dict[str, Any]]:
        """What was heard, as version 1 knows it: ``event`` and ``data``, and questions named in their order."""
        text = json.dumps([{"event": message["event"], "data": message["data"]} for message in self.heard])
        names = dict.fromkeys(re.findall(r'"(?:id|questionId)": "([^"]{8,})"', text))
        for number, name in enumerate(names, 1):
            text = text.replace(name, f"question {number}")
        transcript: list[dict[str, Any]] = json.loads(text)
        return transcript

    def _listen(self, socket: WebSocket) -> None:
        self._sockets.append(socket)
        socket.on("framereceived", lambda frame: self.heard.append(json.loads(frame)))
        socket.on("framesent", lambda frame: self.said.append(str(frame)))


def test_the_seed_client_hears_a_lecture(server: Serve, context: BrowserContext) -> None:
    """Question, results, lock, a restart of the server and the next question, as the golden transcript has them."""
    instructor = server.default_instructor()
    seed = SeedClient(context.new_page())
    seed.run()
    voter = Phone(context.new_page())
    voter.page.goto(instructor.join_url)
    voter.is_in()

    question = instructor.publish("Is it raining?", OPTIONS, correct="yes")
    seed.hears(1)
    voter.tap("yes")
    seed.hears(2)
    instructor.lock(question)
    seed.hears(4)
    instructor.lock(question, is_locked=False)
    seed.hears(5)
    seed.page.clock.run_for(30_000)
    assert seed.said == ['"ping"']

    server.kill()
    server.start()
    with seed.page.expect_websocket():
        seed.page.clock.run_for(3_000)
    seed.hears(8)
    instructor.reveal(question)
    seed.hears(10)
    instructor.publish("And now?", OPTIONS)
    seed.hears(11)

    assert seed.transcript() == TRANSCRIPT
    assert seed.errors == []


def test_the_text_is_the_one_that_the_project_grew_from() -> None:
    """Nobody edits it to make the test above pass."""
    assert sha256(TEXT.encode()).hexdigest() == "e7274c7f04740f29937a478b9c49c5c1dc332d69a4d00a833ef1d0e1ff41df7f"
