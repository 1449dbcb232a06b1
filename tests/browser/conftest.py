"""A browser, a server and phones, for every test in this folder. Nothing here waits for time to pass."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from jupyterlab import JupyterLab
from phones import LAUNCH, Phone
from playwright.sync_api import expect, sync_playwright
from serving import Serve
from sidebar import Sidebar
from states import Scene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from phones import NewPhone
    from playwright.sync_api import Browser, BrowserType, ConsoleMessage, Page

PHONE = {"width": 390, "height": 844}

expect.set_options(timeout=20_000)
"""Patience for a busy machine, not a promise: what must come within two seconds is held on a fake clock elsewhere."""


@pytest.fixture(autouse=True)
def jp_asyncio_loop() -> None:
    """No loop of pytest-jupyter's: Playwright runs its own in this thread for as long as a module's browser is open."""


@pytest.fixture(autouse=True)
def jp_server_cleanup() -> None:
    """No server of pytest-jupyter's either, so nothing to clean up on that loop."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[BrowserType]:
    """Starts browsers; for a test that needs one with settings of its own."""
    with sync_playwright() as playwright:
        yield playwright.chromium


@pytest.fixture(scope="module")
def browser(chromium: BrowserType) -> Iterator[Browser]:
    """The machine's own Chromium."""
    with chromium.launch(**LAUNCH) as started:
        yield started


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """A server for the tests of one module; each takes a room of its own."""
    with Serve(tmp_path_factory.mktemp("serve")) as running:
        yield running


@pytest.fixture
def new_phone(browser: Browser) -> Iterator[NewPhone]:
    """Makes phones: each a browser context of its own, so each another student. At the end none may have erred."""
    errors: list[str] = []
    with ExitStack() as contexts:

        def make(**options: Any) -> Phone:
            context = browser.new_context(**{"viewport": PHONE, "reduced_motion": "reduce", **options})
            contexts.callback(context.close)
            return Phone(_watched(context.new_page(), errors))

        yield make
    assert errors == []


def _watched(page: Page, errors: list[str]) -> Page:
    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            errors.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))
    return page


@pytest.fixture
def phone(new_phone: NewPhone) -> Phone:
    """One phone."""
    return new_phone()


@pytest.fixture
def scene(server: Serve, phone: Phone, request: pytest.FixtureRequest) -> Scene:
    """A phone and a room of the test's own."""
    return Scene(phone, server.instructor(request.node.name))


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterLab]:
    """A JupyterLab for the tests of one module; one that is done worse things to has its own."""
    with JupyterLab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A laptop's page, long enough for a notebook."""
    with browser.new_context(viewport={"width": 1400, "height": 1800}, reduced_motion="reduce") as context:
        context.set_default_timeout(20_000)
        yield context.new_page()


@pytest.fixture
def new_sidebar(lab: JupyterLab, browser: Browser) -> Iterator[Callable[..., Sidebar]]:
    """Opens JupyterLab pages. At the end every room is closed, so that the next test starts with none."""
    with ExitStack() as contexts:

        def make(path: str = "lab") -> Sidebar:
            context = browser.new_context(viewport={"width": 1280, "height": 1000}, reduced_motion="reduce")
            contexts.callback(context.close)
            context.set_default_timeout(20_000)
            context.grant_permissions(["clipboard-read", "clipboard-write"])
            sidebar = Sidebar(context.new_page())
            lab.open(sidebar.page, path)
            return sidebar

        yield make
    for room in lab.ask("GET", "rooms"):
        lab.ask("DELETE", f"rooms/{room['code']}")


@pytest.fixture
def sidebar(new_sidebar: Callable[..., Sidebar]) -> Sidebar:
    """The panel, open."""
    sidebar = new_sidebar()
    sidebar.open()
    return sidebar
