"""From what an instructor writes to a question that can be published.

Two steps, because rendering lies between them and takes a process of its own: :func:`read` checks what was written,
:func:`draft` puts it together with what was rendered of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest
from string import ascii_lowercase
from typing import Final

from msgspec import UNSET, Struct, UnsetType

from .codec import encode
from .errors import BadQuestion
from .kinds import kind_of
from .messages import Option, ShowResults
from .questions import Question
from .texts import check_text, html_key, option_letter, reading_key, shows_nothing

MAX_OPTIONS = len(ascii_lowercase)
MAX_TEXT = 8_000
"""Characters of a question's Markdown."""
MAX_LABEL = 1_000
"""Characters of an option's Markdown."""
MAX_SIZE = 96 * 1024
"""Bytes of a question as it is sent: math and highlighted code grow when they are rendered."""
MAX_ELEMENTS = 5_000
"""Elements of HTML in the text, or in one label. A phone is busy for seconds with more, and does not show them."""
MAX_LEVELS = 80
"""Elements within each other."""

_TAG: Final = re.compile("<(/?)([a-z][a-z0-9]*)")
_WITHOUT_END: Final = {"br", "hr"}


class Written(Struct, frozen=True, kw_only=True):
    """A question as it was written, checked: ``labels`` are stripped, ``correct`` holds option ids."""

    kind: str
    text: str
    labels: tuple[str, ...]
    correct: tuple[str, ...] = ()
    show_results: ShowResults = "live"


def read(
    *,
    kind: str,
    text: str,
    options: Sequence[str],
    correct: str | Sequence[str] | None = None,
    show_results: ShowResults = "live",
) -> Written:
    """What was written, with labels in place of options.

    Raises :exc:`BadQuestion` for no text, too much of it, characters that nobody means, options that the kind does not
    take, equal options, or a right answer that is no option.
    """
    labels = _labels(options)
    if len(text) > MAX_TEXT:
        raise BadQuestion(f"The question's text has {len(text)} characters; at most {MAX_TEXT} fit.")
    if not reading_key(text):
        raise BadQuestion("A question needs a text.")
    check_text(text, "The question's text")
    return Written(
        kind=kind, text=text, labels=tuple(labels), correct=_right(labels, correct), show_results=show_results
    )


def draft(
    question_id: str,
    written: Written,
    html: str,
    label_html: Sequence[str],
    *,
    plain: str = "",
    plain_labels: Sequence[str] = (),
) -> Question:
    """A question that was not published yet; ``html`` and ``label_html`` are its text and labels, sanitised.

    ``plain`` and ``plain_labels`` are the same as plain text, kept where it says something else than the source.

    Raises :exc:`BadQuestion` for two options that look the same, one that shows nothing, and too large a question.
    """
    _refuse_look_alikes(written.labels, label_html)
    told = _plain_labels(written.labels, plain_labels)
    question = Question(
        id=question_id, kind=written.kind, text=written.text, html=html, plain=_unless_same(plain, written.text),
        options=tuple(
            Option(ascii_lowercase[i], label, made, _unless_same(told[i], label))
            for i, (label, made) in enumerate(zip(written.labels, label_html, strict=True))
        ),
        correct=written.correct, show_results=written.show_results,
    )  # fmt: skip
    kind_of(written.kind).check(question)
    if shows_nothing(html):
        raise BadQuestion("The question's text shows nothing on a phone. Write what is asked.")
    size = len(encode(question.public()))
    if size > MAX_SIZE:
        raise BadQuestion(too_large(size))
    _refuse_too_many_elements((html, *label_html))
    return question


def _unless_same(plain: str, source: str) -> str | UnsetType:
    return plain if plain not in {"", source} else UNSET


def _plain_labels(labels: Sequence[str], plain_labels: Sequence[str]) -> list[str]:
    """Plain texts that tell the options apart: where two are equal, as those of ``**a**`` and ``a``, their sources."""
    told = [plain or label for label, plain in zip_longest(labels, plain_labels, fillvalue="")]
    while equal := {plain for plain, times in Counter(told).items() if times > 1}:
        told = [label if plain in equal else plain for label, plain in zip(labels, told, strict=True)]
    return told


