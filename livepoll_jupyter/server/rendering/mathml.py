"""Cleans a formula's tree and writes it as MathML: an allow-list of elements, attributes and classes.

The tree comes from Temml as ``[name, attributes, classes, style, children]`` or a text. It is not trusted: LaTeX is
hostile input. What is not on the list makes the formula unrenderable, so that nothing is dropped without a word. The
list is MathML Core, and ``menclose`` besides, which Firefox and Safari draw themselves and Chromium by our style sheet.
No ``style`` attribute is written, because the page's policy blocks it: ``math_style`` makes classes of them.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any, Final

from .letters import bold, italic
from .math_style import CLASSES, Unstyled, classes_of

ELEMENTS: Final = frozenset({
    "math", "menclose", "merror", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom",
    "mprescripts", "mroot", "mrow", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd",
    "mtext", "mtr", "munder", "munderover",
})  # fmt: skip
"""Every element that a formula may have in the page; ``labextension/src/views/sanitize.ts`` lets the same ones in."""

_WORDS: Final = re.compile(r"[a-z]+( [a-z]+)*")
_NUMBER: Final = r"(?:(?:1?\d|2[0-5])(?:\.\d*)?|\.\d+)(?:em|ex)?|(?:[1-4]?\d{1,2}(?:\.\d*)?|\.\d+)(?:px|pt|%)"
_LENGTH: Final = re.compile(rf"\+?(?:{_NUMBER})")
_SIGNED: Final = re.compile(rf"[+-]?(?:{_NUMBER})")
"""At most 25 em, which is what ``MAX_SIZE`` in ``labextension/src/formulas`` leaves: what is larger covers what stands
around the formula, or keeps a browser busy with brackets of many pieces."""
_SPAN: Final = re.compile(r"[1-9]|[1-4]\d|50")
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{3,8}|[a-zA-Z]+")
_TRUTH: Final = re.compile(r"true|false")

ATTRIBUTES: Final = {
    "accent": _TRUTH, "accentunder": _TRUTH, "columnspan": _SPAN, "depth": _SIGNED,
    "dir": re.compile("ltr"), "display": re.compile("block|inline"), "displaystyle": _TRUTH, "fence": _TRUTH,
    "form": re.compile("prefix|infix|postfix"), "height": _SIGNED, "largeop": _TRUTH, "linethickness": _LENGTH,
    "lspace": _SIGNED, "mathbackground": _COLOUR, "mathcolor": _COLOUR, "mathsize": _LENGTH,
    "mathvariant": re.compile("normal"), "maxsize": _LENGTH, "minsize": _LENGTH, "movablelimits": _TRUTH,
    "notation": _WORDS, "rowspan": _SPAN, "rspace": _SIGNED, "scriptlevel": re.compile(r"[+-]?\d"),
    "separator": _TRUTH, "stretchy": _TRUTH, "symmetric": _TRUTH, "voffset": _SIGNED, "width": _SIGNED,
}  # fmt: skip
"""Every attribute and the values that it may have; ``alttext`` and ``class`` are written by this module itself."""

_NO_MEANING: Final = {"columnalign", "linebreak", "rowspacing", "xmlns"}
"""What Temml writes for others than browsers."""

_TOKENS: Final = {"mi", "mn", "mo", "mtext"}
_UNSET: Final = {"", "undefined"}


class Unrenderable(Exception):
    """A formula that cannot be shown; the text is the end of a sentence: why, and where."""


def clean(tree: Any, *, alttext: str) -> str:
    """The formula as HTML; ``alttext`` is the same in plain text. Raises :exc:`Unrenderable`."""
    name, attributes, classes, style, children = tree
    if name != "math":
        raise Unrenderable("it has a command that cannot be shown here")
    attributes = {"dir": "ltr", **attributes}
    return _write([name, attributes, classes, style, children], alttext)


def _write(node: Any, alttext: str | None = None) -> str:
    if isinstance(node, str):
        return escape(node, quote=False)
    name, attributes, classes, style, children = _settled(*node)
    if name not in ELEMENTS:
        raise Unrenderable("it has a command that cannot be shown here")
    try:
        added, styled = classes_of({**style, **_style_attribute(attributes)})
    except Unstyled as unknown:
        raise Unrenderable(f"it asks for a layout that is not known here ({unknown})") from unknown
    if "*bold" in added:
        added, children = _embolden(added, children)
    names = [name for name in classes if name in CLASSES] + added
    unknown_names = [name for name in classes if name not in CLASSES and not name.startswith(("wbk-", "ff-"))]
    if unknown_names:
        raise Unrenderable(f"it asks for a layout that is not known here ({unknown_names[0]})")
    inner = "".join(map(_write, children))
    written = _attributes({**attributes, **styled})
    alt = f' alttext="{escape(alttext)}"' if alttext is not None else ""
    class_ = f' class="{" ".join(dict.fromkeys(names))}"' if names else ""
    return f"<{name}{written}{alt}{class_}>{inner}</{name}>"


def _settled(
    name: str, attributes: dict[str, str], classes: list[str], style: dict[str, str], children: list[Any]
) -> tuple[str, dict[str, str], list[str], dict[str, str], list[Any]]:
    """The node without what only Temml's own page understands."""
    if name == "none":
        name = "mrow"
    if name == "mtext" and children and not isinstance(children[0], str):
        # A number that the style sheet counts: its class moves from an HTML element to the text.
        classes, children = [*classes, *(part for child in children for part in child[2])], []
    elif name in _TOKENS and any(not isinstance(child, str) for child in children):
        name, attributes, children = _operator(name, attributes, children)
    if attributes.get("mathvariant") in {"italic", "monospace"}:
        variant = attributes["mathvariant"]
        attributes = {key: value for key, value in attributes.items() if key != "mathvariant"}
        if variant == "italic":
            children = [italic(child) if isinstance(child, str) else child for child in children]
        else:
            classes = [*classes, "tml-mono"]
    return name, attributes, classes, style, children


