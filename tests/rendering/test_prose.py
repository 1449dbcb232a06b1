"""Markdown as students see it, and what a page must never be made to do by it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livepoll_jupyter.server.rendering import prose
from livepoll_jupyter.server.rendering.code import CODE_CLASSES
from livepoll_jupyter.server.rendering.math_style import CLASSES

PROSE = Path(__file__).parents[2] / "labextension" / "src" / "views" / "prose.css"
MATH_CSS = PROSE.with_name("math.css")

ALLOWED_CLASSES = CODE_CLASSES | CLASSES | {*prose.ALIGNMENTS.values(), "lp-math", "lp-math-block"}


def render(text: str) -> str:
    """The HTML of a question's text."""
    return prose.render(text).html


def render_label(text: str) -> str:
    """The HTML of an option's label."""
    return prose.render_label(text).html


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<svg onload="alert(1)"><script>alert(1)</script></svg>',
    "<style>@import 'http://evil.example/x.css';</style>",
    "<iframe src='http://evil.example'></iframe>",
    "<math><annotation-xml encoding='text/html'><img src=x onerror=alert(1)></annotation-xml></math>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<math href='javascript:alert(1)'>x</math>",
    "<form action='http://evil.example'><button>Send</button></form>",
    "<a href='javascript:alert(1)'>x</a>",
    "<base href='http://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=http://evil.example'>",
    "<link rel=stylesheet href='http://evil.example/x.css'>",
    "<div style='background:url(http://evil.example/x)'>x</div>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<!--><img src=x onerror=alert(1)>-->",
    "![x](http://evil.example/x.png)",
    "![x](data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=)",
    "![<img src=x onerror=alert(1)>](x)",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#10;script:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](//evil.example)",
    "[x](/livepoll/api/rooms)",
    "[x](http://e.example 'a\" onmouseover=\"alert(1)')",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    r"$\href{javascript:alert(1)}{x}$",
    r"$\text{<img src=x onerror=alert(1)>}$",
    r"$\text{</mtext></math><script>alert(1)</script>}$",
    r"$\text{&lt;script&gt;alert(1)&lt;/script&gt;}$",
    r"$\style{background:url(http://evil.example)}{x}$",
    r"$\class{evil}{x}$",
    r'$\color{red" onclick="alert(1)}{x}$',
    r"$\frac{<script>alert(1)</script>}{2}$",
    "$<img src=x onerror=alert(1)>$",
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "`<img src=x onerror=alert(1)>`",
    "> <details open ontoggle=alert(1)>",
    "|<script>|\n|-|\n|<img src=x onerror=alert(1)>|",
    "\x00<script>\x00alert(1)</script>",
]

_TAGS = """
a blockquote br code del em h1 h2 h3 h4 h5 h6 hr li ol p pre s span strong table tbody td th thead tr ul
math menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow mspace msqrt
mstyle msub msubsup msup mtable mtd mtext mtr munder munderover
"""
ALLOWED_TAGS = frozenset(_TAGS.split())


class Page(HTMLParser):
    """What a browser would find in the HTML: the tags, their attributes and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember a tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Remember text."""
        self.text += data


def assert_harmless(html: str) -> None:
    """Nothing runs, nothing is fetched, nothing is styled from here, no form, no other origin but by a link."""
    for tag, attributes in Page(html).tags:
        assert tag in ALLOWED_TAGS
        assert not {name for name in attributes if name.startswith("on") or name in {"style", "src", "srcset", "id"}}
        assert set((attributes.get("class") or "").split()) <= ALLOWED_CLASSES
        if "href" in attributes:
            assert tag == "a"
            assert re.match(r"https?://", str(attributes["href"]))
        if tag == "a":
            assert attributes["rel"] == "noopener noreferrer"
            assert attributes["target"] == "_blank"


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_gets_through(attack: str) -> None:
    """As a question's text, within one, and as an option's label."""
    assert_harmless(render(attack))
    assert_harmless(render(f"A list:\n\n- {attack}\n\n> quoted {attack}"))
    assert_harmless(render_label(attack))
    assert "<a" not in render_label(attack)


@given(st.text(st.sampled_from("<>/\"'=$\\`![]()#&;{}*_ \nabscript:on-m"), max_size=80))
def test_no_random_text_gets_through(text: str) -> None:
    """Nor does anything that is thrown together of the dangerous characters."""
    assert_harmless(render(text))
    assert_harmless(render_label(text))


def test_a_formula_that_refers_to_another_is_a_problem() -> None:
    """There is nothing that it could refer to."""
    assert "cannot be shown" in prose.render(r"$\ref{a}$").problems[0]


def test_an_address_cannot_forge_the_place_of_a_formula() -> None:
    """Percent codes in an address that is shown become what they mean."""
    assert render("$x$ <http://a/%EF%B7%910%EF%B7%91>").count("<math") == 1
    assert "<math" not in render("<http://a/%EF%B7%910%EF%B7%91>")


