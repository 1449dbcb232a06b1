"""Markdown as students see it, and what a page must never be made to do by it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livepoll_jupyter.server.markdown import CODE_CLASSES, render, render_label

PROSE = Path(__file__).parents[2] / "labextension" / "src" / "views" / "prose.css"

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
math menclose mfenced mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow mspace msqrt
mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none
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
        assert set((attributes.get("class") or "").split()) <= CODE_CLASSES
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


def test_html_is_shown_as_it_was_written() -> None:
    """Markup in a question is text: a lecture about HTML can ask about it."""
    assert Page(render("What does <b>x</b> do?")).text == "What does <b>x</b> do?"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** and *slanted*", "<p><strong>bold</strong> and <em>slanted</em></p>"),
        ("~~no~~", "<p><s>no</s></p>"),
        ("`x < y`", "<p><code>x &lt; y</code></p>"),
        ("3. three", '<ol start="3">\n<li>three</li>\n</ol>'),
        (
            "[docs](https://example.org/?a=1&b=2)",
            '<p><a href="https://example.org/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">docs</a></p>',
        ),
        ("$x^2$", '<p><math display="inline"><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math></p>'),
        ("$$x$$", '<math display="block"><mrow><mi>x</mi></mrow></math>'),
        ("so $$x$$ it is", '<p>so <math display="block"><mrow><mi>x</mi></mrow></math> it is</p>'),
        ("It costs $5 and $6.", "<p>It costs $5 and $6.</p>"),
        ("![a chart](https://example.org/chart.png)", "<p>a chart</p>"),
        ("```\na < b\n```", "<pre><code>a &lt; b\n</code></pre>"),
        ("```klingon\na < b\n```", "<pre><code>a &lt; b\n</code></pre>"),
        (
            "```python\nnot 1 # b\n```",
            '<pre><code><span class="k">not</span> <span class="m">1</span> <span class="c"># b</span>\n</code></pre>',
        ),
    ],
)
def test_markdown_becomes(text: str, html: str) -> None:
    """Each construct that a lecturer may use."""
    assert render(text) == html


def test_a_table_becomes_a_table() -> None:
    """Pipes and dashes."""
    assert [tag for tag, _ in Page(render("|a|b|\n|-|-|\n|1|2|")).tags] == (
        ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"]
    )


@pytest.mark.parametrize("latex", [r"\frac{", r"\left( x", r"\begin{pmatrix}a"])
def test_bad_latex_is_shown_as_it_was_written(latex: str) -> None:
    """A slip in a formula never keeps a question from being asked."""
    assert render(f"What is ${latex}$?") == f"<p>What is <code>{latex}</code>?</p>"


def test_less_than_within_a_formulas_text_is_kept() -> None:
    """Text in a formula is text, whatever characters it holds."""
    assert "if\N{NO-BREAK SPACE}x<y" in Page(render(r"$\text{if x<y}$")).text


def test_a_label_is_one_line() -> None:
    """No paragraph, no list, no heading: a label stands beside its button."""
    assert render_label("# $x$ *or* `y`") == (
        '# <math display="inline"><mrow><mi>x</mi></mrow></math> <em>or</em> <code>y</code>'
    )


@pytest.mark.parametrize("name", sorted(CODE_CLASSES))
def test_each_class_of_code_has_its_colour(name: str) -> None:
    """The page styles what the server highlights; no style is sent with the HTML."""
    assert re.search(rf"\.{name}\b", PROSE.read_text(encoding="utf-8"))
