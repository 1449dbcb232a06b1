"""A server that is stopped and comes back with its rooms: the panel heals without being asked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from test_poll_question import Pressed
from waiting import SECONDS, until

from livepoll_jupyter.client import Unreachable
from livepoll_jupyter.client.background import background
from livepoll_jupyter.core.commands import Command, Publish, SetLock
from livepoll_jupyter.core.errors import Unavailable
from livepoll_jupyter.server.standalone import Settings, Standalone
from livepoll_jupyter.storage.base import Outcome
from livepoll_jupyter.storage.journal import Batch, JournalError
from livepoll_jupyter.storage.sqlite import SqliteJournal, SqliteStore
from livepoll_jupyter.widgets import LivePoll, join, open_room
from livepoll_jupyter.widgets.base import Press


class Restarting:
    """A server with a file of its own, which may be stopped and started on the same port; nobody chose its token."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._port = 0
        self._server: Standalone | None = None

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self._port}/"

    @property
    def token(self) -> str:
        """The instructor's."""
        assert self._server is not None
        return self._server.instructor_token

    def start(self) -> None:
        """Listen, on the port of before."""
        background().run(self._start())

    def stop(self) -> None:
        """Let go of everything."""
        if self._server is not None:
            background().run(self._server.close())
            self._server = None

    def meanwhile(self, code: str, command: Command) -> None:
        """Let a command be the first that the next server finds done."""
        background().run(self._do(code, command))

    async def _do(self, code: str, command: Command) -> None:
        store = SqliteStore(self._file)
        await store.open()
        done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        store.submit(code, command, 0, done.set_result)
        assert (await asyncio.wait_for(done, SECONDS)).refusal is None
        await store.close()

    async def _start(self) -> None:
        settings = Settings(ip="127.0.0.1", port=self._port, is_exact_port=bool(self._port))
        self._server = Standalone(SqliteStore(self._file), settings, logging.getLogger("healing"))
        await asyncio.wait_for(self._server.open(), 10)
        self._port = int(self._server.url.rstrip("/").rpartition(":")[2])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Restarting]:
    """A running server."""
    running = Restarting(tmp_path / "rooms.sqlite")
    running.start()
    yield running
    running.stop()


def test_panel_and_seat_come_back_with_the_server(server: Restarting) -> None:
    """With the question, its results and the student's answer; and the next vote counts."""
    poll = LivePoll("Healing", server=server.url, token=server.token)
    asked = poll.publish("Which?", ["x", "y"])
    me = join(poll.join_url)
    me.answer("x")
    server.stop()
    until(poll, "connection", lambda state: state == "reconnecting")
    server.start()
    until(poll, "connection", lambda state: state == "open")
    until(me, "connection", lambda state: state == "open")
    assert me.my_answer == "x"
    assert me.answer("y") == "y"
    asked.lock()
    assert asked.results == {"x": 0, "y": 1}
    me.close()
    poll.end()


