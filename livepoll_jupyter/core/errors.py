"""The tree of refusals: everything a room or its server may decline to do.

Refusal
├── BadRequest          the request itself is wrong (HTTP 400)
│   ├── BadMessage      not JSON, not an event, a wrong type
│   ├── BadQuestion     a question that cannot be asked
│   ├── BadAnswer       an answer that the question does not offer
│   └── BadSetting      a setting or an argument of the server that cannot be used
├── Unauthorized        no token, or one that is not valid here (401)
├── Forbidden           a valid token of a role that may not do this (403)
├── NotFound            no such room or page (404)
│   └── UnknownQuestion no such question in this room
├── Conflict            right in itself, not in the present state (409)
│   └── QuestionLocked, QuestionClosed, RoundClosed, StaleVote, AlreadyRevealed, NotPublished,
│       AlreadyPublished
├── RoomEnded           the code was valid once (410)
├── TooLarge            more than the server reads (413)
├── TooMany             above a rate (429)
└── Unavailable         the store could not commit; nothing was changed (503)

A refusal's text is written for the person who gets it and says what to do next. Its ``code`` is
stable: clients may compare it. ``retry`` says whether the same request may succeed later unchanged.
"""

from __future__ import annotations

from typing import ClassVar, Final

_PACKAGE: Final = __name__.partition(".")[0]


class Refusal(Exception):
    """A request that is declined; the state of the room is as it was before."""

    code: ClassVar[str] = "refused"
    retry: ClassVar[bool] = False
    retry_after: float | None = None
    """Seconds before which the same request will be declined again, where somebody named them."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows below the cell: the sentence and the person's own line, and no line of ours."""
        line, trace = 0, self.__traceback__
        while trace and trace.tb_frame.f_globals["__name__"].partition(".")[0] != _PACKAGE:
            line, trace = trace.tb_lineno, trace.tb_next
        return [f"{type(self).__name__} in line {line}: {self.message}"]


class BadRequest(Refusal):
    """The request itself is wrong; sending it again will not help."""

    code = "bad-request"


class BadMessage(BadRequest):
    """Text that is not JSON, JSON that is not an event, an unknown event or a wrong type."""

    code = "bad-message"


class BadQuestion(BadRequest):
    """A question that cannot be asked: no options, equal options, a right answer that is no option."""

    code = "bad-question"


class BadAnswer(BadRequest):
    """An answer that the question does not offer."""

    code = "bad-answer"


class BadSetting(BadRequest):
    """A setting that cannot be used: a port in use, a directory that cannot be written."""

    code = "bad-setting"


class Unauthorized(Refusal):
    """No token, or one that is not valid here."""

    code = "unauthorized"


class Forbidden(Refusal):
    """A valid token of a role that may not do this."""

    code = "forbidden"


class NotFound(Refusal):
    """No such room or page."""

    code = "not-found"


class UnknownQuestion(NotFound):
    """No such question in this room."""

    code = "unknown-question"


class Conflict(Refusal):
    """Right in itself, but not in the present state."""

    code = "conflict"


class QuestionLocked(Conflict):
    """The vote's commit would come after the lock's."""

    code = "question-locked"


class QuestionClosed(Conflict):
    """The question is no longer the active one."""

    code = "question-closed"


class NotPublished(Conflict):
    """The question is still a draft."""

    code = "not-published"


class AlreadyPublished(Conflict):
    """The question was asked, so it stays as the class saw it."""

    code = "already-published"


class RoundClosed(Conflict):
    """The vote is for a round that is over."""

    code = "round-closed"


class StaleVote(Conflict):
    """A newer vote of the same participant was accepted before this one came."""

    code = "stale-vote"


class AlreadyRevealed(Conflict):
    """The right answer is out; the round can't be opened again."""

    code = "already-revealed"


class RoomEnded(Refusal):
    """The code was valid once; its room has ended."""

    code = "room-ended"


class TooLarge(Refusal):
    """More than the server reads in one message."""

    code = "too-large"


class TooMany(Refusal):
    """Above a rate that a full hall behind one address never reaches."""

    code = "too-many"
    retry = True


class Unavailable(Refusal):
    """The store could not commit; nothing was changed and nothing was acknowledged."""

    code = "unavailable"
    retry = True
