"""JupyterLab's sidebar and commands in a real JupyterLab: a room is run from them whatever the kernel does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jupyterlab import BusyCell, JupyterLab
from lab_notebook import KERNEL_SECONDS, OPEN, Notebook
from playwright.sync_api import expect
from serving import Instructor
from sidebar import MEAN, MEDIAN, TEXT, Sidebar, holds_wcag, new_room

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from phones import Phone


def vote_again(phone: Phone, question: str, option: str) -> dict[str, Any]:
    """Vote as this phone's student without the page, which would not let them; returns the acknowledgement."""
    acknowledgement: dict[str, Any] = phone.page.evaluate(
        """async ({questionId, answer}) => new Promise(resolve => {
            const socket = new WebSocket(`ws://${location.host}/_ws?room=${document.body.dataset.code}`);
            const send = message => socket.send(JSON.stringify(message));
            socket.onopen = () => {
                send({event: 'hello', data: {v: 2}});
                send({event: 'vote', data: {questionId, round: 1, answer, op: 'late', rev: 1000}});
            };
            socket.onmessage = ({data}) => {
                const message = JSON.parse(data);
                if (message.event === 'vote-ack') resolve(message.data);
            };
        })""",
        {"questionId": question, "answer": option},
    )
    return acknowledgement


def test_lock_from_the_sidebar_refuses_a_later_vote_while_the_kernel_is_busy(
    lab: JupyterLab, new_sidebar: Callable[..., Sidebar], phone: Phone, tmp_path: Path
) -> None:
    """Publish, lock and reveal go past the kernel: a cell runs from before the first to after the last."""
    busy = BusyCell(tmp_path / "gate")
    lab.write_notebook("busy.ipynb", busy.source)
    sidebar = new_sidebar("lab/tree/busy.ipynb")
    sidebar.page.get_by_text("| Idle").wait_for(timeout=60_000)
    sidebar.page.locator(".jp-Notebook .jp-CodeCell .cm-content").click()
    sidebar.page.keyboard.press("Control+Enter")
    output = sidebar.page.locator(".jp-OutputArea-output")
    expect(output).to_have_text("busy", timeout=60_000)

    instructor = new_room(lab, "Busy")
    question = instructor.draft(TEXT, [MEAN, MEDIAN], correct=MEAN)
    sidebar.open()
    sidebar.shows("Busy")
    phone.page.goto(str(sidebar.panel.locator(".lp-join-link").get_attribute("href")))
    phone.is_in()

    sidebar.button("Publish next").click()
    sidebar.stage("Open")
    phone.tap(MEAN)
    phone.is_counted()
    expect(sidebar.card.locator(".lp-chart-row", has_text=MEAN)).to_contain_text("1 vote")

    sidebar.button("Lock").click()
    sidebar.stage("Locked")
    median = instructor.option(question, MEDIAN)
    assert vote_again(phone, question, median)["reason"] == "question-locked"
    assert instructor.results(question)["counts"][median] == 0

    sidebar.button("Reveal").click()
    sidebar.stage("Revealed")
    expect(phone.card(MEAN)).to_contain_text("Right answer")
    row = sidebar.card.locator(".lp-chart-row", has_text=MEAN)
    expect(row).to_contain_text("Right answer")
    mark, label = (row.locator(part).bounding_box() for part in (".lp-verdict", ".lp-prose"))
    assert mark is not None
    assert label is not None
    assert mark["y"] + mark["height"] <= label["y"] + 1, "the mark covers the label"

    expect(output).to_have_text("busy")
    busy.let_go()
    expect(output).to_contain_text("free")


def test_without_a_room_it_says_how_to_open_one_and_finds_it_by_itself(lab: JupyterLab, sidebar: Sidebar) -> None:
    """What a newcomer sees first, and that a room from a notebook needs no reload."""
    expect(sidebar.panel).to_contain_text('LivePoll("Statistics 101")')
    new_room(lab, "Statistics 101")
    sidebar.shows("Statistics 101")
    expect(sidebar.panel.get_by_text("No room is open")).to_be_hidden()


def test_a_lecture_by_the_palette_alone(lab: JupyterLab, new_sidebar: Callable[..., Sidebar]) -> None:
    """Every command works by the keyboard with the panel closed, and says what stands in its way."""
    page = new_sidebar()
    page.command("publish next")
    page.told("No room is open.")
    page.command("new room")
    page.page.keyboard.type("By keyboard")
    page.page.keyboard.press("Enter")
    page.shows("By keyboard")
    (room,) = lab.ask("GET", "rooms")
    instructor = Instructor(lab, room["code"])
    page.command("lock or unlock")
    page.told("No question is being asked.")
    question = instructor.draft(TEXT, [MEAN, MEDIAN], correct=MEAN)
    page.command("publish next")
    page.stage("Open")
    page.command("lock or unlock")
    page.stage("Locked")
    page.command("lock or unlock")
    page.stage("Open")
    page.command("reveal")
    page.stage("Revealed")
    page.command("close the question")
    page.stage("Closed")
    page.command("copy the join link")
    page.told("The join link of “By keyboard” is in the clipboard.")
    assert page.page.evaluate("navigator.clipboard.readText()") == room["join_url"]
    assert instructor.results(question)["final"] is True


