"""A formula as one line of plain text: ``1/2``, ``2^10``, ``√2``, for screen readers, old browsers and exports."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any, Final

_SIMPLE: Final = re.compile(r"[−-]?[^\W_]+([.,]\d+)?[\u0300-\u036f\u20d7]?([_^][^\W_]+)?[′″]?|\([^()]*\)|.")
"""What needs no brackets as part of a fraction, an index or a power."""

_SPACED: Final = set("=+−±∓×÷·∗⋆<>≤≥≠≈≡∼≃≅∝≪≫∈∉⊂⊆⊊⊃⊇∪∩∖∧∨⊕⊗→←↔⇒⇐⇔↦∣∥⊥⊢⊨≔|")
"""Operators that stand between blanks when something stands before them."""

_MARKS: Final = {
    "ˉ": "\u0304", "‾": "\u0304", "¯": "\u0304", "^": "\u0302", "ˆ": "\u0302", "~": "\u0303", "˜": "\u0303",
    "˙": "\u0307", ".": "\u0307", "¨": "\u0308", "→": "\u20d7", "ˇ": "\u030c", "´": "\u0301", "`": "\u0300",
    "∼": "\u0303", "⃗": "\u20d7",
}  # fmt: skip
_NAMES: Final = {"tml-overline": "overline", "upstrike": "cancel", "downstrike": "cancel", "tml-xcancel": "cancel"}
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u2061\u2062\u2063\u2064\u200b\u2060"))
_SUPERSCRIPT: Final = str.maketrans("0123456789n", "⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ")


def linear(tree: Any) -> str:
    """The formula's tree in one line."""
    return re.sub(r"\s+", " ", _text(tree)).strip()


def _text(node: Any) -> str:
    if isinstance(node, str):
        return _plain(node)
    write = _WRITERS.get(node[0])
    return write(node) if write else _row(node)


def _plain(text: str) -> str:
    """Letters without their mathematical face; blanks as blanks."""
    shown = "".join(unicodedata.normalize("NFKC", c) if "\U0001d400" <= c <= "\U0001d7ff" else c for c in text)
    return shown.translate(_INVISIBLE).replace("\xa0", " ")


def _row(node: Any) -> str:
    said = ""
    for child in node[4]:
        text = _text(child)
        if not isinstance(child, str) and child[0] == "mo" and (text in _SPACED or text.isalpha()):
            text = f" {text} " if said.strip() and said.strip()[-1] not in "([{," else text
        said += text
    return said


def _parts(node: Any) -> list[str]:
    return [_text(child).strip() for child in node[4]]


def _within(text: str) -> str:
    return text if _SIMPLE.fullmatch(text) else f"({text})"


def _fraction(node: Any) -> str:
    above, below = _parts(node)
    if node[1].get("linethickness", "").startswith("0"):
        return f"{above} choose {below}"
    return f"{_within(above)}/{_within(below)}"


def _root(node: Any) -> str:
    if node[0] == "msqrt":
        return f"√{_within(_row(node).strip())}"
    inner, degree = _parts(node)
    return f"{degree.translate(_SUPERSCRIPT)}√{_within(inner)}"


def _scripts(node: Any) -> str:
    base, *scripts = _parts(node)
    signs = {"msub": "_", "msup": "^", "msubsup": "_^", "munder": "_", "munderover": "_^"}[node[0]]
    said = base
    for sign, script in zip(signs, scripts, strict=False):
        if script and set(script) <= set("′″‴'"):
            said += script
        elif script:
            said += f"{sign}{_within(script)}"
    return f"{said} " if base in {"∑", "∏", "∫", "lim", "max", "min", "sup", "inf"} else said


def _over(node: Any) -> str:
    base, mark = _parts(node)
    if mark in _MARKS:
        return base + _MARKS[mark] if len(base) == 1 else f"{_within(base)}{_MARKS[mark]}"
    return f"{base}^{_within(mark)}" if mark else base


def _table(node: Any) -> str:
    between = "" if "tml-jot" in node[2] else ", "
    rows = [between.join(filter(None, _parts(row))) for row in node[4]]
    return "; ".join(rows)


def _enclosed(node: Any) -> str:
    inner = _row(node)
    name = next((_NAMES[part] for part in _all_classes(node) if part in _NAMES), "")
    return f"{name}({inner.strip()})" if name else inner


def _all_classes(node: Any) -> list[str]:
    return [*node[2], *(name for child in node[4] if not isinstance(child, str) for name in child[2])]


def _multiscripts(node: Any) -> str:
    base, *scripts = node[4]
    before = [child[0] for child in scripts].index("mprescripts") if _has_prescripts(scripts) else len(scripts)
    after, pre = scripts[:before], scripts[before + 1 :]
    return f"{_pairs(pre)}{_text(base)}{_pairs(after)}"


def _has_prescripts(scripts: list[Any]) -> bool:
    return any(child[0] == "mprescripts" for child in scripts)


def _pairs(scripts: list[Any]) -> str:
    texts = [_text(child).strip() for child in scripts]
    return "".join(f"{sign}{_within(text)}" for sign, text in zip("_^" * len(texts), texts, strict=False) if text)


def _space(node: Any) -> str:
    return "" if node[3] or node[1].get("width", "0").startswith(("0.1px", "0em", "-")) else " "


_WRITERS: Final[dict[str, Callable[[Any], str]]] = {
    "menclose": _enclosed,
    "mfrac": _fraction,
    "mmultiscripts": _multiscripts,
    "mover": _over,
    "mphantom": lambda _: "",
    "mroot": _root,
    "mspace": _space,
    "msqrt": _root,
    "msub": _scripts,
    "msubsup": _scripts,
    "msup": _scripts,
    "mtable": _table,
    "munder": _scripts,
    "munderover": _scripts,
}
