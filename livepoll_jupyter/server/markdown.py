"""Markdown to HTML that is safe on a stranger's phone: math as MathML, code with classes, then an allow-list.

Rendered once, when a question is prepared. Nothing here trusts its input, and nothing that it lets through makes the
page ask another host for anything: no image, no style, no script, no form. Links are for the person to follow.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from itertools import groupby
from typing import Any
from xml.etree import ElementTree as ET

import nh3
from latex2mathml.converter import convert_to_element
from markdown_it import MarkdownIt
from markdown_it.token import Token as MarkdownToken
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments.lexers import get_lexer_by_name
from pygments.token import Token
from pygments.util import ClassNotFound

_CODE_CLASS = {
    Token.Comment: "c",
    Token.Keyword: "k",
    Token.Keyword.Constant: "m",
    Token.Keyword.Type: "nb",
    Token.Literal.Number: "m",
    Token.Literal.String: "s",
    Token.Name.Builtin: "nb",
    Token.Name.Class: "nf",
    Token.Name.Decorator: "nf",
    Token.Name.Exception: "nb",
    Token.Name.Function: "nf",
    Token.Operator.Word: "k",
}

CODE_CLASSES = frozenset(_CODE_CLASS.values())
"""Every class that highlighted code carries; ``labextension/src/views/prose.css`` gives each its colours."""

_INLINE = {"a", "br", "code", "del", "em", "s", "strong", "span"}
_BLOCK = {"blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul"}
_TABLE = {"table", "tbody", "td", "th", "thead", "tr"}
_MATH = {
    "math", "menclose", "mfenced", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom",
    "mprescripts", "mroot", "mrow", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext",
    "mtr", "munder", "munderover", "none",
}  # fmt: skip
_MATH_ATTRIBUTES = {
    "accent", "accentunder", "columnalign", "columnlines", "columnspacing", "depth", "display", "displaystyle", "fence",
    "form", "height", "linethickness", "lspace", "mathcolor", "mathsize", "mathvariant", "maxsize", "minsize",
    "movablelimits", "notation", "rowlines", "rowspacing", "rspace", "scriptlevel", "separator", "stretchy",
    "symmetric", "voffset", "width",
}  # fmt: skip


def _cleaner(tags: set[str]) -> nh3.Cleaner:
    attributes: dict[str, set[str]] = dict.fromkeys(_MATH, _MATH_ATTRIBUTES)
    return nh3.Cleaner(
        tags=tags,
        attributes={**attributes, "a": {"href"}, "ol": {"start"}},
        allowed_classes={"span": set(CODE_CLASSES)},
        set_tag_attribute_values={"a": {"target": "_blank"}},
        link_rel="noopener noreferrer",
        url_schemes={"http", "https"},
        url_relative="deny",
    )


_clean_block = _cleaner(_INLINE | _BLOCK | _TABLE | _MATH)
_clean_label = _cleaner((_INLINE | _MATH) - {"a"})


def render(text: str) -> str:
    """A question's text as HTML blocks, safe to put into any page."""
    return _clean_block.clean(_markdown.render(text)).strip()


def render_label(text: str) -> str:
    """An option's label as one line of HTML; no links, since the whole label is there to be chosen."""
    return _clean_label.clean(_markdown.renderInline(text)).strip()


def _highlight(code: str, language: str, _attributes: str) -> str:
    """Code in spans, one class each out of few; as it is where the language is unknown."""
    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return html.escape(code)
    pieces = [(_class_of(kind), text) for kind, text in lexer.get_tokens(code)]
    return "".join(
        _span(name, "".join(text for _, text in run)) for name, run in groupby(pieces, key=lambda piece: piece[0])
    )


def _class_of(kind: Any) -> str | None:
    while kind is not None and kind not in _CODE_CLASS:
        kind = kind.parent
    return _CODE_CLASS.get(kind)


def _span(name: str | None, text: str) -> str:
    shown = html.escape(text, quote=False)
    return f'<span class="{name}">{shown}</span>' if name else shown


def _inline_math(_self: object, tokens: Sequence[MarkdownToken], index: int, *_: object) -> str:
    return _math(tokens[index].content.strip(), "inline")


def _block_math(_self: object, tokens: Sequence[MarkdownToken], index: int, *_: object) -> str:
    return _math(tokens[index].content.strip(), "block")


def _math(latex: str, display: str) -> str:
    """MathML of a formula; its source where it is none, so that a slip never stops a lecture."""
    try:
        formula = convert_to_element(latex, display=display)
    except Exception:  # noqa: BLE001 - the converter fails in many ways, and each means the same
        return f"<code>{html.escape(latex)}</code>"
    for element in formula.iter():
        # The converter writes character references into texts, which must be escaped once and not twice.
        element.text = html.unescape(element.text) if element.text else element.text
    return ET.tostring(formula, encoding="unicode")


def _image(_self: object, tokens: Sequence[MarkdownToken], index: int, *_: object) -> str:
    """An image's description: the image itself would be a request to another host."""
    return html.escape(tokens[index].content)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "highlight": _highlight})
    parser.enable(["table", "strikethrough"])
    parser.use(dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True)
    parser.add_render_rule("math_inline", _inline_math)
    parser.add_render_rule("math_inline_double", _block_math)
    parser.add_render_rule("math_block", _block_math)
    parser.add_render_rule("image", _image)
    return parser


_markdown = _parser()
