"""What is asked is what a phone shows, or it is refused or warned of: cases of faults that people reported elsewhere.

``question_cases.json`` holds each with what is right; those called ``own-…`` are further ones of the same kinds, and
``ok-…`` must go on being shown. Two labels are told apart by their pixels.
"""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError

import pytest
from serving import ask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page
    from serving import Instructor, Serve

    PageOf = Callable[[int], Page]

CASES = json.loads((Path(__file__).parent / "question_cases.json").read_text(encoding="utf-8"))
WIDTH = 390

_ALIGNED = """side => { const out = {};
  for (const row of document.querySelectorAll('.lp-question-text :is(mtr, tbody tr)'))
  [...row.children].forEach((cell, i) => { const r = document.createRange(); r.selectNodeContents(cell);
    (out[i] ??= []).push(Math.round(r.getBoundingClientRect()[side])); }); return Object.values(out) }"""
_LINES = """() => new Set([...document.querySelectorAll('.lp-question-text mo')].filter(e => e.textContent === '=')
  .map(e => Math.round(e.getBoundingClientRect().top))).size"""
_DIRECTIONS = """() => [...document.querySelectorAll('.lp-question-text p, .lp-option label')]
  .map(e => getComputedStyle(e).direction)"""
_PUT = """place => { const all = document.querySelectorAll('.lp-option label');
  window.kept ??= [...all].map(e => [...e.childNodes].map(n => n.cloneNode(true)));
  all[0].replaceChildren(...window.kept[place].map(n => n.cloneNode(true))); }"""
_PIXELS_DIFFER = """async ([one, other]) => {
  const read = async data => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(data)], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    canvas.drawImage(bitmap, 0, 0);
    return canvas.getImageData(0, 0, bitmap.width, bitmap.height);
  };
  const [a, b] = [await read(one), await read(other)];
  if (a.width !== b.width || a.height !== b.height) return 1;
  const dark = data => [...data].filter((v, i) => i % 4 === 0 && v < 140).length;
  let different = 0;
  for (let i = 0; i < a.data.length; i += 4) different += (a.data[i] < 140) !== (b.data[i] < 140) ? 1 : 0;
  return different / Math.max(1, dark(a.data), dark(b.data));
}"""


@pytest.fixture(scope="module")
def instructor(server: Serve) -> Instructor:
    """One room for all cases."""
    return server.instructor("Cases")


@pytest.fixture(scope="module")
def page_of(browser: Browser) -> Iterator[PageOf]:
    """Gives the page of a width, made when it is first wanted."""
    made: dict[int, Page] = {}

    def page_of_width(width: int) -> Page:
        if width not in made:
            context = browser.new_context(viewport={"width": width, "height": 700}, device_scale_factor=2)
            made[width] = context.new_page()
        return made[width]

    yield page_of_width
    for page in made.values():
        page.context.close()


def plain(text: str) -> str:
    """Characters without their mathematical face, and without blanks."""
    return "".join(unicodedata.normalize("NFKC", text).replace("\u2061", "").split())


@pytest.mark.parametrize("name", CASES)
def test_a_question_is_shown_as_it_was_meant(instructor: Instructor, page_of: PageOf, name: str) -> None:
    """Or refused, or warned of, with a sentence that says what to do."""
    case = CASES[name]
    check = case["check"]
    body = {"text": case["text"], "options": case["options"], "publish": True}
    try:
        made = ask(instructor.server, "POST", f"rooms/{instructor.code}/questions", body)
    except HTTPError as refused:
        sentence = json.loads(refused.read())["message"]
        assert check["type"] in {"refused", "refused_or"}, sentence
        assert check.get("has", "") in sentence
        return
    assert check["type"] != "refused"
    if check["type"] == "warned":
        assert any(check["has"] in warning for warning in made["warnings"])
        return
    inner = check["check"] if check["type"] == "refused_or" else check
    page = page_of(inner.get("width", WIDTH))
    page.goto(instructor.join_url)
    page.wait_for_selector(".lp-question")
    page.evaluate("() => document.fonts.ready.then(() => true)")
    JUDGES[inner["type"]](page, inner)


def _text(page: Page, check: dict[str, Any]) -> None:
    shown = plain(page.locator(".lp-question-text" if check["where"] == "question" else ".lp-options").inner_text())
    for wanted in check["has"]:
        assert any(plain(one) in shown for one in wanted.split("|") if one) or plain(wanted) in shown
    assert [word for word in check["no"] if plain(word) in shown] == []


def _distinct(page: Page, check: dict[str, Any]) -> None:
    for pair in check["pairs"]:
        pictures = []
        for place in pair:
            page.evaluate(_PUT, place)
            pictures.append([*page.locator(".lp-option").first.screenshot()])
        assert page.evaluate(_PIXELS_DIFFER, pictures) > 0.03


