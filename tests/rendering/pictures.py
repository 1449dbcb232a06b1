"""Formulas by pictures in Chromium: KaTeX's HTML with its fonts on the left, ours with the page's style on the right.

``python tests/rendering/pictures.py FOLDER`` writes sheets of 20 formulas, for eyes to judge, and prints each formula
whose slanted and upright letters, long rules or proportions differ. Needs the packages of labextension and Chromium.
"""

from __future__ import annotations

import html
import io
import json
import subprocess
import sys
import unicodedata
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright
from test_formulas import KATEX

from livepoll_jupyter.server.rendering.formulas import formula

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

HERE = Path(__file__).parent
TOP = HERE.parent.parent
OF_SHEET = 20
DARK = 128
RULE = 70
"""Pixels of ink in a row that are a rule and no part of a letter, at twice a font of 22 px."""

STYLE = """body { margin: 8px; background: #fff; color: #000; font-size: 22px; } table { border-collapse: collapse; }
table.sheet > tbody > tr > td { padding: 6px 10px; border-bottom: 1px solid #ddd; }
td.number { font: 11px monospace; color: #c00; max-width: 300px; overflow-wrap: anywhere; }
.katex { font-size: 22px; } .one { display: inline-block; padding: 6px; }"""

LETTERS = """selector => { const out = []; const skip = 'annotation, mphantom, .katex-mathml';
  for (const root of document.querySelectorAll(selector)) {
    const letters = []; const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) { const node = walk.currentNode, parent = node.parentElement;
      if (parent.closest(skip) || getComputedStyle(parent).color === 'rgba(0, 0, 0, 0)') continue;
      const style = getComputedStyle(parent);
      const math = parent.localName === 'mi' && parent.getAttribute('mathvariant') !== 'normal'
        && [...node.data.trim()].length === 1;
      for (const letter of node.data) letters.push([letter, style.fontStyle === 'italic' || math]); }
    out.push(letters); } return out; }"""


def main(folder: Path) -> None:
    """Write the sheets and say what differs."""
    folder.mkdir(parents=True, exist_ok=True)
    made = subprocess.run(["node", str(HERE / "pages.mjs")], check=True, capture_output=True, text=True)
    pairs = [pair for pair in json.loads(made.stdout) if pair["latex"] in KATEX]
    differing = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1300, "height": 900}, device_scale_factor=2)
        for start in range(0, len(pairs), OF_SHEET):
            for number, latex, notes in _sheet(page, pairs[start : start + OF_SHEET], start, folder):
                differing += bool(notes)
                if notes:
                    sys.stdout.write(f"{number}\t{latex}\t{'; '.join(notes)}" + "\n")
        browser.close()
    sys.stdout.write(f"{len(pairs) - differing} of {len(pairs)} agree in letters, rules and proportions" + "\n")


def _sheet(page: Page, pairs: list[dict[str, Any]], start: int, folder: Path) -> Iterator[tuple[int, str, list[str]]]:
    rows = "".join(
        f"<tr><td class=number>{start + at}<br>{html.escape(pair['latex'])}</td>"
        f"<td><span class='one theirs'>{pair['html']}</span></td>"
        f"<td><span class='one ours lp-prose'>{formula(pair['latex'], is_block=pair['isBlock']).html}</span></td></tr>"
        for at, pair in enumerate(pairs)
    )
    katex = (TOP / "labextension/node_modules/katex/dist/katex.min.css").as_uri()
    own = (TOP / "livepoll_jupyter/static/audience/audience.css").as_uri()
    font = (TOP / "livepoll_jupyter/static/audience/lp-math.woff2").as_uri()
    path = folder / f"{start:03}.html"
    path.write_text(
        f"<!doctype html><meta charset=utf-8><link rel=stylesheet href={own}><link rel=stylesheet href={katex}>"
        f"<style>@font-face {{ font-family: 'LP Math'; src: url({font}); }} {STYLE}</style>"
        f"<table class=sheet>{rows}</table>",
        encoding="utf-8",
    )
    page.goto(path.absolute().as_uri())
    page.evaluate("() => document.fonts.ready.then(() => true)")
    page.locator("table.sheet").screenshot(path=folder / f"{start:03}.png", scale="css")
    theirs, ours = page.evaluate(LETTERS, ".theirs"), page.evaluate(LETTERS, ".ours")
    for at, pair in enumerate(pairs):
        left = _ink(page.locator(".theirs").nth(at).screenshot())
        right = _ink(page.locator(".ours").nth(at).screenshot())
        yield start + at, pair["latex"], [*_letters_differ(theirs[at], ours[at]), *_ink_differs(left, right)]


def _letters_differ(theirs: list[Any], ours: list[Any]) -> Iterator[str]:
    left, right = _slants(theirs), _slants(ours)
    if left != right:
        yield f"letters: KaTeX alone {dict(left - right)}, ours alone {dict(right - left)}"


def _slants(letters: list[Any]) -> Counter[tuple[str, str]]:
    """Each letter with its slant. The order is the markup's, not the eye's, so that only numbers count."""
    counted: Counter[tuple[str, str]] = Counter()
    for character, is_slanted in letters:
        name = unicodedata.name(character, "")
        plain = unicodedata.normalize("NFKC", character)
        if unicodedata.category(plain[0])[0] != "L" or unicodedata.category(plain[0]) == "Lm":
            continue
        is_own = "MATHEMATICAL" in name or plain != character
        slant = "ITALIC" in name if is_own else is_slanted
        counted.update((one, "slanted" if slant else "upright") for one in plain)
    return counted


def _ink(picture: bytes) -> Any:
    dark = np.asarray(Image.open(io.BytesIO(picture)).convert("L")) < DARK
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    return dark[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if len(rows) else dark[:1, :1]


def _ink_differs(left: Any, right: Any) -> Iterator[str]:
    for kind, one, other in (("level", left, right), ("upright", left.T, right.T)):
        counts = _rules(one), _rules(other)
        if counts[0] != counts[1]:
            yield f"{kind} rules: KaTeX {counts[0]}, ours {counts[1]}"
    for kind, axis, bound in (("height", 0, 1.35), ("width", 1, 1.25)):
        ratio = right.shape[axis] / left.shape[axis]
        if not 1 / bound <= ratio <= bound:
            yield f"{kind}: ours is {ratio:.2f} of KaTeX's"


def _rules(ink: Any) -> int:
    """How many straight lines of ink there are; lines in neighbouring rows are one."""
    long = [_longest(row) >= RULE for row in ink]
    return sum(now and not before for now, before in zip(long, [False, *long[:-1]], strict=True))


def _longest(row: Any) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], row.astype(int), [0]))))
    return int((edges[1::2] - edges[::2]).max(initial=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
