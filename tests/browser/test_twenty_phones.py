"""The server goes away in the middle of a question, by ``kill -9`` and by SIGTERM, and comes back on the same port.

Every phone heals by itself, none votes twice, none reloads, and every answer is counted exactly as its phone says.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from phones import BACK
from playwright.sync_api import expect
from serving import Serve
from states import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from phones import NewPhone, Phone
    from playwright.sync_api import Frame, WebSocket
    from serving import Instructor

IDS = dict(zip("abc", OPTIONS, strict=True))
CLOSES = """
window.closes = [];
window.WebSocket = class extends WebSocket {
  constructor(...args) {
    super(...args);
    this.addEventListener('close', ({code, reason}) => window.closes.push([code, reason]));
  }
};
"""


class Seated:
    """One phone in the lecture: who its student is, how often it was loaded, and which acts of voting it sent."""

    def __init__(self, phone: Phone, url: str) -> None:
        self.phone = phone
        self.participants: set[str] = set()
        self.ops: set[str] = set()
        self.loads = 0
        phone.page.add_init_script(CLOSES)
        phone.page.on("framenavigated", self._note_load)
        phone.page.on("websocket", self._watch)
        phone.page.goto(url)
        phone.is_in()

    @property
    def says(self) -> str | None:
        """The option that the phone shows as the student's own."""
        chosen: str | None = self.phone.page.evaluate("document.querySelector('input:checked')?.value ?? null")
        return chosen

    def answer(self, option: str) -> None:
        """Vote, and wait until it is counted."""
        self.phone.tap(IDS[option])
        self.phone.is_counted()

    def answer_blindly(self, option: str) -> None:
        """Vote, and wait for nothing."""
        self.phone.page.evaluate("id => document.querySelector(`input[value=${id}]`).click()", option)

    def _note_load(self, _frame: Frame) -> None:
        self.loads += 1

    def _watch(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._hear)
        socket.on("framesent", self._say)

    def _hear(self, frame: str | bytes) -> None:
        message: Any = json.loads(frame)
        if message["event"] == "welcome":
            self.participants.add(message["data"]["participant"])

    def _say(self, frame: str | bytes) -> None:
        message: Any = json.loads(frame)
        if isinstance(message, dict) and message["event"] == "vote":
            self.ops.add(message["data"]["op"])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Serve]:
    """A server of this test's own: others would not like what is done to it."""
    with Serve(tmp_path) as running:
        yield running


def seat(new_phone: NewPhone, instructor: Instructor, number: int) -> list[Seated]:
    """So many phones in the room."""
    return [Seated(new_phone(), instructor.join_url) for _ in range(number)]


def all_lost(phones: Iterable[Seated]) -> None:
    """Wait until every phone has noticed."""
    for seated in phones:
        expect(seated.phone.link).to_contain_text("Connection lost", timeout=BACK)


def all_is_as_they_say(phones: list[Seated], instructor: Instructor, question: str, expected: list[str | None]) -> None:
    """Everybody is back, and what counts is what was answered, is what each phone shows, and is there once."""
    for seated in phones:
        seated.phone.is_in()
    for seated, answer in zip(phones, expected, strict=True):
        if answer is not None:
            seated.phone.is_counted()
        assert seated.says == answer
    rows = instructor.answers()
    given = {next(iter(seated.participants)): seated.says for seated in phones if seated.says is not None}
    assert sorted((row["participant"], row["answer"]) for row in rows) == sorted(given.items())
    results, tally = instructor.results(question), Counter(given.values())
    assert results["counts"] == {option: tally[option] for option in IDS}
    assert results["participants"] == len(given)


def nobody_reloaded(phones: Iterable[Seated]) -> None:
    """One page load each, and one place in the room."""
    for seated in phones:
        assert seated.loads == 1
        assert len(seated.participants) == 1


def test_twenty_phones_heal_from_a_kill_in_the_middle_of_a_question(server: Serve, new_phone: NewPhone) -> None:
    """Some have answered, some answer as it dies, some while it is gone; one changes, one takes back, some look on."""
    instructor = server.instructor("Statistics 101")
    phones = seat(new_phone, instructor, 20)
    question = instructor.publish("Mean or median?", OPTIONS)
    early, dying, away, silent = phones[:8], phones[8:13], phones[13:18], phones[18:]
    for number, seated in enumerate(early):
        seated.answer("abc"[number % 3])

    for number, seated in enumerate(dying):
        seated.answer_blindly("cba"[number % 3])
    server.kill()
    all_lost(phones)
    for number, seated in enumerate(away):
        seated.phone.tap(IDS["bca"[number % 3]])
        expect(seated.phone.standing).to_contain_text("kept")
    early[0].phone.tap(IDS["c"])
    early[1].phone.take_back()
    server.start()

    expected: list[str | None] = ["c", None, *"cabcab", *"cbacb", *"bcabc", None, None]
    expect(early[1].phone.standing).to_contain_text("Answer taken back", timeout=BACK)
    all_is_as_they_say(phones, instructor, question, expected)
    for seated in silent:
        expect(seated.phone.standing).to_contain_text("Tap an answer")
        assert seated.ops == set()
    assert [len(seated.ops) for seated in phones[:18]] == [2, 2, *[1] * 16]

    instructor.lock(question)
    for seated, answer in zip(phones, expected, strict=True):
        expect(seated.phone.standing).to_contain_text("did not answer" if answer is None else "Your answer counts")
    nobody_reloaded(phones)


def test_phones_come_back_from_a_planned_restart_when_they_are_told_to(server: Serve, new_phone: NewPhone) -> None:
    """Each was told why and how long to wait; what was acknowledged counts, what was not is sent again."""
    instructor = server.instructor("Statistics 101")
    phones = seat(new_phone, instructor, 4)
    question = instructor.publish("Mean or median?", OPTIONS)
    phones[0].answer("a")
    phones[1].answer_blindly("b")
    phones[2].answer_blindly("c")
    server.stop()
    all_lost(phones)
    server.start()
    all_is_as_they_say(phones, instructor, question, ["a", "b", "c", None])
    for seated in phones:
        (code, reason), *_ = seated.phone.page.evaluate("closes")
        assert code == 1012
        assert json.loads(reason) == {"reason": "restart", "retryAfterMs": 3000}
    nobody_reloaded(phones)
