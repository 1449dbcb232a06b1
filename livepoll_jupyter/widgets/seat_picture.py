"""What a seat shows, made from what its student knows. Pure."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from ..client.connection import Status
from ..client.session import Session
from ..core.messages import Vote
from .labels import as_labels

Place = tuple[str, int]
"""A question's id and its round."""


class Uncounted(Struct, frozen=True, kw_only=True):
    """An act that came to nothing: to which question, which one was shown by then, and why."""

    to: Place
    shown: Place
    message: str
    is_withdrawal: bool

    @property
    def late(self) -> str:
        """What is said of it below another question."""
        if self.is_withdrawal:
            return "It was too late to take back your answer to an earlier question."
        return "Your answer to an earlier question came too late and was not counted."


class Seen(Struct, frozen=True, kw_only=True):
    """All that a picture is made of; ``waiting`` is the newest act without an ack."""

    session: Session
    status: Status
    waiting: Vote | None
    uncounted: Uncounted | None


def place_of(session: Session) -> Place:
    """Where an answer given now would belong."""
    asked = session.question
    return (asked.id, asked.round) if asked else ("", 0)


def traits_of(seen: Seen) -> dict[str, Any]:
    """The values of a seat's traits."""
    session = seen.session
    asked, mine, tally = session.question, session.counted, session.results
    labels = {option.id: option.label for option in asked.options} if asked else {}
    return {
        "title": session.title,
        "connection": seen.status.state,
        "text": asked.text if asked else "",
        "options": list(labels.values()),
        "is_active": asked.is_active if asked else False,
        "is_locked": asked.is_locked if asked else False,
        "my_answer": as_labels(asked, mine.answer) if asked and mine else None,
        "results": {labels.get(option, option): votes for option, votes in tally.counts.items()} if tally else {},
        "correct": [labels.get(option, option) for option in session.correct or ()],
    }


def state_of(seen: Seen) -> dict[str, Any]:
    """What the view of a question asks for: ``Asked`` in ``labextension/src/views``."""
    session, waiting = seen.session, _waiting(seen)
    mine, uncounted = session.counted, _uncounted(seen)
    is_late = uncounted is not None and uncounted.to != uncounted.shown
    return {
        "question": session.question,
        "results": session.results,
        "correct": session.correct,
        "answer": waiting.data.answer if waiting else mine.answer if mine else None,
        "delivery": "pending" if waiting else "refused" if uncounted and not is_late else _counted(session),
        "isCounted": mine is not None,
        "refusal": uncounted.message if uncounted and not is_late else None,
        "late": uncounted.late if uncounted and is_late else None,
        "isOnline": seen.status.state == "open",
        "link": seen.status,
    }


def _waiting(seen: Seen) -> Vote | None:
    """What is on its way to the question that is shown."""
    vote = seen.waiting
    return vote if vote and (vote.data.questionId, vote.data.round) == place_of(seen.session) else None


def _uncounted(seen: Seen) -> Uncounted | None:
    """What came to nothing and has to be said below the question that is shown."""
    return seen.uncounted if seen.uncounted and seen.uncounted.shown == place_of(seen.session) else None


def _counted(session: Session) -> str:
    if session.counted:
        return "counted"
    mine = session.my_vote
    return "withdrawn" if mine and (mine.questionId, mine.round) == place_of(session) else "none"
