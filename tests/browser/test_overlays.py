"""What a server's text shows stays in that text's place: no link of it covers a button, or the page around a widget."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from hostile_server import HostileServer
from payloads import EVIL, OVERLAYS

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

WIDGET_CSS: Final = Path(__file__).parents[2] / "livepoll_jupyter" / "static" / "widget" / "widget.css"
WIDE: Final[ViewportSize] = {"width": 1000, "height": 1400}

_LOOK: Final = """
async ([htmls, face, evil]) => {
  const { default: widget } = await import('./widget.js');
  const el = document.createElement('main');
  el.style.cssText = 'margin: 400px 300px; position: static';
  const SLACK = 8, STEP = 12;
  let hits = 0;
  const outside = htmls.flatMap(html => {
    const options = ['a', 'b'].map(id => ({ id, label: id, html }));
    const question = {
      id: 'q', kind: 'choice', text: '', html, options, round: 1, is_locked: false, is_active: true, correct: [],
      show_results: 'live', is_revealed: false
    };
    const link = { state: 'open', attempt: 0, wait: 0, reason: '' };
    const mine = { answer: null, correct: null, delivery: 'none', isCounted: false, isOnline: true };
    const traits = { _face: face, _state: { question, results: null, link, ...mine }, title: '' };
    el.replaceChildren();
    document.body.replaceChildren(el);
    widget.render({ model: { get: name => traits[name], on() {}, off() {}, send() {} }, el });
    const found = [];
    for (let y = 0; y < innerHeight; y += STEP) for (let x = 0; x < innerWidth; x += STEP) {
      const hit = document.elementFromPoint(x, y)?.closest(`a[href*="${evil}"]`);
      if (!hit) continue;
      hits += 1;
      const place = hit.closest('.lp-prose').getBoundingClientRect();
      const isBeside = x < place.left - SLACK || x > place.right + SLACK;
      const isAbove = y < place.top - SLACK || y > place.bottom + SLACK;
      if (isBeside || isAbove) found.push([x, y]);
    }
    return found.length ? [`${found.length} points, first ${found[0]}: ${html}`] : [];
  });
  return { hits, outside };
}
"""


@pytest.mark.parametrize("face", ["question", "seat"])
def test_no_link_of_a_text_is_hit_outside_of_it(page: Page, face: str) -> None:
    """By no length, no class and no size; in questions, in labels and in a chart."""
    with HostileServer([]) as server:
        page.set_viewport_size(WIDE)
        page.goto(f"{server.url}widgets/")
        page.add_style_tag(path=WIDGET_CSS)
        seen = page.evaluate(_LOOK, [list(OVERLAYS), face, EVIL])
    assert seen["outside"] == []
    assert seen["hits"] > 0, "links are hit where they may be"
