"""What the REST API can do: one function for each operation, from a typed body to a typed answer.

No HTTP here. A function raises a refusal; ``routes`` says under which path and for whom each is mounted.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, BinaryIO, cast

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ..core.commands import AddQuestion, Close, Command, DeleteDraft, EditDraft, EndRoom, Publish, Reveal, SetLock
from ..core.drafts import draft, read
from ..core.errors import BadQuestion, BadRequest
from ..core.kinds import kind_of
from ..core.messages import InstructorQuestion, in_plain
from ..core.questions import Question
from ..core.rest import (
    AddedQuestion,
    AnswerRecord,
    Lock,
    NewQuestion,
    NewRoom,
    Observer,
    Participant,
    RoomState,
    RoomSummary,
    RoundResults,
    WrittenQuestion,
)
from ..core.room import Room
from ..storage.base import AnswerRow
from ..storage.journal import ROWS_AT_ONCE
from . import links
from .codes import looks_like_code, new_id
from .copies import Copy
from .rendering.shapes import Task
from .service import Service

MAX_PROBLEMS = 3
"""How many things that cannot be shown are told at once."""


class Asked(Struct, frozen=True):
    """The parts of a path: the room's code in its normal form, and the question's id."""

    code: str = ""
    question_id: str = ""


class Created(Struct, frozen=True):
    """An answer with status 201 where the operation may also find what is there already (200)."""

    body: RoomState


def nothing_more(_: Any) -> dict[str, str]:
    """No columns but the record's own."""
    return {}


class Lists(Struct, frozen=True):
    """An answer of many records, in lists that are made as they are read.

    As CSV it has the columns ``more_names`` besides, which ``more`` makes of a record, and a file's ``name`` with a
    ``fallback`` in ASCII.
    """

    record: type[Struct]
    lists: AsyncGenerator[Sequence[Any], None]
    more_names: tuple[str, ...] = ()
    more: Callable[[Any], dict[str, str]] = nothing_more
    name: str = ""
    fallback: str = ""


class Download(Struct, frozen=True):
    """An open file to be sent under ``name``; the caller calls ``done`` afterwards."""

    file: BinaryIO
    name: str
    done: Callable[[], None]


async def open_room(service: Service, _: Asked, body: NewRoom) -> Created | RoomState:
    """Open a room, or with ``reopen`` take up the newest open one of that title."""
    title = body.title.strip()
    if not title:
        raise BadRequest("A room needs a title.")
    if not body.reopen:
        return Created(room_state(service, await service.open_room(title)))
    room, is_new = await service.take_up_room(title)
    return Created(room_state(service, room)) if is_new else room_state(service, room)


async def list_rooms(service: Service, _: Asked, __: None) -> Lists:
    """The open rooms, oldest first."""
    return Lists(RoomSummary, _summaries(service))


async def show_room(service: Service, asked: Asked, _: None) -> RoomState:
    """One room with its questions."""
    return room_state(service, service.store.room(asked.code))


async def end_room(service: Service, asked: Asked, _: None) -> None:
    """End the room for good; its answers stay readable."""
    service.store.room(asked.code)
    await service.hub.ask(asked.code, EndRoom())


async def add_question(service: Service, asked: Asked, body: NewQuestion) -> AddedQuestion:
    """Prepare a question, and publish it if asked to; with what its author may not have meant."""
    service.store.room(asked.code)
    question, warnings = await _drafted(service, new_id(6), body)
    await service.hub.ask(asked.code, AddQuestion(question, body.publish))
    made = _question(service, Asked(asked.code, question.id))
    return AddedQuestion(**msgspec.structs.asdict(made), warnings=warnings)


async def edit_draft(service: Service, asked: Asked, body: WrittenQuestion) -> AddedQuestion:
    """Write a question that was never asked anew, at its place in the list; with what its author may not have meant."""
    service.store.room(asked.code).question(asked.question_id)
    question, warnings = await _drafted(service, asked.question_id, body)
    await service.hub.ask(asked.code, EditDraft(question))
    return AddedQuestion(**msgspec.structs.asdict(question.for_instructor()), warnings=warnings)


async def delete_draft(service: Service, asked: Asked, _: None) -> None:
    """Delete a question that was never asked."""
    service.store.room(asked.code).question(asked.question_id)
    await service.hub.ask(asked.code, DeleteDraft(asked.question_id))


async def publish(service: Service, asked: Asked, _: None) -> InstructorQuestion:
    """Ask a draft, or a closed question for another round."""
    return await _command(service, asked, Publish(asked.question_id))


async def reveal(service: Service, asked: Asked, _: None) -> InstructorQuestion:
    """Lock, and show the right answer and the results."""
    return await _command(service, asked, Reveal(asked.question_id))


async def close(service: Service, asked: Asked, _: None) -> InstructorQuestion:
    """Lock, and end the question."""
    return await _command(service, asked, Close(asked.question_id))


async def set_lock(service: Service, asked: Asked, body: Lock) -> InstructorQuestion:
    """Stop or take up taking votes."""
    return await _command(service, asked, SetLock(asked.question_id, body.is_locked))


async def show_results(service: Service, asked: Asked, _: None) -> RoundResults:
    """The settled tally of the question's present round."""
    room = service.store.room(asked.code)
    results = room.results(room.question(asked.question_id))
    return RoundResults(**msgspec.structs.asdict(results), rev=room.rev)


