"""The widgets in a real kernel: shown once, and heard while its main thread is busy with a cell.

The latter holds by one private name of ipykernel's (see ``hear_while_busy``); the test tells when a version changes it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel
from waiting import SECONDS

VIEW = "application/vnd.jupyter.widget-view+json"

SETUP = """
import json
from livepoll_jupyter import LivePoll
poll = LivePoll("Busy")
question = poll.publish("Which?", ["x", "y"])
print(json.dumps({"model": poll.model_id, "question": question.id}))
"""


@pytest.fixture
def client(tmp_path: Path) -> Iterator[BlockingKernelClient]:
    """A kernel's client."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LIVEPOLL_")}
    manager, client = start_new_kernel(
        startup_timeout=60, kernel_name="python3", env=environment | {"IPYTHONDIR": str(tmp_path)}
    )
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def hear(client: BlockingKernelClient, kind: str) -> dict[str, Any]:
    """The content of the next message of that kind; others are passed over."""
    while True:
        message = client.get_iopub_msg(timeout=SECONDS)
        if message["msg_type"] == kind:
            content: dict[str, Any] = message["content"]
            return content


def reply_to_a_press(client: BlockingKernelClient) -> str | None:
    """The error in the reply that the view gets."""
    while True:
        data = hear(client, "comm_msg")["data"]
        if data["method"] == "custom":
            error: str | None = data["content"]["error"]
            return error


def subshell(client: BlockingKernelClient) -> str:
    """A subshell, as JupyterLab makes one for the messages of widgets."""
    client.control_channel.send(client.session.msg("create_subshell_request"))
    name: str = client.get_control_msg(timeout=SECONDS)["content"]["subshell_id"]
    return name


def test_a_lock_from_the_panel_does_not_wait_for_the_cell(client: BlockingKernelClient, tmp_path: Path) -> None:
    """The reply comes while the cell runs, and the cell sees the question locked."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    client.execute(SETUP)
    made = json.loads(hear(client, "stream")["text"])
    shell = subshell(client)
    client.execute(f"print('busy'); open({str(gate)!r}).read(); print('locked:', question.is_locked)")
    assert hear(client, "stream")["text"] == "busy\n"

    press = {"id": 1, "do": "lock", "question": made["question"], "answer": None}
    message = client.session.msg("comm_msg", {"comm_id": made["model"], "data": {"method": "custom", "content": press}})
    message["header"]["subshell_id"] = shell
    client.shell_channel.send(message)
    assert reply_to_a_press(client) is None

    gate.write_text("go")
    assert hear(client, "stream")["text"] == "locked: True\n"


def outputs(client: BlockingKernelClient, code: str) -> list[dict[str, Any]]:
    """What a cell displays: the data of each output, in order."""
    cell = client.execute(code)
    shown = []
    while True:
        message = client.get_iopub_msg(timeout=SECONDS)
        if message["parent_header"].get("msg_id") != cell:
            continue
        if message["msg_type"] in {"display_data", "execute_result"}:
            shown.append(message["content"]["data"])
        if message["content"].get("execution_state") == "idle":
            return shown


def test_a_new_panel_is_shown_once_whether_or_not_it_is_given_a_name(client: BlockingKernelClient) -> None:
    """By the call itself; as the last line of another cell it is shown there again."""
    once = outputs(client, "from livepoll_jupyter import LivePoll\npoll = LivePoll('Once')\npoll")
    assert [VIEW in data for data in once] == [True, False]
    assert once[1] == {"text/plain": "<LivePoll 'Once'>"}
    (again,) = outputs(client, "poll")
    assert VIEW in again
    assert again["text/plain"] == "Live poll: Once"
