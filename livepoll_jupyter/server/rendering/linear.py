"""A formula as one line of plain text: ``1/2``, ``2^10``, ``√2``, for screen readers, old browsers and exports."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from itertools import groupby
from typing import Any, Final

# Marks that stand in the line while it is made, where a blank may have to stand (`_blanks` decides). No text has them.
_AFTER_INDEX: Final = "\x01"
_AFTER: Final = "\x02"
_BEFORE: Final = "\x03"

_ATOM: Final = r"(?:\d+(?:[.,]\d+)*|[^\W_][\u0300-\u036f\u20d7]*[′″‴]?)"
_OPERAND: Final = re.compile(rf"{_ATOM}|.[′″‴]?")
"""What needs no brackets: one number or one letter. A word or one bracketed group needs none either."""
_SCRIPT: Final = re.compile(r"−\d+(?:[.,]\d+)*")
"""Nor does this as a script."""
_SCRIPTED: Final = re.compile(rf"{_ATOM}(?:[_^]−?{_ATOM})+[′″‴]?")
"""Nor does this above or below a fraction's line: scripts bind more tightly than `/`."""

_MARKED: Final = re.compile(r"[\x01-\x03]+")
_FACED: Final = re.compile(r"\x03(bold|script|fraktur)\([^()]*\)\x01(?:\x03\1\([^()]*\)\x01)+(?![_^])")
_FACED_ONE: Final = re.compile(r"\(([^()]*)\)")
"""Letters of one face beside each other, of which the last has no script."""
_NO_BLANK_BEFORE: Final = set(")]}⟩⌋⌉,;:.?|/∣∥‖′″‴'^_ ")
_BLANK_AFTER: Final = set(")]}⟩⌋⌉!′″‴∂∇∞")

_SPACED: Final = set("=+−±∓×÷·⋅∘∗⋆<>≤≥≠≈≡∼≃≅∝≪≫∈∉⊂⊆⊊⊃⊇∪∩∖∧∨⊕⊗→←↔⇒⇐⇔↦∣∥⊥⊢⊨≔|")
"""Operators that stand between blanks when something stands before them."""

_MARKS: Final = {
    "ˉ": "\u0304", "‾": "\u0304", "¯": "\u0304", "^": "\u0302", "ˆ": "\u0302", "~": "\u0303", "˜": "\u0303",
    "˙": "\u0307", ".": "\u0307", "¨": "\u0308", "→": "\u20d7", "ˇ": "\u030c", "´": "\u0301", "`": "\u0300",
    "∼": "\u0303", "⃗": "\u20d7",
}  # fmt: skip
_MARK_NAMES: Final = {
    "\u0304": "overline", "\u0302": "hat", "\u0303": "tilde", "\u0307": "dot", "\u0308": "ddot", "\u20d7": "vec",
    "\u030c": "check", "\u0301": "acute", "\u0300": "grave",
}  # fmt: skip
_NAMES: Final = {
    "tml-overline": "overline", "tml-underline": "underline", "upstrike": "cancel", "downstrike": "cancel",
    "tml-xcancel": "cancel", "sout": "strikeout",
}  # fmt: skip
_FACES: Final = {"BOLD": "bold", "SCRIPT": "script", "FRAKTUR": "fraktur"}
_WHOLE: Final = {"mi", "mo", "mn", "mtext", "mover", "munder", "munderover"}
_BRACES: Final = {"⏟": "underbrace", "⏞": "overbrace"}
_GROUPS: Final = {*_BRACES.values(), *_MARK_NAMES.values(), *_NAMES.values(), *_FACES.values(), "boxed", "matrix"}
_SIGNS: Final = set("+−±∓-")
_STRIPPED: Final = " \x01\x02\x03"
_BIG: Final = {"∑", "∏", "∫", "lim", "max", "min", "sup", "inf"}
_NO_SPACE: Final = "0em"
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u2061\u2062\u2063\u2064\u200b\u2060"))
_SUPERSCRIPT: Final = str.maketrans("0123456789n", "⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ")


