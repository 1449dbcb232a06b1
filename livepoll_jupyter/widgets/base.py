"""What the three widgets have in common: the view, the text form, and buttons that answer.

Traits are set in :meth:`PollWidget.refresh` only, under a lock. What stands in a trait may end in a
notebook file: no token ever does.
"""

from __future__ import annotations

from collections.abc import Coroutine
from concurrent.futures import Future
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

import anywidget
import msgspec
import traitlets
from IPython import get_ipython
from IPython.display import display
from ipywidgets import Layout
from msgspec import Struct

from ..client.background import DEADLINE, background
from ..core.errors import BadMessage, Refusal
from .busy_kernel import answer_while_busy, kernel_log
from .state_patch import patch_of

T = TypeVar("T")

STATIC = Path(__file__).parent.parent / "static" / "widget"


class Press(Struct, frozen=True, kw_only=True):
    """A button that somebody pressed in the view; the reply carries the same ``id``."""

    id: int
    do: str
    question: str = ""
    answer: Any = None


class PollWidget(anywidget.AnyWidget):
    """A widget whose picture is kept by the background loop. ``_state`` is all that its view reads."""

    _esm = STATIC / "widget.js"
    _css = STATIC / "widget.css"
    _face = traitlets.Unicode().tag(sync=True)
    _state = traitlets.Dict().tag(sync=True)

    def __init__(self, lock: RLock | None = None) -> None:
        self._version = 0
        self._has_view = False
        self._refreshing = lock or RLock()
        self._times_shown = 0
        self._displayed_in: int | None = None
        # Beside others in a box a widget is else as narrow as it can be.
        super().__init__(layout=Layout(width="100%"))
        answer_while_busy(self.comm)
        self.on_msg(self._pressed)

    def __del__(self) -> None:
        # Disposal calls close(), which in some of ours means more than that.
        anywidget.AnyWidget.close(self)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The view, and a text that stays the same from run to run for places that run no code."""
        if self._displayed_in is not None and self._displayed_in == _running_cell():
            # It stands above already, and is what the same cell ends with as well.
            return {"text/plain": repr(self)}, {}
        shown = super()._repr_mimebundle_(**kwargs)
        if shown is not None:
            shown[0]["text/plain"] = self.as_text()
        return shown

    def as_text(self) -> str:
        """The widget in plain text; nothing in it differs from one run to the next."""
        raise NotImplementedError

    def display(self) -> None:
        """Show the widget below the running cell; outside a notebook nothing happens."""
        if get_ipython() is not None:
            display(self)  # type: ignore[no-untyped-call]
            self._displayed_in = _running_cell()

    def refresh(self) -> None:
        """Set the traits to what is known now; called on any thread but the loop's."""
        with self._refreshing:
            while True:
                self._times_shown = time = self._times_shown + 1
                self._show()
                # An observer that gave a command has shown something newer in between.
                if time == self._times_shown:
                    break

    def _set_state(self, state: dict[str, Any]) -> None:
        """Set ``_state``, and send the view what changed in it.

        The whole of it goes only to a view that is new or has missed a change, which it sees by the version. Called
        under the lock.
        """
        patch = patch_of(self._state, state)
        if not patch:
            return
        before, self._version = self._version, self._version + 1
        self._state = state | {"version": self._version}
        self.send({"patch": patch | {"from": before, "to": self._version}})

    def _should_send_property(self, key: str, value: Any) -> bool:
        """What ipywidgets asks before it sends a trait that was set; ``_state`` is sent by :meth:`_set_state`."""
        return key != "_state" and bool(super()._should_send_property(key, value))

    def _look(self, version: object) -> None:
        """Send the whole state to a view that has another version of it; on the callbacks' thread."""
        with self._refreshing:
            if not self._has_view:
                self._has_view = True
                self._show()
            if version != self._version:
                self.send_state("_state")

    def _refresh_all(self) -> None:
        """Refresh every widget that a command of this one may have changed."""
        self.refresh()

    def _show(self) -> None:
        """Set the traits; called under the lock."""
        raise NotImplementedError

    def _run(self, work: Coroutine[Any, Any, T], *, steps: int = 1) -> T:
        """Run a command and return once the traits show what it led to; raises its refusal.

        ``steps`` is how many commands it is, one after the other: each has its time.
        """
        try:
            return background().run(work, deadline=DEADLINE * max(1, steps))
        finally:
            self._refresh_all()

    async def _carry_out(self, press: Press) -> None:
        """Do what a button asks for, on the loop; raises a refusal."""
        raise NotImplementedError

    def _pressed(self, _widget: object, content: Any, _buffers: object) -> None:
        """Start what a button asks for. It never waits, so that it may come on any thread of the kernel."""
        try:
            press = msgspec.convert(content, Press)
        except (msgspec.ValidationError, UnicodeError) as wrong:
            # ipywidgets would print a traceback into whatever cell runs.
            kernel_log().warning("A message to a poll's widget is no button: %s", wrong)
            return
        if press.do == "look":
            background().call(lambda: self._look(press.answer))
            return
        doing = background().submit(self._carry_out(press))
        doing.add_done_callback(lambda done: background().call(lambda: self._reply(press, done)))

    def _reply(self, press: Press, done: Future[None]) -> None:
        wrong = done.exception()
        self._refresh_all()
        self.send({"reply": press.id, "error": _sentence(wrong) if wrong else None})


def _running_cell() -> int | None:
    """The number of the cell that runs now; None outside IPython."""
    shell = get_ipython()
    return shell.execution_count if shell is not None else None


def unknown_button(press: Press) -> BadMessage:
    """What is raised for a button that this version does not know."""
    return BadMessage(f"This version of livepoll knows no button {press.do!r}. Restart the kernel after an update.")


def _sentence(wrong: BaseException) -> str:
    if isinstance(wrong, Refusal):
        return wrong.message
    kernel_log().error("A button of a poll failed.", exc_info=wrong)
    return "That did not work because of a mistake in livepoll. The kernel's log says more."
