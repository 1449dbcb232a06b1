"""The widgets in a real kernel: shown once, heard while a cell runs, and nothing of that cell is changed by it.

This holds by private names of ipykernel's and comm's (see ``busy_kernel``); the tests tell when a version changes one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from kernels import VIEW, hear, kernel, outputs, press, send, subshell, until_idle

SETUP = """
import json
from livepoll_jupyter import LivePoll
poll = LivePoll("Busy")
question = poll.publish("Which?", ["x", "y"])
print(json.dumps({"model": poll.model_id, "question": question.id}))
"""

EVENTS = """
happened = []
for name in ("pre_execute", "post_execute", "pre_run_cell", "post_run_cell"):
    get_ipython().events.register(name, lambda *_, name=name: happened.append(name))
"""


WAIT = """
def wait():
    open({begun!r}, "w").close()
    open({go!r}).read()
"""

OUTPUTS = {"stream", "display_data", "execute_result", "error", "clear_output"}


class Busy:
    """A kernel that runs a cell in which a person presses buttons of the panel: at each ``wait()`` of the cell."""

    def __init__(self, client: BlockingKernelClient, directory: Path) -> None:
        self.client = client
        self._begun, self._go = directory / "begun", directory / "go"
        os.mkfifo(self._begun)
        os.mkfifo(self._go)
        client.execute(SETUP)
        made = json.loads(hear(client, "stream")["text"])
        self.model, self.question = made["model"], made["question"]
        until_idle(client, client.execute(WAIT.format(begun=str(self._begun), go=str(self._go))))
        self.shell = subshell(client)

    def run(self, code: str, *buttons: str) -> list[dict[str, Any]]:
        """Run a cell and press one button at each of its waits; all that is shown until its end, in order."""
        cell = self.client.execute(code)
        shown: list[dict[str, Any]] = []
        for button in buttons:
            with self.waiting():
                shown += press(self.client, self.shell, self.model, button, self.question)
        return [message for message in shown + until_idle(self.client, cell) if message["msg_type"] in OUTPUTS]

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """The cell waits for the length of the block."""
        self._begun.read_text()
        yield
        self._go.write_text("go")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[BlockingKernelClient]:
    """A kernel's client."""
    with kernel(tmp_path) as its_client:
        yield its_client


@pytest.fixture
def busy(client: BlockingKernelClient, tmp_path: Path) -> Busy:
    """A kernel with a panel and a question that is open."""
    return Busy(client, tmp_path)


def said(shown: list[dict[str, Any]]) -> str:
    """What the messages print."""
    return "".join(message["content"]["text"] for message in shown if message["msg_type"] == "stream")


def kind_of(message: dict[str, Any]) -> str:
    """What an output is: the first of its formats by name, or the kind of message."""
    return str(min(message["content"].get("data", {}), default=message["msg_type"]))


def are_of_one_cell(shown: list[dict[str, Any]]) -> bool:
    """Whether all that is shown stands below the same cell."""
    return len({message["parent_header"]["msg_id"] for message in shown}) == 1


def test_a_lock_from_the_panel_does_not_wait_for_the_cell(busy: Busy) -> None:
    """The reply comes while the cell runs, and the cell sees the question locked."""
    assert said(busy.run("wait(); print('locked:', question.is_locked)", "lock")) == "locked: True\n"


@pytest.mark.parametrize("magic", ["", "%matplotlib inline"])
def test_a_button_leaves_the_figure_of_the_running_cell_as_it_is(busy: Busy, magic: str) -> None:
    """The figure is drawn once, below its own cell, with what was plotted after the button too."""
    busy.run(f"{magic}\nimport matplotlib.pyplot as plt\nplt.plot([1]); plt.show()")
    shown = busy.run("plt.plot([1, 2])\nwait()\nplt.plot([2, 1])\nprint(len(plt.gca().lines))\nplt.show()", "lock")
    assert [kind_of(message) for message in shown] == ["stream", "image/png"]
    assert said(shown) == "2\n"
    assert are_of_one_cell(shown)


def test_a_button_triggers_no_event_of_ipython(busy: Busy) -> None:
    """So nothing that waits for the end of a cell takes a button for it."""
    busy.client.execute(EVENTS)
    shown = busy.run("happened.clear(); wait(); wait(); print(happened)", "lock", "unlock")
    assert said(shown) == "[]\n"


def test_what_a_running_cell_shows_keeps_its_place_and_order(busy: Busy) -> None:
    """Printed, displayed, and as the value of its last line, which stays in ``Out``."""
    cell = """
print(1); display(2); wait()
print(3); display(4); wait(); print(5)
6
"""
    shown = busy.run(cell, "lock", "unlock")
    texts = [m["content"].get("text") or m["content"]["data"]["text/plain"] for m in shown]
    assert "".join(text.strip() for text in texts) == "123456"
    assert are_of_one_cell(shown)
    assert said(busy.run("print(Out[In.index(In[-2])], _)")) == "6 6\n"


def test_a_captured_cell_is_captured_to_its_end(busy: Busy) -> None:
    """A button between its outputs neither ends the capture nor gets into it."""
    assert busy.run("%%capture out\nprint('a')\nwait()\nprint('b')\ndisplay('c')", "lock") == []
    assert said(busy.run("print(repr(out.stdout), len(out.outputs))")) == "'a\\nb\\n' 1\n"


def test_a_message_that_is_no_button_prints_nothing_into_the_running_cell(busy: Busy) -> None:
    """And the widget goes on."""
    cell = busy.client.execute("wait(); print('done')")
    heard = []
    with busy.waiting():
        for content in ({"id": "x"}, "nothing", {"id": 1, "do": 2}, None):
            request = send(busy.client, busy.shell, busy.model, {"method": "custom", "content": content})
            heard += until_idle(busy.client, request)
        heard += press(busy.client, busy.shell, busy.model, "lock", busy.question)
    heard += until_idle(busy.client, cell)
    assert [m["content"] for m in heard if m["msg_type"] in OUTPUTS] == [{"name": "stdout", "text": "done\n"}]


def test_a_breakpoint_stops_no_thread_that_keeps_the_room(client: BlockingKernelClient) -> None:
    """A debugger that holds all threads of the program would cut off the class."""
    code = "import threading\nfrom livepoll_jupyter import LivePoll\npoll = LivePoll('Debugged')\n"
    code += "ours = [t for t in threading.enumerate() if t.name.startswith('livepoll')]\n"
    code += "print(len(ours) > 2, [t.name for t in ours if not getattr(t, 'pydev_do_not_trace', False)])"
    cell = client.execute(code)
    assert said([m for m in until_idle(client, cell) if m["msg_type"] == "stream"]) == "True []\n"


def test_a_new_panel_is_shown_once_whether_or_not_it_is_given_a_name(client: BlockingKernelClient) -> None:
    """By the call itself; as the last line of another cell it is shown there again."""
    once = outputs(client, "from livepoll_jupyter import LivePoll\npoll = LivePoll('Once')\npoll")
    assert [VIEW in data for data in once] == [True, False]
    assert once[1] == {"text/plain": "<LivePoll 'Once'>"}
    (again,) = outputs(client, "poll")
    assert VIEW in again
    assert again["text/plain"] == "Live poll: Once"
