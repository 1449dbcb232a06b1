"""Every test here has a kernel that no Jupyter server started: its rooms live in an embedded server."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from livepoll_jupyter.widgets import LivePoll
from livepoll_jupyter.widgets.embedded import close_embedded_server
from livepoll_jupyter.widgets.place import TOKEN, URL

_titles = count(1)


@pytest.fixture(autouse=True, scope="session")
def embedded_server_ends() -> Iterator[None]:
    """The kernel's server stops with the tests."""
    yield
    close_embedded_server()


@pytest.fixture(autouse=True)
def no_jupyter_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever started the tests."""
    monkeypatch.delenv(URL, raising=False)
    monkeypatch.delenv(TOKEN, raising=False)


@pytest.fixture
def poll() -> Iterator[LivePoll]:
    """A room of its own for a test, ended with it."""
    room = LivePoll(f"Statistics {next(_titles)}")
    yield room
    if room.connection != "ended":
        room.end()
