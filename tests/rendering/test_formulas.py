r"""Formulas against KaTeX: by text and by structure; what KaTeX refuses, against what was written by hand.

``formulas.txt`` was written before any renderer had seen it. ``reference.json`` is KaTeX's answer, made by
``node tests/rendering/reference.mjs``.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from judging import clean, skeleton, text

from livepoll_jupyter.server.rendering.formulas import formula
from livepoll_jupyter.server.rendering.mathml import Unrenderable

HERE = Path(__file__).parent
REFERENCE = json.loads((HERE / "reference.json").read_text(encoding="utf-8"))
LINES = (HERE / "formulas.txt").read_text(encoding="utf-8").splitlines()
FORMULAS = [line for line in LINES if line and not line.startswith(("# ", "## "))]

NOT_TRUSTED = {r"\includegraphics{x.png}", r"\href{javascript:alert(1)}{x}"}
"""What KaTeX shows in red as it is written, and we refuse."""

KATEX = {one["latex"]: one["mathml"] for one in REFERENCE if "mathml" in one and one["latex"] not in NOT_TRUSTED}

OTHER = {
    r"\pmb{x}": "KaTeX writes bold as a shadow, which is a style and no letter",
    r"\begin{aligned}[t] a &= b \end{aligned}": "KaTeX prints the [t], which LaTeX reads",
    r"\text{Größe}": "KaTeX takes ö apart into an accent over an o",
}
"""Where we say something else than KaTeX, and why."""

BY_HAND = {
    r"\begin{multline} a + b + c \\ + d + e \end{multline}": "a + b + c; +d + e",
    r"\begin{multline*} p(x) = 3x^6 + 14x^5 \\ - 9x + 1 \end{multline*}": "p(x) = 3x^6 + 14x^5; −9x + 1",
    r"\begin{eqnarray} y &=& mx + c \\ z &=& 2 \end{eqnarray}": "y = mx + c; z = 2",
    r"\begin{eqnarray*} a &\le& b \\ &\le& c \end{eqnarray*}": "a ≤ b; ≤c",
    r"f = \begin{cases*} 1 & if $x > 0$ \\ 0 & otherwise \end{cases*}": "f = {1, if x > 0; 0, otherwise",
    r"\begin{dcases*} \frac12 & if $n$ is odd \\ 1 & otherwise \end{dcases*}": "{1/2, if n is odd; 1, otherwise",
    r"\mathds{1}_{A}": "1_A",
    r"\mbox{otherwise}": "otherwise",
    r"20\textdegree\text{C}": "20°C",
    r"\sideset{}{'}\sum_n a_n": "∑′_n a_n",
    r"\SI{9.81}{m/s^2}": "9.81 m/s^2",
    r"\SI{20}{\celsius}": "20 °C",
    r"\num{1.5e6}": "1.5 × 10^6",
    r"\si{\kilo\gram}": "kg",
    r"\SI{3e8}{\meter\per\second}": "3 × 10^8 m s^−1",
    r"\num{12345.678}": "12 345.678",
    r"\qty{5}{\mm}": "5 mm",
    r"\unit{\newton\metre}": "N m",
}
"""What KaTeX does not know, as one line of text."""

SAME_MEANING = [
    {r"\mathscr{L}", r"\mathcal{L}"},
    {r"\mathord{-}3", "-3"},
    {r"\color{red} x", r"\colorbox{yellow}{$x$}", r"\raisebox{1ex}{x}", r"\mathstrut x"},
    {"a~b", r"a\ b"},
    {r"\displaystyle \sum_{i=1}^n i", r"\textstyle \sum_{i=1}^n i"},
]
"""Formulas of the list that are read alike."""

REFUSED = {
    r"\DeclareMathOperator{\corr}{corr} \corr(X,Y)": r"there is no command \DeclareMathOperator here, at character 1",
    r"\text{x < y & z}": "got '&', at character 13",
    r"\middle": r"expected group as argument to '\middle', at its end",
    r"\frac{a}{b": "expected '}', at its end",
    r"\left( x": r"expected '\right'",
    "x^2^3": "double superscript, at character 4",
    r"\undefinedcommand{x}": r"there is no command \undefinedcommand here, at character 1",
    r"\begin{pmatrix} a": "at its end",
    r"\begin{nosuchenv} a \end{nosuchenv}": "there is no environment nosuchenv here, at character 7",
    "a & b": "got '&', at character 3",
    r"\frac{1}": "expected '}', at its end",
    "}": "got '}', at character 1",
    r"\sqrt[3": "expected ']', at its end",
    r"\includegraphics{x.png}": r"\includegraphics",
    r"\href{javascript:alert(1)}{x}": r"there is no command \href here, at character 1",
    r"\input{/etc/passwd}": r"there is no command \input here, at character 1",
    r"\def\x{\x\x}\x": "too many expansions",
}


def shown(latex: str) -> str:
    """The formula's MathML."""
    return formula(latex, is_block=False).html


def test_the_page_tells_what_became_of_each_formula() -> None:
    """By text, by structure and by pictures; each remark about a picture is about a formula of the list."""
    from eyes import EYES
    from formulas_page import PAGE, page

    assert PAGE.read_text(encoding="utf-8") == page()
    assert {*EYES} <= {*KATEX}


def test_every_formula_is_judged() -> None:
    """By KaTeX, by hand, or by being refused; and there are enough of them."""
    assert {*KATEX, *BY_HAND, *REFUSED} == {*FORMULAS}
    assert len(KATEX) >= 220


