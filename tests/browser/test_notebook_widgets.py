"""The widgets in a real notebook: clicked, reloaded, restarted, read by a screen reader and saved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from jupyterlab import JupyterLab
from playwright.sync_api import Locator, Page, expect
from serving import TOKEN

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WCAG_2_2_AA = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
KERNEL_SECONDS = 90_000
"""Milliseconds for a kernel to start and a few cells to run."""

OPEN = "from livepoll_jupyter import LivePoll, join\npoll = LivePoll({title!r})"
ASK = "q = poll.publish('Which is larger?', ['the mean', 'the median'], correct='the mean')"
SEAT = "me = join(poll.join_url)"


class Notebook:
    """A notebook whose cells have been run."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.panel = page.locator(".lp-widget-panel")
        self.seat = page.locator(".lp-widget-seat")
        self.question = page.locator(".lp-widget-question")

    def run_all(self) -> None:
        """By the menu, which has its entries only once the notebook's kernel is there."""
        self.page.get_by_text("| Idle").wait_for(timeout=KERNEL_SECONDS)
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()

    def restart_and_run_all(self) -> None:
        """By the menu, and the dialogue that follows."""
        self.page.get_by_role("menuitem", name="Kernel", exact=True).click()
        self.page.get_by_role("menuitem", name="Restart Kernel and Run All Cells…").click()
        self.page.locator(".jp-Dialog").get_by_role("button", name="Confirm Kernel Restart").click()

    def button(self, name: str) -> Locator:
        """A button of the panel's question on show, or of its head."""
        return self.panel.get_by_role("button", name=name, exact=True)

    def stage(self, name: str) -> None:
        """Wait until the question on show stands so."""
        expect(self.panel.locator(".lp-question-card .lp-stage")).to_have_text(name, timeout=KERNEL_SECONDS)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterLab]:
    """A JupyterLab for the tests of this module."""
    with JupyterLab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A laptop's page."""
    with browser.new_context(viewport={"width": 1400, "height": 1800}, reduced_motion="reduce") as context:
        context.set_default_timeout(20_000)
        yield context.new_page()


def open_notebook(lab: JupyterLab, page: Page, title: str, *cells: str) -> Notebook:
    """A notebook that has opened a room of that title and run ``cells``."""
    lab.write_notebook(f"{title}.ipynb", OPEN.format(title=title), *cells)
    lab.open(page, f"lab/tree/{title}.ipynb")
    notebook = Notebook(page)
    notebook.run_all()
    return notebook


def votes(widget: Locator, label: str) -> Locator:
    """An option's row in the chart."""
    return widget.locator(".lp-chart-row", has_text=label)


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


def test_a_reloaded_page_shows_the_present_state_and_its_buttons_work(lab: JupyterLab, page: Page) -> None:
    """The kernel went on; what is saved holds neither a token nor the state of widgets."""
    notebook = open_notebook(lab, page, "Reload", ASK)
    notebook.stage("Open")
    page.keyboard.press("Control+s")
    expect(page.locator(".jp-mod-dirty")).to_have_count(0)
    saved = (lab.files / "Reload.ipynb").read_text()
    assert TOKEN not in saved
    assert "widgets" not in json.loads(saved)["metadata"]
    page.reload()
    notebook.stage("Open")
    notebook.button("Lock").click()
    notebook.stage("Locked")


def test_a_restarted_kernel_takes_its_room_back(lab: JupyterLab, page: Page) -> None:
    """The same code, with the question that was asked and its results."""
    again = "again = poll.questions[0] if poll.questions else poll.publish('Which?', ['x', 'y'])"
    vote = "me = join(poll.join_url, show=False); print(me.answer('x'))"
    notebook = open_notebook(lab, page, "Restart", again, vote)
    expect(votes(notebook.panel, "x")).to_contain_text("1 vote", timeout=KERNEL_SECONDS)
    code = notebook.panel.locator(".lp-code").inner_text()
    notebook.restart_and_run_all()
    expect(votes(notebook.panel, "x")).to_contain_text("2 votes", timeout=KERNEL_SECONDS)
    assert notebook.panel.locator(".lp-code").inner_text() == code


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
    """Open, locked and revealed, in both themes."""
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


def violations(page: Page) -> list[Any]:
    """What axe finds in the widgets, shortly; JupyterLab's own page is not ours to judge."""
    found = Axe().run(page, context={"include": [[".lp-widget"]]}, options=WCAG_2_2_AA)
    return [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found.response["violations"]]