async def list_answers(service: Service, asked: Asked, _: None) -> Lists:
    """Each participant's present answer in each round; of an ended room too."""
    questions: dict[str, Question] = {}
    in_words: dict[str, tuple[str, Question]] = {}

    def more(record: AnswerRecord) -> dict[str, str]:
        question = questions[record.questionId]
        if question.id not in in_words:
            in_words[question.id] = question.public().plain_text, replace(question, options=in_plain(question.options))
        text, shown = in_words[question.id]
        labels = kind_of(question.kind).labels(shown, record.answer)
        return {"question": text, "labels": "; ".join(labels) if isinstance(labels, list) else str(labels)}

    title = service.store.title(asked.code)
    lists = _records(service, asked.code, questions)
    fallback = f"answers-{asked.code}.csv" if looks_like_code(asked.code) else "answers.csv"
    return Lists(AnswerRecord, lists, ("question", "labels"), more, f"{title} {asked.code}.csv", fallback)


async def back_up(service: Service, _: Asked, __: None) -> Download:
    """A copy of all rooms and answers as one SQLite file, whole while votes go on. It holds the server's keys."""
    with service.pace.begun():  # its sending begins in the same turn of the loop in which this ends
        copy = Copy()
        file = await copy.make(service.store)

    def done() -> None:
        file.close()
        copy.remove()

    return Download(file, f"livepoll-{datetime.now(UTC):%Y%m%d-%H%M%S}.db", done)


async def add_observer(service: Service, asked: Asked, _: None) -> Observer:
    """A token that may watch the room."""
    service.store.room(asked.code)
    return Observer(service.tokens.new_observer(asked.code))


async def add_participant(service: Service, asked: Asked, _: None) -> Participant:
    """A new participant; the only operation that is open to everybody with the code."""
    service.store.room(asked.code)
    return Participant(*service.tokens.new_participant(asked.code))


def room_summary(service: Service, room: Room) -> RoomSummary:
    """A room in the list."""
    return RoomSummary(
        code=room.code,
        title=room.title,
        join_url=service.links.join_url(room.code),
        participants=service.hub.participants(room.code),
        created_at=datetime.fromtimestamp(room.created_at, UTC),
        kernels=tuple(service.panels.kernels_of(room.code)),
    )


def room_state(service: Service, room: Room) -> RoomState:
    """A room with everything that an instructor sees."""
    if service.links.look():
        service.hub.show_links()
    summary = room_summary(service, room)
    return RoomState(
        **msgspec.structs.asdict(summary),
        ws_url=service.links.ws_url(room.code),
        # Encoded once for each state of a question, since all who watch ask again after each change.
        questions=cast(tuple[InstructorQuestion, ...], tuple(map(_encoded, room.questions.values()))),
        qr_svg=links.qr_svg(summary.join_url) if service.links.deserves_picture else "",
        join_notice=service.links.notice,
    )


async def _summaries(service: Service) -> AsyncGenerator[list[RoomSummary], None]:
    """Each list is made when it is asked for; a room that ends meanwhile is left out."""
    rooms = service.store.rooms()
    for start in range(0, len(rooms), ROWS_AT_ONCE):
        part = rooms[start : start + ROWS_AT_ONCE]
        yield [room_summary(service, room) for room in part if room.ended_at is None]


async def _records(
    service: Service, code: str, questions: dict[str, Question]
) -> AsyncGenerator[list[AnswerRecord], None]:
    """The answers; puts the room's questions into ``questions`` before the first."""
    async with aclosing(service.store.stream_answers(code)) as lists:
        async for rows in lists:
            # Read after the answers, so that none is of a question which is not among them.
            if not questions:
                questions.update({question.id: question for question in await service.store.questions(code)})
            yield [_record(questions[row.questionId], row) for row in rows]


def _record(question: Question, row: AnswerRow) -> AnswerRecord:
    return AnswerRecord(
        participant=row.participant,
        questionId=row.questionId,
        round=row.round,
        answer=row.answer,
        correct=kind_of(question.kind).is_correct(question, row.answer),
        rev=row.rev,
        at=datetime.fromtimestamp(row.at, UTC),
    )


@lru_cache(maxsize=512)
def _encoded(question: Question) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(question.for_instructor()))


async def _drafted(service: Service, question_id: str, body: WrittenQuestion) -> tuple[Question, tuple[str, ...]]:
    written = read(
        kind=body.kind, text=body.text, options=body.options, correct=body.correct, show_results=body.show_results
    )
    rendered = await service.renderer.render(Task(written.text, written.labels))
    if rendered.problems:
        raise BadQuestion(" ".join(rendered.problems[:MAX_PROBLEMS]))
    question = draft(
        question_id, written, rendered.html, rendered.labels, plain=rendered.plain, plain_labels=rendered.plain_labels
    )
    return question, rendered.warnings


async def _command(service: Service, asked: Asked, command: Command) -> InstructorQuestion:
    service.store.room(asked.code).question(asked.question_id)
    await service.hub.ask(asked.code, command)
    return _question(service, asked)


def _question(service: Service, asked: Asked) -> InstructorQuestion:
    return service.store.room(asked.code).question(asked.question_id).for_instructor()
