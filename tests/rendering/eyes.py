"""What a person saw in the pictures of ``pictures.py``, of each formula that is shown otherwise than by KaTeX.

Seen in Chromium with the page's own font, on 2026-11-28. None of these says something else; where a sign could be taken
for another one, a renderer's answer is a mistake and is mended.
"""

from __future__ import annotations

_WIDE = "wider: the font's tall brackets and slashes have more space at their sides"
_NUMBER = "better: in a narrow place KaTeX's number stands upon the formula, ours beside it"
_HEAP = "other spaces between operators that have nothing between them"
_RELATION = "narrower: without the spaces around the sign"

EYES = {
    r"\operatorname{Cov}(X,Y) = \mathbb{E}\left[(X-\mu_X)(Y-\mu_Y)\right]": "a taller bracket: deeper subscripts",
    r"P(X = k) = \binom{n}{k} p^k (1-p)^{n-k}": _WIDE,
    r"\binom{n}{k} = \frac{n!}{k!\,(n-k)!}": _WIDE,
    r"\dbinom{n}{2} + \tbinom{m}{2}": _WIDE,
    r"n \choose k": _WIDE,
    r"G = (V, E), \; |E| \le \binom{|V|}{2}": _WIDE,
    r"\left(\!\binom{n}{k}\!\right)": _WIDE,
    r"\left( \frac{a}{b} \right)": _WIDE,
    r"\left[ x \right)": _WIDE,
    r"\mathopen{[} a, b \mathclose{)}": _WIDE,
    r"\Bigl( \sum_i x_i \Bigr)^2": _WIDE,
    r"\left\langle \psi \middle| \phi \right\rangle": _WIDE,
    r"\left(\begin{smallmatrix} 1 \\ 0 \end{smallmatrix}\right)": _WIDE,
    r"\lim\limits_{n\to\infty} \left(1+\frac1n\right)^n = e": _WIDE,
    r"\bigl\{ 1, 2 \bigr\}": _WIDE,
    r"\bigl\{ \omega \in \Omega : X(\omega) \le x \bigr\}": _WIDE,
    r"T(n) = 2\,T\!\left(\frac{n}{2}\right) + \Theta(n)": _WIDE,
    r"\left.\begin{rcases} a = 1 \\ b = 2 \end{rcases}\right. \Rightarrow c": _WIDE,
    r"\bigg/ \Bigg\backslash": _WIDE,
    r"\frac{a}{b} \Big/ \frac{c}{d}": _WIDE,
    r"X_1, \dots, X_n \stackrel{\text{iid}}{\sim} \operatorname{Exp}(\lambda)": _RELATION,
    r"\because a < b \therefore c": _RELATION,
    r"D_{\mathrm{KL}}(P \parallel Q) = \sum_x P(x) \log\frac{P(x)}{Q(x)}": "no space between log and the fraction",
    r"\mathop{\mathrm{tr}}(A) = 5": "a thin space before the bracket",
    r"\boldsymbol{\nabla} f": "a space behind the sign",
    r"\begin{array}{lr} a & bb \\ ccc & d \end{array}": "without the space at both ends",
    r"\begin{align} a &= 1 \\ b &= 2 \end{align}": _NUMBER,
    r"\begin{alignat}{2} p &= 1 & \quad q &= 4 \end{alignat}": _NUMBER,
    r"\begin{gather} u = 1 \\ v = 2 \end{gather}": _NUMBER,
    r"\begin{equation} E = mc^2 \end{equation}": _NUMBER,
    r"E = mc^2 \tag{1}": _NUMBER,
    r"a = b \tag*{$\ast$}": _NUMBER,
    r"\begin{aligned}[t] a &= b \end{aligned}": "better: KaTeX prints the [t]",
    r"a \equiv b \pmod{n}": "a wider space before the bracket",
    r"\texttt{int x = 5;}": "= and ; are not in the typewriter's font",
    r"\mathscr{L}": r"the same letter as \mathcal{L}: the font has one script alphabet",
    r"\mathbb{1}": "better: KaTeX has no double-struck 1",
    r"\mathit{diff}": "wider: letters of formulas and not of a word",
    r"\boldsymbol{\mathcal{H}}": "hardly bolder than without",
    r"\mathrel{\mathop:}=": "a space between : and =",
    r"\pm\mp\times\div\cdot\ast\star": _HEAP,
    r"\leftarrow\Rightarrow\iff\leftrightarrow\mapsto\hookrightarrow\uparrow\nearrow": _HEAP,
    r"\cdots\ldots\vdots\ddots": "smaller dots",
    r"\frac{\cancel{u}v}{w}": "a thicker stroke",
    r"\xcancel{abc}": "taller and thicker strokes",
    r"\overbracket{x}": "as wide as the letter",
    r"\text{Größe}": "ö and ß in another font: the font for formulas lacks them",
    r"X \perp\!\!\!\perp Y": "the two signs further apart",
}
"""By formula; all others are shown alike."""
