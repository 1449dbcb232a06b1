"""A lecture that goes on: the notebook is reloaded, its kernel restarted, its server killed, while a class votes."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

from jupyterlab import JupyterLab
from lab_notebook import ASK, KERNEL_SECONDS, Notebook, open_notebook, votes
from phones import BACK
from playwright.sync_api import Page, expect
from serving import TOKEN, Instructor, Serve

if TYPE_CHECKING:
    from pathlib import Path

    from phones import Phone

MEAN, MEDIAN = "the mean", "the median"


def join(notebook: Notebook, phone: Phone) -> str:
    """Join by the panel's link; the room's code."""
    link = notebook.panel.locator(".lp-join-link").get_attribute("href", timeout=KERNEL_SECONDS)
    assert link
    phone.page.goto(link)
    phone.is_in()
    phone.page.evaluate("window.isSamePage = true")
    return link.rpartition("/")[2]


def titles(lab: JupyterLab) -> list[str]:
    """Those of all open rooms."""
    return [room["title"] for room in lab.ask("GET", "rooms")]


def test_a_restarted_kernel_goes_on_where_the_class_is(lab: JupyterLab, page: Page, phone: Phone) -> None:
    """All cells are run again: the same room and question. The vote from before counts, and the next one too.

    A view of a kernel that is gone says so and offers no button.
    """
    notebook = open_notebook(lab, page, "Restart", ASK)
    code = join(notebook, phone)
    phone.tap(MEAN)
    phone.is_counted()
    expect(votes(notebook.panel, MEAN)).to_contain_text("1 vote")

    notebook.restart_and_run_all()
    expect(votes(notebook.panel, MEAN)).to_contain_text("1 vote", timeout=KERNEL_SECONDS)
    notebook.stage("Open")
    expect(notebook.panel.locator(".lp-code")).to_have_text(code)
    phone.is_counted()
    assert phone.page.evaluate("isSamePage")

    phone.tap(MEDIAN)
    phone.is_counted()
    notebook.button("Lock").click()
    notebook.stage("Locked")
    expect(votes(notebook.panel, MEDIAN)).to_contain_text("1 vote")
    expect(votes(notebook.panel, MEAN)).to_contain_text("0 votes")
    expect(phone.option(MEAN)).to_be_disabled()
    assert titles(lab).count("Restart") == 1
    (question,) = lab.ask("GET", f"rooms/{code}")["questions"]
    assert question["round"] == 1

    notebook.restart()
    expect(notebook.panel.locator(".lp-problem")).to_contain_text("Run its cell again", timeout=KERNEL_SECONDS)
    expect(notebook.panel.locator(".lp-room")).to_have_attribute("inert", "")
    # Jupyter does not end while a kernel begins.
    idle = page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
    expect(idle).to_be_attached(timeout=KERNEL_SECONDS)


def test_a_reloaded_page_shows_what_happened_meanwhile_and_its_buttons_work(
    lab: JupyterLab, page: Page, phone: Phone
) -> None:
    """The kernel went on; what is saved holds neither a token nor the state of widgets."""
    notebook = open_notebook(lab, page, "Reload", ASK)
    code = join(notebook, phone)
    notebook.stage("Open")
    notebook.save()
    saved = (lab.files / "Reload.ipynb").read_text()
    assert TOKEN not in saved
    assert "widgets" not in json.loads(saved)["metadata"]

    address = page.url
    page.goto("about:blank")
    phone.tap(MEDIAN)
    phone.is_counted()
    instructor = Instructor(lab, code)
    (question,) = lab.ask("GET", f"rooms/{code}")["questions"]
    instructor.lock(question["id"])
    page.goto(address)
    notebook.stage("Locked")
    expect(votes(notebook.panel, MEDIAN)).to_contain_text("1 vote")

    notebook.button("Unlock").click()
    notebook.stage("Open")
    phone.tap(MEAN)
    phone.is_counted()
    expect(votes(notebook.panel, MEAN)).to_contain_text("1 vote")


def test_a_killed_server_takes_its_rooms_up_again_and_a_new_kernel_its_room(
    page: Page, phone: Phone, tmp_path: Path
) -> None:
    """The kernel went with the server. The phone heals by itself, and its vote still counts."""
    with JupyterLab(tmp_path, audience_port=free_port()) as lab:
        notebook = open_notebook(lab, page, "Killed", ASK)
        code = join(notebook, phone)
        phone.tap(MEAN)
        phone.is_counted()
        page.goto("about:blank")
        lab.kill()
        expect(phone.link).to_contain_text("Connection lost", timeout=BACK)
        phone.tap(MEDIAN)
        expect(phone.standing).to_contain_text("kept")
        lab.start()
        phone.is_in()
        phone.is_counted()

        again = open_notebook(lab, page, "Killed", ASK)
        expect(votes(again.panel, MEDIAN)).to_contain_text("1 vote", timeout=KERNEL_SECONDS)
        expect(votes(again.panel, MEAN)).to_contain_text("0 votes")
        expect(again.panel.locator(".lp-code")).to_have_text(code)
        again.button("Lock").click()
        expect(phone.option(MEAN)).to_be_disabled()
        assert phone.page.evaluate("isSamePage")
        assert titles(lab) == ["Killed"]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_seat_keeps_what_was_clicked_while_the_server_was_away(lab: JupyterLab, page: Page, tmp_path: Path) -> None:
    """Over a reload of the notebook as well: the kernel keeps it, and the server counts it once."""
    with Serve(tmp_path) as server:
        instructor = server.instructor("Elsewhere")
        question = instructor.publish("Mean or median?", [MEAN, MEDIAN])
        lab.write_notebook("Seat.ipynb", f"from livepoll_jupyter import join\nme = join({instructor.join_url!r})")
        lab.open(page, "lab/tree/Seat.ipynb")
        notebook = Notebook(page)
        notebook.run_all()
        standing = notebook.seat.locator(".lp-standing")
        expect(standing).to_contain_text("Tap an answer", timeout=KERNEL_SECONDS)

        notebook.save()
        server.kill()
        expect(notebook.seat.locator(".lp-link")).to_contain_text("Connection lost")
        notebook.seat.locator("label", has_text=MEDIAN).click()
        expect(standing).to_contain_text("kept")
        page.reload()
        expect(standing).to_contain_text("kept", timeout=KERNEL_SECONDS)
        server.start()
        expect(standing).to_contain_text("counted", timeout=BACK)
        notebook.seat.get_by_role("button", name="Take my answer back").click()
        expect(standing).to_contain_text("taken back")
        notebook.seat.locator("label", has_text=MEAN).click()
        expect(standing).to_contain_text("counted")
        instructor.lock(question)
        results = instructor.results(question)
        assert (results["participants"], results["counts"]) == (1, {"a": 1, "b": 0})