@pytest.mark.parametrize("more", ["", " $a|b$"])
def test_an_address_stays_as_it_was_written(more: str) -> None:
    """Also one that looks as if a bar had been hidden in it."""
    assert 'href="http://a/%EF%B7%90x"' in render(f"[a](http://a/%EF%B7%90x){more}")


def test_html_is_shown_as_it_was_written() -> None:
    """Markup in a question is text: a lecture about HTML can ask about it."""
    assert Page(render("What does <b>x</b> do?")).text == "What does <b>x</b> do?"


CODE = '<pre dir="ltr"><code dir="ltr">'
P = '<p dir="auto">'
X = '<math dir="ltr" alttext="x"><mi>x</mi></math>'
XX = '<math dir="ltr" display="block" alttext="x" class="tml-display"><mi>x</mi></math>'
LINK = 'target="_blank" rel="noopener noreferrer"'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** and *slanted*", f"{P}<strong>bold</strong> and <em>slanted</em></p>"),
        ("~~no~~", f"{P}<s>no</s></p>"),
        ("`x < y`", f'{P}<code dir="ltr">x &lt; y</code></p>'),
        ("`u  v`", f'{P}<code dir="ltr">u  v</code></p>'),
        ("3. three", '<ol start="3">\n<li dir="auto">three</li>\n</ol>'),
        (
            "[docs](https://example.org/?a=1&b=2)",
            f'{P}<a href="https://example.org/?a=1&amp;b=2" {LINK}>docs</a></p>',
        ),
        ("$x$", f'{P}<span class="lp-math">{X}</span></p>'),
        ("$$x$$", f'<span class="lp-math lp-math-block">{XX}</span>'),
        ("so $$x$$ it is", f'{P}so <span class="lp-math lp-math-block">{XX}</span> it is</p>'),
        ("It costs $5 and $6.", f"{P}It costs $5 and $6.</p>"),
        ("Ann pays $10, and Bob pays $10.", f"{P}Ann pays $10, and Bob pays $10.</p>"),
        ("$5-$10, US$5 or US$6, ($5)/($6)", f"{P}$5-$10, US$5 or US$6, ($5)/($6)</p>"),
        ("echo $HOME/$USER", f"{P}echo $HOME/$USER</p>"),
        (r"\$5\$", f"{P}$5$</p>"),
        ("`$a|$b`", f'{P}<code dir="ltr">$a|$b</code></p>'),
        ("```\na < b\n```", '<pre dir="ltr"><code dir="ltr">a &lt; b\n</code></pre>'),
        ("```klingon\na < b\n```", '<pre dir="ltr"><code dir="ltr">a &lt; b\n</code></pre>'),
        (
            "```python\nnot 1 # b\n```",
            f'{CODE}<span class="k">not</span> <span class="m">1</span> <span class="c"># b</span>\n</code></pre>',
        ),
    ],
)
def test_markdown_becomes(text: str, html: str) -> None:
    """Each construct that a lecturer may use."""
    assert render(text) == html


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        (r"A 3$\times$3 matrix", ["×"]),
        (r"2$\sigma$ and 3$\sigma$", ["σ", "σ"]),
        (r"a 3$\times$3 matrix costs $5 and $6", ["×"]),
        ("10$x$2", ["x"]),
        ("the $n$th of $k$", ["n", "k"]),
        (r"$ \alpha $ with blanks", ["α"]),
        (r"$0 \text{ if $x<1$}$ and $y$", ["0 if x < 1", "y"]),
        ("$$x$$ $$y$$", ["x", "y"]),
        (r"$\begin{cases*} 1 & if $n$ is odd \end{cases*}$ and $y$", ["{1, if n is odd", "y"]),
        (r"$\{1,2\}$ or $\$5$", ["{1,2}", "$5"]),
        ("| a | $P(A|B)$ |\n|---|---|\n| $|x|$ | b |", ["P(A|B)", "|x|"]),
    ],
)
def test_a_formula_is_told_from_money_by_what_it_says(text: str, formulas: list[str]) -> None:
    """Beside digits, in a table, with dollars inside."""
    page = Page(render(text))
    assert [attributes["alttext"] for tag, attributes in page.tags if tag == "math"] == formulas


def test_a_tables_columns_keep_their_alignment() -> None:
    """By a class, since the page blocks styles."""
    page = Page(render("|a|b|c|\n|:-|:-:|-:|\n|1|2|3|"))
    cells = [attributes.get("class") for tag, attributes in page.tags if tag == "td"]
    assert cells == ["lp-left", "lp-center", "lp-right"]


