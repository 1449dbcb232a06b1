"""JupyterLab's sidebar, as a test speaks of it: what is pressed, what is seen, what a command says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect
from serving import Instructor

if TYPE_CHECKING:
    from jupyterlab import JupyterLab

WCAG_2_2_AA = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
TEXT, MEAN, MEDIAN = "Which is larger for a right-skewed sample?", "the mean", "the median"


class Sidebar:
    """The panel as a person uses it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.panel = page.locator("#livepoll-panel")
        self.card = self.panel.locator(".lp-question-card")

    def open(self) -> None:
        """Click the tab in JupyterLab's left bar."""
        self.page.locator('.jp-SideBar [data-id="livepoll-panel"]').click()
        expect(self.panel).to_be_visible()

    def shows(self, title: str) -> None:
        """Wait until the panel shows the room and is connected."""
        chosen = self.panel.get_by_label("Room", exact=True).locator("option:checked")
        expect(chosen).to_have_text(title)
        expect(self.panel.locator(".lp-link")).to_contain_text("Connected")

    def button(self, name: str) -> Locator:
        """A button of the panel."""
        return self.panel.get_by_role("button", name=name, exact=True)

    def stage(self, name: str) -> None:
        """Wait until the question on show stands so."""
        expect(self.card.locator(".lp-stage")).to_have_text(name)

    def command(self, label: str) -> None:
        """Run a command from the palette, by the keyboard alone."""
        self.page.keyboard.press("Control+Shift+C")
        self.page.locator(".lm-CommandPalette-input").fill(f"livepoll {label}")
        expect(self.page.locator(".lm-CommandPalette-item")).to_have_count(1)
        self.page.keyboard.press("Enter")

    def told(self, words: str) -> None:
        """Wait for a notification."""
        expect(self.page.locator(".Toastify__toast").filter(has_text=words)).to_be_visible()


def new_room(lab: JupyterLab, title: str) -> Instructor:
    """A room as a notebook opens it."""
    return Instructor(lab, lab.ask("POST", "rooms", {"title": title})["code"])


def holds_wcag(sidebar: Sidebar) -> None:
    """WCAG 2.2 AA holds in the panel."""
    found = Axe().run(sidebar.page, context="#livepoll-panel", options=WCAG_2_2_AA)
    assert found.violations_count == 0, found.generate_report()
