"""The sidebar when something goes wrong: the disk, the server, the end of the room. It heals by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from jupyterlab import JupyterLab
from phones import BACK
from playwright.sync_api import expect
from sidebar import MEAN, MEDIAN, TEXT, Sidebar, holds_wcag, new_room

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from phones import Phone


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[JupyterLab]:
    """A JupyterLab of this test's own: others would not like what is done to it."""
    with JupyterLab(tmp_path) as running:
        yield running


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_it_says_that_votes_cannot_be_stored_until_they_can(
    lab: JupyterLab, new_sidebar: Callable[..., Sidebar], phone: Phone, tmp_path: Path, theme: str
) -> None:
    """At the top, read out, for everybody to see, with what to do; a page opened meanwhile is told too."""
    lab.set("@jupyterlab/apputils-extension:themes", {"theme": theme})
    sidebar = new_sidebar()
    sidebar.open()
    instructor = new_room(lab, "Full")
    question = instructor.publish(TEXT, [MEAN, MEDIAN])
    sidebar.shows("Full")
    alert = sidebar.panel.locator(".lp-room").get_by_role("alert")
    expect(alert).to_be_hidden()
    phone.page.goto(str(sidebar.panel.locator(".lp-join-link").get_attribute("href")))
    phone.is_in()

    database = tmp_path / "data" / "livepoll" / "livepoll.db"
    moved = database.rename(database.with_suffix(".moved"))
    phone.tap(MEAN)
    expect(alert).to_contain_text("put it back")
    expect(phone.standing).to_contain_text("Sending")
    assert sidebar.panel.locator(".lp-room > *:visible").first.get_attribute("role") == "alert"
    holds_wcag(sidebar)
    assert sidebar.panel.evaluate("panel => panel.scrollWidth <= panel.clientWidth"), "a long path is broken"
    late = new_sidebar()
    late.open()
    expect(late.panel.locator(".lp-room").get_by_role("alert")).to_contain_text("put it back")

    moved.rename(database)
    for page in (sidebar, late):
        expect(page.panel.locator(".lp-room").get_by_role("alert")).to_be_hidden(timeout=BACK)
    phone.is_counted()
    assert instructor.results(question)["total"] == 1


def test_it_resumes_after_a_killed_server(lab: JupyterLab, sidebar: Sidebar, phone: Phone) -> None:
    """The same room, question and votes are there again without a reload, and its buttons work."""
    instructor = new_room(lab, "Statistics 101")
    instructor.publish(TEXT, [MEAN, MEDIAN])
    sidebar.shows("Statistics 101")
    phone.page.goto(str(sidebar.panel.locator(".lp-join-link").get_attribute("href")))
    phone.tap(MEAN)
    phone.is_counted()
    row = sidebar.card.locator(".lp-chart-row", has_text=MEAN)
    expect(row).to_contain_text("1 vote")
    expect(sidebar.panel.locator(".lp-presence")).to_contain_text("1 joined")
    sidebar.page.evaluate("window.isSamePage = true")

    lab.kill()
    expect(sidebar.panel.locator(".lp-link")).to_contain_text("Connection lost", timeout=BACK)
    lab.start()
    expect(sidebar.panel.locator(".lp-link")).to_contain_text("Connected", timeout=BACK)
    sidebar.stage("Open")
    expect(row).to_contain_text("1 vote")
    # JupyterLab's own dialogue about the lost server may still lie over it.
    sidebar.button("Lock").dispatch_event("click")
    sidebar.stage("Locked")
    assert sidebar.page.evaluate("isSamePage")


def test_a_room_that_ended_offers_nothing_more(lab: JupyterLab, sidebar: Sidebar) -> None:
    """No code, no link, no button that would do something: it makes place for how to open a room."""
    instructor = new_room(lab, "Statistics 101")
    instructor.publish(TEXT, [MEAN, MEDIAN])
    sidebar.shows("Statistics 101")
    instructor.end()
    expect(sidebar.panel.get_by_role("heading", name="No room is open")).to_be_visible()
    for name in ("Copy link", "Lock", "Reveal", "Close", "Publish next"):
        expect(sidebar.button(name)).to_be_hidden()
