"""A page whose script does not run does not say "Joining…" for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from watching import HEARD_FROM_THE_START

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Route
    from serving import Serve

SCRIPT = "**/audience.js*"


def block(route: Route) -> None:
    """What a content blocker does."""
    route.abort()


def be_too_new(route: Route) -> None:
    """What a browser that is too old makes of the script: an error of syntax in its first line."""
    route.fulfill(body="const a = b ?!. c;", content_type="text/javascript")


@pytest.mark.parametrize("fail", [block, be_too_new], ids=lambda fail: fail.__name__)
@pytest.mark.parametrize("is_joining", [True, False], ids=["a room's page", "the page for a code"])
def test_a_page_whose_script_does_not_come_says_what_to_do(
    browser: Browser, server: Serve, fail: Callable[[Route], None], *, is_joining: bool
) -> None:
    """In the first screen, after ten seconds, which the test lets pass in the style's own clock.

    Also for who wants no motion.
    """
    room = server.instructor("No script")
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 320, "height": 568})
    page = context.new_page()
    page.route(SCRIPT, fail)
    page.goto(room.join_url if is_joining else room.join_url.rpartition("/")[0] + "/")
    late = page.get_by_text("This page has not started")
    expect(late).to_be_hidden()
    page.evaluate("document.getAnimations().forEach(animation => animation.finish())")
    expect(late).to_be_in_viewport(ratio=1)
    expect(late).to_contain_text("another browser")
    context.close()


def test_without_javascript_the_page_says_so_in_its_first_screen(browser: Browser, server: Serve) -> None:
    """On a small phone, at once, and in both pages; nothing has to be scrolled to."""
    room = server.instructor("No JavaScript")
    with browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 568}) as context:
        page = context.new_page()
        for address in (room.join_url, room.join_url.rpartition("/")[0] + "/"):
            page.goto(address)
            said = page.locator(".lp-no-script")
            expect(said).to_be_in_viewport(ratio=1)
            expect(said).to_contain_text("This page needs JavaScript")


def test_a_page_that_runs_says_nothing_of_it(browser: Browser, server: Serve) -> None:
    """The script takes the sentences away, and a screen reader hears of the room, not of the connection."""
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(HEARD_FROM_THE_START)
    page.goto(server.instructor("Runs").join_url)
    expect(page.get_by_role("heading", name="You are in")).to_be_visible()
    assert page.locator(".lp-late, noscript").count() == 0
    assert page.evaluate("heard") == ["You are in. The next question appears here by itself."]
    context.close()
