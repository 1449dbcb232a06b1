"""``kill -9`` of the server in the middle of a question: every phone shows the right state again, without a reload."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from phones import BACK
from playwright.sync_api import expect
from serving import Serve
from states import OPTIONS, Scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from phones import NewPhone


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Serve]:
    """A server of this test's own: others would not like what is done to it."""
    with Serve(tmp_path) as running:
        yield running


def test_phones_find_the_right_state_again(server: Serve, new_phone: NewPhone) -> None:
    """One had answered, one answers while the server is gone, one only looks on; the lock comes after the restart."""
    instructor = server.instructor("Statistics 101")
    answered, late, silent = (Scene(new_phone(), instructor) for _ in range(3))
    for scene in (answered, late, silent):
        scene.go()
        scene.phone.page.evaluate("window.isSamePage = true")
    question = instructor.publish("Mean or median?", OPTIONS, correct="the mean")
    answered.phone.tap("the mean")
    answered.phone.is_counted()

    server.kill()
    for scene in (answered, late, silent):
        expect(scene.phone.link).to_contain_text("Connection lost", timeout=BACK)
    late.phone.tap("the median")
    expect(late.phone.standing).to_contain_text("kept")
    server.start()

    for scene in (answered, late, silent):
        scene.phone.is_in()
    late.phone.is_counted()
    expect(answered.phone.option("the mean")).to_be_checked()
    expect(silent.phone.standing).to_contain_text("Tap an answer")
    instructor.lock(question)
    for scene, says in ((answered, "Your answer counts"), (late, "Your answer counts"), (silent, "did not answer")):
        expect(scene.phone.standing).to_contain_text(says)
        expect(scene.phone.card("the median")).to_contain_text("50")
        assert scene.phone.page.evaluate("isSamePage")
    assert instructor.results(question)["counts"] == {"a": 1, "b": 1, "c": 0}


def test_a_phone_that_waits_goes_on_waiting(server: Serve, new_phone: NewPhone) -> None:
    """And gets the next question over the connection that came back."""
    scene = Scene(new_phone(), server.instructor("Statistics 101"))
    scene.go()
    server.kill()
    expect(scene.phone.link).to_contain_text("Connection lost", timeout=BACK)
    expect(scene.phone.heading("You are in")).to_be_visible()
    server.start()
    scene.phone.is_in()
    scene.instructor.publish("Mean or median?", OPTIONS)
    expect(scene.phone.option("the mean")).to_be_enabled()


def test_a_phone_learns_that_its_room_ended_meanwhile(server: Serve, new_phone: NewPhone) -> None:
    """It does not try for ever."""
    scene = Scene(new_phone(), server.instructor("Statistics 101"))
    scene.go()
    server.kill()
    expect(scene.phone.link).to_contain_text("Connection lost", timeout=BACK)
    server.start()
    scene.instructor.end()
    expect(scene.phone.heading("This room has ended")).to_be_visible(timeout=BACK)


def test_a_phone_learns_that_its_room_is_gone(server: Serve, new_phone: NewPhone, tmp_path: Path) -> None:
    """The server came back with another file: the page says what to do instead of trying for ever."""
    scene = Scene(new_phone(), server.instructor("Statistics 101"))
    scene.go()
    server.kill()
    for file in tmp_path.glob("rooms.sqlite*"):
        file.unlink()
    server.start()
    expect(scene.phone.heading("This room is not here any more")).to_be_visible(timeout=BACK)
    scene.phone.button("Enter another code").click()
    expect(scene.phone.heading("Join a room")).to_be_visible()
