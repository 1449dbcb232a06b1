"""``choice``: one option out of several. An answer is an option's id, which is also its tally key."""

from __future__ import annotations

from collections import Counter
from typing import Any

from .. import messages
from ..errors import BadAnswer, BadQuestion
from ..questions import Question
from .options import check_options, count_options, label_of, option_id


class Choice:
    """One option out of several; at most one is right."""

    name = "choice"

    def check(self, question: Question) -> None:
        """At least two options, at most one right one."""
        check_options(question)
        if len(question.correct) > 1:
            raise BadQuestion("A choice has one right answer; ask a multiple_choice for several.")

    def read(self, question: Question, answer: Any) -> tuple[str, tuple[str, ...]]:
        """``answer`` must be the id of one option."""
        if not isinstance(answer, str) or not question.has_option(answer):
            raise BadAnswer("That is not one of the options; send one option's id.")
        return answer, (answer,)

    def is_correct(self, question: Question, answer: Any) -> bool | None:
        """Whether the option is the right one."""
        return answer in question.correct if question.correct else None

    def counts(self, question: Question, counter: Counter[str]) -> dict[str, int]:
        """Votes per option id."""
        return count_options(question, counter)

    def labels(self, question: Question, answer: Any) -> str:
        """The option's label."""
        return label_of(question, answer)

    def from_labels(self, question: messages.Question, answer: Any) -> str:
        """The id for a label."""
        return option_id(question, answer)
