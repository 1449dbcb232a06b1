"""Spaces that LaTeX sets and Temml leaves out: around the rules of a table, and before a function's name."""

from __future__ import annotations

from typing import Any, Final

APPLY: Final = "\u2061"
"""The sign that stands behind a function's name, and is not seen."""

_THIN: Final[list[Any]] = ["mspace", {"width": "0.1667em"}, [], {}, []]
_SCRIPTS: Final = {"msub", "msup", "msubsup", "mover", "munder", "munderover"}
_SLASHES: Final = (["/"], ["\\"])
_BUILT: Final = {"mfrac", "msqrt", "mroot", "menclose"}


def respaced(node: Any) -> Any:
    """The same tree with these spaces."""
    if isinstance(node, str):
        return node
    name, attributes, classes, style, children = node
    if name == "mo" and children in _SLASHES and "minsize" in attributes:
        # A large slash is a letter to LaTeX, and an operator with wide spaces to a browser.
        attributes = {**attributes, "lspace": "0", "rspace": "0"}
    children = _apart([respaced(child) for child in children])
    if name == "mtable" and any(key.startswith("border") for cell in _cells(children) for key in cell[3]):
        children = [_padded(row) for row in children]
    return [name, attributes, classes, style, children]


def _apart(children: list[Any]) -> list[Any]:
    r"""A thin space between a fraction, a root or a script and the function behind it, as in ``\frac{d}{dx} \ln x``."""
    made: list[Any] = []
    for place, child in enumerate(children):
        if place and _is_operand(children[place - 1]) and _begins_function(children[place:]):
            made.append(_THIN)
        made.append(child)
    return made


def _begins_function(nodes: list[Any]) -> bool:
    if isinstance(nodes[0], str):
        return False
    if nodes[0][0] == "mrow" and nodes[0][4]:
        return _begins_function(nodes[0][4])
    return len(nodes) > 1 and _is_apply(nodes[1]) and nodes[0][0] != "mspace"


def _is_apply(node: Any) -> bool:
    return not isinstance(node, str) and node[0] == "mo" and node[4] == [APPLY]


def _is_operand(node: Any) -> bool:
    """Whether this is no operator, whose own space is enough."""
    if isinstance(node, str):
        return False
    if node[0] in {"mrow", "mstyle"} and len(node[4]) == 1:
        return _is_operand(node[4][0])
    if node[0] in _SCRIPTS:
        return bool(node[4]) and (_is_operand(node[4][0]) or node[4][0][0] in {"mi", "mn"})
    return node[0] in _BUILT


def _cells(rows: list[Any]) -> list[Any]:
    return [cell for row in rows if not isinstance(row, str) for cell in row[4] if not isinstance(cell, str)]


def _padded(row: Any) -> Any:
    """The row with a space at both ends: what stands there would touch a rule."""
    name, attributes, classes, style, cells = row
    made = [[*cell[:3], dict(cell[3]), cell[4]] for cell in cells]
    if made:
        made[0][3]["paddingLeft"] = made[-1][3]["paddingRight"] = "0.5em"
    return [name, attributes, classes, style, made]
