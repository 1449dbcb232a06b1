"""The page shows something at once, and from then on nothing on it moves by itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import WebSocketRoute, expect
from states import OPTIONS, SOCKET, TEXT, Scene
from watching import FONT, SHIFTS

if TYPE_CHECKING:
    from phones import NewPhone, Phone
    from playwright.sync_api import Page
    from serving import Serve

SCRIPT = "**/assets/audience.js*"
FIRST = {"title": "Statistics 101", "link": "Connecting…", "heading": "Joining…"}
DRAWN = """
() => [...document.querySelectorAll('.lp-page *')]
  .map(each => [each, each.getBoundingClientRect()])
  .filter(([each, box]) => box.width > 1)
  .map(([each, { x, y, width, height }]) =>
    [each.tagName, each.className, each.children.length ? '' : each.textContent, x, y, width, height])
"""
"""Every element that is seen: what it is, what it says, and where it stands."""


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_first_screen_stands_before_the_script_has_come(width: int, server: Serve, new_phone: NewPhone) -> None:
    """The page alone, one request, shows the room's title; the script then draws the same at the same places."""
    instructor = server.instructor(FIRST["title"])
    without, with_script = (new_phone(viewport={"width": width, "height": 844}).page for _ in range(2))
    without.route(SCRIPT, lambda route: route.abort())
    without.goto(instructor.join_url)
    with_script.route_web_socket(SOCKET, lambda _: None)
    with_script.goto(instructor.join_url)
    expect(with_script.get_by_role("status")).to_be_attached()
    for text in FIRST.values():
        expect(without.get_by_text(text, exact=True)).to_be_visible()
    assert drawn(without) == drawn(with_script)


@pytest.mark.parametrize("kind", ["choice", "multiple_choice"])
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_moves_from_the_first_paint_on(width: int, kind: str, server: Serve, new_phone: NewPhone) -> None:
    """Getting in, a question, an answer, results, taking it back, lock, reveal, the end of it and the next question."""
    phone = new_phone(viewport={"width": width, "height": 844})
    phone.page.route(FONT, lambda route: route.abort())
    scene = Scene(phone, server.instructor("Statistics 101"))
    scene.go()
    expect(phone.link).to_contain_text("1 here")
    phone.page.evaluate(SHIFTS)
    question = scene.instructor.publish(
        TEXT, OPTIONS, kind=kind, correct=OPTIONS[:1] if kind != "choice" else OPTIONS[0]
    )
    answer(scene, kind)
    phone.take_back()
    expect(phone.standing).to_contain_text("taken back")
    answer(scene, kind)
    scene.instructor.lock(question)
    expect(phone.standing).to_contain_text("locked")
    scene.instructor.reveal(question)
    expect(phone.standing).to_contain_text("Not this time")
    scene.instructor.close(question)
    scene.instructor.publish("Another one?", ["yes", "no"])
    expect(phone.option("yes")).to_be_visible()
    assert shifts(phone.page) == []


def test_the_votes_of_ten_thousand_move_nothing(scene: Scene) -> None:
    """The place of an option's share is wide enough for them from the start."""

    def enlarge(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda frame: socket.send(of_ten_thousand(json.loads(frame))))

    scene.phone.page.route(FONT, lambda route: route.abort())
    scene.phone.page.route_web_socket(SOCKET, enlarge)
    scene.ask()
    scene.phone.page.evaluate(SHIFTS)
    places = text_places(scene.phone)
    scene.phone.tap("the mean")
    expect(scene.phone.card("the mean")).to_contain_text("10000 votes")
    assert text_places(scene.phone) == places
    assert shifts(scene.phone.page) == []


def answer(scene: Scene, kind: str) -> None:
    """Answer wrongly, and see it in the results."""
    scene.phone.tap("the median")
    if kind != "choice":
        scene.phone.button("Send answer").click()
    scene.phone.is_counted()
    expect(scene.phone.card("the median")).to_contain_text("100")


def of_ten_thousand(message: Any) -> str:
    """The same message, from a room in which each vote was cast ten thousand times."""
    if message["event"] == "results-update":
        data = message["data"]
        data["counts"] = {option: votes * 10_000 for option, votes in data["counts"].items()}
        data["participants"] *= 10_000
    return json.dumps(message)


def drawn(page: Page) -> list[Any]:
    """What is seen, and where."""
    found: list[Any] = page.evaluate(DRAWN)
    return found


def shifts(page: Page) -> list[float]:
    """What has moved until now, the frame that is being drawn included."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    found: list[float] = page.evaluate("shifts")
    return found


def text_places(phone: Phone) -> list[Any]:
    """Where the options' labels begin and end."""
    places: list[Any] = phone.page.evaluate(
        """[...document.querySelectorAll('.lp-option-text')]
             .map(e => e.getBoundingClientRect()).map(box => [box.x, box.y, box.width, box.height])"""
    )
    return places
