"""Cases of our own, of the kinds of fault that people reported for other tools. Each right value was decided first.

A case is what is given and what is right; what is ``REFUSED`` raises a refusal whose sentence holds that text.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pandas as pd


class REFUSED(NamedTuple):
    """The sentence of the refusal holds ``says``."""

    says: str


RIGHT = "K7WQ2M"
PAGES = "http://192.168.1.5:3000/"
LINK = f"{PAGES}{RIGHT}"
HERE = (PAGES, RIGHT)

CASES: dict[str, list[tuple[Any, Any]]] = {
    "formula": [
        (r"\frac{x+1}{x-1}", "(x + 1)/(x − 1)"),
        (r"e^{-x^2/2}", "e^(−x^2/2)"),
        (r"\sqrt{b^2-4ac}", "√(b^2 − 4ac)"),
        (r"\vec{a} \cdot \vec{b} = 0", "a\u20d7 ⋅ b\u20d7 = 0"),
        (r"P(A \cap B) \ge 0.5", "P(A ∩ B) ≥ 0.5"),
        (r"\lim_{x\to 0^+} \frac1x = \infty", "lim_(x → 0^+) 1/x = ∞"),
        (r"\log_2 8 = 3", "log_2 8 = 3"),
        (r"f\colon \mathbb{R} \to \mathbb{R}", "f: ℝ → ℝ"),
        (r"\int_0^1 x\,dx", "∫_0^1 x dx"),
        (r"|x-y| < \varepsilon", "|x − y| < ε"),
        (r"\{1, 2\}", "{1, 2}"),
        (r"90^\circ", "90°"),
        (r"5\,\text{km/h}", "5 km/h"),
        (r"\lfloor x \rfloor", "⌊x⌋"),
        (r"a \equiv b \pmod n", "a ≡ b (mod n)"),
        (r"\sum_{k=1}^{n} k = \frac{n(n+1)}{2}", "∑_(k = 1)^n k = (n(n + 1))/2"),
        (r"\neg p \lor q", "¬p ∨ q"),
        (r"O(n \log n)", "O(n log n)"),
        (r"x^{-1}", "x^−1"),
        (r"\frac{1}{2}\,\text{or}\,\frac{1}{3}", "1/2 or 1/3"),
        (r"a \ne b", "a ≠ b"),
        (r"A \setminus B", "A ∖ B"),
        (r"x \mapsto x^2", "x ↦ x^2"),
        (r"\frac{\partial f}{\partial x}", "(∂f)/(∂x)"),
        (r"10\,\%", "10 %"),
        (r"H_0 : \mu = 0", "H_0 : μ = 0"),
        (r"x := 3", "x := 3"),
        (r"3{,}14", "3,14"),
        (r"f \circ g", "f ∘ g"),
        (r"\forall x \exists y", "∀x∃y"),
        (r"x \in \{a, b\}", "x ∈ {a, b}"),
    ],
    "text": [
        ("snake_case_name and other_name", "snake_case_name and other_name"),
        ("a*b*c", "abc"),
        ("__init__", "init"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("1) one\n2) two", "1. one\n2. two"),
        ("\\`x\\`", "`x`"),
        ("<https://example.org>", "https://example.org"),
        ("&copy; 2026", "© 2026"),
        ("Hello<br>World", "Hello<br>World"),
        ("- [ ] to do", "• [ ] to do"),
        ("| a |\n|---|\n| b \\| c |", "a\nb | c"),
        ("It costs $5 and then $10.", "It costs $5 and then $10."),
        ("\\$5 and `$PATH`", "$5 and $PATH"),
        ("שלום **עולם**!", "שלום עולם!"),
        ("Wie groß\u00a0ist *das*?", "Wie groß ist das?"),
        ("$x$*is*$y$", "xisy"),
    ],
    "label": [
        ("# not code", "# not code"),
        ("> 5", "> 5"),
        ("* x", "* x"),
        ("+1", "+1"),
        ("C#", "C#"),
        ("`` a`b ``", "a`b"),
        ("```\n  indented\n```", "  indented"),
        ("`''`", "''"),
        ("[a, b)", "[a, b)"),
        ("[x](y)", "x"),
        ("100 %", "100 %"),
        ("a_1 and a_2", "a_1 and a_2"),
        ("<b>", "<b>"),
        (r"$\{\}$ or `{}`", "{} or {}"),
    ],
    "code": [
        ("ｋ７ｗｑ２ｍ", RIGHT), ("K7WQ2M。", RIGHT), ("【K7WQ2M】", RIGHT), ("「K7WQ2M」", RIGHT), ("K7WQ2M！", RIGHT),
        ("K7WQ2M—", RIGHT), ("„K7WQ2M“", RIGHT), ("‹K7WQ2M›", RIGHT), ("• K7WQ2M", RIGHT), ("K7WQ2M\u2028", RIGHT),
        ("→K7WQ2M", RIGHT), ("K7W-Q2M", RIGHT), ("K7W.Q2M", RIGHT), ("K7WQ2M\u0301", RIGHT), ("𝐊𝟕𝐖𝐐𝟐𝐌", RIGHT),
        ("\u202bK7WQ2M\u202c", RIGHT), ("K7WQ2M❗", RIGHT), ("**K7WQ2M**", RIGHT),
    ],
    "link": [
        (f"„{LINK}“", HERE), (f"【{LINK}】", HERE), (f"• {LINK}", HERE), (f"→ {LINK}", HERE), (f"{LINK}—", HERE),
        (f"{LINK}%E2%80%8B", HERE), (f"{LINK}%20", HERE), (f"{LINK}?utm_source=mail", HERE), (f"{LINK}#top", HERE),
        ("HTTP://192.168.1.5:3000/K7WQ2M", HERE), (f"{PAGES}Ｋ７ＷＱ２Ｍ", HERE), (f"{LINK}\u2028", HERE),
        ("http://Poll.Example.ORG/k7wq2m", ("http://poll.example.org/", RIGHT)),
        ("http://[::1]:3000/K7WQ2M", ("http://[::1]:3000/", RIGHT)),
        ("https://hub.example/user/ann/livepoll/K7WQ2M", ("https://hub.example/user/ann/livepoll/", RIGHT)),
        (PAGES, REFUSED("is not a join link")), ("ftp://192.168.1.5/K7WQ2M", REFUSED("is not a join link")),
        ("javascript:alert(1)", REFUSED("is not a join link")), (f"{PAGES}%E2%80%8B", REFUSED("is not a join link")),
    ],
    "public_url": [
        ("\thttps://poll.example.org\n", "https://poll.example.org/"),
        ("https://poll.example.org/a b", REFUSED("is no public URL")),
        ("https://poll.example.org/\u200b", REFUSED("is no public URL")),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443/"),
        ("//poll.example.org/", REFUSED("is no public URL")),
        ("https://poll.example.org:99999/", REFUSED("is no public URL")),
    ],
    "options": [
        (range(1, 4), ["1", "2", "3"]),
        (np.arange(3), ["0", "1", "2"]),
        (np.array([True, False]), ["True", "False"]),
        (pd.Series([0.1, 0.25]), ["0.1", "0.25"]),
        (pd.Series(["a", "b"], dtype="category"), ["a", "b"]),
        (pd.Index([10, 20]), ["10", "20"]),
        ([Decimal("1.50"), Decimal(2)], ["1.50", "2"]),
        ([Fraction(1, 2), 1], ["1/2", "1"]),
        ([dt.date(2026, 1, 2), dt.date(2026, 1, 3)], ["2026-01-02", "2026-01-03"]),
        ({"x": 1, "y": 2}.values(), ["1", "2"]),
        ((f"{n} %" for n in (5, 10)), ["5 %", "10 %"]),
        ([1 + 2j, 1], ["(1+2j)", "1"]),
        ("ab", REFUSED("list of labels")),
        ({"a": "x"}, REFUSED("'options' is a list")),
        ({"mean", "median"}, REFUSED("a set has no order")),
        (5, REFUSED("'options' is a list")),
        (None, REFUSED("'options' is a list")),
        ([None, "x"], REFUSED("'options' is a list")),
        ([b"x", "y"], REFUSED("'options' is a list")),
        (np.array([[1, 2], [3, 4]]), REFUSED("'options' is a list")),
        ([["a"], ["b"]], REFUSED("'options' is a list")),
    ],
    "correct": [
        ((["1", "2"], 2), ["b"]),
        ((["1", "2"], np.int64(1)), ["a"]),
        ((["0.5", "2.0"], np.float64(2)), ["b"]),
        ((["True", "False"], False), ["b"]),
        ((["x", "y"], " B "), ["b"]),
        ((["x", "y"], "Ｂ"), ["b"]),
        ((["x", "y"], ["y", "a"]), ["a", "b"]),
        ((["x", "y"], pd.Series(["y"])), ["b"]),
        ((["x", "y"], {"x", "y"}), ["a", "b"]),
        ((["x", "y"], (label for label in "x")), ["a"]),
        ((["x", "y"], []), []),
        ((["1/2", "1"], Fraction(1, 2)), ["a"]),
        ((["b", "a"], "a"), ["b"]),
        ((["x", "y"], "c"), REFUSED("is not one of the options")),
        ((["x", "y"], ""), REFUSED("is not one of the options")),
        ((["1", "2"], 3), REFUSED("is not one of the options")),
        ((["x", "y"], {"x": True}), REFUSED("'correct' is the label")),
        ((["x", "y"], b"x"), REFUSED("'correct' is the label")),
    ],
    "answer": [
        ((["x", "y"], "B"), "b"), ((["x", "y"], " b "), "b"), ((["1", "2"], 2), "b"), ((["0.5", "1"], 0.5), "a"),
        ((["1", "2"], np.int64(1)), "a"), ((["the mean", "no"], "the\u00a0 mean"), "a"), ((["Ångström", "m"], "A\u030angstro\u0308m"), "a"),
        ((["yes\u200b", "no"], "yes"), "a"), ((["b", "a"], "a"), "b"), ((["$x^2$", "x"], "$x^2$"), "a"),
        ((["x", "y"], "c"), REFUSED("is not an option")), ((["x", "y"], ""), REFUSED("is not an option")),
        ((["1", "2"], True), REFUSED("is not an option")), ((["x", "y"], {"x": 1}), REFUSED("is not an option")),
        ((["x", "y"], "\ud800"), REFUSED("is not an option")),
    ],
    "alike": [
        (["\u2126", "\u03a9"], REFUSED("look the same")),
        (["\u212b", "Å"], REFUSED("look the same")),
        (["\ud55c", "\u1112\u1161\u11ab"], REFUSED("look the same")),
        (["a\tb", "a b"], REFUSED("look the same")),
        (["1\u202f000", "1 000"], REFUSED("look the same")),
        (["yes\u200e", "yes"], REFUSED("look the same")),
        (["$x$", "$ x$"], ["x", None]),
        (["**yes**", "yes"], [None, None]),
        (["½", "$\\frac12$"], [None, "1/2"]),
        (["x²", "$x^2$"], [None, "x^2"]),
        (["0", "O"], [None, None]),
    ],
    "characters": [
        ("red \x1b[31m", REFUSED("U+001B")),
        ("a\x7f", REFUSED("U+007F")),
        ("a\u0085b", REFUSED("U+0085")),
        ("a\x0bb", REFUSED("\\v")),
        ("\udfff", REFUSED("lone surrogate, U+DFFF")),
        ("\ud83d\ude00", REFUSED("lone surrogate, U+D83D")),
        ("a\ufffeb", REFUSED("U+FFFE")),
        ("$\theta$", REFUSED("\\theta")),
        ("$\nabla f$", "warned"),
        ("caf\u00e9 \U0001f600", None),
        ("a\u2028b", None),
        ("کتاب\u200cها", None),
    ],
    "token": [
        (" secret\r\n", "secret"), ("\u200bsecret", REFUSED("That is no token")), ("", REFUSED("That is no token")),
        (None, REFUSED("That is no token")), ("sécret", REFUSED("That is no token")),
    ],
}  # fmt: skip
