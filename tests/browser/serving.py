"""A real `jupyter livepoll serve` in a process of its own, and the instructor of its room over REST."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self
from urllib.request import Request, urlopen

TOKEN = "the-instructor-of-these-tests"
SECONDS = 20
"""What anything of the server may take at most."""


class Serve:
    """A server on a free port. ``kill`` is ``kill -9``, ``stop`` is SIGTERM.

    ``start`` after either takes the same port, file and token.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._process: subprocess.Popen[str] | None = None
        self.port = 0
        self.code = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def url(self) -> str:
        """The base URL, by an address that needs no name to be looked up."""
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Start, and wait for the line that says where it listens."""
        options = ["--json", "--ip=127.0.0.1", f"--port={self.port}", f"--db={self._directory / 'rooms.sqlite'}"]
        environment = {**os.environ, "LIVEPOLL_TOKEN": TOKEN, "JUPYTER_DATA_DIR": str(self._directory)}
        with (self._directory / "serve.log").open("a") as log:
            self._process = subprocess.Popen(
                [Path(sys.executable).with_name("jupyter-livepoll"), "serve", *options],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment,
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, (self._directory / "serve.log").read_text()
        opened = json.loads(line)
        self.port = int(opened["url"].rstrip("/").rpartition(":")[2])
        self.code = opened["code"]

    def kill(self) -> None:
        """Kill it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to stop, as a planned restart does, and wait until it has."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(SECONDS)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def instructor(self, title: str) -> Instructor:
        """The instructor of a new room."""
        room = ask(self, "POST", "rooms", {"title": title})
        return Instructor(self, room["code"])

    def default_instructor(self) -> Instructor:
        """The instructor of the room that a socket without ``?room=`` gets."""
        return Instructor(self, self.code)


class Addressed(Protocol):
    """Any server with our routes; ``url`` is its base, with a slash at the end."""

    @property
    def url(self) -> str:
        """The base URL."""


@dataclass(frozen=True)
class Instructor:
    """What an instructor does to one room."""

    server: Addressed
    code: str

    @property
    def join_url(self) -> str:
        """The link that students open."""
        return f"{self.server.url}{self.code}"

    def publish(self, text: str, options: list[str], **more: Any) -> str:
        """Ask a question; returns its id."""
        body = {"text": text, "options": options, "publish": True, **more}
        return str(self._ask("POST", "questions", body)["id"])

    def draft(self, text: str, options: list[str], **more: Any) -> str:
        """Prepare a question; returns its id."""
        return self.publish(text, options, publish=False, **more)

    def option(self, question: str, label: str) -> str:
        """The id of an option."""
        questions = ask(self.server, "GET", f"rooms/{self.code}")["questions"]
        options = next(each for each in questions if each["id"] == question)["options"]
        return str(next(option for option in options if option["label"] == label)["id"])

    def publish_again(self, question: str) -> None:
        """Start the next round of a closed question."""
        self._ask("POST", f"questions/{question}/publish")

    def lock(self, question: str, *, is_locked: bool = True) -> None:
        """Take no more votes, or take them again."""
        self._ask("PUT", f"questions/{question}/lock", {"is_locked": is_locked})

    def reveal(self, question: str) -> None:
        """Show the right answer."""
        self._ask("POST", f"questions/{question}/reveal")

    def close(self, question: str) -> None:
        """End the question."""
        self._ask("POST", f"questions/{question}/close")

    def end(self) -> None:
        """End the room."""
        ask(self.server, "DELETE", f"rooms/{self.code}")

    def results(self, question: str) -> dict[str, Any]:
        """The tally of the present round."""
        results: dict[str, Any] = self._ask("GET", f"questions/{question}/results")
        return results

    def answers(self) -> list[dict[str, Any]]:
        """Every answer that counts."""
        answers: list[dict[str, Any]] = self._ask("GET", "answers")
        return answers

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        return ask(self.server, method, f"rooms/{self.code}/{path}", body)


def ask(server: Addressed, method: str, path: str, body: object = None) -> Any:
    """One request to the instructor's REST API; raises :exc:`urllib.error.HTTPError` where it is refused."""
    request = Request(
        f"{server.url}livepoll/api/{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
    )
    with urlopen(request, timeout=SECONDS) as answer:
        text = answer.read()
    return json.loads(text) if text else None
