"""A student's place in a notebook: the question that is being asked, with options to click, and ``answer`` in code."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import traitlets

from ..client import Student
from ..client.background import background
from ..core.errors import QuestionClosed, Refusal
from .base import PollWidget, Press, unknown_button
from .labels import as_labels
from .text_forms import seat_text

PATIENCE: Final = 300.0
"""Seconds that a clicked answer is kept and sent again while the connection is away; longer than all tries."""


class Seat(PollWidget):
    """A participant of a room; made by :func:`join`. The traits may be observed and linked, and not set."""

    title = traitlets.Unicode(read_only=True, help="What the room is called.").tag(sync=True)
    connection = traitlets.Unicode(
        "connecting", read_only=True, help="connecting, open, reconnecting, failed, ended or closed."
    ).tag(sync=True)
    text = traitlets.Unicode(read_only=True, help="The question's Markdown; empty before the first.").tag(sync=True)
    options = traitlets.List(traitlets.Unicode(), read_only=True, help="The options' labels.").tag(sync=True)
    is_active = traitlets.Bool(read_only=True, help="Whether the question is being asked.").tag(sync=True)
    is_locked = traitlets.Bool(read_only=True, help="Whether it takes no answers.").tag(sync=True)
    my_answer = traitlets.Any(read_only=True, help="The answer that counts, as labels; None before.").tag(sync=True)
    results = traitlets.Dict(read_only=True, help="Votes by label, as far as the room shows them.").tag(sync=True)
    correct = traitlets.List(traitlets.Unicode(), read_only=True, help="The right labels, once revealed.").tag(
        sync=True
    )

    def __init__(self, join_url: str) -> None:
        self._student = Student(join_url, on_change=self._changed)
        self._refused = ("", 0, "")
        self._is_due = True
        background().run(self._student.join())
        super().__init__()
        self._face = "seat"
        self._is_due = False
        self.refresh()

    def __repr__(self) -> str:
        return f"<Seat in {self.title!r}>"

    def as_text(self) -> str:
        """The title of the room."""
        return seat_text(self.title)

    def answer(self, answer: Any) -> Any:
        """Answer the question that is being asked, by labels or ids; returns once the server has it for good.

        Args:
            answer: a label for a ``choice``, a list of labels for a ``multiple_choice``.

        Returns:
            The answer that now counts, as labels.

        Raises:
            BadAnswer: the question does not offer that.
            Conflict: no question is asked, or it was locked or closed before the answer arrived.
            Unreachable: the server did not confirm it in time.
        """
        self._run(self._answer_latest(answer))
        return self.my_answer

    def catch_up(self) -> None:
        """Return once the traits show everything that the room announced before this call."""
        self._run(self._student.catch_up())

    def leave(self) -> None:
        """Leave the room; the answers stay."""
        self._run(self._student.leave())

    def close(self) -> None:
        """Leave the room and take the widget away."""
        self._run(self._student.leave())
        super().close()

    async def _answer_latest(self, answer: Any) -> None:
        await self._student.catch_up()
        await self._answer(answer)

    async def _answer(self, answer: Any, deadline: float = 10.0) -> None:
        asked = self._student.session.question
        place = (asked.id, asked.round) if asked else ("", 0)
        try:
            await self._student.answer(answer, deadline=deadline)
        except Refusal as refused:
            self._refused = (*place, refused.message)
            raise
        self._refused = ("", 0, "")

    async def _carry_out(self, press: Press) -> None:
        asked = self._student.session.question
        match press.do:
            case "answer" if asked and asked.id == press.question:
                await self._answer(press.answer, PATIENCE)
            case "answer":
                raise QuestionClosed("That question is closed; answer the one that is shown now.")
            case "reconnect":
                self._student.reconnect()
            case _:
                raise unknown_button(press)

    def _changed(self, _student: Student) -> None:
        if not self._is_due:
            self._is_due = True
            background().call(self._refresh)

    def _refresh(self) -> None:
        self._is_due = False
        self.refresh()

    def _show(self) -> None:
        for name, value in self._values().items():
            self.set_trait(name, value)
        self._state = msgspec.to_builtins(self._picture())

    def _values(self) -> dict[str, Any]:
        session = self._student.session
        asked, mine, tally = session.question, session.my_vote, session.results
        labels = {option.id: option.label for option in asked.options} if asked else {}
        return {
            "title": session.title,
            "connection": self._student.status.state,
            "text": asked.text if asked else "",
            "options": list(labels.values()),
            "is_active": asked.is_active if asked else False,
            "is_locked": asked.is_locked if asked else False,
            "my_answer": as_labels(asked, mine.answer) if asked and mine else None,
            "results": {labels[option]: votes for option, votes in tally.counts.items()} if tally else {},
            "correct": [labels[option] for option in session.correct or ()],
        }

    def _picture(self) -> dict[str, Any]:
        """What the view of a question asks for: ``Asked`` in ``labextension/src/views``."""
        session, waiting = self._student.session, self._student.waiting
        mine, asked = session.my_vote, session.question
        is_refused = asked is not None and self._refused[:2] == (asked.id, asked.round)
        counted = "counted" if mine else "none"
        return {
            "question": asked,
            "results": session.results,
            "correct": session.correct,
            "answer": waiting.data.answer if waiting else mine.answer if mine else None,
            "delivery": "pending" if waiting else "refused" if is_refused else counted,
            "isCounted": mine is not None,
            "refusal": self._refused[2] if is_refused else None,
            "isOnline": self._student.status.state == "open",
            "link": self._student.status,
        }


def join(join_url: str, *, show: bool = True) -> Seat:
    """Take a place in the room behind a join link, such as ``http://192.168.1.5:3000/K7WQ2M``, and show it.

    Raises:
        BadRequest: the text is no join link.
        Refusal: there is no such room, or it has ended, or nobody answers there.
    """
    seat = Seat(join_url)
    if show:
        seat.display()
    return seat
