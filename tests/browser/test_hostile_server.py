"""A server in an attacker's hands, or one whose words were changed on the way, makes no face do anything.

Every payload of ``payloads`` goes through ``hostile_server`` into every field, in Chromium. A face that comes later
gets a test here that shows it what ``hostile_fields`` makes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from hostile_fields import THE_END
from hostile_server import CODE, FACES, MANY, HostileServer, pass_through
from hostile_sidebar import HostileApi, numbers_of_rooms
from lab_notebook import KERNEL_SECONDS, Notebook
from payloads import PAYLOADS
from playwright.sync_api import expect
from sidebar import Sidebar
from tripwire import Tripwire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyterlab import JupyterLab
    from playwright.sync_api import Browser, Page

SECONDS = 30_000
SHOWN_IN_A_NOTEBOOK = 2
"""Questions of a room at a time; each is a widget of its own."""
RUNS_BY_ITSELF = range(40)
"""Payloads that run a script as soon as they stand in a page."""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that is to be watched."""
    with browser.new_context(viewport={"width": 800, "height": 600}, reduced_motion="reduce") as context:
        context.set_default_timeout(SECONDS)
        yield context.new_page()


def open_phone(page: Page, server: HostileServer) -> Tripwire:
    """The audience page, once it has shown everything."""
    tripwire = Tripwire(page.context, page, server.host)
    page.goto(f"{server.url}{CODE}")
    expect(page.locator(".lp-title")).to_have_text(THE_END, timeout=SECONDS)
    return tripwire


def open_widgets(page: Page, server: HostileServer) -> Tripwire:
    """The three faces of the widgets, once they have shown everything."""
    tripwire = Tripwire(page.context, page, server.host)
    page.goto(f"{server.url}widgets/")
    expect(page.get_by_text(THE_END)).to_have_count(len(server.faces), timeout=SECONDS)
    return tripwire


def test_there_are_enough_payloads() -> None:
    """And no two are the same."""
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 500


def test_the_phone_page_runs_nothing_that_a_server_sends(page: Page) -> None:
    """Nor does it load, navigate, or let names be taken; nor when its votes are refused with payloads."""
    with HostileServer() as server:
        tripwire = open_phone(page, server)
        for _ in range(15):
            page.get_by_role("radio").first.dispatch_event("click")
            expect(page.locator(".lp-standing").first).not_to_contain_text("Sending")
        assert tripwire.found() == []


def test_the_widgets_run_nothing_that_a_server_sends(page: Page) -> None:
    """Panel, question card and a student's widget."""
    with HostileServer() as server:
        tripwire = open_widgets(page, server)
        for button in page.locator(".lp-act:not([aria-disabled=true]):visible").all():
            button.dispatch_event("click")
        assert tripwire.found() == []


def test_the_audience_page_lets_no_script_parse_html(page: Page) -> None:
    """Not even one of ours that would forget to sanitise: the browser refuses."""
    with HostileServer([]) as server:
        open_phone(page, server)
        for sink in ("document.body.innerHTML = text", "document.write(text)", "frame.srcdoc = text"):
            refused = page.evaluate(f"""() => {{
                const text = '<p>x</p>', frame = document.createElement('iframe');
                try {{ {sink}; return 'allowed'; }} catch (error) {{ return error.name; }}
            }}""")
            assert refused == "TypeError", sink
        assert page.evaluate(
            "(() => { try { trustedTypes.createPolicy('x', {}); } catch (e) { return e.name; } })()"
        ) == ("TypeError")


def open_sidebar(lab: JupyterLab, page: Page, api: HostileApi) -> Tripwire:
    """JupyterLab with the panel open and the first room shown."""
    page.set_viewport_size({"width": 1280, "height": 1000})
    api.answer_for(page)
    tripwire = Tripwire(page.context, page, urlsplit(lab.url).netloc, is_own=api.is_shown_by_lab)
    lab.open(page)
    Sidebar(page).open()
    expect(page.locator(".lp-room-title")).to_have_text(api.title, timeout=SECONDS)
    return tripwire


