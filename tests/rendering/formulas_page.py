"""The page docs/formulas.md, which lists what became of each formula: ``python tests/rendering/formulas_page.py``.

It puts together what ``test_formulas`` holds by text and by structure, and what a person saw in the pictures of
``pictures.py`` (``EYES``).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from eyes import EYES
from test_formulas import BY_HAND, KATEX, LINES, OTHER, REFUSED

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[2] / "docs" / "formulas.md"


def page() -> str:
    """The whole page, as Markdown."""
    return "\n".join([*_head(), *_tables()]) + "\n"


def _head() -> list[str]:
    same = len(KATEX) - len(OTHER)
    alike = sum(latex not in EYES for latex in KATEX)
    better = sum(EYES.get(latex, "").startswith("better") for latex in KATEX)
    return f"""\
# What became of each formula

A comparison with KaTeX of a list that was written before any renderer had seen it (`tests/rendering/formulas.txt`).
`python tests/rendering/formulas_page.py` writes this page, and a test holds it.

- **says**: by text and by structure (`tests/rendering/test_formulas.py`). "As KaTeX": the same characters in the same
  letter forms in the same structure. What KaTeX does not know has a reference by hand, as one line of plain text.
- **shows**: by pictures in Chromium beside KaTeX's (`tests/rendering/pictures.py`), as a person saw them. "Alike": the
  same signs in the same places. The fonts' weight, and spaces of less than a quarter of a letter, differ everywhere.

Of {len(KATEX)} formulas that KaTeX accepts, {same} say what KaTeX says. {alike} are shown alike, {better} better, and
{len(KATEX) - alike - better} in another way that means the same, as their lines say.""".splitlines()


def _tables() -> Iterator[str]:
    for line in LINES:
        if line.startswith("## "):
            title = line.removeprefix("## ")
            yield from ("", f"### {title[0].upper()}{title[1:]}", "", "| formula | says | shows |", "|---|---|---|")
        elif line and not line.startswith("# "):
            yield f"| `{line.replace('|', chr(92) + '|')}` | {_says(line)} | {_shows(line)} |"


def _says(latex: str) -> str:
    if latex in REFUSED:
        return f"refused: {REFUSED[latex]}"
    if latex in BY_HAND:
        return f"as written by hand: {BY_HAND[latex]}"
    return f"differs: {OTHER[latex]}" if latex in OTHER else "as KaTeX"


def _shows(latex: str) -> str:
    return EYES.get(latex, "alike") if latex in KATEX else ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
