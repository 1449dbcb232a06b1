"""What may stand in a frame: nothing that is not yet revealed, no gap in the numbers, no change of what is final."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET
from room_clients import Phone, Watcher, decoded, nodes
from room_model import Model

SECRETS = {"is_revealed", "show_results", "trouble", "questions"}
"""Fields and events that only staff may ever be sent."""


class Eye:
    """Looks at each frame that is written to one line, with the model of what is settled by then."""

    def __init__(self, watcher: Watcher, ids: set[str]) -> None:
        self._watcher = watcher
        self._line = watcher.line
        self._strangers = ids - {watcher.participant}
        self._stream: tuple[str, int] | None = None
        self._final: dict[tuple[str, int], Any] = {}

    def look(self, model: Model) -> list[dict[str, Any]]:
        """Check what is new, and return it."""
        frames, self._line.new = self._line.new, []
        events = [decoded(frame) for frame in frames]
        for frame, event in zip(frames, events, strict=True):
            self._check_strangers(frame)
            self._check_numbers(event)
            self._note_unlock(event)
            for node in nodes(event):
                self._check_revealed(node, event, model)
                if "counts" in node:
                    self._check_results(node, model)
            if event["event"] == "vote-ack":
                self._check_ack(event["data"], model)
            self._check_own_vote(event, model)
        return events

    # ------------------------------------------------------------ what may be known

    def _check_strangers(self, frame: bytes) -> None:
        assert not [other for other in self._strangers if other.encode() in frame], frame

    def _check_revealed(self, node: dict[str, Any], event: dict[str, Any], model: Model) -> None:
        if self._watcher.identity.is_staff:
            return
        assert not SECRETS & (node.keys() | {event["event"]}), event
        if node.get("correct") is not None:
            asked = node.get("question") or {"id": node.get("questionId"), "round": node.get("round")}
            assert (asked["id"], asked["round"]) in model.revealed, event
        if "counts" in node:
            place = node["questionId"], node["round"]
            is_shown = model.questions[place[0]].is_shown and model.questions[place[0]].round == place[1]
            assert is_shown or (self._line.is_late and place in model.shown), event

    def _check_own_vote(self, event: dict[str, Any], model: Model) -> None:
        told = event["data"] if event["event"] == "my-vote" else event["data"].get("myVote")
        if told is not None:
            acts = model.acts[told["questionId"], told["round"], str(self._watcher.participant)]
            assert (told["rev"], told["answer"]) in [(act.rev, act.answer) for act in acts], event

    # ------------------------------------------------------------ what must hold

    def _check_numbers(self, event: dict[str, Any]) -> None:
        if event["event"] == "snapshot":
            self._stream = event["epoch"], event["seq"]
        elif event["event"] == "welcome" and event["data"]["recovered"]:
            self._stream = event["data"]["epoch"], self._resumed_at
        elif "seq" in event:
            known = self._stream or (event["epoch"], event["seq"] - 1)
            ahead = event["seq"] - known[1]
            # A client of version 1 is not sent every event.
            assert known[0] != event["epoch"] or ahead == 1 or (ahead > 1 and not self._watcher.is_v2), (known, event)
            self._stream = event["epoch"], event["seq"]

    @property
    def _resumed_at(self) -> int:
        assert isinstance(self._watcher, Phone)
        return self._watcher.session.seq

    def _note_unlock(self, event: dict[str, Any]) -> None:
        asked = event["data"].get("question") or event["data"]
        if asked.get("is_locked") is False:
            name = asked.get("id") or asked["questionId"]
            self._final = {place: results for place, results in self._final.items() if place[0] != name}

    def _check_results(self, results: dict[str, Any], model: Model) -> None:
        if self._line.is_late:
            return
        place = results["questionId"], results["round"]
        asked = model.questions[place[0]]
        assert (results["counts"], results["participants"]) == model.tally(*place), results
        assert results["total"] == sum(results["counts"].values())
        is_final = results.get("final", False)
        assert is_final == (asked.is_locked or place[1] < asked.round), results
        assert self._final.get(place, results) == results, "final results changed"
        if is_final:
            self._final[place] = results

    def _check_ack(self, ack: dict[str, Any], model: Model) -> None:
        assert isinstance(self._watcher, Phone)
        vote = self._watcher.votes[ack["op"]].data
        acts = model.acts.get((vote.questionId, vote.round, str(self._watcher.participant)), ())
        if ack["status"] == "accepted":
            assert (ack["op"], ack["rev"], ack["answer"]) in [(act.op, act.rev, act.answer) for act in acts], ack
            assert ack["rev"] == vote.rev
        elif not self._line.is_late:
            counts = (acts[-1].rev, acts[-1].answer) if acts else (0, UNSET)
            assert (ack["rev"], ack.get("answer", UNSET)) == counts, ack
            assert ack["retry"] == (ack["reason"] == "unavailable")
