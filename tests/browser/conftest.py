"""A browser, a server and phones, for every test in this folder. Nothing here waits for time to pass."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from phones import Phone
from playwright.sync_api import sync_playwright
from serving import Serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """A server for the tests of one module; each takes a room of its own."""
    with Serve(tmp_path_factory.mktemp("serve")) as running:
        yield running


@pytest.fixture
def new_phone(browser: Browser) -> Iterator[Callable[..., Phone]]:
    """Makes phones: each a browser context of its own, so each another student."""
    with ExitStack() as contexts:

        def make(**options: Any) -> Phone:
            context = browser.new_context(**{"viewport": PHONE, "reduced_motion": "reduce", **options})
            contexts.callback(context.close)
            context.set_default_timeout(10_000)
            return Phone(context.new_page())

        yield make


@pytest.fixture
def phone(new_phone: Callable[..., Phone]) -> Phone:
    """One phone."""
    return new_phone()
