"""Rendered Markdown as plain text: the words that a reader sees, for exports, terminals and notebooks without widgets.

It is made of the cleaned HTML in which a mark still stands for each formula, so that both forms say the same. A formula
is its line from ``linear``. What carries meaning by its form keeps one: items of a list have bullets or numbers, cells
of a table bars between them, quotes ``>``, and code its blanks and lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from html.parser import HTMLParser
from typing import Final

from msgspec import Struct, field

BULLET: Final = "• "
"""Before an item: with a hyphen a spreadsheet would take the text for a formula."""
BAR: Final = " | "
STRUCK: Final = "~~"
"""Around what is struck through: without it "~~not~~" would say the opposite."""

_KEPT_BLANK: Final = "\x00"
_NEW_LINE: Final = "\x01"
"""Stand for a blank within code and for the end of a line while other blanks are joined. No text has them."""

_VOID: Final = {"br", "hr"}
_BLOCKS: Final = {"blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ol", "p", "pre", "table", "ul"}


class _Element(Struct):
    """An element with what stands in it."""

    tag: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    children: list[_Element | str] = field(default_factory=list)


def plain(html: str, fill: Callable[[str], str] = str) -> str:
    """The text of clean HTML. ``fill`` puts formulas in the place of their marks in a piece of text."""
    return "\n".join(_lines(_tree(html, fill).children, between=[""])).strip("\n")


def _tree(html: str, fill: Callable[[str], str]) -> _Element:
    reader = _Reader(fill)
    reader.feed(html)
    reader.close()
    return reader.root


class _Reader(HTMLParser):
    """Reads HTML that was cleaned, so that every element is closed."""

    def __init__(self, fill: Callable[[str], str]) -> None:
        super().__init__()
        self.root = _Element("")
        self._open = [self.root]
        self._fill = fill

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = _Element(tag, dict(attrs))
        self._open[-1].children.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if len(self._open) > 1 and self._open[-1].tag == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(self._fill(data))


def _lines(children: Sequence[_Element | str], *, between: Sequence[str] = ()) -> list[str]:
    """The lines of blocks, with the lines ``between`` each two; text beside blocks is a block of its own."""
    lines: list[str] = []
    for block in _blocks(children):
        if block and lines:
            lines += between
        lines += block
    return lines


def _blocks(children: Sequence[_Element | str]) -> Iterator[list[str]]:
    beside: list[_Element | str] = []
    for child in children:
        if isinstance(child, _Element) and child.tag in _BLOCKS:
            yield _inline(beside)
            beside = []
            yield _block(child)
        else:
            beside.append(child)
    yield _inline(beside)


def _block(element: _Element) -> list[str]:
    match element.tag:
        case "pre":
            return _source(element).rstrip("\n").split("\n")
        case "blockquote":
            return [f"> {line}" for line in _lines(element.children)]
        case "ul" | "ol":
            return list(_items(element))
        case "table":
            return [BAR.join(" ".join(_inline(cell.children)) for cell in _within(row, "td", "th"))
                    for row in _within(element, "tr")]  # fmt: skip
        case "hr":
            return []
        case _:
            return _inline(element.children)


def _items(element: _Element) -> Iterator[str]:
    first = int(element.attributes.get("start") or 1)
    for number, item in enumerate(_within(element, "li"), first):
        mark = BULLET if element.tag == "ul" else f"{number}. "
        lines = _lines(item.children) or [""]
        yield mark + lines[0]
        yield from (" " * len(mark) + line for line in lines[1:])


def _within(element: _Element, *tags: str) -> Iterator[_Element]:
    """The nearest elements of these kinds."""
    for child in element.children:
        if isinstance(child, _Element):
            if child.tag in tags:
                yield child
            else:
                yield from _within(child, *tags)


def _source(element: _Element) -> str:
    return "".join(child if isinstance(child, str) else _source(child) for child in element.children)


def _inline(children: Sequence[_Element | str]) -> list[str]:
    """Text in the line, with single blanks but within code; more lines than one where there are breaks."""
    text = re.sub(r"\s+", " ", "".join(map(_said, children)))
    lines = (line.strip().replace(_KEPT_BLANK, " ") for line in text.split(_NEW_LINE))
    return [line for line in lines if line]


def _said(child: _Element | str) -> str:
    if isinstance(child, str):
        return child
    if child.tag == "code":
        return re.sub(r"\s", _KEPT_BLANK, _source(child))
    if child.tag == "br":
        return _NEW_LINE
    said = "".join(map(_said, child.children))
    if child.tag in {"s", "del"}:
        return f"{STRUCK}{said}{STRUCK}"
    is_alone = "lp-math-block" in (child.attributes.get("class") or "")
    return f"{_NEW_LINE}{said}{_NEW_LINE}" if is_alone else said