def test_two_rooms_can_be_chosen_between(lab: JupyterLab, sidebar: Sidebar) -> None:
    """The room opened last is shown first; a choice stays; a room that ends makes place for the other.

    A draft of the room that was chosen can be deleted at a second press.
    """
    old, _ = new_room(lab, "Last week"), new_room(lab, "Today")
    old.draft(TEXT, [MEAN, MEDIAN])
    sidebar.shows("Today")
    sidebar.panel.get_by_label("Room", exact=True).select_option("Last week")
    sidebar.shows("Last week")
    sidebar.button("Delete").click()
    sidebar.button("Delete it now").click()
    expect(sidebar.panel.get_by_role("listitem")).to_have_count(0)
    assert lab.ask("GET", f"rooms/{old.code}")["questions"] == []
    old.end()
    sidebar.shows("Today")


def write_three_notebooks(lab: JupyterLab) -> str:
    """Two that open a room with two drafts each, and one without a room; the first one's name."""
    draft = "poll.draft([{'text': text, 'options': ['yes', 'no']} for text in ('First?', 'Second?')])"
    lab.write_notebook("statistics.ipynb", OPEN.format(title="Statistics"), draft)
    lab.write_notebook("physics.ipynb", OPEN.format(title="Physics"), draft)
    lab.write_notebook("empty.ipynb", "1 + 1")
    return "statistics.ipynb"


def test_the_room_of_the_notebook_in_front_is_shown_and_commanded(
    lab: JupyterLab, new_sidebar: Callable[..., Sidebar], phone: Phone
) -> None:
    """With two rooms and three notebooks. Where the room is not certain, or answers are there, a command asks first."""
    sidebar = new_sidebar("lab/tree/" + write_three_notebooks(lab))
    page = sidebar.page
    Notebook(page).run_all()
    expect(page.locator(".lp-widget-panel:visible")).to_contain_text("Second?", timeout=KERNEL_SECONDS)
    page.locator(".jp-DirListing-item", has_text="physics.ipynb").dblclick()
    expect(page.locator(".jp-mod-current[role=tab]", has_text="physics.ipynb")).to_be_visible()
    Notebook(page).run_all()
    expect(page.locator(".lp-widget-panel:visible")).to_contain_text("Second?", timeout=KERNEL_SECONDS)
    page.locator(".jp-DirListing-item", has_text="empty.ipynb").dblclick()
    page.get_by_text("| Idle").wait_for(timeout=KERNEL_SECONDS)
    rooms = {room["title"]: Instructor(lab, room["code"]) for room in lab.ask("GET", "rooms")}

    def front(name: str) -> None:
        page.locator("#jp-main-dock-panel").get_by_role("tab", name=name).click()

    def asked(title: str) -> list[str]:
        questions = lab.ask("GET", f"rooms/{rooms[title].code}")["questions"]
        return [question["text"] for question in questions if question["is_active"]]

    sidebar.open()
    front("statistics.ipynb")
    sidebar.shows("Statistics")
    front("physics.ipynb")
    sidebar.shows("Physics")
    front("statistics.ipynb")
    sidebar.shows("Statistics")
    expect(sidebar.panel.locator(".lp-lab-notice")).to_be_empty()
    sidebar.command("publish next")
    sidebar.told("Published in “Statistics”.")
    assert (asked("Statistics"), asked("Physics")) == (["First?"], [])

    front("empty.ipynb")
    expect(sidebar.panel.locator(".lp-lab-notice")).to_have_text(
        "empty.ipynb has no room. This is the room “Statistics”."
    )
    holds_wcag(sidebar)
    sidebar.command("lock or unlock")
    dialog = page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("In which room?")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert asked("Statistics") == ["First?"]

    front("statistics.ipynb")
    phone.page.goto(str(sidebar.panel.locator(".lp-join-link").get_attribute("href")))
    phone.tap("yes")
    phone.is_counted()
    sidebar.command("publish next")
    expect(dialog).to_contain_text("Its answers are kept.")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    assert asked("Statistics") == ["First?"]
    sidebar.command("publish next")
    dialog.get_by_role("button", name="Replace it now").click()
    expect(sidebar.card).to_contain_text("Second?")
    assert asked("Physics") == []


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_everybody_can_use_the_panel(lab: JupyterLab, new_sidebar: Callable[..., Sidebar], theme: str) -> None:
    """WCAG 2.2 AA holds in the panel, in both of JupyterLab's themes."""
    lab.set("@jupyterlab/apputils-extension:themes", {"theme": theme})
    sidebar = new_sidebar()
    sidebar.open()
    holds_wcag(sidebar)
    instructor = new_room(lab, theme)
    question = instructor.publish(TEXT, [MEAN, MEDIAN], correct=MEAN)
    instructor.draft("And now?", ["yes", "no"])
    sidebar.shows(theme)
    sidebar.stage("Open")
    holds_wcag(sidebar)
    instructor.lock(question)
    sidebar.stage("Locked")
    holds_wcag(sidebar)
    instructor.reveal(question)
    sidebar.stage("Revealed")
    holds_wcag(sidebar)
