"""Rendered texts as plain text: what a reader sees, without Markdown and LaTeX, and what its form means."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from livepoll_jupyter.core.errors import BadQuestion
from livepoll_jupyter.core.texts import check_text
from livepoll_jupyter.server.rendering.prose import render, render_label

TEXTS = {
    r"**Which** is `x`, and $\frac{1}{2}$?": "Which is x, and 1/2?",
    r"A 3$\times$3 matrix": "A 3×3 matrix",
    "Is $a^{10}$ a\nnumber?\n\nOr not?": "Is a^10 a number?\n\nOr not?",
    "# Head\ntext\n\n---\n\nend": "Head\n\ntext\n\nend",
    r"so $$\sqrt{2}$$ it is": "so\n√2\nit is",
    "$$\nx^2\n$$": "x^2",
    "one\\\ntwo  \nthree": "one\ntwo\nthree",
    "* one\n* two\n  * **deep**\n  * `x  y`\n\nend": "• one\n• two\n  • deep\n  • x  y\n\nend",
    "9. nine\n10. ten\n\n    more": "9. nine\n10. ten\n    more",
    "> quoted\n> > twice\n\nend": "> quoted\n> > twice\n\nend",
    "| event | p |\n|:--|--:|\n| A | $P(A|B)$ |\n| *B* | |": "event | p\nA | P(A|B)\nB | ",
    "What prints\n\n```python\nfor i in x:\n    print(i)  # *i*\n\nend\n```\n\nthis?":
        "What prints\n\nfor i in x:\n    print(i)  # *i*\n\nend\n\nthis?",
    "- a\n\n  ```\n  b\n    c\n  ```\n- d": "• a\n  b\n    c\n• d",
    "[the docs](https://example.org/a) say": "the docs say",
    "It is ~~not~~ allowed": "It is ~~not~~ allowed",
    "a < b && c > d, &lt;i&gt; &amp; <b>x</b>": "a < b && c > d, <i> & <b>x</b>",
    r"\*not slanted\*, 2\*3": "*not slanted*, 2*3",
    "Ann pays $10, and Bob pays $10": "Ann pays $10, and Bob pays $10",
    "`a  b`  c\u00a0d": "a  b c d",
    "מהו **הממוצע**?": "מהו הממוצע?",
}  # fmt: skip
LABELS = {
    r"$\frac{1}{2}$": "1/2",
    "1. e4": "1. e4",
    "- 5": "- 5",
    "**yes**": "yes",
    "`u  v`": "u  v",
    "```python\nx = 1\nprint(x)\n```": "x = 1\nprint(x)",
    r"$10\,\%$ of [all](https://x.example)": "10 % of all",
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_plain_text_as_a_reader_sees_it(text: str) -> None:
    """Items keep their numbers and bullets, tables their bars, quotes their mark, code its blanks and lines."""
    assert render(text).plain == TEXTS[text]


@pytest.mark.parametrize("label", LABELS)
def test_an_option_is_plain_text_as_a_reader_sees_it(label: str) -> None:
    """Formulas as lines, code without its marks, and nothing that is no Markdown in an option."""
    assert render_label(label).plain == LABELS[label]


@given(st.text(st.sampled_from("ab*_`~$\\^{}|<>&;:-+#[]() \n1.!\"'")))
@example("> " * 30 + "x")
@example("- " * 30 + "x")
def test_no_word_is_lost(text: str) -> None:
    """Whatever Markdown is written: what the HTML shows is in the plain text, in the same order."""
    try:
        check_text(text, "The text")
    except BadQuestion:
        return
    for made in (render(text), render_label(text)):
        html = re.sub(r"<math.*?</math>", "", made.html, flags=re.DOTALL)
        seen = re.sub(r"<[^>]*>", "", html)
        for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&amp;", "&")):
            seen = seen.replace(entity, sign)
        left = iter(made.plain)
        assert all(sign in left for sign in seen if not sign.isspace())
