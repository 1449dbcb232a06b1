"""One browser stays one participant, whatever site leads it to the room, and whatever other pages do to the address.

Once with a server that the browser trusts enough to tell it where a request comes from (this machine's own address),
and once with one on plain HTTP, to which it tells nothing: a name that Chromium looks up where the server really is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from other_site import PAGES, other_site
from phones import LAUNCH, Phone
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, BrowserType, Page
    from serving import Instructor, Serve

OPENING = [*[kind for kind, page in PAGES.items() if 'id="go"' in page and "post" not in kind], "redirect"]
"""The ways to the room that end with its page in a tab."""

LOOKING = [kind for kind in PAGES if kind not in {*OPENING, "posted form", "empty"}]
"""The ways in which another page makes the browser ask for the address, and shows nothing of it."""


@pytest.fixture(scope="module")
def sites() -> Iterator[int]:
    """The port of the other site."""
    with other_site() as port:
        yield port


@pytest.fixture(scope="module")
def connected(chromium: BrowserType) -> Iterator[Browser]:
    """A browser for which both names are this machine."""
    names = "--host-resolver-rules=MAP poll.example 127.0.0.1, MAP lms.example 127.0.0.1"
    with chromium.launch(executable_path=LAUNCH["executable_path"], args=["--no-sandbox", names]) as browser:
        yield browser


class Visitor:
    """A browser, the room's page as it knows it, and pages of another site."""

    def __init__(self, context: BrowserContext, instructor: Instructor, host: str, site: int) -> None:
        self.context = context
        self.room = f"http://{host}:{instructor.server.port}/{instructor.code}"  # type: ignore[attr-defined]
        self._site = f"http://lms.example:{site}"

    def visit(self, kind: str) -> Page:
        """Open a page of the other site."""
        page = self.context.new_page()
        page.goto(f"{self._site}/{kind.replace(' ', '-')}?to={quote(self.room)}")
        return page

    def follow(self, kind: str) -> Page:
        """Come to the room from a page of the other site; the room's page."""
        if kind == "redirect":
            return self.visit(kind)
        page = self.visit(kind)
        if "window" not in kind and "new tab" not in kind:
            page.locator("#go").click()
            return page
        with self.context.expect_page() as opened:
            page.locator("#go").click()
        return opened.value

    def cookies(self) -> set[str]:
        """The participants that the browser holds for the room."""
        return {cookie["value"] for cookie in self.context.cookies() if cookie["name"].startswith("livepoll_")}


@pytest.fixture(params=["127.0.0.1", "poll.example"])
def visitor(
    request: pytest.FixtureRequest, connected: Browser, server: Serve, sites: int
) -> Iterator[tuple[Visitor, Instructor]]:
    """A browser that has never seen the room, and the room's instructor."""
    instructor = server.instructor(request.node.name)
    context = connected.new_context(reduced_motion="reduce")
    yield Visitor(context, instructor, request.param, sites), instructor
    context.close()


def test_whatever_way_leads_to_the_room_it_is_one_participant_with_one_vote(
    visitor: tuple[Visitor, Instructor],
) -> None:
    """The first visit too may come from the other site; in each tab a vote is cast, and one counts."""
    browser, instructor = visitor
    question = instructor.publish("Mean or median?", ["the mean", "the median"])
    for kind in (*OPENING, *OPENING):
        phone = Phone(browser.follow(kind))
        phone.is_in()
        phone.tap("the mean" if phone.option("the median").is_checked() else "the median")
        phone.is_counted()
        phone.page.close()
        assert len(browser.cookies()) == 1, kind
    typed = Phone(browser.context.new_page())
    typed.page.goto(browser.room.replace(instructor.code, instructor.code.lower()) + "/")
    typed.is_in()
    assert len(browser.cookies()) == 1
    assert instructor.results(question)["total"] == 1


def test_pages_of_another_site_make_and_replace_nobody(visitor: tuple[Visitor, Instructor]) -> None:
    """Pictures, frames, requests and forms that are posted: before the first visit nothing, after it no change."""
    browser, _ = visitor
    for kind in LOOKING:
        page = browser.visit(kind)
        page.wait_for_load_state("networkidle")
        page.close()
    assert browser.cookies() == set()
    phone = Phone(browser.context.new_page())
    phone.page.goto(browser.room)
    phone.is_in()
    held = browser.cookies()
    assert len(held) == 1
    for kind in (*LOOKING, "posted form"):
        page = browser.visit(kind)
        page.wait_for_load_state("networkidle")
        if kind == "posted form":
            page.locator("#go").click()
            page.wait_for_url(re.compile(re.escape(browser.room)))
        page.close()
        assert browser.cookies() == held, kind
    phone.page.reload()
    phone.is_in()
    assert browser.cookies() == held


def test_two_tabs_that_are_opened_at_once_end_as_one_participant(visitor: tuple[Visitor, Instructor]) -> None:
    """Each was given a cookie, for none had one yet; the browser keeps one, and the other tab takes it too."""
    browser, instructor = visitor
    first, second = Phone(browser.context.new_page()), Phone(browser.context.new_page())
    first.page.goto(browser.room)
    first.is_in()
    browser.context.clear_cookies()  # as if the second had asked before the answer to the first
    with first.page.expect_websocket():
        second.page.goto(browser.room)
    second.is_in()
    first.is_in()
    question = instructor.publish("Mean or median?", ["the mean", "the median"])
    for phone in (first, second):
        phone.tap("the mean" if phone.option("the median").is_checked() else "the median")
        phone.is_counted()
    expect(first.option("the mean")).to_be_checked()
    assert instructor.results(question)["total"] == 1


def test_a_page_of_another_site_hears_nothing_without_the_code(visitor: tuple[Visitor, Instructor]) -> None:
    """A socket that names no room leads to the newest one for programs and our own pages alone."""
    browser, instructor = visitor
    instructor.publish("Mean or median?", ["the mean", "the median"])
    page = browser.visit("empty")
    hear = """address => new Promise(done => {
        const socket = new WebSocket(address);
        socket.onmessage = ({data}) => done(data);
        socket.onclose = () => done('closed');
    })"""
    socket = browser.room.replace("http", "ws").replace(instructor.code, "_ws")
    assert page.evaluate(hear, socket) == "closed"
    assert "new-question" in page.evaluate(hear, f"{socket}?room={instructor.code}")
