"""Every state of the student's page is reached for real, and everybody can use it there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from phones import LAUNCH, Phone
from states import STATES, Scene, asked, reconnecting, several_sent, ticking, too_late, wrong

if TYPE_CHECKING:
    from collections.abc import Callable

    from phones import NewPhone, Phone
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


@pytest.mark.parametrize("window", [NARROWEST, {"width": 390, "height": 844}], ids=lambda window: window["width"])
@pytest.mark.parametrize(
    "reach", [asked, several_sent, wrong, too_late, reconnecting], ids=lambda state: state.__name__
)
def test_text_twice_as_large_breaks_no_word(
    reach: Callable[[Scene], None], window: ViewportSize, server: Serve, new_phone: NewPhone
) -> None:
    """Where the page's own text is set twice as large, short words stand whole, and nothing is cut off."""
    phone = new_phone(viewport=window)
    phone.page.add_init_script(TWICE)
    reach(Scene(phone, server.instructor("Large text")))
    assert phone.page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
    assert too_wide(phone.page) == []
    assert broken_words(phone.page) == []


@pytest.mark.parametrize("size", [(320, 568, 32), (390, 844, 32), (320, 256, 16), (390, 844, 16), (1280, 1024, 16)])
@pytest.mark.parametrize("reach", [asked, ticking, wrong, too_late], ids=lambda state: state.__name__)
def test_nothing_that_stays_in_sight_covers_more_than_a_fifth(
    reach: Callable[[Scene], None], size: tuple[int, int, int], server: Serve, new_phone: NewPhone
) -> None:
    """At any size of the text, and at 400 % zoom, which makes a window of 1280 by 1024 pixels one of 320 by 256."""
    width, height, text = size
    phone = new_phone(viewport={"width": width, "height": height})
    phone.page.add_init_script(TWICE.replace("32", str(text)))
    reach(Scene(phone, server.instructor("Small windows")))
    assert covered(phone.page) <= height / 5
    assert too_wide(phone.page) == []


TWICE = "addEventListener('DOMContentLoaded', () => document.documentElement.style.fontSize = '32px')"


def broken_words(page: Page) -> list[str]:
    """Words of at most nine letters that go over more than one line."""
    found: list[str] = page.evaluate(
        """() => {
          const broken = [], page = document.querySelector('.lp-page');
          const texts = document.createTreeWalker(page, NodeFilter.SHOW_TEXT);
          for (let text; (text = texts.nextNode()); ) {
            if (text.parentElement.closest('math, pre, .lp-hidden-text, [hidden]')) continue;
            for (const { 0: word, index } of text.data.matchAll(/[\\p{L}]{2,9}/gu)) {
              const range = new Range();
              range.setStart(text, index);
              range.setEnd(text, index + word.length);
              if (new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1) broken.push(word);
            }
          }
          return broken;
        }"""
    )
    return found


def covered(page: Page) -> float:
    """The height in pixels of all that keeps its place in the window while the page is scrolled."""
    height: float = page.evaluate(
        """[...document.querySelectorAll('.lp-page *')]
             .filter(e => ['sticky', 'fixed'].includes(getComputedStyle(e).position))
             .map(e => e.getBoundingClientRect().height).reduce((sum, height) => sum + height, 0)"""
    )
    return height


def too_wide(page: Page) -> list[str]:
    """What reaches beyond the window's edge and cannot be scrolled to."""
    found: list[str] = page.evaluate(
        """[...document.querySelectorAll('*')].filter(e => e.closest('.lp-wide') === null || e.matches('.lp-wide'))
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
