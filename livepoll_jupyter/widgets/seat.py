"""A student's place in a notebook: the question that is being asked, with options to click, and ``answer`` in code."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import msgspec
import traitlets

from ..client import Address, Student
from ..client.background import background
from ..client.student import DEADLINE
from ..core.errors import QuestionClosed, Refusal
from ..logs import get_logger
from .base import PollWidget, Press, unknown_button
from .seat_picture import Seen, Uncounted, place_of, state_of, traits_of
from .text_forms import seat_text

log = get_logger(__name__)


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
        self._uncounted: Uncounted | None = None
        self._acts: set[asyncio.Task[None]] = set()
        self._newest_act: object = None
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

        Until the question is locked a later answer takes the place of an earlier one.

        Args:
            answer: a label for a ``choice``, a list of labels for a ``multiple_choice``.

        Returns:
            The answer that now counts, as labels.

        Raises:
            BadAnswer: the question does not offer that.
            Conflict: no question is asked, or it was locked or closed before the answer arrived, or a newer answer
                of this participant's came first.
            Unavailable, TooMany: the server could not take it now; it does not count.
            Unreachable: the server did not confirm it in time.
        """
        self._run(self._act_on_latest(answer))
        return self.my_answer

    def withdraw(self) -> None:
        """Take the answer back, until the question is locked; raises what :meth:`answer` does."""
        self._run(self._act_on_latest(None))

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

    async def _act_on_latest(self, answer: Any) -> None:
        await self._student.catch_up()
        await self._act(answer, DEADLINE)

    async def _act(self, answer: Any, deadline: float) -> None:
        """Answer, or withdraw with None; the view tells what came of the newest act."""
        place = place_of(self._student.session)
        act = self._newest_act = object()
        uncounted = None
        try:
            await self._cast(answer, deadline)
        except Refusal as refused:
            shown = place_of(self._student.session)
            uncounted = Uncounted(to=place, shown=shown, message=refused.message, is_withdrawal=answer is None)
            raise
        finally:
            if act is self._newest_act:
                self._uncounted = uncounted
                self._changed(self._student)

    async def _cast(self, answer: Any, deadline: float) -> None:
        if answer is None:
            await self._student.withdraw(deadline=deadline)
        else:
            await self._student.answer(answer, deadline=deadline)

    async def _carry_out(self, press: Press) -> None:
        asked = self._student.session.question
        match press.do:
            case "answer" if asked and asked.id == press.question:
                self._keep(press.answer)
            case "answer":
                raise QuestionClosed("That question is closed; answer the one that is shown now.")
            case "reconnect":
                self._student.reconnect()
            case _:
                raise unknown_button(press)

    def _keep(self, answer: Any) -> None:
        """Keep what was clicked until the server has decided, however long the connection is away."""
        task = asyncio.ensure_future(self._act(answer, math.inf))
        self._acts.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._acts.discard(task)
        wrong = None if task.cancelled() else task.exception()
        if wrong is not None and not isinstance(wrong, Refusal):
            log.error("A click in a seat failed.", exc_info=wrong)

    def _changed(self, _student: Student) -> None:
        if not self._is_due:
            self._is_due = True
            background().call(self._refresh)

    def _refresh(self) -> None:
        self._is_due = False
        self.refresh()

    def _show(self) -> None:
        student = self._student
        seen = Seen(session=student.session, status=student.status, waiting=student.waiting, uncounted=self._uncounted)
        for name, value in traits_of(seen).items():
            self.set_trait(name, value)
        self._set_state(msgspec.to_builtins(state_of(seen)))


def join(join_url: str, *, show: bool = True) -> Seat:
    """Take a place in the room behind a join link, such as ``http://192.168.1.5:3000/K7WQ2M``, and show it.

    A cell that is run again shows the same student's place again. With ``show=False`` each call is another student.

    Raises:
        BadRequest: the text is no join link.
        Refusal: there is no such room, or it has ended, or nobody answers there.
    """
    if not show:
        return Seat(join_url)
    place = Address.from_link(join_url)
    seat = _shown.get(place)
    if seat is None or seat.connection in {"ended", "closed"}:
        seat = _shown[place] = Seat(join_url)
    seat.display()
    return seat


_shown: dict[Address, Seat] = {}
"""The seats that this kernel shows, by their rooms: a cell that is run again makes no second student."""
