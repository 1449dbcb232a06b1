"""Every state of the student's page is reached for real, and everybody can use it there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from phones import LAUNCH, Phone
from states import STATES, Scene, reconnecting, several_sent, too_late, wrong

if TYPE_CHECKING:
    from collections.abc import Callable

    from phones import Phone
    from playwright.sync_api import BrowserType, Page, ViewportSize
    from serving import Serve

WCAG_2_2_AA = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
NARROWEST: ViewportSize = {"width": 320, "height": 568}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.mark.parametrize("reach", STATES, ids=lambda state: state.__name__)
def test_everybody_can_use(reach: Callable[[Scene], None], server: Serve, phone: Phone) -> None:
    """WCAG 2.2 AA holds, light and dark; the narrowest phone cuts nothing off; what is tapped is 44 pixels high."""
    reach(Scene(phone, server.instructor(f"Statistics, {reach.__name__}")))
    for scheme in SCHEMES:
        phone.page.emulate_media(color_scheme=scheme)
        found = Axe().run(phone.page, options=WCAG_2_2_AA)
        assert found.violations_count == 0, f"{scheme}: {found.generate_report()}"
    phone.page.set_viewport_size(NARROWEST)
    assert too_wide(phone.page) == []
    assert too_small(phone.page) == []


@pytest.mark.parametrize("reach", [several_sent, wrong, too_late, reconnecting], ids=lambda state: state.__name__)
def test_the_largest_text_fits(reach: Callable[[Scene], None], server: Serve, chromium: BrowserType) -> None:
    """With text twice as large, set in the browser as a person sets it, nothing is cut off at 320 pixels."""
    arguments = ["--no-sandbox", "--blink-settings=defaultFontSize=32"]
    with chromium.launch(executable_path=LAUNCH["executable_path"], args=arguments) as browser:
        context = browser.new_context(viewport=NARROWEST, reduced_motion="reduce")
        phone = Phone(context.new_page())
        reach(Scene(phone, server.instructor(f"Large, {reach.__name__}")))
        assert phone.page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
        assert too_wide(phone.page) == []


def too_wide(page: Page) -> list[str]:
    """What reaches beyond the window's edge."""
    found: list[str] = page.evaluate(
        """[...document.querySelectorAll('*')]
             .filter(e => e.getBoundingClientRect().right > innerWidth + 0.5)
             .map(e => e.outerHTML.slice(0, 200))"""
    )
    return found


def too_small(page: Page) -> list[str]:
    """What is tapped and lower or narrower than 44 pixels; an option is tapped on its card."""
    found: list[str] = page.evaluate(
        """[...document.querySelectorAll('button, .lp-option, input:not(.lp-option input)')]
             .map(e => [e, e.getBoundingClientRect()])
             .filter(([e, box]) => box.height > 0 && (box.height < 44 || box.width < 44))
             .map(([e]) => e.outerHTML)"""
    )
    return found
