"""Answers as a person reads them."""

from __future__ import annotations

from typing import Any

from msgspec.structs import asdict

from ..core import messages
from ..core.errors import BadAnswer, BadQuestion
from ..core.kinds import kind_of
from ..core.questions import Question


def as_labels(question: messages.Question, answer: Any) -> Any:
    """An answer in option ids with the labels in their place, in the shape of the question's kind; else as it is."""
    asked = Question(**asdict(question))
    try:
        kind = kind_of(question.kind)
        known, _ = kind.read(asked, answer)
    except (BadQuestion, BadAnswer):
        # A newer server has kinds that we do not know, and a hostile one sends what is no answer.
        return answer
    return kind.labels(asked, known)