def linear(tree: Any) -> str:
    """The formula's tree in one line. Formulas that mean different things have different lines.

    As in UnicodeMath, an operand of a script, a fraction or a root is one number, one letter, one word or one bracketed
    group, and a blank ends it: ``1/2 x`` is a half times x, ``1/(2x)`` one over 2x.
    """
    line = _FACED.sub(_joined, _text(_copied(tree)))
    return re.sub(r"\s+", " ", _MARKED.sub(_blanks, line)).strip()


class _Node(list[Any]):
    """A node that knows its line once it is made: it is looked at on several levels, and the tree may be deep."""

    line: str | None = None


def _copied(node: Any) -> Any:
    return node if isinstance(node, str) else _Node([*node[:4], [_copied(child) for child in node[4]]])


def _group(children: list[Any]) -> Any:
    return _Node(["mrow", {}, [], {}, children])


def _joined(run: re.Match[str]) -> str:
    return f"{_BEFORE}{run[1]}({''.join(_FACED_ONE.findall(run[0]))}){_AFTER_INDEX}"


def _blanks(found: re.Match[str]) -> str:
    """A blank for marks where what stands beside them would be read together otherwise."""
    line, start, end = found.string, found.start(), found.end()
    before, after = line[start - 1 : start], line[end : end + 1]
    if not before or not after or after in _NO_BLANK_BEFORE:
        return ""
    if _AFTER in found[0]:
        return " "
    if _AFTER_INDEX in found[0]:
        return " " if after.isalnum() or after == "√" else ""
    is_read_together = before.isalnum() or bool(unicodedata.combining(before)) or before in _BLANK_AFTER
    return " " if is_read_together else ""


def _text(node: Any) -> str:
    if isinstance(node, str):
        return _plain(node)
    if node.line is None:
        node.line = _made(node)
    return str(node.line)


def _made(node: Any) -> str:
    write = _WRITERS.get(node[0])
    made = write(node) if write else _row(node)
    if _is_bold(node) and made.strip():
        return _named("bold", made)
    return _named("boxed", made) if "border" in node[3] and made.strip() else made


def _is_bold(node: Any) -> bool:
    return "bold" in f"{node[1].get('style', '')}{node[3].get('fontWeight', '')}{node[3].get('font-weight', '')}"


def _plain(text: str) -> str:
    """Letters without their mathematical face, which is named if it tells letters apart; blanks as blanks."""
    shown = ""
    for face, letters in groupby(text, _face):
        folded = "".join(unicodedata.normalize("NFKC", c) if "\U0001d400" <= c <= "\U0001d7ff" else c for c in letters)
        shown += _named(face, folded) if face else folded
    return shown.translate(_INVISIBLE).replace("\xa0", " ")


def _face(character: str) -> str:
    if not "\U0001d400" <= character <= "\U0001d7ff":
        return ""
    named = unicodedata.name(character, "")
    return next((face for word, face in _FACES.items() if f" {word} " in named), "")


def _named(name: str, inner: str) -> str:
    return f"{_BEFORE}{name}({inner.strip(_STRIPPED)}){_AFTER_INDEX}"


def _row(node: Any) -> str:
    said = ""
    children = _flat(node)
    for place, child in enumerate(children):
        text = _text(child)
        if isinstance(child, str):
            said += text
            continue
        if _is_operator(child, text):
            before = said.strip(_STRIPPED)[-1:]
            is_between = before != "" and before not in "([{,;" and not (text in _SIGNS and before in _SPACED)
            text = f" {text.strip(_STRIPPED)} " if is_between else text.strip(_STRIPPED)
            if before == ":" and child[1].get("lspace") == _NO_SPACE:
                text = text.lstrip()  # one sign of two characters, as in `x := 3`
        elif child[0] == "mo" and (child[1].get("separator") == "true" or text == ":"):
            text = _separator(child, text)
        elif child[0] == "mi" and len(text) > 1 and text.isalpha():
            text = f"{_BEFORE}{text}{_AFTER_INDEX}"
        elif child[0] == "mtable" and _is_bare_matrix(child) and not _is_fenced(children, place):
            text = _named("matrix", text)
        said += text
    return said


