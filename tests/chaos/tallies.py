"""Results and answers of the wire as the history writes them down."""

from __future__ import annotations

from history import Row, Tally, answer_of

from livepoll_jupyter.core.messages import Results
from livepoll_jupyter.core.rest import AnswerRecord


def tally_of(results: Results, rev: int) -> Tally:
    """A round's results."""
    return Tally(
        key=(results.questionId, results.round),
        rev=rev,
        counts=tuple(sorted(results.counts.items())),
        participants=results.participants,
        is_final=results.final is True,
    )


def row_of(record: AnswerRecord) -> Row:
    """One answer."""
    return Row(
        participant=record.participant,
        key=(record.questionId, record.round),
        answer=answer_of(record.answer),
        rev=record.rev,
    )
