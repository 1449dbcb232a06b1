"""A vote given without a connection is not lost by a reload: it is sent as the same act, or said to be late."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from phones import BACK, Phone
from playwright.sync_api import Error, expect
from serving import Serve
from states import OPTIONS, Cable, Scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from phones import NewPhone
    from playwright.sync_api import WebSocket

NO_STORAGE = """
for (const name of ['localStorage', 'sessionStorage']) {
  Object.defineProperty(window, name, { get: () => { throw new DOMException('Denied.', 'SecurityError'); } });
}
"""
FULL_STORAGE = """
Storage.prototype.setItem = () => { throw new DOMException('Full.', 'QuotaExceededError'); };
"""


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Serve]:
    """A server of this test's own: others would not like what is done to it."""
    with Serve(tmp_path) as running:
        yield running


class Acts:
    """The acts of voting that a phone has sent, by their ``op``, over all its sockets."""

    def __init__(self, phone: Phone) -> None:
        self.ops: list[str] = []
        phone.page.on("websocket", self._watch)

    def _watch(self, socket: WebSocket) -> None:
        socket.on("framesent", self._note)

    def _note(self, frame: str | bytes) -> None:
        message: Any = json.loads(frame)
        if isinstance(message, dict) and message["event"] == "vote":
            self.ops.append(message["data"]["op"])


def kept(phone: Phone) -> list[Any]:
    """What the browser keeps for later."""
    entries: list[Any] = phone.page.evaluate("Object.values({...localStorage, ...sessionStorage})")
    return entries


def test_a_reload_without_a_connection_keeps_the_vote(scene: Scene) -> None:
    """The page comes, its socket does not: the vote waits, is sent once there is one, and nothing stays behind."""
    cable = Cable(scene.phone)
    question = scene.ask()
    cable.cut()
    scene.phone.tap("the mean")
    expect(scene.phone.standing).to_contain_text("kept")
    scene.phone.page.reload()
    expect(scene.phone.heading("The room cannot be reached")).to_be_visible()
    cable.mend()
    scene.phone.is_counted()
    expect(scene.phone.option("the mean")).to_be_checked()
    assert scene.instructor.results(question)["total"] == 1
    assert kept(scene.phone) == []


def test_a_reload_while_the_server_is_down_keeps_the_vote(own_server: Serve, new_phone: NewPhone) -> None:
    """The browser shows its own page of despair; the join link, opened again later, counts the vote."""
    scene = Scene(new_phone(), own_server.instructor("Statistics 101"))
    scene.ask()
    own_server.kill()
    expect(scene.phone.link).to_contain_text("Connection lost", timeout=BACK)
    scene.phone.tap("the median")
    expect(scene.phone.standing).to_contain_text("kept")
    with pytest.raises(Error, match="ERR_CONNECTION_REFUSED"):
        scene.phone.page.reload()
    own_server.start()
    scene.phone.page.goto(scene.instructor.join_url)
    scene.phone.is_counted()
    assert scene.answers() == ["b"]


def test_a_vote_whose_ack_was_lost_is_sent_again_as_the_same_act(scene: Scene) -> None:
    """It had counted already, and counts once."""
    acts = Acts(scene.phone)
    scene.ask()
    scene.phone.tap("the mean")
    scene.phone.is_counted()
    (op,) = acts.ops
    (row,) = scene.instructor.answers()
    scene.phone.page.evaluate(
        "([room, participant, vote]) =>"
        " localStorage.setItem('livepoll-unsent', JSON.stringify({room, participant, votes: [vote]}))",
        [
            scene.instructor.code,
            row["participant"],
            {"questionId": row["questionId"], "round": 1, "answer": "a", "op": op, "rev": 1},
        ],
    )
    scene.phone.page.reload()
    scene.phone.is_counted()
    scene.phone.page.wait_for_function("localStorage.length === 0")
    assert acts.ops == [op, op]
    assert scene.instructor.answers() == [row]


