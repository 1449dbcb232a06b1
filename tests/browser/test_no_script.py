"""A page whose script does not run does not say "Joining…" for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

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
    """After ten seconds, which the test lets pass in the style's own clock; also for who wants no motion."""
    room = server.instructor("No script")
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.route(SCRIPT, fail)
    page.goto(room.join_url if is_joining else room.join_url.rpartition("/")[0] + "/")
    late = page.get_by_text("This page has not started")
    expect(late).to_be_hidden()
    page.evaluate("document.getAnimations().forEach(animation => animation.finish())")
    expect(late).to_be_visible()
    expect(late).to_contain_text("another browser")
    context.close()


def test_a_page_that_runs_says_nothing_of_it(browser: Browser, server: Serve) -> None:
    """The script takes the sentences away."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(server.instructor("Runs").join_url)
    expect(page.get_by_role("heading", name="You are in")).to_be_visible()
    assert page.locator(".lp-late, noscript").count() == 0
    context.close()