def test_a_table_becomes_a_table() -> None:
    """Pipes and dashes."""
    assert [tag for tag, _ in Page(render("|a|b|\n|-|-|\n|1|2|")).tags] == (
        ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"]
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            r"What is $\foo{x}$?",
            r"the formula $\foo{x}$ cannot be shown: there is no command \foo here, at character 1.",
        ),
        (r"What is $\frac{$?", "the formula $\\frac{$ cannot be shown: unexpected end of input"),
        (r"$\begin{nosuch}a\end{nosuch}$", "there is no environment nosuch here"),
        ("![a chart](https://example.org/chart.png)", "the image 'https://example.org/chart.png' cannot be shown"),
        ("![](scatter.png)", "on the projector"),
    ],
)
def test_what_cannot_be_shown_is_a_problem(text: str, problem: str) -> None:
    """With the place and the command's name; the question is not asked."""
    assert any(problem in one for one in prose.render(text).problems)
    assert any(problem in one for one in prose.render_label(text).problems)


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("Which calls `x`, __init__ or y?", "__init__ is shown as a bold init"),
        ("What is 2*3*4?", "the stars of 2*3*4 are not shown"),
        ("x*y + z*w", "the stars of x*y + z*w"),
        ("2**3**4", "the stars of 2**3**4"),
        (r"What is \frac{1}{2}?", r"\frac is shown as it is written"),
        (r"What is \(x\)?", "Write formulas between dollars: $x$"),
        ("$a \neq b$", 'r"…"'),
    ],
)
def test_what_an_author_may_not_have_meant_is_said(text: str, warning: str) -> None:
    """CommonMark is right, and who wrote it is surprised."""
    assert any(warning in one for one in prose.render(text).warnings)


@pytest.mark.parametrize(
    "text",
    [
        "**bold** and _slanted_",
        "`__init__` and `2*3*4`",
        "a * b * c",
        r"$\frac12$",
        "**Which** is *right*?",
        "C:\\temp",
    ],
)
def test_what_was_meant_is_not_warned_of(text: str) -> None:
    """Ordinary emphasis, code and formulas."""
    assert prose.render(text).warnings == ()


@pytest.mark.parametrize("text", ["```python\nx = 1\nprint(x + 2)\n```", "$$\nx\n$$\n\nand more"])
def test_a_label_with_a_block_is_a_block(text: str) -> None:
    """Code keeps its lines."""
    assert render_label(text).startswith(("<pre", '<span class="lp-math lp-math-block">'))
    assert "python" not in Page(render_label(text)).text


def test_less_than_within_a_formulas_text_is_kept() -> None:
    """Text in a formula is text, whatever characters it holds."""
    assert "if\N{NO-BREAK SPACE}x<y" in Page(render(r"$\text{if x<y}$")).text


def test_a_label_is_one_line() -> None:
    """No paragraph, no list, no heading: a label stands beside its button."""
    assert render_label("# $x$ *or* `y`") == (
        f'# <span class="lp-math">{X}</span> <em>or</em> <code dir="ltr">y</code>'
    )


@pytest.mark.parametrize("name", sorted(CODE_CLASSES))
def test_each_class_of_code_has_its_colour(name: str) -> None:
    """The page styles what the server highlights; no style is sent with the HTML."""
    assert re.search(rf"\.{name}\b", PROSE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_each_class_of_a_formula_has_its_style(name: str) -> None:
    """No style is sent with a formula, because the page would block it."""
    assert re.search(rf"\.{name}\b(?!-)", MATH_CSS.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("cell", "bars", "is_warned_of"),
    [
        ("$P(A|B)$", 1, False),
        (r"$P(A\|B)$", 1, True),
        (r"$\|x\|$", 2, True),
        (r"$P(A \mid B)$", 1, False),
        (r"$\Vert x \Vert$", 2, False),
        (r"`a` \| $b$", 1, False),
    ],
)
def test_a_bar_in_a_table_is_the_one_that_was_meant_or_warned_of(cell: str, bars: int, *, is_warned_of: bool) -> None:
    """A table takes the backslash of an escaped bar, so that nobody can tell a norm from an absolute value."""
    made = prose.render(f"| event | p |\n|--|--|\n| A | {cell} |")
    inside = re.sub(r"<[^>]*>", "", made.html)
    assert sum(inside.count(bar) for bar in "|∣‖∥") == bars
    assert made.problems == ()
    assert any(r"\Vert" in warning for warning in made.warnings) is is_warned_of


def test_a_norm_outside_of_a_table_keeps_its_two_bars() -> None:
    """Without a warning, also beside a table."""
    made = prose.render("Is $\\|x\\|$ a norm?\n\n| a | b |\n|--|--|\n| 1 | $|x|$ |")
    assert "‖" in made.html
    assert made.warnings == ()


def test_stars_within_each_other_by_the_hundred_are_refused_with_what_to_do() -> None:
    """No traceback: making plain text of them would need more of Python's stack than there is."""
    made = prose.render("*a " * 1_300 + "b*" * 1_300)
    assert len(made.problems) == 1
    assert "within each other; at most 80 are shown on a phone. Write it with fewer." in made.problems[0]
    assert prose.render("*a " * 75 + "b*" * 75).problems == ()
