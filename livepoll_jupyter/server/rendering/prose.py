"""Markdown to HTML that is safe on a stranger's phone: an allow-list for HTML, and another one for formulas.

Nothing here trusts its input, and nothing that it lets through makes the page ask another host for anything: no image,
no style, no script, no form. Links are for the person to follow.

The order matters. A formula leaves a mark in the text; the HTML is cleaned with the marks in it; then each mark gives
way to its MathML, which ``mathml`` has cleaned as MathML. Cleaned as HTML it would lose what stands in operators.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from msgspec import Struct
from msgspec.structs import replace

from ...core.drafts import MAX_LEVELS, extent, too_deep
from .code import CODE_CLASSES, highlight
from .dollars import BAR, dollars
from .formulas import Formula, formula
from .mathml import Unrenderable
from .plain import plain
from .surprises import surprises

MARK: Final = "\ufdd1"
"""Stands around the number of a formula while HTML is cleaned. No text may hold this noncharacter."""

ALIGNMENTS: Final = {"left": "lp-left", "center": "lp-center", "right": "lp-right"}
"""A table column's alignment and its class."""

_INLINE = {"a", "br", "code", "del", "em", "s", "strong", "span"}
_BLOCK = {"blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul"}
_TABLE = {"table", "tbody", "td", "th", "thead", "tr"}
_ANY_DIRECTION: Final = ("blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "li", "p", "td", "th")
"""Blocks whose own first letter says in which direction they are read."""

_MARKED: Final = re.compile(f"{MARK}(\\d+){MARK}")
_PUNCTUATION: Final = re.compile(f'(<span class="lp-math">{MARK}\\d+{MARK})(</span>)([.,;:?!)]+)')
"""A sign behind a formula goes into its span: it must not begin the next line alone."""

_ONE_PARAGRAPH: Final = re.compile(r'<p dir="auto">((?:(?!<p\b|</p>).)*)</p>', re.DOTALL)


class Rendered(Struct, frozen=True):
    """A text as HTML and as plain text, what its author may not have meant, and what cannot be shown, in sentences."""

    html: str
    plain: str = ""
    warnings: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def _cleaner(tags: set[str]) -> nh3.Cleaner:
    directed: dict[str, dict[str, str]] = {tag: {"dir": "auto"} for tag in _ANY_DIRECTION if tag in tags}
    return nh3.Cleaner(
        tags=tags,
        attributes={"a": {"href"}, "ol": {"start"}},
        allowed_classes={
            "span": {*CODE_CLASSES, "lp-math", "lp-math-block"},
            "td": set(ALIGNMENTS.values()),
            "th": set(ALIGNMENTS.values()),
        },
        set_tag_attribute_values={
            "a": {"target": "_blank"}, "code": {"dir": "ltr"}, "pre": {"dir": "ltr"}, **directed,
        },
        link_rel="noopener noreferrer",
        url_schemes={"http", "https"},
        url_relative="deny",
    )  # fmt: skip


_clean_block = _cleaner(_INLINE | _BLOCK | _TABLE)
_clean_label = _cleaner((_INLINE | {"p", "pre"}) - {"a"})


def render(text: str, where: str = "the question") -> Rendered:
    """A question's text as HTML blocks, safe to put into any page."""
    return _Rendering(_blocks, _clean_block, where).of(text)


def render_label(text: str, where: str = "an option") -> Rendered:
    """An option's label: one line of HTML, or blocks where it has code or a formula on lines of their own.

    No links, since the whole label is there to be chosen; no headings and lists, since ``1. e4`` is a label.
    """
    made = _Rendering(_label, _clean_label, where).of(text)
    line = _ONE_PARAGRAPH.fullmatch(made.html)
    return replace(made, html=line[1]) if line else made


class _Rendering:
    """One text on its way."""

    def __init__(self, parser: MarkdownIt, cleaner: nh3.Cleaner, where: str) -> None:
        self.parser, self.cleaner, self.where = parser, cleaner, where
        self.formulas: list[Formula] = []
        self.problems: list[str] = []

    def of(self, text: str) -> Rendered:
        """The text rendered and cleaned."""
        text = text.replace(BAR, "").replace(MARK, "")
        tokens = self.parser.parse(text)
        for token in _all(tokens):
            # An address shows percent codes as what they mean, so a mark may have come back.
            token.content = token.content.replace(MARK, "")
            if token.type == "image":
                self.problems.append(_no_image(token, self.where))
        html = self.parser.renderer.render(tokens, self.parser.options, {"rendering": self})
        marked = _PUNCTUATION.sub(r"\1\3\2", self.cleaner.clean(html))
        _, levels = extent(marked)
        if levels > MAX_LEVELS:
            # Plain text is made of it by functions that call themselves, to no end of Python's own stack.
            return Rendered("", problems=(too_deep(levels),))
        cleaned = _MARKED.sub(lambda mark: self.formulas[int(mark[1])].html, marked)
        said = plain(marked, lambda text: _MARKED.sub(lambda mark: self.formulas[int(mark[1])].text, text))
        warnings = tuple(dict.fromkeys(surprises(tokens, self.where)))
        return Rendered(cleaned.strip(), said, warnings, tuple(self.problems))

    def formula(self, latex: str, *, is_block: bool) -> str:
        """The mark that a formula leaves; its source where it is none, which is a problem besides."""
        try:
            made = formula(latex.strip(), is_block=is_block)
        except Unrenderable as wrong:
            self.problems.append(f"In {self.where}, the formula ${_cut(latex.strip())}$ cannot be shown: {wrong}.")
            return f"<code>{_escape(latex)}</code>"
        self.formulas.append(made)
        is_alone = is_block or made.html.startswith('<math dir="ltr" display="block"')
        name = "lp-math lp-math-block" if is_alone else "lp-math"
        return f'<span class="{name}">{MARK}{len(self.formulas) - 1}{MARK}</span>'


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut(text: str, width: int = 60) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _no_image(token: Token, where: str) -> str:
    source = token.attrs.get("src", "")
    return (
        f"In {where}, the image {_cut(str(source))!r} cannot be shown: phones load nothing from elsewhere. Show it in "
        "the notebook, on the projector, and ask about it in words."
    )


def _all(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all(token.children or ())


# ---------------------------------------------------------------- how tokens are written

Rule = Callable[..., str]


def _math(*, is_block: bool) -> Rule:
    def write(_self: object, tokens: Sequence[Token], index: int, _options: object, env: dict[str, Any]) -> str:
        rendering: _Rendering = env["rendering"]
        return rendering.formula(tokens[index].content, is_block=is_block)

    return write


def _cell(self: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """A cell; its alignment is a class, because the page's policy blocks styles."""
    style = str(tokens[index].attrs.pop("style", ""))
    name = ALIGNMENTS.get(style.removeprefix("text-align:"))
    if name:
        tokens[index].attrSet("class", name)
    return self.renderToken(tokens, index, options, env)


def _image(_self: object, tokens: Sequence[Token], index: int, *_: object) -> str:
    """An image's description: the image itself would be a request to another host."""
    return _escape(tokens[index].content)


def _parser(*block_rules: str) -> MarkdownIt:
    """CommonMark with tables and formulas; with ``block_rules`` no other blocks than those."""
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "highlight": highlight})
    parser.enable(["table", "strikethrough"])
    parser.use(dollars)
    if block_rules:
        parser.block.ruler.enableOnly([*block_rules])
    for name in ("math_inline", "math_inline_double", "math_block"):
        parser.add_render_rule(name, _math(is_block=name != "math_inline"))
    parser.add_render_rule("th_open", _cell)
    parser.add_render_rule("td_open", _cell)
    parser.add_render_rule("image", _image)
    return parser


_blocks = _parser()
_label = _parser("fence", "math_block", "paragraph")
