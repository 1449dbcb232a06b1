"""LaTeX to MathML: Temml in QuickJS, a small JavaScript engine that knows no file, no network and no clock of ours.

The bundle is built from ``labextension/src/formulas``. One context lives as long as the process; a formula's macros end
with the formula.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from .linear import linear
from .mathml import Unrenderable, clean
from .spacing import respaced

if TYPE_CHECKING:
    from quickjs import Context

BUNDLE: Final = Path(__file__).resolve().parents[2] / "static" / "formulas" / "formulas.js"

MEMORY: Final = 64 * 1024 * 1024
"""Bytes that the engine may use; a formula of 8 KB takes some 5 MB."""

STACK: Final = 768 * 1024
"""Bytes of stack: deeper nesting is refused by the engine, before Python's or a browser's own stack ends."""

TIME: Final = 2.0
"""Seconds of processor time for one formula. The whole text has the limit of ``process`` besides."""

MAX_DEPTH: Final = 40
"""Elements within each other; twelve fractions have as many. A browser takes some eight times as long for twice as
many, and does not show more (``labextension/src/views/size.ts``)."""

_KNOWN: Final = {
    "Unsupported function name: ": "there is no command {} here",
    "No such environment: ": "there is no environment {} here",
    "Can't use function '$' in math mode": "a dollar stands within it (write \\$ for the sign){}",
}
_WHERE: Final = re.compile(r" at (?:position \d+|end of input)\b.*", re.DOTALL)


class Formula(Struct, frozen=True):
    """A formula as MathML in HTML, and as one line of plain text."""

    html: str
    text: str


@lru_cache(maxsize=1)
def _engine() -> Context:
    """Raises :exc:`Unrenderable` where the engine or the bundle is missing: texts without formulas still work."""
    try:
        from quickjs import Context  # noqa: PLC0415 - the rest of rendering works without it

        bundle = BUNDLE.read_text(encoding="utf-8")
    except (ImportError, OSError) as missing:
        raise Unrenderable(
            f"this server cannot render formulas ({missing}); install livepoll-jupyter again"
        ) from missing
    engine = Context()
    engine.set_memory_limit(MEMORY)
    engine.set_max_stack_size(STACK)
    engine.eval(bundle)
    engine.set_time_limit(TIME)
    return engine


def prepare() -> None:
    """Load the engine now instead of with the first formula; whoever writes one hears if that is not possible."""
    with suppress(Unrenderable):
        _engine()


@lru_cache(maxsize=256)
def formula(latex: str, *, is_block: bool) -> Formula:
    """The formula between dollars; raises :exc:`Unrenderable`, which says at which character and why."""
    tree = _tree(latex, is_block=is_block)
    text = linear(tree)
    return Formula(clean(respaced(tree), alttext=text), text)


def _tree(latex: str, *, is_block: bool) -> Any:
    engine = _engine()
    from quickjs import JSException  # noqa: PLC0415 - it is there: the engine is

    try:
        answer = json.loads(engine.get("renderFormula")(latex, is_block))
    except JSException as failed:
        # A context that ran out of memory or time is not used again.
        _engine.cache_clear()
        raise Unrenderable("it takes too much time or memory") from failed
    except RecursionError as deep:
        raise Unrenderable("it is nested too deeply") from deep
    if "error" in answer:
        raise _refusal(latex, answer["error"], answer.get("position"))
    if "tree" not in answer:
        # Temml makes no MathML of a reference to another formula.
        raise Unrenderable("it refers to something outside of it, as \\ref does")
    if _is_deeper(answer["tree"], MAX_DEPTH):
        raise Unrenderable("it is nested too deeply")
    return answer["tree"]


def _is_deeper(node: Any, levels: int) -> bool:
    if isinstance(node, str):
        return False
    return levels == 0 or any(_is_deeper(child, levels - 1) for child in node[4])


def _refusal(latex: str, message: str, position: int | None) -> Unrenderable:
    """Temml's error as a sentence's end: what, and at which character counted from 1."""
    reason = _WHERE.sub("", message.strip()).rstrip(".:")
    for known, sentence in _KNOWN.items():
        if reason.startswith(known):
            reason = sentence.format(reason.removeprefix(known))
    if "stack" in reason.lower() or "memory" in reason.lower():
        return Unrenderable("it is nested too deeply")
    reason = reason[:1].lower() + reason[1:] if not reason[:2].isupper() else reason
    if position is None:
        return Unrenderable(reason)
    where = "at its end" if position >= len(latex) else f"at character {position + 1}"
    return Unrenderable(f"{reason}, {where}")