def _not_empty(page: Page, check: dict[str, Any]) -> None:
    selector = ".lp-option label" if check.get("where") == "options" else ".lp-question-text"
    assert all(text.strip("\u200b\u2060\ufeff \n") for text in page.locator(selector).all_inner_texts())


def _lines(page: Page, check: dict[str, Any]) -> None:
    assert page.evaluate(_LINES) >= check["min"]


def _aligned(page: Page, check: dict[str, Any]) -> None:
    edges = page.evaluate(_ALIGNED, check["type"].removesuffix("aligned"))
    assert edges
    assert all(max(column) - min(column) <= 2 for column in edges)


def _rtl(page: Page, _check: dict[str, Any]) -> None:
    assert {*page.evaluate(_DIRECTIONS)} == {"rtl"}


JUDGES = {
    "text": _text,
    "distinct": _distinct,
    "notempty": _not_empty,
    "lines": _lines,
    "leftaligned": _aligned,
    "rightaligned": _aligned,
    "rtl": _rtl,
}


def test_a_font_for_formulas_comes_with_a_formula_alone(instructor: Instructor, browser: Browser) -> None:
    """And from this server; at most 100 kB."""
    fonts: list[str] = []
    with browser.new_context() as context:
        page = context.new_page()
        page.on("request", lambda request: fonts.append(request.url) if "woff2" in request.url else None)
        instructor.publish("Is it even?", ["yes", "no"])
        page.goto(instructor.join_url)
        page.wait_for_selector(".lp-question")
        page.evaluate("() => document.fonts.ready.then(() => true)")
        assert fonts == []
        with page.expect_response(lambda answer: "lp-math.woff2" in answer.url) as answered:
            instructor.publish("Is $x^2$ even?", ["yes", "no"])
        answered.value.finished()
        assert answered.value.url.startswith(instructor.server.url)
        assert len(answered.value.body()) <= 100_000


def test_a_formula_that_is_too_wide_scrolls_and_shows_that_it_does(instructor: Instructor, browser: Browser) -> None:
    """In the question and in an option, by finger and by keyboard; the page itself stays."""
    long = "$" + "+".join(f"a_{{{n}}}x^{{{n}}}" for n in range(40)) + "$"
    with browser.new_context(viewport={"width": 320, "height": 700}) as context:
        page = context.new_page()
        instructor.publish(f"Is {long} even?\n\n$${long[1:-1]}$$", [long, "no"])
        page.goto(instructor.join_url)
        for place in (".lp-question-text .lp-math:not(.lp-math-block)", ".lp-math-block", ".lp-option .lp-math"):
            part = page.locator(f"{place}.lp-more-after").first
            part.wait_for()
            assert part.evaluate("e => e.scrollWidth > e.clientWidth && e.tabIndex === 0")
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_a_screen_reader_hears_words(instructor: Instructor, browser: Browser) -> None:
    """Not the source of a text, and not a formula's digits run together."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(instructor.join_url)
        page.wait_for_selector("text=Connected")
        text, options = r"**Which** is `x`, and $\frac{1}{2}$?", [r"$\frac{1}{2}$", "2"]
        question = instructor.publish(text, options, correct=options[0])
        page.get_by_role("radio", name="1/2", exact=True).wait_for()
        page.get_by_role("region", name="Which is x, and 1/2?", exact=True).wait_for()
        page.get_by_role("status").filter(has_text="New question: Which is x, and 1/2?").wait_for()
        instructor.reveal(question)
        page.get_by_role("status").filter(has_text="The right answer: 1/2.").wait_for()


WITHOUT_MATHML = """const old = new CSSStyleSheet();
old.replaceSync('math, math * { display: inline !important }');
document.adoptedStyleSheets = [old];"""
"""Lays formulas out as a browser does that does not know their elements. Chromium has no switch for that any more."""


def test_a_browser_without_mathml_shows_each_formula_as_a_line(instructor: Instructor, browser: Browser) -> None:
    """In the question, the options and the results; and one with MathML shows the formula."""
    instructor.publish(r"Is $\frac12 x$ half of $x$?", [r"$\frac{1}{2x}$", "$2^{10}$"])
    for script, formulas in ((WITHOUT_MATHML, 0), ("", 4)):
        with browser.new_context() as context:
            page = context.new_page()
            page.add_init_script(script)
            page.goto(instructor.join_url)
            page.get_by_role("radio", name="1/(2x)", exact=True).wait_for()
            assert page.locator("math").count() == formulas
            text = page.locator(".lp-question-text").inner_text()
            assert (text.strip() == "Is 1/2 x half of x?") is (formulas == 0)