def test_a_click_that_came_while_the_server_was_away_is_counted_when_it_is_back(
    server: Restarting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The view says that it is kept; nobody has to click again."""
    poll = LivePoll("Healing", server=server.url, token=server.token)
    asked = poll.publish("Which?", ["x", "y"])
    me = join(poll.join_url)
    me.catch_up()
    server.stop()
    until(me, "connection", lambda state: state == "reconnecting")
    assert Pressed(me, monkeypatch).press("answer", asked.id, "b") is None
    until(me, "_state", lambda state: (state["delivery"], state["answer"]) == ("pending", "b"))
    server.start()
    until(me, "_state", lambda state: state["delivery"] == "counted")
    asked.lock()
    assert asked.results == {"x": 0, "y": 1}
    me.close()
    poll.end()


def test_a_click_that_was_kept_is_told_to_be_too_late_if_the_lock_came_first(
    server: Restarting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below its question, or above the next one if that is shown by now."""
    poll = LivePoll("Healing", server=server.url, token=server.token)
    asked = poll.publish("Which?", ["x", "y"])
    (draft,) = poll.draft([("And then?", ["x", "y"])])
    locked_out, moved_on = join(poll.join_url, show=False), join(poll.join_url, show=False)
    for me in (locked_out, moved_on):
        me.catch_up()
    click = Pressed(locked_out, monkeypatch), Pressed(moved_on, monkeypatch)
    server.stop()
    until(locked_out, "connection", lambda state: state == "reconnecting")
    click[0].press("answer", asked.id, "b")
    server.meanwhile(poll.code, SetLock(asked.id, is_locked=True))
    server.start()
    until(locked_out, "_state", lambda state: state["delivery"] == "refused")
    assert "not counted" in locked_out._state["refusal"]

    until(moved_on, "connection", lambda state: state == "open")
    until(poll, "connection", lambda state: state == "open")
    asked.unlock()
    moved_on.catch_up()
    server.stop()
    until(moved_on, "connection", lambda state: state == "reconnecting")
    click[1].press("answer", asked.id, "b")
    server.meanwhile(poll.code, Publish(draft.id))
    server.start()
    until(moved_on, "_state", lambda state: state["late"] is not None)
    assert (moved_on.text, moved_on._state["delivery"]) == ("And then?", "none")
    assert asked.results == {"x": 0, "y": 0}
    for me in (locked_out, moved_on):
        me.close()
    poll.end()


def test_a_button_pressed_while_the_server_is_away_does_nothing_later(
    server: Restarting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says that nothing was changed; when the server is back the question is open as before."""
    poll = LivePoll("Healing", server=server.url, token=server.token)
    asked = poll.publish("Which?", ["x", "y"])
    server.stop()
    until(poll, "connection", lambda state: state == "reconnecting")
    error = Pressed(poll, monkeypatch).press("lock", asked.id)
    assert error is not None
    assert "Nothing was changed" in error
    with pytest.raises(Unreachable, match="Nothing was changed"):
        asked.lock()
    server.start()
    until(poll, "connection", lambda state: state == "open")
    me = join(poll.join_url)
    assert me.answer("x") == "x"
    assert not asked.is_locked
    asked.lock()
    assert asked.results == {"x": 1, "y": 0}
    me.close()
    poll.end()


def test_what_happened_while_the_panel_was_cut_off_is_shown_when_it_is_back(server: Restarting) -> None:
    """Somebody else locked the question; the panel's picture is read anew."""
    poll = LivePoll("Healing", server=server.url, token=server.token)
    asked = poll.publish("Which?", ["x", "y"])
    server.stop()
    until(poll, "connection", lambda state: state == "reconnecting")
    server.meanwhile(poll.code, SetLock(asked.id, is_locked=True))
    server.start()
    until(asked, "is_locked", lambda is_locked: is_locked)
    poll.end()


def test_a_new_kernel_takes_the_room_back_from_a_server_that_was_restarted(server: Restarting) -> None:
    """As when Jupyter itself was killed, and its kernels with it: code, question, votes, and the class go on."""
    poll = LivePoll("Healing", server=server.url, token=server.token)
    poll.publish("Which?", ["x", "y"])
    me = join(poll.join_url)
    me.answer("x")
    server.stop()
    open_room._rooms.clear()
    server.start()
    again = LivePoll("Healing", server=server.url, token=server.token)
    restored = again.publish("Which?", ["x", "y"])
    assert (again.code, again.questions) == (poll.code, (restored,))
    assert restored.results == {"x": 1, "y": 0}
    until(me, "connection", lambda state: state == "open")
    assert me.answer("y") == "y"
    restored.lock()
    assert (restored.round, restored.results) == (1, {"x": 0, "y": 1})
    me.close()
    again.end()


@contextmanager
def full_disk() -> Iterator[None]:
    """A disk on which nothing can be written any more."""
    with pytest.MonkeyPatch.context() as patched:

        async def commit(_journal: SqliteJournal, _batch: Batch) -> None:
            raise JournalError("database or disk is full", "There is no room left: delete files.")

        patched.setattr(SqliteJournal, "commit", commit)
        yield


def test_the_instructor_learns_that_answers_cannot_be_stored_and_what_to_do(server: Restarting) -> None:
    """In a trait and in the view while it lasts; a command says the same. A vote waits and is counted after it."""
    poll = LivePoll("Healing", server=server.url, token=server.token)
    asked = poll.publish("Which?", ["x", "y"])
    me = join(poll.join_url)
    assert poll.trouble == ""
    with full_disk():
        with pytest.raises(Unavailable, match="no room left: delete files"):
            asked.lock()
        until(poll, "trouble", lambda trouble: "delete files" in trouble)
        assert poll._state["trouble"] == poll.trouble
        background().run(me._carry_out(Press(id=1, do="answer", question=asked.id, answer="a")))
        until(me, "_state", lambda state: state["delivery"] == "pending")
    until(poll, "trouble", lambda trouble: trouble == "")
    until(me, "_state", lambda state: state["delivery"] == "counted")
    assert poll._state["trouble"] is None
    asked.lock()
    assert asked.results == {"x": 1, "y": 0}
    me.close()
    poll.end()
