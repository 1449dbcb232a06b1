"""From what an instructor writes to a question that can be published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from string import ascii_lowercase

from .codec import encode
from .errors import BadQuestion
from .kinds import kind_of
from .messages import Option, ShowResults
from .questions import Question

MAX_OPTIONS = len(ascii_lowercase)
MAX_TEXT = 8_000
"""Characters of a question's Markdown."""
MAX_LABEL = 1_000
"""Characters of an option's Markdown."""
MAX_SIZE = 96 * 1024
"""Bytes of a question as it is sent: math and highlighted code grow when they are rendered."""


def draft(
    *,
    id: str,
    kind: str,
    text: str,
    options: Sequence[str],
    correct: str | Sequence[str] | None = None,
    show_results: ShowResults = "live",
    render: Callable[[str], str],
    render_label: Callable[[str], str],
) -> Question:
    """A question that was not published yet, from labels.

    ``render`` and ``render_label`` turn Markdown into sanitised HTML (a block, a line). Raises
    :exc:`BadQuestion` for no text, too much of it, options that the kind does not take, equal options,
    or a right answer that is no option.
    """
    labels = _labels(options)
    if not text.strip():
        raise BadQuestion("A question needs a text.")
    if len(text) > MAX_TEXT:
        raise BadQuestion(f"The question's text has {len(text)} characters; at most {MAX_TEXT} fit.")
    asked = [correct] if isinstance(correct, str) else list(correct or ())
    right = tuple(ascii_lowercase[_index_of(label, labels)] for label in dict.fromkeys(asked))
    question = Question(
        id=id, kind=kind, text=text, html=render(text),
        options=tuple(Option(ascii_lowercase[i], label, render_label(label)) for i, label in enumerate(labels)),
        correct=right, show_results=show_results,
    )  # fmt: skip
    kind_of(kind).check(question)
    size = len(encode(question.public()))
    if size > MAX_SIZE:
        raise BadQuestion(f"Rendered, the question has {size:,} bytes; at most {MAX_SIZE:,} go to a phone. Shorten it.")
    return question


def _labels(options: Sequence[str]) -> list[str]:
    if isinstance(options, str):
        raise BadQuestion("Options are a list of labels, not one text.")
    labels = [label.strip() for label in options]
    if len(labels) > MAX_OPTIONS:
        raise BadQuestion(f"The question has {len(labels)} options; at most {MAX_OPTIONS} fit.")
    if not all(labels):
        raise BadQuestion("An option is empty; give each option a label.")
    twice = [label for label, n in Counter(labels).items() if n > 1]
    if twice:
        raise BadQuestion(f"Two options are equal: {twice[0]!r}. Make each option different.")
    long = next((label for label in labels if len(label) > MAX_LABEL), None)
    if long:
        raise BadQuestion(f"An option has {len(long)} characters; at most {MAX_LABEL} fit.")
    return labels


def _index_of(label: str, labels: list[str]) -> int:
    try:
        return labels.index(label.strip())
    except ValueError:
        raise BadQuestion(
            f"The right answer {label!r} is not one of the options: {', '.join(map(repr, labels))}."
        ) from None
