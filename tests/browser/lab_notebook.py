"""A notebook in JupyterLab, as a test speaks of it: its cells are run, its widgets looked at and clicked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from jupyterlab import JupyterLab

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

    def save(self) -> None:
        """By the keyboard; returns once it is saved."""
        self.page.keyboard.press("Control+s")
        expect(self.page.locator(".jp-mod-dirty")).to_have_count(0)

    def restart(self) -> None:
        """By the menu, and the dialogue that follows; no cell is run."""
        self.page.get_by_role("menuitem", name="Kernel", exact=True).click()
        self.page.get_by_role("menuitem", name=re.compile("^Restart Kernel…")).first.click()
        self.page.locator(".jp-Dialog").get_by_role("button", name="Confirm Kernel Restart").click()

    def restart_and_run_all(self) -> None:
        """By the menu, and the dialogue that follows; returns once the old kernel's panel is gone."""
        self.panel.evaluate("panel => { panel.dataset.kernel = 'old'; }")
        self.page.get_by_role("menuitem", name="Kernel", exact=True).click()
        self.page.get_by_role("menuitem", name="Restart Kernel and Run All Cells…").click()
        self.page.locator(".jp-Dialog").get_by_role("button", name="Confirm Kernel Restart").click()
        expect(self.page.locator("[data-kernel=old]")).to_have_count(0, timeout=KERNEL_SECONDS)

    def button(self, name: str) -> Locator:
        """A button of the panel's question on show, or of its head."""
        return self.panel.get_by_role("button", name=name, exact=True)

    def stage(self, name: str) -> None:
        """Wait until the question on show stands so."""
        expect(self.panel.locator(".lp-question-card .lp-stage")).to_have_text(name, timeout=KERNEL_SECONDS)


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
