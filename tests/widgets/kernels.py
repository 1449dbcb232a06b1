"""A real kernel for a test: what it says, and buttons that are pressed while it runs a cell."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel
from waiting import SECONDS

VIEW = "application/vnd.jupyter.widget-view+json"


@contextmanager
def kernel(home: Path, **variables: str) -> Iterator[BlockingKernelClient]:
    """A kernel that no Jupyter server started, by its client; it ends with the block."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LIVEPOLL_")}
    manager, client = start_new_kernel(
        startup_timeout=60, kernel_name="python3", env=environment | {"IPYTHONDIR": str(home)} | variables
    )
    try:
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def hear(client: BlockingKernelClient, kind: str) -> dict[str, Any]:
    """The content of the next message of that kind; others are passed over."""
    while True:
        message = client.get_iopub_msg(timeout=SECONDS)
        if message["msg_type"] == kind:
            content: dict[str, Any] = message["content"]
            return content


def until_idle(client: BlockingKernelClient, request: str) -> list[dict[str, Any]]:
    """All messages until ``request`` is done, in their order."""
    heard = []
    while True:
        message = client.get_iopub_msg(timeout=SECONDS)
        heard.append(message)
        is_its = message["parent_header"].get("msg_id") == request
        if is_its and message["content"].get("execution_state") == "idle":
            return heard


def outputs(client: BlockingKernelClient, code: str) -> list[dict[str, Any]]:
    """What a cell displays: the data of each output, in order."""
    cell = client.execute(code)
    return [
        message["content"]["data"]
        for message in until_idle(client, cell)
        if message["parent_header"].get("msg_id") == cell and message["msg_type"] in {"display_data", "execute_result"}
    ]


def subshell(client: BlockingKernelClient) -> str:
    """A subshell, as JupyterLab makes one for the messages of widgets."""
    client.control_channel.send(client.session.msg("create_subshell_request"))
    name: str = client.get_control_msg(timeout=SECONDS)["content"]["subshell_id"]
    return name


def send(client: BlockingKernelClient, shell: str, model: str, data: dict[str, Any]) -> str:
    """Send what a view sends to its widget; the message's id."""
    message = client.session.msg("comm_msg", {"comm_id": model, "data": data})
    message["header"]["subshell_id"] = shell
    client.shell_channel.send(message)
    name: str = message["header"]["msg_id"]
    return name


def press(client: BlockingKernelClient, shell: str, model: str, do: str, question: str = "") -> list[dict[str, Any]]:
    """Press a button of a widget; all messages until the button was carried out. Fails if it was refused."""
    content = {"id": 1, "do": do, "question": question, "answer": None}
    request = send(client, shell, model, {"method": "custom", "content": content})
    heard = until_idle(client, request)
    while not (replies := list(filter(None, map(_reply, heard)))):
        heard.append(client.get_iopub_msg(timeout=SECONDS))
    assert replies == [{"reply": 1, "error": None}]
    return heard


def _reply(message: dict[str, Any]) -> dict[str, Any] | None:
    data = message["content"].get("data", {}) if message["msg_type"] == "comm_msg" else {}
    content: dict[str, Any] | None = data.get("content") if data.get("method") == "custom" else None
    return content if content is not None and "reply" in content else None
