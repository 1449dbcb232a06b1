"""What the comparison servers in Python have in common: one question, its votes in memory, its messages.

It sends nothing: a server says how a text reaches everybody.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

OPTIONS: Final = ("a", "b", "c", "d")
QUESTION: Final = "q"
WINDOW: Final = 2.0
"""Seconds that results gather."""


def text_of(event: str, data: dict[str, Any]) -> str:
    """One message of the wire."""
    return json.dumps({"event": event, "data": data}, separators=(",", ":"))


class Ballot:
    """One question, and the ``counts`` of its options. ``broadcast`` sends a text to every socket."""

    def __init__(self, broadcast: Callable[[str], None]) -> None:
        self._broadcast = broadcast
        self._round = 0
        self._is_locked = True
        self._votes: dict[str, tuple[int, str, str]] = {}
        self.counts: Counter[str] = Counter()
        self._timer: asyncio.TimerHandle | None = None

    def obey(self, target: str) -> bool:
        """Do what an instructor's request asks for; False if it is none."""
        parts = urlsplit(target)
        asked = {name: int(values[0]) for name, values in parse_qs(parts.query).items()}
        if parts.path == "/publish":
            self._publish(asked["round"], asked["size"])
        elif parts.path == "/lock":
            self._is_locked = True
            self._broadcast(text_of("lock-status", {"questionId": QUESTION, "is_locked": True}))
        else:
            return False
        return True

    def answer(self, participant: str, message: str) -> str | None:
        """The ack of a vote; None for what is none."""
        try:
            received = json.loads(message)
            vote = received["data"] if received["event"] == "vote" else None
        except (ValueError, TypeError, KeyError):
            return None
        return text_of("vote-ack", self._judge(participant, vote)) if vote else None

    def _judge(self, participant: str, vote: dict[str, Any]) -> dict[str, Any]:
        op, rev, answer = vote["op"], vote["rev"], vote["answer"]
        if self._is_locked or (vote["questionId"], vote["round"]) != (QUESTION, self._round) or answer not in OPTIONS:
            return {"op": op, "status": "rejected", "rev": 0, "reason": "question-locked"}
        held = self._votes.get(participant)
        if held is None or held[0] < rev:
            self._count(participant, rev, answer, op)
        return {"op": op, "status": "accepted", "rev": rev, "answer": answer}

    def _count(self, participant: str, rev: int, answer: str, op: str) -> None:
        held = self._votes.get(participant)
        if held is not None:
            self.counts[held[1]] -= 1
        self.counts[answer] += 1
        self._votes[participant] = (rev, answer, op)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(WINDOW, self._send_results)

    def _publish(self, round_: int, size: int) -> None:
        self._round, self._is_locked = round_, False
        self._votes.clear()
        self.counts.clear()
        data = {"id": QUESTION, "round": round_, "text": ""}
        data["text"] = "x" * (size - len(text_of("new-question", data)))
        self._broadcast(text_of("new-question", data))

    def _send_results(self) -> None:
        self._timer = None
        counts = {option: self.counts[option] for option in OPTIONS}
        data = {"questionId": QUESTION, "round": self._round, "total": sum(counts.values()), "counts": counts}
        self._broadcast(text_of("results-update", data))
