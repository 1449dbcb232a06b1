"""The student's page behind a base URL, as under a hub: no address of it begins at the server's root."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from jupyterlab import BASE_URL, JupyterLab
from playwright.sync_api import expect
from serving import Instructor, ask
from states import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from phones import Phone


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[JupyterLab]:
    """A Jupyter server."""
    with JupyterLab(tmp_path) as running:
        yield running


def test_a_student_joins_through_the_jupyter_server(lab: JupyterLab, phone: Phone) -> None:
    """Nobody logs in; a code typed on the one page leads to the other; the vote counts; nothing asks elsewhere."""
    code = ask(lab, "POST", "rooms", {"title": "Statistics 101"})["code"]
    requests: list[str] = []
    phone.page.on("request", lambda request: requests.append(request.url))
    phone.page.on("websocket", lambda socket: requests.append(socket.url.replace("ws", "http", 1)))

    phone.page.goto(f"{lab.url}livepoll/")
    phone.page.get_by_label("Room code").fill(code)
    phone.button("Join").click()
    phone.is_in()
    assert phone.page.url == f"{lab.url}livepoll/{code}"
    Instructor(lab, code).publish("Mean or median?", OPTIONS)
    phone.tap("the mean")
    phone.is_counted()
    phone.page.reload()
    expect(phone.option("the mean")).to_be_checked()

    assert lab.url.endswith(BASE_URL)
    assert [url for url in requests if not url.startswith(lab.url)] == []
    assert {cookie["path"] for cookie in phone.page.context.cookies() if "livepoll" in cookie["name"]} == {BASE_URL}
