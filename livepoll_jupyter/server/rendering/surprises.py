"""What an author may not have meant, found in the parsed text: said at publish, before a class sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from markdown_it.token import Token

from livepoll_jupyter.server.rendering.dollars import ESCAPED_BAR

_COMMAND: Final = re.compile(
    r"\\(?:begin|end|[dt]?frac|sqrt|sum|int|prod|lim|infty|text|math(?:bb|bf|cal|rm)|operatorname|binom|hat|bar|vec|left|"
    r"cdot|times|leq?|geq?|neq?|alpha|beta|gamma|delta|epsilon|lambda|mu|pi|rho|sigma|theta|omega|partial|nabla)\b"
)
_BRACKETS: Final = re.compile(r"\\([(\[])(.*?)\\[)\]]")
_NAME: Final = re.compile(r"\w+")
_NEWLINE: Final = re.compile(r"(?<!\\)\n(abla|eq|otin|exists|leq|geq|mid|ot)\b")
_NEWLINE_FIRST: Final = re.compile(rf"\$(?={_NEWLINE.pattern})")
"""Then no formula begins: a blank stands behind the dollar."""


def surprises(tokens: Sequence[Token], where: str) -> Iterator[str]:
    """Sentences about the text that ``where`` names, such as "the question" or "option 2"."""
    for token in tokens:
        yield from _of_formula(token, where)
        if ESCAPED_BAR in token.meta:
            yield (
                f"In {where}, \\| in a formula of a table is shown as one bar. If you mean one, write | or "
                "\\mid, which a table leaves alone; if you mean the two bars of a norm, write \\Vert."
            )
        for child in token.children or ():
            yield from _of_formula(child, where)
        if token.children:
            yield from _of_emphasis(token.children, where)
            yield from _of_plain_text(token, where)


def _of_emphasis(tokens: Sequence[Token], where: str) -> Iterator[str]:
    """CommonMark is right to make names bold and to eat stars; who wrote them is surprised."""
    for at, token in enumerate(tokens):
        if token.type not in {"strong_open", "em_open"}:
            continue
        inner = _until_close(tokens, at)
        before = tokens[at - 1].content[-1:] if at else ""
        after_at = at + 1 + len(inner) + 1
        after = tokens[after_at].content[:1] if after_at < len(tokens) else ""
        text = "".join(part.content for part in inner)
        written = f"{token.markup}{text}{token.markup}"
        face = "bold" if token.type == "strong_open" else "slanted"
        if token.markup == "__" and _NAME.fullmatch(text):
            yield (
                f"In {where}, {written} is shown as a {face} {text}. "
                f"If it is a name, write it as code: `{written}`; if you mean {face} letters, write **{text}**."
            )
        elif "*" in token.markup and _is_word(before) and _is_word(after):
            yield (
                f"In {where}, the stars of {before}{written}{after} are not shown: they make {text} {face}. "
                "For a product write a formula ($a \\cdot b$), code (`a*b`), or \\* for each star."
            )


def _until_close(tokens: Sequence[Token], at: int) -> list[Token]:
    level = tokens[at].level
    inner: list[Token] = []
    for token in tokens[at + 1 :]:
        if token.nesting < 0 and token.level == level:
            return inner
        inner.append(token)
    return inner


def _is_word(character: str) -> bool:
    return character.isalnum() or character in {"_", ")", "("} - {""}


def _of_plain_text(token: Token, where: str) -> Iterator[str]:
    text = " ".join(child.content for child in token.children or () if child.type == "text")
    command = _COMMAND.search(text)
    if command:
        yield (
            f"In {where}, {command[0]} is shown as it is written, because it stands outside of a formula. "
            "Write formulas between dollars: $x^2$, or $$x^2$$ on a line of its own."
        )
    cut = _NEWLINE_FIRST.search(token.content)
    if cut:
        yield _about_newline(cut, where)
    bracket = _BRACKETS.search(token.content)
    if bracket and not any(child.type == "code_inline" for child in token.children or ()):
        yield f"In {where}, \\{bracket[1]} begins no formula. Write formulas between dollars: ${bracket[2].strip()}$."


def _of_formula(token: Token, where: str) -> Iterator[str]:
    if not token.type.startswith("math_"):
        return
    cut = _NEWLINE.search(token.content)
    if cut:
        yield _about_newline(cut, where)


def _about_newline(cut: re.Match[str], where: str) -> str:
    return (
        f"In {where}, a formula has a line's end before {cut[1]!r}. If you meant \\n{cut[1]}, put an r before the "
        'text in Python: r"…".'
    )
