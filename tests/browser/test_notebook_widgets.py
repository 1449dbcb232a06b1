"""The widgets in a real notebook: clicked, enlarged, read by a screen reader."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from jupyterlab import JupyterLab
from lab_notebook import ASK, KERNEL_SECONDS, SEAT, open_notebook, votes
from playwright.sync_api import Locator, Page, expect

WCAG_2_2_AA = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


def test_a_click_in_the_seat_is_counted_in_the_panel_and_in_the_question(lab: JupyterLab, page: Page) -> None:
    """And the reveal is seen in the seat."""
    notebook = open_notebook(lab, page, "Seat", SEAT, ASK, "q")
    notebook.stage("Open")
    notebook.seat.locator("label", has_text="the median").click()
    expect(notebook.seat.locator(".lp-standing")).to_contain_text("counted")
    expect(votes(notebook.panel, "the median")).to_contain_text("1 vote")
    expect(votes(notebook.question, "the median")).to_contain_text("1 vote")
    notebook.button("Reveal").click()
    expect(notebook.seat.locator(".lp-is-right")).to_contain_text("the mean")
    expect(notebook.seat.get_by_label("the median")).to_be_disabled()
    expect(notebook.question.get_by_role("button", name="Lock")).to_have_attribute("aria-disabled", "true")


HIDDEN = "q = poll.publish('Which is larger?', ['the mean', 'the median'], show_results='locked')"
MORE = "(later,) = poll.draft([('Another?', ['yes', 'no'])])\nlater"


def test_hidden_results_are_nowhere_in_the_panel_and_a_running_question_goes_at_the_second_press(
    lab: JupyterLab, page: Page
) -> None:
    """Neither as text nor in an attribute; the panel and the question's own widget both ask before they replace."""
    notebook = open_notebook(lab, page, "Projector", HIDDEN, SEAT + "\nme", MORE)
    notebook.stage("Open")
    notebook.seat.get_by_text("the mean").click()
    card = notebook.panel.locator(".lp-question-card")
    expect(card).to_contain_text("1 answer · results are hidden here")
    told = card.locator(".lp-results").evaluate("part => part.outerHTML")
    assert not re.search(r"vote|%|--lp-share: ?(0?\.\d|1)", told), told
    for widget in (notebook.question, notebook.panel.locator(".lp-question-row", has_text="Another?")):
        publish = widget.get_by_role("button", name="Publish", exact=True)
        publish.focus()
        page.keyboard.press("Enter")
        expect(widget.get_by_role("status").filter(has_text="Publishing closes it on all phones")).to_be_visible()
        page.keyboard.press("Escape")
        expect(publish).to_be_focused()
        notebook.stage("Open")
    notebook.button("Show results").click()
    expect(votes(notebook.panel, "the mean")).to_contain_text("1 vote")
    notebook.button("Hide results").click()
    expect(votes(notebook.panel, "the mean")).not_to_contain_text("vote")
    notebook.button("Publish next").click()
    notebook.button("Replace it now").click()
    expect(card).to_contain_text("Another?")


def test_the_qr_code_fills_the_screen_by_keyboard(lab: JupyterLab, page: Page) -> None:
    """Enter opens it, Escape closes it, and the focus is where it was."""
    notebook = open_notebook(lab, page, "Screen")
    enlarge = notebook.panel.get_by_role("button", name="Show the QR code large")
    enlarge.focus(timeout=KERNEL_SECONDS)
    page.keyboard.press("Enter")
    large = notebook.panel.get_by_role("img", name="QR code of the join link")
    expect(large).to_be_visible()
    box = large.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) > 900
    page.keyboard.press("Escape")
    expect(large).to_be_hidden()
    expect(enlarge).to_be_focused()


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_wrong_with_any_widget(lab: JupyterLab, page: Page, theme: str) -> None:
    """Open, locked, revealed, and while the disk fails, in both themes."""
    lab.set("@jupyterlab/apputils-extension:themes", {"theme": theme})
    notebook = open_notebook(lab, page, f"Axe {theme[-5:]}", "poll.draft([('Next?', ['x', 'y'])]);", ASK, SEAT, "q")
    notebook.stage("Open")
    expect(notebook.seat.get_by_label("the mean")).to_be_visible()
    for act, stage in ((None, "Open"), ("Lock", "Locked"), ("Reveal", "Revealed")):
        if act:
            notebook.button(act).click()
        notebook.stage(stage)
        expect(notebook.question.locator(".lp-stage")).to_have_text(stage)
        assert violations(page) == []
    with lab.disk_away():
        notebook.button("Publish next").click()
        alert = notebook.panel.get_by_role("alert").filter(has_text="no vote is stored", visible=True)
        expect(alert).to_have_count(1)
        assert violations(page) == []
        assert top(alert) < top(notebook.panel.get_by_role("heading", name="Axe"))
    expect(alert).to_have_count(0)


def top(part: Locator) -> float:
    """How far from the page's top it stands, in pixels."""
    box = part.bounding_box()
    assert box is not None
    return box["y"]


def violations(page: Page) -> list[Any]:
    """What axe finds in the widgets, shortly; JupyterLab's own page is not ours to judge."""
    found = Axe().run(page, context={"include": [[".lp-widget"]]}, options=WCAG_2_2_AA)
    return [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found.response["violations"]]
