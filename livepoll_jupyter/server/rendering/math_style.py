"""The styles that Temml writes, as classes of ``labextension/src/views/math.css`` or as attributes of MathML.

The page's Content-Security-Policy blocks every ``style`` attribute. The lengths are few, and come from
short lists.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Final


class Unstyled(Exception):
    """A declaration that no class stands for; the text is its property."""


TENTHS: Final = (0, 1, 2, 4, 5, 10, 20)
"""Paddings in tenths of an em: classes ``tml-pl-N``, ``tml-pr-N``, ``tml-pt-N`` and ``tml-pb-N``."""

MU: Final = (1, 2, 3, 4, 5, 6, 9, 12, 18, 36)
"""Negative spaces in eighteenths of an em: classes ``tml-n-N``."""

_NAMES: Final = """
actuarial chr-lrg chr-lrg-vec chr-med chr-med-vec chr-sml chr-sml-vec circle-pad downstrike longdiv-arc
longdiv-top mathcal mathscr menclose phasor-angle phasor-bottom sout special-fraction textcircle tml-cancel
tml-cancelto tml-display tml-eqn tml-fbox tml-hat-1 tml-hat-2 tml-hat-3 tml-hat-4 tml-jot tml-label tml-left
tml-lrg-pad tml-med-pad tml-overline tml-prime tml-right tml-shift-left tml-sml-pad tml-small tml-tag tml-tageqn
tml-tilde-2 tml-tilde-3 tml-tilde-4 tml-underline tml-vec tml-xcancel upstrike tml-bold tml-mono tml-boxed
tml-frame tml-p-0 tml-p-3 tml-w-100 tml-w-50 tml-w-8 tml-h-10 tml-reflect tml-llap tml-llap-in tml-clap
"""

CLASSES: Final = frozenset(_NAMES.split()) | {
    *(f"tml-p{side}-{tenths}" for side in "lrtb" for tenths in TENTHS),
    *(f"tml-b{side}-{kind}" for side in "lrtb" for kind in ("solid", "dashed", "double")),
    *(f"tml-n-{mu}" for mu in MU),
}
"""Every class that a formula may carry; the style sheet gives each its meaning."""

_EXACT: Final = {
    ("padding", "0"): "tml-p-0",
    ("padding", "3pt"): "tml-boxed",
    ("padding", "0.3em"): "tml-p-3",
    ("border", "1px solid"): "tml-boxed",
    ("width", "100%"): "tml-w-100",
    ("width", "50%"): "tml-w-50",
    ("width", "7.5%"): "tml-w-8",
    ("height", "1em"): "tml-h-10",
    ("display", "block math"): "tml-display",
    ("display", "flex"): "tml-clap",
    ("position", "relative"): "tml-llap",
    ("position", "absolute"): "tml-llap-in",
    ("text-align", "left"): "tml-left",
    ("transform", "scaleX(-1)"): "tml-reflect",
    ("font-weight", "bold"): "*bold",
}
_IMPLIED: Final = {"bottom", "font-family", "font-style", "justify-content", "left", "right"}
"""Part of a class above, or a guess at a font that letters of their own make needless."""

_SIDES: Final = {"left": "l", "right": "r", "top": "t", "bottom": "b"}
_LENGTH: Final = re.compile(r"(-?[\d.]+)(em|pt|px|ex)?")
_EM: Final = {"em": 1.0, "ex": 0.431, "pt": 1 / 12, "px": 1 / 16, None: 1.0}
"""A unit in em, at a phone's 16 pixels."""


def classes_of(style: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    """Classes and attributes in place of a style; ``*bold`` asks for bold letters. Raises :exc:`Unstyled`."""
    classes: list[str] = []
    attributes: dict[str, str] = {}
    for written, value in style.items():
        name = re.sub(r"[A-Z]", lambda capital: f"-{capital[0].lower()}", written).strip()
        made = _class(name, value.strip())
        if name in {"color", "math-depth"}:
            attributes["mathcolor" if name == "color" else "scriptlevel"] = value.strip()
        elif made is None:
            raise Unstyled(name)
        else:
            classes += made
    return classes, attributes


def _class(name: str, value: str) -> list[str] | None:
    if (name, value) in _EXACT:
        return [_EXACT[name, value]]
    if name in _IMPLIED or (name == "width" and value.endswith("%")):
        return []
    if name == "margin-left":
        return _negative(value)
    kind, _, side = name.partition("-")
    if kind == "border":
        return [f"tml-b{_SIDES[side]}-{value.split()[1]}"] if side else ["tml-frame"]
    return _padding(side, value) if kind == "padding" else None


def _padding(side: str, value: str) -> list[str]:
    given = {side: value} if side else dict(zip(("top", "right", "bottom", "left"), value.split(), strict=False))
    return [f"tml-p{_SIDES[where]}-{_nearest(_em(size) * 10, TENTHS)}" for where, size in given.items()]


def _negative(value: str) -> list[str]:
    mu = -_em(value) * 18
    return [f"tml-n-{_nearest(mu, MU)}"] if mu > 0 else []


def _em(value: str) -> float:
    found = _LENGTH.fullmatch(value)
    if found is None:
        raise Unstyled(value)
    return float(found[1]) * _EM[found[2]]


def _nearest(value: float, offered: tuple[int, ...]) -> int:
    at = bisect_left(offered, value)
    around = offered[max(0, at - 1) : at + 1] or offered[-1:]
    return min(around, key=lambda one: abs(one - value))