def test_the_sidebar_of_jupyterlab_runs_nothing_that_a_server_sends(lab: JupyterLab, page: Page) -> None:
    """Nor do the notifications in which a refusal is shown."""
    api = HostileApi()
    tripwire = open_sidebar(lab, page, api)
    for numbers in numbers_of_rooms():
        api.show(numbers)
        expect(page.locator(".lp-room-title")).to_have_text(api.title, timeout=SECONDS)
    for button in page.locator(".lp-room .lp-act:not([aria-disabled=true])").all()[:40]:
        button.dispatch_event("click")
    expect(page.locator(".Toastify__toast").first).to_be_visible()
    assert tripwire.found() == []


def test_a_sidebar_with_a_sanitiser_that_lets_everything_through_is_found_out(lab: JupyterLab, page: Page) -> None:
    """So the test above can fail."""
    api = HostileApi(RUNS_BY_ITSELF)
    api.patch_bundle_of(page, pass_through)
    found = open_sidebar(lab, page, api).found()
    assert len([each for each in found if each.startswith("ran ")]) > 20


def test_a_notebook_whose_kernel_talks_to_a_hostile_server_runs_nothing(lab: JupyterLab, page: Page) -> None:
    """`LivePoll(server=…)` and `join(…)` in a real kernel; each option is a payload, and each question."""
    page.set_viewport_size({"width": 1400, "height": 1800})
    with HostileServer() as server:
        server.active = range(SHOWN_IN_A_NOTEBOOK)
        lab.write_notebook(
            "Hostile.ipynb",
            f"from livepoll_jupyter import LivePoll, join\npoll = LivePoll('x', server={server.url!r}, token='t')",
            f"me = join({server.url + CODE!r})",
            "poll.questions[0]",
            "print('Texts:', [repr(each) for each in (poll, me, *poll.questions)])",
            "poll.publish('x', ['y', 'z'])",
        )
        tripwire = Tripwire(page.context, page, urlsplit(lab.url).netloc, is_own=HostileApi.is_shown_by_lab)
        lab.open(page, "lab/tree/Hostile.ipynb")
        notebook = Notebook(page)
        notebook.run_all()
        expect(page.get_by_text("Refusal in line")).to_be_visible(timeout=KERNEL_SECONDS)
        for first in range(MANY, len(PAYLOADS), MANY):
            server.show(range(first, first + SHOWN_IN_A_NOTEBOOK))
            expect(notebook.panel.locator(".lp-room-title")).to_have_text(f"Number {first}", timeout=SECONDS)
            expect(notebook.seat.locator(".lp-seat-title")).to_have_text(f"Number {first}", timeout=SECONDS)
        assert tripwire.found() == []


@pytest.mark.parametrize("face", ["phone", "phone without its policy", *FACES])
def test_a_sanitiser_that_lets_everything_through_is_found_out(page: Page, face: str) -> None:
    """So the tests above can fail; on the phone the policy stops what the sanitiser has let through."""
    has_policy = face != "phone without its policy"
    faces = [face] if face in FACES else []
    with HostileServer(RUNS_BY_ITSELF, patch=pass_through, has_policy=has_policy, faces=faces) as server:
        if face.startswith("phone"):
            tripwire = Tripwire(page.context, page, server.host)
            page.goto(f"{server.url}{CODE}")
            expect(page.locator(".lp-title")).to_have_text(THE_END)
        else:
            tripwire = open_widgets(page, server)
        found = tripwire.found(is_shown=face != "phone")
    runs = [each for each in found if each.startswith("ran ")]
    refusals = [each for each in found if each.startswith("policy require-trusted-types-for")]
    assert (runs == [] and refusals != []) if face == "phone" else len(runs) > 20
