"""What the kinds whose answers are options have in common."""

from __future__ import annotations

from collections import Counter

from .. import messages
from ..errors import BadAnswer, BadQuestion
from ..questions import Question

MIN_OPTIONS = 2


def check_options(question: Question) -> None:
    """Raise :exc:`BadQuestion` unless there is something to choose from."""
    if len(question.options) < MIN_OPTIONS:
        raise BadQuestion("A question to choose from needs at least two options.")


def count_options(question: Question, counter: Counter[str]) -> dict[str, int]:
    """Votes per option id, zeros included."""
    return {option: counter[option] for option in question.option_ids}


def label_of(question: Question, option_id: str) -> str:
    """The label that a person reads for an option's id."""
    return next(option.label for option in question.options if option.id == option_id)


def option_id(question: messages.Question, label: object) -> str:
    """The id of the option that a person names by its label or id; raises :exc:`BadAnswer`."""
    options = question.options
    by_label = next((option.id for option in options if option.label == label), None)
    found = by_label or next((option.id for option in options if option.id == label), None)
    if found is None:
        offered = ", ".join(repr(option.label) for option in options)
        raise BadAnswer(f"{label!r} is not an option; choose from: {offered}.")
    return found