def too_large(size: int) -> str:
    """What is said of a question with so many bytes."""
    return f"Rendered, the question has {size:,} bytes; at most {MAX_SIZE:,} go to a phone. Shorten it."


def _refuse_too_many_elements(texts: Sequence[str]) -> None:
    for html in texts:
        elements, levels = extent(html)
        if elements > MAX_ELEMENTS:
            raise BadQuestion(
                f"Rendered, the question has {elements:,} signs and other elements in one text; "
                f"at most {MAX_ELEMENTS:,} are shown on a phone. Shorten it."
            )
        if levels > MAX_LEVELS:
            raise BadQuestion(too_deep(levels))


def extent(html: str) -> tuple[int, int]:
    """How many elements clean HTML has, and how many of them are within each other at most."""
    elements, levels, deepest = 0, 0, 0
    for end, name in _TAG.findall(html):
        elements += not end
        levels += 0 if name in _WITHOUT_END else -1 if end else 1
        deepest = max(deepest, levels)
    return elements, deepest


def too_deep(levels: int) -> str:
    """What is said of a text with so many elements within each other."""
    return (
        f"The question has {levels} lists, quotes, stars and other elements within each other; "
        f"at most {MAX_LEVELS} are shown on a phone. Write it with fewer."
    )


def _labels(options: Sequence[str]) -> list[str]:
    if isinstance(options, str):
        raise BadQuestion("Options are a list of labels, not one text.")
    labels = [label.strip() for label in options]
    if len(labels) > MAX_OPTIONS:
        raise BadQuestion(f"The question has {len(labels)} options; at most {MAX_OPTIONS} fit.")
    for number, label in enumerate(labels, 1):
        if len(label) > MAX_LABEL:
            raise BadQuestion(f"An option has {len(label)} characters; at most {MAX_LABEL} fit.")
        check_text(label, f"Option {number}")
        if not reading_key(label):
            raise BadQuestion(f"Option {number} is empty, or holds only blanks that nobody sees; give it a label.")
    return labels


def _refuse_look_alikes(labels: Sequence[str], label_html: Sequence[str]) -> None:
    seen: dict[str, int] = {}
    for place, html in enumerate(label_html):
        if shows_nothing(html):
            raise BadQuestion(f"Option {place + 1}, {labels[place]!r}, shows nothing on a phone; give it a label.")
        first = seen.setdefault(html_key(html), place)
        if first == place:
            continue
        if labels[first] == labels[place]:
            raise BadQuestion(f"Two options are equal: {labels[place]!r}. Make each option different.")
        raise BadQuestion(
            f"Options {first + 1} and {place + 1} look the same: {labels[first]!a} and {labels[place]!a}. "
            "Make each option different to the eye."
        )


def _right(labels: list[str], correct: str | Sequence[str] | None) -> tuple[str, ...]:
    """The ids of the right answers, each once; each label is read once, however many answers are named."""
    asked = list(dict.fromkeys([correct] if isinstance(correct, str) else correct or ()))
    if len(asked) > MAX_OPTIONS:
        raise BadQuestion(f"{len(asked)} right answers are named; a question has at most {MAX_OPTIONS} options.")
    keys = [reading_key(label) for label in labels]
    return tuple(dict.fromkeys(ascii_lowercase[_index_of(label, labels, keys)] for label in asked))


def _index_of(label: str, labels: list[str], keys: list[str]) -> int:
    """Where the label stands, compared as it reads, or the letter that names the option if no label reads so."""
    if label.strip() in labels:
        return labels.index(label.strip())
    letter = option_letter(label[: MAX_LABEL + 1])
    key = reading_key(label[: MAX_LABEL + 1])
    alike = [place for place, one in enumerate(keys) if one == key]
    if not alike and len(letter) == 1 and letter in ascii_lowercase[: len(labels)]:
        return ascii_lowercase.index(letter)
    if len(alike) != 1:
        raise BadQuestion(
            f"The right answer {label[:MAX_LABEL]!r} is not one of the options: {', '.join(map(repr, labels))}."
        )
    return alike[0]
