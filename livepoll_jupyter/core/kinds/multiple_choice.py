"""``multiple_choice``: any number of options. An answer is a list of ids; each is a tally key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from .. import messages
from ..errors import BadAnswer
from ..questions import Question
from .options import check_options, count_options, label_of, option_id


class MultipleChoice:
    """One or more options out of several; right are exactly the right ones together."""

    name = "multiple_choice"

    def check(self, question: Question) -> None:
        """At least two options."""
        check_options(question)

    def read(self, question: Question, answer: Any) -> tuple[list[str], tuple[str, ...]]:
        """``answer`` must be a list of one or more different ids; its normal form is in the options' order."""
        known = question.option_ids
        if not isinstance(answer, list) or not answer:
            raise BadAnswer("Send a list with at least one option's id.")
        if not all(isinstance(option, str) and option in known for option in answer):
            raise BadAnswer("That list holds something that is not one of the options; send options' ids.")
        if len(set(answer)) != len(answer):
            raise BadAnswer("An option stands twice in that list; send each id once.")
        chosen = [option for option in known if option in answer]
        return chosen, tuple(chosen)

    def is_correct(self, question: Question, answer: Any) -> bool | None:
        """Whether exactly the right options were chosen."""
        return set(answer) == set(question.correct) if question.correct else None

    def counts(self, question: Question, counter: Counter[str]) -> dict[str, int]:
        """Votes per option id; their sum may exceed the number of participants."""
        return count_options(question, counter)

    def labels(self, question: Question, answer: Any) -> list[str]:
        """The options' labels."""
        return [label_of(question, option) for option in answer]

    def from_labels(self, question: messages.Question, answer: Any) -> list[str]:
        """The ids for labels; one label or number may stand for a list of one."""
        is_several = isinstance(answer, Iterable) and not isinstance(answer, str | bytes | Mapping)
        chosen = list(answer) if is_several else [answer]
        return [option_id(question, label) for label in chosen]