def _operator(name: str, attributes: dict[str, str], children: list[Any]) -> tuple[str, dict[str, str], list[Any]]:
    r"""A token that holds elements, as Temml makes of ``\\mathop``: to a browser it may hold text alone."""
    word = _word(children)
    if word is not None:
        return name, attributes, [word]
    spaces = [
        ["mspace", {"width": attributes[side]}, [], {}, []] for side in ("lspace", "rspace") if side in attributes
    ]
    return "mrow", {}, [*spaces[:1], *children, *spaces[1:]]


def _word(children: list[Any]) -> str | None:
    """The text of what is one token, however it is wrapped; None for anything else."""
    while len(children) == 1 and not isinstance(children[0], str) and not children[0][2] and not children[0][3]:
        children = children[0][4]
    return children[0] if len(children) == 1 and isinstance(children[0], str) else None


def _embolden(added: list[str], children: list[Any]) -> tuple[list[str], list[Any]]:
    """Bold characters where Unicode has them; a bold face for the rest."""
    if len(children) == 1 and not isinstance(children[0], str):
        return [*(name for name in added if name != "*bold"), "tml-bold"], [_bold_leaf(children[0])]
    made = [bold(child) if isinstance(child, str) else child for child in children]
    is_changed = made != children
    return [*(name for name in added if name != "*bold"), *([] if is_changed else ["tml-bold"])], made


def _bold_leaf(node: Any) -> Any:
    name, attributes, classes, style, children = node
    return [name, attributes, classes, style, [bold(c) if isinstance(c, str) else _bold_leaf(c) for c in children]]


def _style_attribute(attributes: dict[str, str]) -> dict[str, str]:
    declared = attributes.get("style", "")
    return dict(part.split(":", 1) for part in declared.split(";") if ":" in part)


def _attributes(attributes: dict[str, str]) -> str:
    written = []
    for key, value in attributes.items():
        if key in _NO_MEANING or key == "style" or value.strip() in _UNSET:
            continue
        allowed = ATTRIBUTES.get(key)
        if key == "lspace" and value.endswith("width"):
            continue  # MathML 3; `tml-llap` does it.
        if allowed is None or not allowed.fullmatch(value.strip()):
            raise Unrenderable(f"it asks for a layout that is not known here ({key})")
        written.append(f' {key}="{escape(value.strip())}"')
    return "".join(written)
