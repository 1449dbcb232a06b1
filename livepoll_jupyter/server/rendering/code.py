"""Highlighted code: Pygments' tokens as a few classes, for the languages that are taught.

The list of languages is closed, because some of Pygments' lexers take many seconds for 8 KB of hostile text. Those on
the list were measured with each text of ``tests/rendering/attacks.py``. Most take below 0.4 s of processor time. The
slowest are Java 4.3 s, C++ 3.7 s and C 3.6 s (8,000 empty lines), TypeScript 1.7 s, MATLAB 1.6 s and Python 1.2 s. The
time limit of ``process`` bounds them all. C# is read as Java, since its own lexer is slower.
"""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import Any, Final

from pygments.lexers import get_lexer_by_name
from pygments.token import Token

_NAMES: Final = """
asm bash c cpp css diff dockerfile fortran go haskell html ini java javascript json julia kotlin latex
lua matlab nasm octave pascal perl php prolog python pycon r racket ruby rust scala scheme sh sql swift tex
toml ts typescript vbnet xml yaml
"""

LANGUAGES: Final = frozenset(_NAMES.split())
"""What code is highlighted as; any other language is shown without colours."""

_ALIASES: Final = {
    "c#": "java", "csharp": "java", "c++": "cpp", "cs": "java", "h": "c", "hs": "haskell",
    "ipython": "python", "ipython3": "python",
    "jl": "julia", "js": "javascript", "kt": "kotlin", "md": "", "py": "python",
    "py3": "python", "python3": "python", "rb": "ruby", "rs": "rust", "shell": "bash", "yml": "yaml", "zsh": "bash",
}  # fmt: skip

_CODE_CLASS: Final[dict[Any, str]] = {
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

CODE_CLASSES: Final = frozenset(_CODE_CLASS.values())
"""Every class that highlighted code carries; ``labextension/src/views/prose.css`` gives each its colours."""


def highlight(code: str, language: str, _attributes: str = "") -> str:
    """Code in spans, one class each out of few; as it is where the language is not on the list."""
    name = _ALIASES.get(language.lower(), language.lower())
    if name not in LANGUAGES:
        return escape(code)
    lexer = get_lexer_by_name(name, stripnl=False)
    pieces = [(_class_of(kind), text) for kind, text in lexer.get_tokens(code)]
    return "".join(
        _span(class_, "".join(text for _, text in run)) for class_, run in groupby(pieces, key=lambda piece: piece[0])
    )


def _class_of(kind: Any) -> str | None:
    while kind is not None and kind not in _CODE_CLASS:
        kind = kind.parent
    return _CODE_CLASS.get(kind)


def _span(name: str | None, text: str) -> str:
    shown = escape(text, quote=False)
    return f'<span class="{name}">{shown}</span>' if name else shown
