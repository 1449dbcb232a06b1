"""What our own server renders passes the front end's sanitiser unchanged, node for node."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hostile_server import HostileServer

from livepoll_jupyter.core.drafts import draft, read
from livepoll_jupyter.core.errors import BadQuestion
from livepoll_jupyter.server.rendering import prose

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

MARKDOWN: Final = [
    "**bold**, *slanted*, ~~no~~, `x < y && z`, a\\\nnew line",
    "# One\n## Two\n### Three\n#### Four\n##### Five\n###### Six\n\n---\n\n> quoted\n>\n> > twice",
    "3. three\n4. four\n   - dash\n   - dash\n\n     more",
    "* one\n* two\n\n  ```python\n  not 1  # b\n  ```",
    "[docs](https://example.org/?a=1&b=2#x 'a title') and <https://example.org/ü> and [http](http://127.0.0.1:3000/x)",
    "| a | b | c |\n|:--|:-:|--:|\n| 1 | `2` | $3$ |\n| **x** | [y](https://example.org) | |",
    "```python\nimport os\n@wraps\ndef f(x: int = 1) -> str:\n    '''Doc.'''\n    return f'{x!r}' or None\n```",
    "```r\nx <- c(1, 2)  # a\nmean(x)\n```\n\n```html\n<script>alert(1)</script>\n```\n\n```\na < b\n```",
    "```java\nclass A { int x = 0x1F; /* c */ String s = \"</pre>\"; }\n```",
    "What does <b>x</b> do, and <script>alert(1)</script>, and &lt;i&gt;?",
    "It costs $5 and $6. \N{RIGHT-TO-LEFT MARK}\u05e9\u05dc\u05d5\u05dd \u4f60\u597d \U0001f600",
]  # fmt: skip
FORMULAS: Final = Path(__file__).parents[1] / "rendering" / "formulas.txt"
LATEX: Final = [
    *(line for line in FORMULAS.read_text(encoding="utf-8").splitlines() if line and not line.startswith(("## ", "# "))),
    r"x^2 + y_1 - z_{i,j}^{n+1}", r"\frac{a}{b} \binom{n}{k} \sqrt{2} \sqrt[3]{x}", r"\sum_{i=1}^{n} i \prod \int_0^\infty e^{-x} dx",
    r"\lim_{x \to 0} \frac{\sin x}{x}", r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", r"\begin{bmatrix} a \\ b \end{bmatrix}",
    r"\begin{cases} x & y \\ z & w \end{cases}", r"\begin{array}{c|c} a & b \\ \hline c & d \end{array}", r"\left( \frac{1}{2} \right]",
    r"\overline{x} \hat{y} \vec{v} \underbrace{a+b}_{c} \overset{!}{=}", r"\mathbb{R} \mathbf{x} \mathcal{L} \mathrm{d} \mathfrak{g}",
    r"\text{if } x < y \text{ and } a \& b", r"\alpha \le \beta \ne \gamma \in \Omega \forall \exists \neg \land \to \iff",
    r"a \quad b \, c \; d \! e", r"\color{red}{x}", r"\boxed{x}", r"\phantom{x} y", r"P(A \mid B) = \frac{P(A \cap B)}{P(B)}",
    r"\begin{aligned} a &= b \\ &= c \end{aligned}", r"\displaystyle \sum_i x_i", r"f' f'' \dots \cdots \ddots", r"{}_a^b X_c^d", r"\%\ \$ \#",
    r"\underline{x} \widehat{abc} \overrightarrow{AB} \xrightarrow{f}", r"\operatorname{Var}(X) \max_x \Pr", r"\frac{",
]  # fmt: skip

_COMPARE: Final = """
async htmls => {
  const { default: widget } = await import('./widget.js');
  return htmls.map(html => {
    const question = {
      id: 'q', kind: 'choice', text: '', html, options: [{ id: 'a', label: '', html }], round: 1, is_locked: false,
      is_active: true, correct: [], show_results: 'live', is_revealed: false
    };
    const state = { question, results: null, link: { state: 'open', attempt: 0, wait: 0, reason: '' } };
    const traits = { _face: 'question', _state: state, title: '' };
    const el = document.createElement('main');
    widget.render({ model: { get: name => traits[name], on() {}, off() {}, send() {} }, el });
    const { body } = new DOMParser().parseFromString(html, 'text/html');
    const wanted = document.createElement('div');
    wanted.append(...body.childNodes);
    return [...el.querySelectorAll('.lp-prose')].map(shown => {
      const same = document.createElement('div');
      same.append(...shown.childNodes);
      return same.isEqualNode(wanted) ? '' : `${html}\\n  becomes\\n${same.innerHTML}`;
    }).filter(difference => difference !== '');
  }).flat();
}
"""


_SAY: Final = """
async htmls => {
  const { default: widget } = await import('./widget.js');
  return htmls.map(([html, label]) => {
    const question = {
      id: 'q', kind: 'choice', text: '', html, options: [{ id: 'a', label: '', html: label }], round: 1,
      is_locked: false, is_active: true
    };
    const state = {
      question, results: null, correct: null, answer: null, delivery: 'none', isCounted: false, refusal: null, late: null,
      isOnline: true, link: { state: 'open', attempt: 0, wait: 0, reason: '' }
    };
    const traits = { _face: 'seat', _state: state, title: '' };
    const el = document.createElement('main');
    widget.render({ model: { get: name => traits[name], on() {}, off() {}, send() {} }, el });
    return [el.querySelector('.lp-question'), el.querySelector('input')].map(each => each.getAttribute('aria-label'));
  });
}
"""

WIDGET_CSS: Final = Path(__file__).parents[2] / "livepoll_jupyter" / "static" / "widget" / "widget.css"
_SHOW: Final = """
async html => {
  const { default: widget } = await import('./widget.js');
  const question = {
    id: 'q', kind: 'choice', text: '', html, options: [{ id: 'a', label: '', html }], round: 1, is_locked: false,
    is_active: true, correct: [], show_results: 'live', is_revealed: false
  };
  const state = { question, results: null, link: { state: 'open', attempt: 0, wait: 0, reason: '' } };
  const traits = { _face: 'question', _state: state, title: '' };
  const el = document.createElement('main');
  document.body.replaceChildren(el);
  widget.render({ model: { get: name => traits[name], on() {}, off() {}, send() {} }, el });
}
"""


ASKED: Final = (
    lambda many: "$" + "x" * many + "$",
    lambda many: "*a " * many + "b*" * many,
    lambda many: "> " * 19 + "*a **b** " + "$" + r"\sqrt{" * many + "x" + "}" * many + "$*",
    lambda many: "$" + "{x_" * many + "x" + "}" * many + "$",
    lambda many: "$" + r"\left(\frac{1}{" * many + "x" + r"}\right)" * many + "$",
    lambda many: "$" + r"\begin{pmatrix} a & " * many + "x" + r"\end{pmatrix}" * many + "$",
    lambda many: rf"$\rule[-{many}em]{{{many}em}}{{{many}em}} \hspace{{-{many}em}} \raisebox{{{many}em}}{{x}}$",
    lambda many: rf"$\rule{{{many}px}}{{{many}pt}} \genfrac(){{{many}px}}{{0}}{{a}}{{b}} \Huge x$",
)
"""Texts that have more of something with each number, until the server refuses."""


def is_refused(text: str) -> bool:
    """Whether this cannot be rendered, or not be asked."""
    made = prose.render(text)
    try:
        draft("q1", read(kind="choice", text=text, options=["a", "b"]), made.html, ["a", "b"])
    except BadQuestion:
        return True
    return bool(made.problems)


def largest(make: Callable[[int], str]) -> str:
    """The HTML of the largest text of that kind that can be asked."""
    low, high = 1, 7_900
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_refused(make(middle)) else (middle, high)
    return prose.render(make(low)).html


@pytest.fixture
def compared(page: Page) -> Any:
    """What a view of ours makes of pieces of HTML, where that is not the same."""
    with HostileServer([]) as server:
        page.goto(f"{server.url}widgets/")
        yield lambda htmls: page.evaluate(_COMPARE, htmls)


def test_what_the_server_renders_is_shown_unchanged(compared: Any) -> None:
    """Prose, lists, tables, code with its classes, links, and formulas in lines and blocks, in texts and labels."""
    htmls = [
        *(prose.render(text).html for text in MARKDOWN),
        *(prose.render_label(text).html for text in MARKDOWN),
        *(prose.render(f"so ${latex}$ it is").html for latex in LATEX),
        *(prose.render(f"$${latex}$$").html for latex in LATEX),
        *(prose.render_label(f"${latex}$").html for latex in LATEX),
    ]
    assert sum("<math" in html for html in htmls) > 2.8 * len(LATEX)
    assert compared(htmls) == []


def test_a_screen_reader_is_told_the_plain_text_of_the_exports(page: Page) -> None:
    """Of every formula in a line, on its own line and in an option: the front end and Python say the same words."""
    texts = [(f"so **${latex}$** it is", f"*${latex}$*, yes") for latex in LATEX]
    texts += [(f"so $${latex}$$ it is", f"$${latex}$$") for latex in LATEX]
    made = [(prose.render(text), prose.render_label(label)) for text, label in texts]
    made = [both for both in made if all("<math" in one.html for one in both)]
    assert len(made) > 1.8 * len(LATEX)
    with HostileServer([]) as server:
        page.goto(f"{server.url}widgets/")
        said = page.evaluate(_SAY, [[text.html, label.html] for text, label in made])
    in_python = [[" ".join(one.plain.split()) for one in both] for both in made]
    assert [pair for pair in zip(said, in_python, strict=True) if pair[0] != pair[1]] == []


def test_the_largest_that_may_be_asked_is_shown_unchanged(compared: Any) -> None:
    """As many elements, nested as deeply, with lengths as great as the server takes; what is more, it refuses."""
    htmls = [largest(make) for make in ASKED]
    assert compared(htmls) == []


def test_a_difference_would_be_seen(compared: Any) -> None:
    """What the server would never render is changed."""
    assert len(compared(["<p>x</p>", "<p id='x'>x</p>", "<img src='data:,'>"])) == 4


def test_a_wide_formula_makes_no_card_wider(page: Page) -> None:
    """In the question and in the chart it scrolls; the panel is as wide as its place."""
    long = "$" + "+".join(f"a_{{{n}}}x^{{{n}}}" for n in range(60)) + "$"
    with HostileServer([]) as server:
        page.goto(f"{server.url}widgets/")
        page.add_style_tag(path=WIDGET_CSS)
        page.evaluate(_SHOW, prose.render_label(long).html)
        page.locator(".lp-chart-label .lp-more-after").wait_for()
        page.locator(".lp-question-text .lp-more-after").wait_for()
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
