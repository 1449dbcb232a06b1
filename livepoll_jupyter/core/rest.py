"""Every body of the REST API, typed: what the instructor's programs and the server say to each other over HTTP.

Like ``messages``, these are shapes and nothing else; client, server and the OpenAPI description share them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from .messages import InstructorQuestion, Results, ShowResults

Title = Annotated[str, Meta(min_length=1, max_length=200)]
"""What a room is called: up to 200 characters."""


class NewRoom(Struct, frozen=True, kw_only=True):
    """Opens a room; with ``reopen`` takes up the newest open room of that title, if there is one."""

    title: Title
    reopen: bool = False


class RoomSummary(Struct, frozen=True, kw_only=True):
    """A room in the list of rooms; ``participants`` counts those who are connected now.

    ``kernels`` are the ids of this server's kernels that have opened the room or asked for it, the last one at the end.
    """

    code: str
    title: str
    join_url: str
    participants: int
    created_at: datetime
    kernels: tuple[str, ...] = ()


class RoomState(RoomSummary, frozen=True, kw_only=True):
    """A room with its questions in order, and ``qr_svg``: its join link as an SVG document.

    Where phones may not reach the link, ``join_notice`` says why and what to do. ``qr_svg`` is empty where the link is
    the best that could be found, and nobody has set it.
    """

    ws_url: str
    questions: tuple[InstructorQuestion, ...]
    qr_svg: str
    join_notice: str = ""


class WrittenQuestion(Struct, frozen=True, kw_only=True):
    """A question as its author writes it; ``options`` and ``correct`` are labels. Takes the place of a draft."""

    text: str
    kind: str = "choice"
    options: list[str] = msgspec.field(default_factory=list)
    correct: str | list[str] | None = None
    show_results: ShowResults = "live"


class NewQuestion(WrittenQuestion, frozen=True, kw_only=True):
    """Prepares a question, and asks it at once with ``publish``."""

    publish: bool = False


class AddedQuestion(InstructorQuestion, frozen=True, kw_only=True):
    """A question that was just prepared.

    ``warnings`` are sentences about what is not shown as its author may expect, such as a name that became bold.
    """

    warnings: tuple[str, ...] = ()


class Lock(Struct, frozen=True):
    """Whether the question shall take votes."""

    is_locked: bool


class RoundResults(Results, frozen=True, kw_only=True):
    """The tally of a question's present round; ``rev`` is that of ``results-update``."""

    rev: int


class AnswerRecord(Struct, frozen=True, kw_only=True):
    """A participant's present answer in one round, unless it was withdrawn.

    ``correct`` is null where nothing is right or wrong.
    """

    participant: str
    questionId: str
    round: int
    answer: Any
    correct: bool | None
    rev: int
    at: datetime


class Participant(Struct, frozen=True):
    """Who a participant is, and the token that says so."""

    participant: str
    token: str


class Observer(Struct, frozen=True):
    """A token that may watch the room, results included, and change nothing."""

    token: str


class Problem(Struct, frozen=True):
    """Every error: a refusal's stable code and the sentence for the person."""

    code: str
    message: str
