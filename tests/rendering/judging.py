"""Whether two renderers say the same: MathML as a skeleton of its structure with its characters and their letter forms.

Blanks, invisible operators and wrappers that show nothing are left out. Characters that stand for the same sign are
one: each pair is in ``SAME``. What a sign looks like is for eyes to judge.
"""

from __future__ import annotations

import unicodedata
from typing import Any
from xml.etree import ElementTree as ET

SAME = {
    "ˉ": "¯", "‾": "¯", "_": "¯", "̲": "¯", "ˆ": "^", "^": "^", "˜": "~", "∼": "~", "˙": ".", "⃗": "→",
    "−": "-", "∗": "*", "⋆": "⋆", "∣": "|", "∥": "‖", "⟂": "⊥", "⋅": "·", "′": "'", "⟨": "<", "⟩": ">",
    "⌀": "∅", "ϵ": "ϵ", "△": "△", "▵": "△", "□": "□", "◻": "□", "ℏ": "ħ", "∖": "\\", "⎵": "⏟", "∶": ":",
    "：": ":", "⁎": "*", "⟹": "⇒", "⟺": "⇔", "⇌": "⇌", "⊭": "⊭", "€": "€", "µ": "μ", "Ω": "Ω", "⎴": "⏞",
    "⟶": "→", "⟵": "←", "⦅": "(", "⦆": ")", "⊕": "⊕", "⩵": "==",
}  # fmt: skip
"""One character for each sign that renderers write with several."""

NOTHING = set("\u2061\u2062\u2063\u2064\u200b\u2009\u200a\ufe0e\ufe00\u2003\u2002\u2004\u2005\u205f\u00a0 \n\t")

VARIANTS = {
    "bold": "b", "bold-italic": "b", "double-struck": "d", "script": "s", "bold-script": "bs", "fraktur": "f",
    "sans-serif": "a", "monospace": "t", "normal": "", "italic": "", "sans-serif-bold-italic": "ba",
    "bold-sans-serif": "ba", "bold-fraktur": "bf", "sans-serif-italic": "a",
}  # fmt: skip
LETTER_FORMS = {
    "BOLD": "b",
    "SCRIPT": "s",
    "FRAKTUR": "f",
    "BLACK-LETTER": "f",
    "DOUBLE-STRUCK": "d",
    "SANS-SERIF": "a",
    "MONOSPACE": "t",
}

WRAPPERS = {
    "math",
    "semantics",
    "mrow",
    "mstyle",
    "mpadded",
    "mi",
    "mn",
    "mo",
    "mtext",
    "ms",
    "span",
    "none",
    "mprescripts",
}
CLOSING = {")", "]", "}", "‖", "|", ">"}


def skeleton(markup: str) -> Any:
    """The structure of MathML: characters with their letter forms, and what holds them."""
    return _node(ET.fromstring(markup.replace("&nbsp;", "\xa0")), "")  # noqa: S314 - made by KaTeX or by us


def text(markup: str) -> str:
    """The characters of MathML in their order, each with its letter form, without structure."""
    return "".join(_flat(skeleton(markup)))


def _flat(parts: Any) -> list[str]:
    return [piece for part in parts for piece in ([part] if isinstance(part, str) else _flat(part[1:]))]


def _node(element: ET.Element, form: str) -> list[Any]:
    name = element.tag.rpartition("}")[2]
    variant = element.get("mathvariant")
    form = VARIANTS.get(variant, form) if variant else form
    classes = (element.get("class") or "").split()
    if "tml-bold" in classes:
        form = "b"
    if "tml-mono" in classes:
        form = "t"
    children = [_node(child, form) for child in element]
    if name in {"mphantom", "annotation"}:
        return []
    if name in WRAPPERS:
        own = _characters(element.text or "", form)
        inner = [*own, *(part for child in children for part in child)]
        box = "tml-boxed" in classes or "tml-fbox" in classes
        return [("box", *inner)] if box else inner
    return [_structure(name, element, children)]


def _characters(raw: str, form: str) -> list[str]:
    return [written for character in raw if character not in NOTHING for written in _character(character, form)]


def _character(character: str, form: str) -> list[str]:
    said = unicodedata.name(character, "").split()
    is_letter = "MATHEMATICAL" in said or (said and said[0] in {"SCRIPT", "DOUBLE-STRUCK", "BLACK-LETTER"})
    own = "".join(sign for word, sign in LETTER_FORMS.items() if is_letter and word in said)
    plain = unicodedata.normalize("NFKC", character) if is_letter else character
    plain = unicodedata.normalize("NFKD", plain) if plain in "≠∉≢⊄" else plain
    shape = own or form
    return [f"{SAME.get(one, one)}{f'<{shape}>' if shape and one.isalnum() else ''}" for one in plain]


SCRIPTS = {"msub": "sub", "munder": "sub", "msup": "sup", "mover": "sup", "msubsup": "subsup", "munderover": "subsup"}
CELLS = {"mtable": "table", "mtr": "tr", "mtd": "td"}


def _structure(name: str, element: ET.Element, children: list[list[Any]]) -> Any:
    groups = [("g", *child) for child in children]
    inner = [part for child in children for part in child]
    if name in SCRIPTS:
        return (SCRIPTS[name], *groups)
    if name == "mfrac":
        return ("binom" if (element.get("linethickness") or "1").startswith("0") else "frac", *groups)
    if name in CELLS:
        return (CELLS[name], *(part for part in inner if part not in [("tr",), ("td",)]))
    if name == "menclose":
        return _enclosed(element.get("notation") or "", inner)
    return ("space",) if name == "mspace" else (name, *inner)


def _enclosed(notation: str, inner: list[Any]) -> Any:
    """A line above or below is an accent to KaTeX, and a frame around a table is the rules of its cells to us."""
    if " " in notation and "strike" not in notation:
        return ("sup", ("g", *inner))
    if notation in {"top", "bottom"}:
        return ("sup" if notation == "top" else "sub", ("g", *inner), ("g", "¯"))
    return ("box" if notation == "box" else "stroke", *inner)


def clean(parts: Any) -> Any:
    """Without spaces and empty scripts; a script of a whole bracket is one of its closing bracket, as TeX has it."""
    made: list[Any] = []
    for part in parts:
        if isinstance(part, str):
            made.append(part)
        elif part[0] != "space":
            made += _settled(part[0], clean(part[1:]))
    return made


def _settled(kind: str, inner: list[Any]) -> list[Any]:
    if kind not in {"sub", "sup", "subsup"}:
        return [(kind, *inner)]
    base, scripts = list(inner[0][1:]) if isinstance(inner[0], tuple) and inner[0][0] == "g" else [inner[0]], inner[1:]
    scripts = [script for script in scripts if script != ("g",)]
    if not scripts:
        return base
    before = base[:-1] if base and base[-1] in CLOSING else []
    return [*before, (kind, ("g", *base[len(before) :]), *scripts)]
