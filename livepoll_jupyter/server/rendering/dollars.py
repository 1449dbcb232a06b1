r"""Formulas between dollars, and dollars that are money or a shell's: which is which is decided by what stands between.

A formula begins with a dollar and ends with the next one outside of braces, so that ``$\text{if $x<1$}$`` is one.
Beside a digit or a letter, or with blanks inside, it has to look like LaTeX: ``3$\times$3`` is a formula, and
``$5-$10`` is none.
"""

from __future__ import annotations

import re
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.dollarmath.index import math_block_dollar

MARKS_OF_ONE: Final = 2
"""Doubled dollars around one formula."""

BAR: Final = "\ufdd0"
"""Stands for a bar within a formula while tables are split at bars. No text may hold this noncharacter."""

QUOTED_BAR: Final = "%EF%B7%90"
"""The same in an address."""

HIDDEN: Final = "livepoll_hidden_bars"
"""What the parser's environment holds while bars are hidden: the lines on which a formula has an escaped one."""

ESCAPED_BAR: Final = "escaped_bar"
"""What the meta of a table's row holds if a formula in it had an escaped bar, of which the table took the backslash."""

_COMMAND: Final = re.compile(r"\\[A-Za-z]")
_LATEX: Final = re.compile(r"\\[A-Za-z]|[\^_]|\A[A-Za-z](?:\W.*)?\Z|\A[=<>+*/:-]\Z", re.DOTALL)
_PATH: Final = re.compile(r"\w{2,}[^\w\\{}^_]+")
_ESCAPED: Final = re.compile(r"(?<!\\)(?:\\\\)*\\\|")
_BAR_IN_FORMULA: Final = re.compile(r"(?<!\\)((?:\\\\)*)\|")


def dollars(parser: MarkdownIt) -> None:
    """Make ``math_inline``, ``math_inline_double`` and ``math_block`` tokens of formulas."""
    parser.use(dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True)
    parser.inline.ruler.at("math_inline", _inline)
    parser.block.ruler.at("math_block", _block, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    parser.core.ruler.after("normalize", "formula_bars", _hide_bars)
    parser.core.ruler.push("formula_bars_again", _show_bars)


def close_of(source: str, start: int) -> int:
    """Where the formula that begins with the dollar at ``start`` ends with another one; -1 if it is none."""
    end = _next_dollar(source, start + 1)
    if end < 0:
        return -1
    content = source[start + 1 : end]
    before, after = source[start - 1 : start], source[end + 1 : end + 2]
    return end if _is_formula(content, before, after) else -1


def _is_formula(content: str, before: str, after: str) -> bool:
    if not content.strip():
        return False
    if content != content.strip():
        return bool(_COMMAND.search(content))
    if before.isdigit() or after.isdigit():
        return bool(_LATEX.search(content))
    return not (after.isalpha() and _PATH.fullmatch(content))


def _next_dollar(source: str, start: int) -> int:
    """The next dollar outside of braces and environments, else the next one at all; an escaped one does not count."""
    depth, first, at = 0, -1, start
    while at < len(source):
        match source[at]:
            case "\\":
                depth += source.startswith("\\begin{", at) - source.startswith("\\end{", at)
                at += 1
            case "{":
                depth += 1
            case "}":
                depth -= 1
            case "$" if depth <= 0:
                return at
            case "$":
                first = at if first < 0 else first
        at += 1
    return first


def _inline(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - called by the parser
    start = state.pos
    if state.src[start] != "$":
        return False
    if state.src.startswith("$$", start):
        end = state.src.find("$$", start + 2)
        name, markup, content = "math_inline_double", "$$", state.src[start + 2 : end]
    else:
        end = close_of(state.src, start)
        name, markup, content = "math_inline", "$", state.src[start + 1 : end]
    if end < 0 or not content.strip():
        return False
    if not silent:
        token = state.push(name, "math", 0)
        token.content, token.markup = content, markup
    state.pos = end + len(markup)
    return True


_one_block: Final = math_block_dollar(allow_labels=False)


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - called by the parser
    """A formula on lines of its own; several on one line are for :func:`_inline`."""
    line = state.getLines(start, start + 1, state.blkIndent, keepLastLF=False)
    return line.count("$$") <= MARKS_OF_ONE and _one_block(state, start, end, silent)


def _hide_bars(state: StateCore) -> None:
    # A text with the hidden bar's own percent code could not be told from one with bars.
    if "|" in state.src and "$" in state.src and QUOTED_BAR not in state.src.upper():
        lines = [_without_bars(line) for line in state.src.split("\n")]
        state.src = "\n".join(line for line, _ in lines)
        state.env[HIDDEN] = {at for at, (_, has_escaped) in enumerate(lines) if has_escaped}


def _without_bars(line: str) -> tuple[str, bool]:
    """The line with each unescaped bar of a formula hidden, and whether a formula has an escaped one.

    An escaped one is for the table to read.
    """
    made, at, has_escaped = "", 0, False
    while (start := line.find("$", at)) >= 0:
        is_escaped = line[:start].endswith("\\") and not line[:start].endswith("\\\\")
        end = -1 if is_escaped else close_of(line, start)
        made += line[at:start] + "$"
        at = start + 1
        if end > 0:
            made += _BAR_IN_FORMULA.sub(rf"\1{BAR}", line[at:end]) + "$"
            has_escaped = has_escaped or bool(_ESCAPED.search(line[at:end]))
            at = end + 1
    return made + line[at:], has_escaped


def _show_bars(state: StateCore) -> None:
    for token in state.tokens if HIDDEN in state.env else ():
        _show_bars_in(token)
        if token.type == "tr_open" and token.map and token.map[0] in state.env[HIDDEN]:
            token.meta[ESCAPED_BAR] = True


def _show_bars_in(token: Token) -> None:
    token.content = token.content.replace(BAR, "|")
    token.info = token.info.replace(BAR, "|")
    token.attrs = {
        name: value.replace(BAR, "|").replace(QUOTED_BAR, "%7C") if isinstance(value, str) else value
        for name, value in token.attrs.items()
    }
    for child in token.children or ():
        _show_bars_in(child)
