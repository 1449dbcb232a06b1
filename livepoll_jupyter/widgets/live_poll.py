"""The instructor's panel: a room, what happens in it, and its questions."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import anywidget
import msgspec
import traitlets
from msgspec.structs import replace

from ..client.background import background
from ..client.rest import LONGEST
from ..core.errors import BadQuestion, Conflict
from ..core.messages import InstructorQuestion, ShowResults
from ..core.rest import NewQuestion
from .base import PollWidget, Press
from .definitions import Definition, at_place, edited, is_same, read, read_all
from .frames import to_frame
from .open_room import open_room
from .place import find_server
from .poll_question import PollQuestion, press_question
from .text_forms import room_text, shown_text


class LivePoll(PollWidget):
    """A room for a class: opens it, or takes back the open one of that title, and shows its panel.

    The room lives on ``server`` if one is named (``token`` is then its instructor token), else on the
    Jupyter server that started this kernel, else on a small server inside the kernel.

    Every command returns once the traits show what it led to, and raises the server's
    :exc:`~livepoll_jupyter.core.errors.Refusal`. The traits may be observed and linked, and not set.

    Raises:
        Refusal: the server does not open the room; its text says what to do.
    """

    title = traitlets.Unicode(read_only=True, help="What the room is called.").tag(sync=True)
    code = traitlets.Unicode(read_only=True, help="What a student types in.").tag(sync=True)
    join_url = traitlets.Unicode(read_only=True, help="What a student opens.").tag(sync=True)
    participants = traitlets.Int(read_only=True, help="Participants who are connected now.").tag(sync=True)
    answered = traitlets.Int(read_only=True, help="Participants who answered the current question.").tag(sync=True)
    connection = traitlets.Unicode(
        "connecting", read_only=True, help="connecting, open, reconnecting, failed, ended or closed."
    ).tag(sync=True)
    trouble = traitlets.Unicode(
        read_only=True, help="Why answers cannot be stored at the moment, and what to do; empty while they can."
    ).tag(sync=True)
    question = traitlets.Instance(PollQuestion, allow_none=True, read_only=True, help="The current question.")
    questions = traitlets.Tuple(read_only=True, help="All questions of the room, in order.")
    _qr_svg = traitlets.Unicode().tag(sync=True)

    def __init__(self, title: str, *, server: str | None = None, token: str | None = None) -> None:
        self._room = open_room(find_server(server, token), title)
        super().__init__(self._room.lock)
        self._face = "panel"
        self.refresh()
        self._room.show_on(self)
        self.display()

    def __repr__(self) -> str:
        notice = self._room.instructor.board.room.join_notice
        return shown_text(f"<LivePoll {self.title!r}: {notice}>" if notice else f"<LivePoll {self.title!r}>")

    def as_text(self) -> str:
        """The room's title."""
        return room_text(self.title)

    def publish(
        self,
        text: str,
        options: Iterable[object],
        *,
        kind: str | None = None,
        correct: object = None,
        show_results: ShowResults = "live",
    ) -> PollQuestion:
        """Ask a question now; the one before is closed. An equal draft is taken if there is one.

        An equal question that is being asked already, locked or not, is left as it is and given back with its
        answers: a cell that is run again, by a restarted kernel too, asks nobody to answer twice. An equal question
        that is closed is asked anew, as a question of its own; ``question.publish()`` begins its next round.

        ``text`` and the options are Markdown; options may also be numbers, from a list, a range, an array or anything
        else with one after the other. ``correct`` is a label or its letter (``"a"`` is the first option), or a list of
        them, which makes the question a ``multiple_choice`` unless ``kind`` says otherwise.

        The class sees the results ``"live"``, once the question is ``"locked"``, or once it is ``"revealed"``.

        What is not shown as you may expect (a name that became bold, say) is warned of.

        Raises:
            BadQuestion: the question cannot be asked; the text says why.
        """
        fields = {"text": text, "options": options, "kind": kind, "correct": correct, "show_results": show_results}
        question_id, surprises = self._run(self._publish(read(fields)))
        _warn(surprises)
        return self._room.widget_of(question_id)

    def draft(self, questions: Iterable[Definition]) -> list[PollQuestion]:
        """Prepare questions without asking them; one that stands as a draft already is not made again.

        Each is ``(text, options)``, ``(text, options, correct)`` or a dict of the arguments of :meth:`publish`.

        Raises:
            BadQuestion: one cannot be read or asked; the text says which and why. Those before it are drafts.
        """
        listed = read_all(questions)
        drafts = self._run(self._draft(listed), steps=len(listed))
        _warn(
            f"Question {place} of the list: {surprise}"
            for place, (_, surprises) in enumerate(drafts, 1)
            for surprise in surprises
        )
        return [self._room.widget_of(question_id) for question_id, _ in drafts]

    def edit(self, question: PollQuestion, **changes: Any) -> PollQuestion:
        """Correct a draft: ``poll.edit(q, options=["yes", "no"])``. What is not named stays as it is.

        ``changes`` are those arguments of :meth:`publish` that are new: ``text``, ``options``, ``kind``, ``correct``
        and ``show_results``. ``correct=None`` takes the right answer away. It returns the same widget.

        Raises:
            BadQuestion: it cannot be asked like that; the text says why, and the draft is as it was.
            AlreadyPublished: it was asked already, so it stays as the class saw it.
        """
        _warn(self._run(self._edit(question.id, changes)))
        return question

    def delete(self, question: PollQuestion) -> None:
        """Delete a draft; raises :exc:`AlreadyPublished` if it was asked already. Its widget says that it is gone."""
        self._run(self._room.instructor.delete(question.id))

    def publish_next(self) -> PollQuestion:
        """Ask the first of the drafts; raises :exc:`Conflict` if none is left."""
        drafts = [question for question in self._room.instructor.board.room.questions if question.round == 0]
        if not drafts:
            raise Conflict("There is no draft left. Prepare questions with poll.draft([...]).")
        first = self._room.widget_of(drafts[0].id)
        first.publish()
        return first

    def to_frame(self) -> Any:
        """One row per participant, question and round: a pandas DataFrame, or a list of dicts without pandas.

        Columns: participant, questionId, round, answer (labels in plain text), correct, rev, at (UTC).
        """
        records = background().run(self._room.instructor.answers(), deadline=LONGEST)
        return to_frame(records, self._room.instructor.board.room.questions)

    def end(self) -> None:
        """End the room for good: everybody is told, the code is void, the answers stay readable."""
        self._run(self._room.instructor.end())

    def close(self) -> None:
        """Take the panel away; the room and its questions go on."""
        self._room.hide_from(self)
        anywidget.AnyWidget.close(self)

    async def _publish(self, question: NewQuestion) -> tuple[str, Sequence[str]]:
        """The question's id, and what its author may not have meant."""
        await self._room.instructor.read()
        active = self._room.instructor.board.active
        if active is not None and is_same(question, active):
            return active.id, ()
        drafted = self._drafted(question)
        if drafted is None:
            added = await self._room.instructor.add(replace(question, publish=True))
            return added.id, added.warnings
        await self._room.instructor.publish(drafted.id)
        return drafted.id, ()

    async def _edit(self, question_id: str, changes: dict[str, Any]) -> Sequence[str]:
        await self._room.instructor.read()
        wanted = edited(self._room.instructor.board.question(question_id), changes)
        return (await self._room.instructor.edit(question_id, wanted)).warnings

    async def _draft(self, questions: Iterable[NewQuestion]) -> list[tuple[str, Sequence[str]]]:
        await self._room.instructor.read()
        return [await self._draft_one(place, question) for place, question in enumerate(questions, 1)]

    async def _draft_one(self, place: int, question: NewQuestion) -> tuple[str, Sequence[str]]:
        drafted = self._drafted(question)
        if drafted is not None:
            return drafted.id, ()
        try:
            added = await self._room.instructor.add(replace(question, publish=False))
        except BadQuestion as wrong:
            raise at_place(place, wrong) from wrong
        return added.id, added.warnings

    def _drafted(self, wanted: NewQuestion) -> InstructorQuestion | None:
        questions = self._room.instructor.board.room.questions
        return next((question for question in questions if question.round == 0 and is_same(wanted, question)), None)

    def _refresh_all(self) -> None:
        self._room.refresh()

    def _show(self) -> None:
        board = self._room.instructor.board
        for question in board.room.questions:
            self._room.widget_of(question.id)
        tally = board.tallies.get(board.active.id) if board.active else None
        traits = {
            "title": board.room.title,
            "code": board.room.code,
            "join_url": board.room.join_url,
            "participants": board.participants,
            "answered": tally.participants if tally else 0,
            "connection": board.status.state,
            "trouble": board.trouble or "",
            "questions": tuple(self._room.widget_of(question.id) for question in board.room.questions),
            "question": self._room.widget_of(board.active.id) if board.active else None,
        }
        for name, value in traits.items():
            self.set_trait(name, value)
        self._qr_svg = board.room.qr_svg
        state = {
            "questions": board.room.questions,
            "results": board.tallies.get(board.on_show or ""),
            "link": board.status,
            "trouble": board.trouble,
            "joinNotice": board.room.join_notice,
        }
        self._set_state(msgspec.to_builtins(state))

    async def _carry_out(self, press: Press) -> None:
        await press_question(self._room, press)


def _warn(surprises: Iterable[str]) -> None:
    """Say it below the person's own line: two frames of ours lie between."""
    for surprise in surprises:
        warnings.warn(surprise, UserWarning, stacklevel=3)
