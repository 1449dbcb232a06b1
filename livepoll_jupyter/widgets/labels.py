"""Answers as a person reads them."""

from __future__ import annotations

from typing import Any

from msgspec.structs import asdict

from ..core import messages
from ..core.kinds import kind_of
from ..core.questions import Question


def as_labels(question: messages.Question, answer: Any) -> Any:
    """An answer in option ids with the labels in their place, in the shape of the question's kind."""
    return kind_of(question.kind).labels(Question(**asdict(question)), answer)
