"""Spaces that LaTeX sets, in the MathML that a browser gets."""

from __future__ import annotations

import pytest

from livepoll_jupyter.server.rendering.formulas import formula

THIN = '<mspace width="0.1667em"></mspace>'


def shown(latex: str) -> str:
    """The formula's MathML."""
    return formula(latex, is_block=False).html


@pytest.mark.parametrize("before", [r"\frac{d}{dx}", r"\sqrt{2}", "x^2", r"\bar x", "a_i^2", r"\frac12"])
@pytest.mark.parametrize("function", [r"\ln x", r"\operatorname{adj}(A)", r"\sin(x)"])
def test_a_function_stands_apart_from_what_is_before_it(before: str, function: str) -> None:
    """A fraction, a root, a script; and nothing is put before a function that stands behind an operator or alone."""
    assert shown(f"{before} {function}").count(THIN) == shown(function).count(THIN) + 1
    for apart in (f"{before} = {function}", f"{before}({function})"):
        assert shown(apart).count(THIN) == shown(function).count(THIN)


@pytest.mark.parametrize(
    "latex", [r"{|c|c|} \hline p & q \\ 1 & 0", r"{c|c} p & q \\ 1 & 0", r"{cc} p & q \\ \hline 1 & 0"]
)
def test_the_cells_of_a_table_with_rules_touch_none_of_them(latex: str) -> None:
    """Its first and last columns have their space outside too, as LaTeX's have."""
    made = shown(rf"\begin{{array}}{latex} \end{{array}}")
    assert made.count("tml-pl-5") == made.count("tml-pr-5") == 4
    assert "tml-pl-0" not in made
    assert "tml-pl-0" in shown(r"\begin{array}{cc} p & q \\ 1 & 0 \end{array}")


def test_a_large_slash_has_no_spaces_and_a_bold_letter_stays_slanted() -> None:
    r"""`\big/` is a letter to LaTeX; `\pmb` changes the weight alone."""
    assert 'lspace="0" rspace="0">/</mo>' in shown(r"\frac{a}{b} \Big/ \frac{c}{d}")
    assert "<mi>\N{MATHEMATICAL BOLD ITALIC SMALL X}</mi>" in shown(r"\pmb{x}")
