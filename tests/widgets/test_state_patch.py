"""A change of a room costs the panel what changed, and not what the room holds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from livepoll_jupyter.widgets import LivePoll
from livepoll_jupyter.widgets.state_patch import patch_of

QUESTIONS = 60
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


def test_a_lock_sends_no_more_to_a_panel_with_many_questions(poll: LivePoll, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes of all that its widget sends are counted."""
    poll.draft([(f"Question {n}: {'text ' * 40}", ["yes", "no"]) for n in range(QUESTIONS)])
    asked = poll.publish_next()
    sent: list[Any] = []
    monkeypatch.setattr(poll, "_send", lambda message, *_, **__: sent.append(message))
    asked.lock()
    size = len(json.dumps(sent))
    assert 0 < size < MOST, sent
    assert len(json.dumps(poll.get_state("_state"))) > 10 * MOST


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