@pytest.mark.parametrize("latex", KATEX)
def test_a_formula_says_what_katex_says(latex: str) -> None:
    """The same characters in the same letter forms, in the same structure; three exceptions have their reasons."""
    is_same = text(shown(latex)) == text(KATEX[latex])
    is_built_alike = clean(skeleton(shown(latex))) == clean(skeleton(KATEX[latex]))
    assert (is_same and is_built_alike) is (latex not in OTHER)


@pytest.mark.parametrize("latex", BY_HAND)
def test_what_katex_does_not_know_is_as_written_by_hand(latex: str) -> None:
    """Environments, units, numbers."""
    assert formula(latex, is_block=False).text == BY_HAND[latex]


@pytest.mark.parametrize("latex", REFUSED)
def test_what_cannot_be_shown_is_refused_with_its_place(latex: str) -> None:
    """And with the command's name; it is never shown wrong."""
    with pytest.raises(Unrenderable) as refused:
        shown(latex)
    assert REFUSED[latex] in str(refused.value)


@pytest.mark.parametrize(
    ("latex", "line"),
    [
        (r"\frac{1}{2}", "1/2"),
        ("2^{10}", "2^10"),
        (r"\sqrt{2}", "√2"),
        (r"\sqrt[3]{x+1}", "³√(x + 1)"),
        (r"\frac{a+b}{2}", "(a + b)/2"),
        (r"\binom{n}{k}", "(n choose k)"),
        (r"\bar{x} = \hat\mu", "x̄ = μ̂"),
        (r"\ln 2", "ln 2"),
        (r"x_{i+1}^2", "x_(i + 1)^2"),
        (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", "(1, 2; 3, 4)"),
        (r"\begin{cases} x & x \ge 0 \\ -x & \text{else} \end{cases}", "{x, x ≥ 0; −x, else"),
        (r"\mathbf{x} \in \mathbb{R}^n", "bold(x) ∈ ℝ^n"),
        (r"\cancel{u}", "cancel(u)"),
        (r"a \bmod n", "a mod n"),
        (r"2\frac12", "2 1/2"),
        (r"\frac12 x", "1/2 x"),
        (r"\frac1{2x}", "1/(2x)"),
        (r"\frac12(x+1)", "1/2 (x + 1)"),
        (r"a\frac bc", "a b/c"),
        (r"\frac{ab}c", "(ab)/c"),
        ("x^2y", "x^2 y"),
        ("x^{2y}", "x^(2y)"),
        ("2^10", "2^1 0"),
        (r"\sqrt2 x", "√2 x"),
        (r"\sqrt{2x}", "√(2x)"),
        (r"2\sqrt[3]x", "2 ³√x"),
        (r"2^3\sqrt x", "2^3 √x"),
        (r"\sqrt[k+1]{x}", "root_(k + 1) x"),
        ("a_{i}j", "a_i j"),
        ("a_{ij}", "a_(ij)"),
        (r"x_\mathrm{res}", "x_res"),
        ("{x^2}^3", "(x^2)^3"),
        ("x_1^2", "x_1^2"),
        ("{x^2}_1", "(x^2)_1"),
        ("e^{x_1}", "e^(x_1)"),
        (r"\frac{-1}2", "(−1)/2"),
        (r"-\frac12", "−1/2"),
        ("10^{-1}x", "10^−1 x"),
        (r"\frac{x^2}{y_1}", "x^2/y_1"),
        (r"\frac{(a)(b)}{c}", "((a)(b))/c"),
        (r"\sout{x}", "strikeout(x)"),
        (r"\underline{x}", "underline(x)"),
        (r"\pmb{x}", "bold(x)"),
        (r"\boxed{x}", "boxed(x)"),
        (r"\mathcal{A}", "script(A)"),
        (r"\mathbf{word}", "bold(word)"),
        (r"\mathbf{A}\mathbf{b}^2", "bold(A) bold(b)^2"),
        (r"\hat{xy}", "hat(xy)"),
        (r"x\hat y", "xy\u0302"),
        (r"\underbrace{a+b}_n", "underbrace(a + b)_n"),
        (r"\begin{vmatrix} 1 & 2 \\ 3 & 4 \end{vmatrix}", "|1, 2; 3, 4|"),
        (r"\begin{matrix} 1 & 2 \\ 3 & 4 \end{matrix}", "matrix(1, 2; 3, 4)"),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "a = b; c = d"),
        (r"\Gamma(x)", "Γ(x)"),
        ("x=-3", "x = −3"),
        (r"\ce{H2O}", "H_2 O"),
    ],
)
def test_a_formula_has_a_line_of_plain_text(latex: str, line: str) -> None:
    """For screen readers, for browsers without MathML, and for exports."""
    made = formula(latex, is_block=False)
    assert made.text == line
    assert f'alttext="{line}"' in made.html


def test_formulas_of_different_meaning_have_different_lines() -> None:
    """Of all the formulas of the list; those of one line differ in colour, place and size alone."""
    of_line: dict[str, set[str]] = {}
    for latex in FORMULAS:
        if latex not in REFUSED:
            of_line.setdefault(formula(latex, is_block=False).text, set()).add(latex)
    assert [alike for alike in of_line.values() if len(alike) > 1 and alike not in SAME_MEANING] == []


@pytest.mark.parametrize(
    "latex",
    [
        "{" * 400 + "x" + "}" * 400,
        r"\sqrt{" * 200 + "x" + "}" * 200,
        "x^{" * 38 + "x" + "}" * 38,
        r"\def\a{\a\a}\a",
        r"\rule{1000em}{1000em}" * 50,
    ],
)
def test_a_hostile_formula_is_refused_or_small(latex: str) -> None:
    """It costs neither the server nor a phone their stack."""
    try:
        html = shown(latex)
    except Unrenderable:
        return
    assert len(html) < 20_000
    assert "1000em" not in html
