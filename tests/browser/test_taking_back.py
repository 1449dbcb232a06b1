"""A student takes an answer back, and learns what became of that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phones import Phone
from playwright.sync_api import expect
from states import OPTIONS, Cable
from watching import FONT, HEARD, SHIFTS

if TYPE_CHECKING:
    from states import Scene


def test_an_answer_can_be_taken_back_and_given_again(scene: Scene) -> None:
    """It does not count any more, results are out of sight again, and the next answer counts once."""
    question = scene.answer("the mean")
    scene.phone.take_back()
    expect(scene.phone.standing).to_have_text("Answer taken back. You can answer again.")
    expect(scene.phone.option("the mean")).not_to_be_checked()
    expect(scene.phone.card("the mean")).not_to_contain_text("%")
    assert scene.instructor.results(question)["participants"] == 0
    assert scene.answers() == []
    scene.phone.tap("the median")
    scene.phone.is_counted()
    assert scene.answers() == ["b"]


def test_several_answers_are_taken_back_together(scene: Scene) -> None:
    """Every tick is gone, and a new selection is sent by the button."""
    scene.ask_multiple()
    scene.phone.tap("an error")
    scene.phone.tap("'abab'")
    scene.phone.button("Send answer").click()
    scene.phone.is_counted()
    scene.phone.take_back()
    expect(scene.phone.standing).to_contain_text("taken back")
    for label in ("an error", "'abab'"):
        expect(scene.phone.option(label)).not_to_be_checked()
    assert scene.answers() == []
    scene.phone.tap("'abab'")
    scene.phone.button("Send answer").click()
    scene.phone.is_counted()
    assert scene.answers() == [["b"]]


def test_what_was_taken_back_stays_so_over_a_reload(scene: Scene) -> None:
    """The answer after it counts, too."""
    scene.answer("the mean")
    scene.phone.take_back()
    expect(scene.phone.standing).to_contain_text("taken back")
    scene.phone.page.reload()
    expect(scene.phone.standing).to_contain_text("taken back")
    expect(scene.phone.option("the mean")).not_to_be_checked()
    scene.phone.tap("the mean")
    scene.phone.is_counted()
    assert scene.answers() == ["a"]


def test_another_tab_learns_of_it_at_once(scene: Scene) -> None:
    """Two tabs of one student agree, without being looked at."""
    scene.answer(OPTIONS[0])
    second = Phone(scene.phone.page.context.new_page())
    second.page.goto(scene.instructor.join_url)
    expect(second.option(OPTIONS[0])).to_be_checked()
    second.take_back()
    expect(scene.phone.option(OPTIONS[0])).not_to_be_checked()
    second.tap(OPTIONS[1])
    expect(scene.phone.option(OPTIONS[1])).to_be_checked()
    scene.phone.is_counted()


def test_nothing_is_taken_back_after_the_lock(scene: Scene) -> None:
    """The button is gone with the lock, and there again with the unlock."""
    question = scene.answer("the mean")
    way_back = scene.phone.button("Take my answer back")
    scene.instructor.lock(question)
    expect(way_back).to_be_hidden()
    scene.instructor.lock(question, is_locked=False)
    expect(way_back).to_be_visible()


def test_a_wish_without_a_connection_is_carried_out_later(scene: Scene) -> None:
    """It is kept, said to be kept, and done on return."""
    cable = Cable(scene.phone)
    scene.answer("the mean")
    cable.cut()
    scene.phone.take_back()
    expect(scene.phone.standing).to_have_text("Your answer is taken back when the connection is back.")
    assert scene.answers() == ["a"]
    cable.mend()
    expect(scene.phone.standing).to_contain_text("Answer taken back")
    assert scene.answers() == []


def test_a_wish_that_came_too_late_is_said_to_be(scene: Scene) -> None:
    """Locked meanwhile: the answer stands, is shown, and counts."""
    cable = Cable(scene.phone)
    question = scene.answer("the mean")
    cable.cut()
    scene.phone.take_back()
    scene.instructor.lock(question)
    cable.mend()
    expect(scene.phone.standing).to_contain_text("too late to take your answer back. The answer that is marked counts.")
    expect(scene.phone.option("the mean")).to_be_checked()
    assert scene.answers() == ["a"]


def test_a_screen_reader_hears_it_and_the_keyboard_does_it(scene: Scene) -> None:
    """The button comes after the answers; what had the focus is gone then, so the main part gets it."""
    scene.answer("the mean")
    scene.phone.page.evaluate(HEARD)
    scene.phone.option("the mean").focus()
    scene.phone.page.keyboard.press("Tab")
    expect(scene.phone.button("Take my answer back")).to_be_focused()
    scene.phone.page.keyboard.press("Enter")
    expect(scene.phone.speech).to_have_text("Answer taken back. You can answer again.")
    assert scene.phone.page.evaluate("heard") == ["Answer taken back. You can answer again."]
    expect(scene.phone.page.get_by_role("main")).to_be_focused()


def test_nothing_moves_when_the_button_comes_or_goes(scene: Scene) -> None:
    """Its place is kept free. The font of formulas is left out: it moves them a little when it comes."""
    scene.phone.page.route(FONT, lambda route: route.abort())
    scene.ask()
    scene.phone.page.evaluate(SHIFTS)
    places, height = scene.places(), "document.documentElement.scrollHeight"
    before = scene.phone.page.evaluate(height)
    scene.phone.tap("the mean")
    expect(scene.phone.card("the mean")).to_contain_text("100")
    scene.phone.take_back()
    expect(scene.phone.standing).to_contain_text("taken back")
    assert scene.places() == places
    assert scene.phone.page.evaluate(height) == before
    assert scene.phone.page.evaluate("shifts") == []
