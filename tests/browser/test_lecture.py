"""A whole class in real places: JupyterLab in Chromium, a phone-sized page, and a kernel that is busy all along."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from jupyterlab import ROOT, BusyCell, JupyterLab
from playwright.sync_api import Locator, Page, expect

from livepoll_jupyter.client import Student
from livepoll_jupyter.client.background import background
from livepoll_jupyter.core.errors import QuestionLocked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from phones import Phone
    from playwright.sync_api import Browser

LECTURE = "01-first-lecture.ipynb"
PROMPT = "Where do most of the values of a right-skewed sample lie?"
BELOW, ABOVE = "below the mean", "above the mean"
KERNEL_SECONDS = 90_000
"""Milliseconds for a kernel to start and the lecture's cells to run."""


@pytest.fixture
def notebook(browser: Browser) -> Iterator[Page]:
    """A laptop's page for JupyterLab."""
    with browser.new_context(viewport={"width": 1400, "height": 1000}) as context:
        context.set_default_timeout(20_000)
        yield context.new_page()


def put_lecture(lab: JupyterLab, *cells: str) -> None:
    """The demo lecture as it ships, and ``cells`` after it."""
    shutil.copy(ROOT / "notebooks" / LECTURE, lab.files / LECTURE)
    lecture = nbformat.read(lab.files / LECTURE, as_version=4)
    lecture.cells.extend(nbformat.v4.new_code_cell(cell) for cell in cells)
    nbformat.write(lecture, lab.files / LECTURE)


def run_all_cells(page: Page) -> None:
    """By the menu, which has its entries only once the notebook's kernel is there."""
    page.get_by_text("| Idle").wait_for(timeout=KERNEL_SECONDS)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def share_of(chart: Locator, label: str) -> Locator:
    """The row of an option in the notebook's chart."""
    return chart.locator(".lp-chart-row", has_text=label)


def vote_late(join_url: str) -> None:
    """A student who comes to the locked question and answers it all the same."""

    async def act() -> None:
        student = Student(join_url)
        await student.join()
        try:
            await student.answer(BELOW)
        finally:
            await student.leave()

    background().run(act())


def test_a_class_from_the_first_cell_to_the_revealed_answer(
    lab: JupyterLab, notebook: Page, new_phone: Callable[..., Phone], tmp_path: Path
) -> None:
    """All of it from the panel in the notebook while a cell is running: publish, vote, lock, reveal."""
    busy = BusyCell(tmp_path / "gate")
    put_lecture(lab, f"poll.draft([({PROMPT!r}, [{BELOW!r}, {ABOVE!r}], {BELOW!r})]); poll", busy.source)
    lab.open(notebook, f"lab/tree/{LECTURE}")
    run_all_cells(notebook)
    said = notebook.locator(".jp-OutputArea-output", has_text="busy")
    expect(said).to_be_visible(timeout=KERNEL_SECONDS)

    panel = notebook.locator(".lp-widget-panel").last
    join_url = panel.locator(".lp-join-link").get_attribute("href")
    assert join_url
    phone = new_phone()
    phone.page.goto(join_url)
    phone.is_in()

    panel.get_by_role("button", name="Publish next").click()
    expect(phone.option(BELOW)).to_be_visible()
    expect(phone.page.get_by_text(PROMPT, exact=True)).to_be_visible()

    phone.tap(BELOW)
    expect(share_of(panel, BELOW)).to_contain_text("1 vote")
    phone.is_counted()

    panel.get_by_role("button", name="Lock", exact=True).click()
    expect(phone.option(BELOW)).to_be_disabled()
    with pytest.raises(QuestionLocked):
        vote_late(join_url)

    panel.get_by_role("button", name="Reveal", exact=True).click()
    expect(phone.page.locator(".lp-option", has_text=BELOW)).to_contain_text("Right answer")
    expect(share_of(panel, BELOW)).to_contain_text("Right answer")

    expect(said).not_to_contain_text("free")
    busy.let_go()
    expect(said).to_contain_text("free")
