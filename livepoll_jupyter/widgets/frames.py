"""Answers as a table: a pandas DataFrame where pandas is installed, else a list of dicts with the same columns."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any, Final

from msgspec.structs import asdict, replace

from ..core.messages import InstructorQuestion, in_plain
from ..core.rest import AnswerRecord
from .labels import as_labels

COLUMNS: Final = ("participant", "questionId", "round", "answer", "correct", "rev", "at")
"""Those of ``GET rooms/CODE/answers``, in its order."""


def to_frame(records: Iterable[AnswerRecord], questions: Iterable[InstructorQuestion]) -> Any:
    """One row per participant and answer; answers as labels in plain text, ``at`` in UTC without a zone."""
    asked = {question.id: replace(question, options=in_plain(question.options)) for question in questions}
    rows = [_row(record, asked[record.questionId]) for record in records if record.questionId in asked]
    return _as_frame(rows) if find_spec("pandas") else rows


def _row(record: AnswerRecord, question: InstructorQuestion) -> dict[str, Any]:
    row = asdict(record) | {"answer": as_labels(question, record.answer)}
    return {column: row[column] for column in COLUMNS}


def _as_frame(rows: list[dict[str, Any]]) -> Any:
    import pandas as pd  # noqa: PLC0415 - a kernel without pandas must do as well

    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    # Without a zone, for Excel takes none; and answers that may be counted and grouped by.
    frame["at"] = pd.to_datetime(frame["at"], utc=True).dt.tz_localize(None)
    frame["answer"] = [tuple(answer) if isinstance(answer, list) else answer for answer in frame["answer"]]
    return frame.astype({"round": "int64", "rev": "int64", "correct": "boolean"})
