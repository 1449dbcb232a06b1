"""What the kinds whose answers are options have in common."""

from __future__ import annotations

from collections import Counter

from .. import messages
from ..errors import BadAnswer, BadQuestion
from ..questions import Question
from ..texts import as_label, option_letter, reading_key

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
    """The id of the option that a person names by its label or its letter, compared as it reads.

    A number names the option that reads so. Raises :exc:`BadAnswer`.
    """
    options, label = question.options, as_label(label)
    exact = [option.id for option in options if option.label == label] or [o.id for o in options if o.id == label]
    if exact:
        return exact[0]
    key = reading_key(label) if isinstance(label, str) else None
    alike = [option.id for option in options if reading_key(option.label) == key]
    if not alike and isinstance(label, str):
        alike = [option.id for option in options if option.id == option_letter(label)]
    if len(alike) != 1:
        offered = ", ".join(repr(option.label) for option in options)
        raise BadAnswer(f"{label!r} is not an option; choose from: {offered}.")
    return alike[0]