def test_it_is_said_that_the_question_was_locked_meanwhile(scene: Scene) -> None:
    """Not counted, not shown as chosen, not tried again."""
    cable = Cable(scene.phone)
    question = scene.ask()
    cable.cut()
    scene.phone.tap("the mean")
    scene.phone.page.reload()
    scene.instructor.lock(question)
    cable.mend()
    expect(scene.phone.standing).to_contain_text("it was not counted")
    expect(scene.phone.option("the mean")).not_to_be_checked()
    assert scene.answers() == []
    assert kept(scene.phone) == []


def test_it_is_said_also_where_another_question_is_asked_now(scene: Scene) -> None:
    """The student is told of the one before, and can answer this one."""
    cable = Cable(scene.phone)
    scene.ask()
    cable.cut()
    scene.phone.tap("the mean")
    scene.phone.page.reload()
    scene.instructor.publish("Another one?", ["yes", "no"])
    cable.mend()
    expect(scene.phone.page.get_by_text("too late and was not counted").first).to_be_visible()
    scene.phone.tap("yes")
    scene.phone.is_counted()
    assert scene.answers() == ["a"]


def test_a_wish_to_take_an_answer_back_is_kept_too(scene: Scene) -> None:
    """It is an act like any other."""
    cable = Cable(scene.phone)
    scene.answer("the mean")
    cable.cut()
    scene.phone.take_back()
    scene.phone.page.reload()
    cable.mend()
    expect(scene.phone.standing).to_contain_text("Answer taken back")
    assert scene.answers() == []


def test_somebody_else_sends_nothing_of_it(scene: Scene) -> None:
    """Whoever gets another place in the room, on the same browser, has not voted."""
    cable = Cable(scene.phone)
    scene.ask()
    cable.cut()
    scene.phone.tap("the mean")
    scene.phone.page.context.clear_cookies()
    scene.phone.page.reload()
    cable.mend()
    expect(scene.phone.standing).to_contain_text("Tap an answer")
    assert scene.answers() == []
    assert kept(scene.phone) == []


@pytest.mark.parametrize("storage", [NO_STORAGE, FULL_STORAGE], ids=["denied", "full"])
def test_a_browser_that_keeps_nothing_takes_part_too(scene: Scene, storage: str) -> None:
    """The vote then lives as long as the page."""
    scene.phone.page.add_init_script(storage)
    cable = Cable(scene.phone)
    scene.ask()
    cable.cut()
    scene.phone.tap(OPTIONS[1])
    expect(scene.phone.standing).to_contain_text("kept")
    cable.mend()
    scene.phone.is_counted()
    assert scene.answers() == ["b"]


def test_it_is_said_also_where_the_question_is_closed(scene: Scene) -> None:
    """To be closed is to be locked too, and the student learns what became of the answer."""
    cable = Cable(scene.phone)
    question = scene.ask()
    cable.cut()
    scene.phone.tap("the mean")
    scene.instructor.close(question)
    cable.mend()
    expect(scene.phone.standing).to_contain_text("closed before your answer arrived; it was not counted")
    assert scene.answers() == []


def test_it_is_said_also_where_the_right_answer_is_out(scene: Scene) -> None:
    """Whoever answered, too late, does not read that they did not answer."""
    cable = Cable(scene.phone)
    question = scene.ask()
    cable.cut()
    scene.phone.tap("the mean")
    scene.instructor.reveal(question)
    cable.mend()
    expect(scene.phone.standing).to_contain_text("it was not counted. The right answer is marked.")
    assert scene.answers() == []


def test_it_is_said_also_where_the_room_has_ended(scene: Scene) -> None:
    """The student learns of the answer what there is to know, in the place where the room was."""
    cable = Cable(scene.phone)
    scene.ask()
    cable.cut()
    scene.phone.tap("the mean")
    scene.instructor.end()
    cable.plug_in()
    scene.phone.button("Try now").click()
    expect(scene.phone.heading("This room has ended")).to_be_visible()
    expect(scene.phone.page.get_by_text("Your last answer was not confirmed").first).to_be_visible()
