"""A change of a room costs the panel what changed, and not what the room holds."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from livepoll_jupyter.widgets import LivePoll, join
from livepoll_jupyter.widgets.base import PollWidget
from livepoll_jupyter.widgets.state_patch import patch_of

MOST = 4_000
"""Bytes that the panel may send at a lock: the question that changed and the connection, with room to spare."""


def test_a_patch_has_what_changed_and_nothing_else() -> None:
    """Whole parts, and single questions."""
    before = {"link": "open", "trouble": None, "questions": [{"id": "a", "n": 1}, {"id": "b", "n": 1}]}
    after = {"link": "open", "trouble": "full", "questions": [{"id": "a", "n": 1}, {"id": "b", "n": 2}]}
    assert patch_of(before, after) == {"set": {"trouble": "full"}, "changed": [{"id": "b", "n": 2}]}
    assert patch_of(after, after) == {}
    assert patch_of({}, {"questions": [{"id": "a"}]}) == {"changed": [{"id": "a"}], "order": ["a"]}
    assert patch_of({}, {"questions": []}) == {"order": []}
    assert patch_of({"questions": [{"id": "a"}, {"id": "b"}]}, {"questions": [{"id": "b"}]}) == {"order": ["b"]}


@pytest.mark.parametrize("questions", [10, 100])
def test_what_a_panel_sends_does_not_grow_with_its_questions(
    poll: LivePoll, monkeypatch: pytest.MonkeyPatch, questions: int
) -> None:
    """Bytes of all that every widget of the room sends: at a publish, a bundle of results and a lock."""
    poll.draft([(f"Question {n}: {'text ' * 40}", ["yes", "no"]) for n in range(questions)])
    student = join(poll.join_url, show=False)
    sent: list[Any] = []
    monkeypatch.setattr(PollWidget, "_send", lambda _widget, message, *_, **__: sent.append(message))
    sizes = {}
    asked = poll.publish_next()
    sizes["publish"] = take_size(sent)
    counted = threading.Event()
    asked.observe(lambda _: counted.set(), "answered")
    student.answer("yes")
    assert counted.wait(30)
    sizes["results"] = take_size(sent)
    asked.lock()
    sizes["lock"] = take_size(sent)
    assert all(0 < size < 2 * MOST for size in sizes.values()), sizes


def take_size(sent: list[Any]) -> int:
    """The bytes of what was sent, which is then forgotten."""
    size = len(json.dumps(sent))
    sent.clear()
    return size


def test_a_view_that_has_missed_a_change_gets_the_whole_state(poll: LivePoll, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that has the newest version gets nothing."""
    poll.publish("Which?", ["yes", "no"])
    sent: list[Any] = []
    monkeypatch.setattr(poll, "_send", lambda message, *_, **__: sent.append(message))
    poll._look(poll._version)
    assert sent == []
    poll._look(0)
    (whole,) = sent
    assert whole["state"]["_state"]["version"] == poll._version
    assert len(whole["state"]["_state"]["questions"]) == 1
