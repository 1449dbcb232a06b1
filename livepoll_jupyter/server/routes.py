"""The table of the REST API: method, path, bodies, statuses and who may. Handlers and OpenAPI are made from it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from msgspec import Struct

from ..core import errors, rest
from ..core.messages import InstructorQuestion
from . import operations as op
from .auth import Role
from .bodies import MAX_BODY, SMALL_BODY
from .service import Service

API = "livepoll/api/"
"""Where the API lies under the base URL."""

Operation = Callable[[Service, op.Asked, Any], Awaitable[Any]]


class Route(Struct, frozen=True, kw_only=True):
    """One operation at one address.

    ``role`` is the least that a caller needs: ``INSTRUCTOR``, or ``LISTENER`` for everybody with the code. ``refusals``
    are those beyond the ones that every route has (:data:`ALWAYS`). ``is_csv_too`` where ``Accept: text/csv`` is heard.
    ``media_type`` is that of an answer that is a file.
    """

    method: str
    path: str
    operation: Operation
    status: HTTPStatus
    request: type | None = None
    response: Any = None
    statuses: tuple[HTTPStatus, ...] = ()
    refusals: tuple[type[errors.Refusal], ...] = ()
    role: Role = Role.INSTRUCTOR
    is_csv_too: bool = False
    media_type: str = ""

    @property
    def max_body(self) -> int:
        """Bytes that a body may have: the instructor alone sends what says something."""
        return MAX_BODY if self.request is not None and self.role is Role.INSTRUCTOR else SMALL_BODY

    @property
    def summary(self) -> str:
        """What the operation does, in a line."""
        return (self.operation.__doc__ or "").strip().splitlines()[0]

    @property
    def pattern(self) -> str:
        """The path as a regular expression under the base URL."""
        return re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path)


ALWAYS: tuple[type[errors.Refusal], ...] = (errors.BadRequest, errors.TooLarge, errors.TooMany, errors.Unavailable)
ROOM = (errors.NotFound, errors.RoomEnded)

_room = f"{API}rooms/{{code}}"
_question = f"{_room}/questions/{{question_id}}"


def _command(method: str, name: str, operation: Operation, request: type | None = None) -> Route:
    return Route(
        method=method,
        path=f"{_question}/{name}",
        operation=operation,
        status=HTTPStatus.OK,
        request=request,
        response=InstructorQuestion,
        refusals=(*ROOM, errors.Conflict),
    )


ROUTES: tuple[Route, ...] = (
    Route(
        method="GET", path=f"{API}rooms", operation=op.list_rooms, status=HTTPStatus.OK,
        response=list[rest.RoomSummary],
    ),
    Route(
        method="POST", path=f"{API}rooms", operation=op.open_room, status=HTTPStatus.CREATED,
        request=rest.NewRoom, response=rest.RoomState, statuses=(HTTPStatus.OK,),
    ),
    Route(
        method="GET", path=_room, operation=op.show_room, status=HTTPStatus.OK,
        response=rest.RoomState, refusals=ROOM,
    ),
    Route(
        method="DELETE", path=_room, operation=op.end_room, status=HTTPStatus.NO_CONTENT, refusals=ROOM,
    ),
    Route(
        method="POST", path=f"{_room}/questions", operation=op.add_question, status=HTTPStatus.CREATED,
        request=rest.NewQuestion, response=rest.AddedQuestion, refusals=ROOM,
    ),
    Route(
        method="PUT", path=_question, operation=op.edit_draft, status=HTTPStatus.OK,
        request=rest.WrittenQuestion, response=rest.AddedQuestion, refusals=(*ROOM, errors.Conflict),
    ),
    Route(
        method="DELETE", path=_question, operation=op.delete_draft, status=HTTPStatus.NO_CONTENT,
        refusals=(*ROOM, errors.Conflict),
    ),
    _command("POST", "publish", op.publish),
    _command("POST", "reveal", op.reveal),
    _command("POST", "close", op.close),
    _command("PUT", "lock", op.set_lock, rest.Lock),
    Route(
        method="GET", path=f"{_question}/results", operation=op.show_results, status=HTTPStatus.OK,
        response=rest.RoundResults, refusals=ROOM,
    ),
    Route(
        method="GET", path=f"{_room}/answers", operation=op.list_answers, status=HTTPStatus.OK,
        response=list[rest.AnswerRecord], refusals=(errors.NotFound,), is_csv_too=True,
    ),
    Route(
        method="GET", path=f"{API}backup", operation=op.back_up, status=HTTPStatus.OK,
        refusals=(errors.NotFound,), media_type="application/vnd.sqlite3",
    ),
    Route(
        method="POST", path=f"{_room}/observers", operation=op.add_observer, status=HTTPStatus.CREATED,
        response=rest.Observer, refusals=ROOM,
    ),
    Route(
        method="POST", path=f"{_room}/participants", operation=op.add_participant, status=HTTPStatus.CREATED,
        response=rest.Participant, refusals=ROOM, role=Role.LISTENER,
    ),
)  # fmt: skip
