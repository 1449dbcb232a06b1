"""One question in the instructor's notebook: its state as traits, its commands as methods."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

import msgspec
import traitlets

from ..client.background import background
from ..client.rest import LONGEST
from ..core.errors import UnknownQuestion
from ..core.messages import InstructorQuestion
from .base import PollWidget, Press, unknown_button
from .frames import to_frame
from .open_room import OpenRoom
from .text_forms import question_text, short

T = TypeVar("T")


class PollQuestion(PollWidget):
    """A question of a room; made by :meth:`LivePoll.publish` and :meth:`LivePoll.draft`.

    Every command returns once the traits show what it led to, and raises the server's
    :exc:`~livepoll_jupyter.core.errors.Refusal`. The traits may be observed and linked, and not set.
    """

    text = traitlets.Unicode(read_only=True, help="The question's Markdown.").tag(sync=True)
    kind = traitlets.Unicode(read_only=True, help="The kind of question, such as 'choice'.").tag(sync=True)
    options = traitlets.List(traitlets.Unicode(), read_only=True, help="The options' labels.").tag(sync=True)
    round = traitlets.Int(read_only=True, help="How often the question was published; 0 for a draft.").tag(sync=True)
    is_active = traitlets.Bool(read_only=True, help="Whether it is the one being asked.").tag(sync=True)
    is_locked = traitlets.Bool(read_only=True, help="Whether it takes no answers.").tag(sync=True)
    is_revealed = traitlets.Bool(read_only=True, help="Whether the class sees the right answer.").tag(sync=True)
    is_deleted = traitlets.Bool(read_only=True, help="Whether it was a draft that is deleted by now.").tag(sync=True)
    results = traitlets.Dict(read_only=True, help="Votes in this round by label, in the options' order.").tag(sync=True)
    answered = traitlets.Int(read_only=True, help="Participants who have answered in this round.").tag(sync=True)

    def __init__(self, room: OpenRoom, question_id: str) -> None:
        self._room, self._id = room, question_id
        self._last: InstructorQuestion | None = None
        super().__init__(room.lock)
        self._face = "question"
        self.refresh()
        room.show_on(self)

    def __repr__(self) -> str:
        return f"<PollQuestion {short(self._shown.plain_text)!r}>"

    def as_text(self) -> str:
        """The question with its options."""
        asked = self._shown
        return question_text(asked.plain_text, asked.kind, [option.plain_label for option in asked.options])

    @property
    def id(self) -> str:
        """The question's id in the room, as in the column ``questionId``."""
        return self._id

    def publish(self) -> None:
        """Ask it: a draft for the first time, a closed question for its next round."""
        self._run(self._room.instructor.publish(self._id))

    def lock(self) -> None:
        """Stop taking answers; ``results`` is final."""
        self._run(self._room.instructor.set_lock(self._id, is_locked=True))

    def unlock(self) -> None:
        """Take answers again; refused once the right answer is out."""
        self._run(self._room.instructor.set_lock(self._id, is_locked=False))

    def reveal(self) -> None:
        """Lock, and show the class the right answer and the results."""
        self._run(self._room.instructor.reveal(self._id))

    def close(self) -> None:
        """Lock, and end the question; its widget stays."""
        self._run(self._room.instructor.close(self._id))

    def to_frame(self) -> Any:
        """One row per participant and round: a pandas DataFrame, or a list of dicts without pandas.

        Columns: participant, questionId, round, answer (labels in plain text), correct, rev, at (UTC).
        """
        records = background().run(self._room.instructor.answers(), deadline=LONGEST)
        return to_frame(records, [self._seen])

    @property
    def _seen(self) -> InstructorQuestion:
        """The question as it is now; a draft that was deleted as it was last."""
        try:
            self._last = self._room.instructor.board.question(self._id)
        except UnknownQuestion:
            if self._last is None or self._last.round:
                raise
        return self._last

    @property
    def _shown(self) -> InstructorQuestion:
        """The question as the traits show it."""
        return self._last or self._seen

    def _refresh_all(self) -> None:
        self._room.refresh()

    def _run(self, work: Coroutine[Any, Any, T], *, steps: int = 1) -> T:
        try:
            return super()._run(work, steps=steps)
        except UnknownQuestion as gone:
            if not self.is_deleted:
                raise
            raise UnknownQuestion("This draft was deleted. Prepare it again: poll.draft([…]).") from gone

    def _show(self) -> None:
        board, question = self._room.instructor.board, self._seen
        is_deleted = all(each.id != self._id for each in board.room.questions)
        tally = board.tallies.get(self._id)
        counts = tally.counts if tally else {}
        traits = {
            "text": question.text,
            "kind": question.kind,
            "options": [option.label for option in question.options],
            "round": question.round,
            "is_active": question.is_active,
            "is_locked": question.is_locked,
            "is_revealed": question.is_revealed,
            "is_deleted": is_deleted,
            "results": {option.label: counts.get(option.id, 0) for option in question.options},
            "answered": tally.participants if tally else 0,
        }
        for name, value in traits.items():
            self.set_trait(name, value)
        state: dict[str, Any] = {"question": question, "results": tally, "link": board.status}
        state |= {"running": self._running()} | ({"isDeleted": True} if is_deleted else {})
        self._set_state(msgspec.to_builtins(state))

    def _running(self) -> dict[str, bool] | None:
        """The other question that publishing this one would take from the class; known to widgets that are shown.

        A room may have hundreds of questions, and each of them a widget: those that nobody sees send nothing.
        """
        board = self._room.instructor.board
        active = board.active
        if not self._has_view or active is None or active.id == self._id or active.is_revealed:
            return None
        tally = board.tallies.get(active.id)
        has_answers = tally is not None and tally.round == active.round and tally.participants > 0
        return {"isLocked": active.is_locked, "hasAnswers": has_answers}

    async def _carry_out(self, press: Press) -> None:
        await press_question(self._room, press)


async def press_question(room: OpenRoom, press: Press) -> None:
    """Carry out a button of a question; raises a refusal."""
    instructor, question = room.instructor, press.question
    match press.do:
        case "publish":
            await instructor.publish(question)
        case "lock" | "unlock":
            await instructor.set_lock(question, is_locked=press.do == "lock")
        case "reveal":
            await instructor.reveal(question)
        case "close":
            await instructor.close(question)
        case "delete":
            await instructor.delete(question)
        case "reconnect":
            instructor.reconnect()
        case _:
            raise unknown_button(press)