def _separator(node: Any, text: str) -> str:
    """A comma, semicolon or colon with the blanks that it is shown with: ``{1, 2}`` is not the number ``1,2``."""
    if node[1].get("separator") == "true":
        return f"{text} "
    before, after = (node[1].get(side, _NO_SPACE) != _NO_SPACE for side in ("lspace", "rspace"))
    return f"{' ' if before else ''}{text}{' ' if after else ''}"


def _flat(node: Any) -> list[Any]:
    """The children of a row and of rows within it that only group."""
    children: list[Any] = []
    for child in node[4]:
        is_group = not isinstance(child, str) and child[0] == "mrow" and not child[3]
        children += _flat(child) if is_group else [child]
    return children


def _is_operator(node: Any, text: str) -> bool:
    """Whether blanks stand around it: a sign between two operands, or such a sign with something above it."""
    while node[0] in {"mover", "munder", "munderover"}:
        node = node[4][0]
        if isinstance(node, str):
            return False
        text = _text(node)
    if node[0] != "mo" or node[1].get("fence") == "true":
        return False
    return text in _SPACED or text.isalpha()


def _is_bare_matrix(table: Any) -> bool:
    """Whether it has columns, and they are not the parts of equations nor an equation and its number."""
    is_layout = "tml-jot" in table[2] or table[3].get("width") == "100%"
    return not is_layout and any(len(row[4]) > 1 for row in table[4])


def _is_fenced(siblings: list[Any], place: int) -> bool:
    before = siblings[place - 1] if place else ""
    return not isinstance(before, str) and before[0] == "mo" and before[1].get("fence") == "true"


def _parts(node: Any) -> list[str]:
    return [_text(child).strip(_STRIPPED) for child in node[4]]


def _within(node: Any, *also: re.Pattern[str]) -> str:
    """An operand, in brackets unless it needs none."""
    text = _text(node).strip(_STRIPPED)
    is_word = text.isalpha() and _only(node)[0] in {"mi", "mo", "mtext"}
    is_operand = is_word or _is_group(text) or any(kind.fullmatch(text) for kind in (_OPERAND, *also))
    return text if is_operand else f"({text})"


def _only(node: Any) -> Any:
    """What a row holds that holds one thing."""
    while node[0] in {"mrow", "mpadded", "mstyle"}:
        shown = [child for child in node[4] if _text(child).strip(_STRIPPED)]
        if len(shown) != 1 or isinstance(shown[0], str):
            break
        node = shown[0]
    return node


def _base(node: Any) -> str:
    """What has scripts: in brackets where they would seem to belong to its last letter."""
    text = _text(node).strip(_STRIPPED)
    is_whole = _only(node)[0] in _WHOLE or text[-1:] in ")]}|∥‖⟩⌋⌉" or _OPERAND.fullmatch(text)
    return text if text == "" or is_whole else f"({text})"


def _is_group(text: str) -> bool:
    """Whether the text is one pair of brackets with what stands within, perhaps with a name before it."""
    name, bracket, rest = text.partition("(")
    if not bracket or (name and name not in _GROUPS):
        return False
    depth = 1
    for place, character in enumerate(rest):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return place == len(rest) - 1
    return False


def _fraction(node: Any) -> str:
    above, below = node[4]
    if node[1].get("linethickness", "").startswith("0"):
        return " choose ".join(_parts(node))
    return f"{_BEFORE}{_within(above, _SCRIPTED)}/{_within(below, _SCRIPTED)}{_AFTER}"


