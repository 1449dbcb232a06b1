"""A room that this kernel has open: one connection, however many widgets show it.

It joins the loop's side (``client.Instructor``) with the widgets' side: every change leads to one refresh.
"""

from __future__ import annotations

from threading import Lock, RLock
from typing import TYPE_CHECKING

import msgspec

from ..client import Api, Instructor
from ..client.background import background
from ..core.errors import BadRequest
from ..core.rest import Title

if TYPE_CHECKING:
    from .base import PollWidget
    from .poll_question import PollQuestion


class OpenRoom:
    """The instructor's connection to a room, and the widgets that show it. ``lock`` guards their traits."""

    def __init__(self, instructor: Instructor) -> None:
        self.instructor = instructor
        self.lock = RLock()
        self.questions: dict[str, PollQuestion] = {}
        self._widgets: list[PollWidget] = []
        self._is_due = False
        instructor.on_change = self._changed

    def show_on(self, widget: PollWidget) -> None:
        """Refresh ``widget`` at every change from now on."""
        self._widgets.append(widget)

    def hide_from(self, widget: PollWidget) -> None:
        """Refresh ``widget`` no more; a no-op if that was said before."""
        if widget in self._widgets:
            self._widgets.remove(widget)

    def widget_of(self, question_id: str) -> PollQuestion:
        """The one widget of a question, made when it is first asked for: also where no panel is shown any more."""
        from .poll_question import PollQuestion  # noqa: PLC0415 - it is made of a room

        with self.lock:
            if question_id not in self.questions:
                self.questions[question_id] = PollQuestion(self, question_id)
            return self.questions[question_id]

    def refresh(self) -> None:
        """Set the traits of every widget; an observer's error is raised once all the others are done."""
        errors: list[Exception] = []
        for widget in tuple(self._widgets):
            try:
                widget.refresh()
            except Exception as error:  # noqa: BLE001 - whatever somebody's observer raises
                errors.append(error)
        if errors:
            raise errors[0]

    def _changed(self) -> None:
        if not self._is_due:
            self._is_due = True
            background().call(self._refresh)

    def _refresh(self) -> None:
        self._is_due = False
        self.refresh()


_rooms: dict[tuple[str, str], OpenRoom] = {}
_opening = Lock()


def open_room(api: Api, title: str) -> OpenRoom:
    """The room of that title, opened or taken back; the same object for the same room.

    Raises:
        BadRequest: that is no title.
    """
    try:
        msgspec.convert(title, Title)
    except msgspec.ValidationError as wrong:
        raise BadRequest("A room's title is a text of up to 200 characters, such as 'Statistics 101'.") from wrong
    with _opening:
        instructor = background().run(Instructor.open(api, title))
        key = api.base, instructor.board.room.code
        if key not in _rooms:
            _rooms[key] = OpenRoom(instructor)
        else:
            background().run(_go_on(_rooms[key].instructor, instead_of=instructor))
        return _rooms[key]


async def _go_on(kept: Instructor, *, instead_of: Instructor) -> None:
    await instead_of.leave()
    if kept.board.status.state != "open":
        kept.reconnect()