def _root(node: Any) -> str:
    if node[0] == "msqrt":
        inner = node[4][0] if len(node[4]) == 1 else _group(node[4])
        return f"√{_within(inner)}{_AFTER}"
    inner, degree = node[4]
    number = _text(degree).strip(_STRIPPED)
    if re.fullmatch(r"\d+|n", number):
        return f"{_BEFORE}{number.translate(_SUPERSCRIPT)}√{_within(inner)}{_AFTER}"
    return f"{_BEFORE}root_{_within(degree)} {_within(inner)}{_AFTER}"


def _scripts(node: Any) -> str:
    base, *scripts = node[4]
    mark = _text(scripts[0]).strip(_STRIPPED)
    if mark in _BRACES:
        return _named(_BRACES[mark], _text(base))
    signs = {"msub": "_", "msup": "^", "msubsup": "_^", "munder": "_", "munderover": "_^"}[node[0]]
    said = _base(base)
    end = _AFTER if said in _BIG else ""
    for sign, script in zip(signs, scripts, strict=False):
        text = _text(script).strip(_STRIPPED)
        if text and set(text) <= set("′″‴'"):
            said += text
        elif text == "∘" and sign == "^" and said[-1:].isdigit():
            said += "°"
        elif text:
            said += f"{sign}{_within(script, _SCRIPT)}"
            end = end or (_AFTER if sign == "^" else _AFTER_INDEX)
    return f"{_BEFORE if said[:1].isalpha() and _word_like(base) else ''}{said}{end}"


def _word_like(node: Any) -> bool:
    text = _text(node).strip(_STRIPPED)
    return len(text) > 1 and text.isalpha()


def _over(node: Any) -> str:
    base, mark = _parts(node)
    if mark in _BRACES:
        return _named(_BRACES[mark], base)
    if mark in _MARKS:
        sign = _MARKS[mark]
        return base + sign if len(base) == 1 else _named(_MARK_NAMES[sign], base)
    return f"{_base(node[4][0])}^{_within(node[4][1], _SCRIPT)}{_AFTER}" if mark else base


def _table(node: Any) -> str:
    if "tml-jot" in node[2]:
        # Cells are parts of one line here: `a &= b`.
        rows = [_row(_group(_aligned(row))) for row in node[4]]
    else:
        rows = [", ".join(filter(None, _parts(row))) for row in node[4]]
    return "; ".join(row.strip(_STRIPPED) for row in rows)


def _aligned(row: Any) -> list[Any]:
    """The row's parts, with a blank before each further pair of columns."""
    parts: list[Any] = []
    for place, cell in enumerate(row[4]):
        parts += [" "] if place and place % 2 == 0 else []
        parts += _flat(cell)
    return parts


def _enclosed(node: Any) -> str:
    inner = _row(node)
    name = next((_NAMES[part] for part in _all_classes(node) if part in _NAMES), "")
    return _named(name, inner) if name else inner


def _all_classes(node: Any) -> list[str]:
    return [*node[2], *(name for child in node[4] if not isinstance(child, str) for name in child[2])]


def _multiscripts(node: Any) -> str:
    base, *scripts = node[4]
    before = [child[0] for child in scripts].index("mprescripts") if _has_prescripts(scripts) else len(scripts)
    after, pre = scripts[:before], scripts[before + 1 :]
    return f"{_pairs(pre)}{_base(base)}{_pairs(after)}"


def _has_prescripts(scripts: list[Any]) -> bool:
    return any(child[0] == "mprescripts" for child in scripts)


def _pairs(scripts: list[Any]) -> str:
    pairs = zip("_^" * len(scripts), scripts, strict=False)
    said = "".join(f"{sign}{_within(script, _SCRIPT)}" for sign, script in pairs if _text(script).strip(_STRIPPED))
    return f"{said}{_AFTER}" if said else ""


def _space(node: Any) -> str:
    width = node[1].get("width", "0")
    return "" if node[3] or width == "0" or width.startswith(("0.1px", "0em", "-")) else " "


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
