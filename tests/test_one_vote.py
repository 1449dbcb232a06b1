"""One vote, from the bytes that a phone sends to the bytes that everybody gets. Read this file first.

A phone's socket → ``server/wire`` → ``server/conversation`` → ``core/messages`` → ``server/hub`` → ``core/room`` → the
store (the ack leaves after its commit) → ``core/bundler`` (two seconds) → ``server/peers`` → everybody's sockets.
"""

from __future__ import annotations

import json
from typing import Any

from hall import WALL, open_hall


async def test_a_vote_is_acked_once_it_is_kept_and_shown_two_seconds_later() -> None:
    """The whole way of one vote."""
    async with open_hall() as hall:
        # The instructor opens a room and asks.
        code = await hall.open_room("Statistics 101")
        question = await hall.publish(code, text="Which is larger?", options=["mean", "median"], correct="mean")

        # A phone joins: the server hands out a signed id, and the phone says hello with it.
        phone = await hall.connect(f"?room={code}")
        await phone.hello(await hall.join(code))
        snapshot = (await phone.until("snapshot"))["data"]
        assert snapshot["question"]["id"] == question["id"]
        assert snapshot["results"]["counts"] == {"a": 0, "b": 0}
        assert snapshot["correct"] is None

        # It votes. The bytes on the wire:
        sent = json.dumps(
            {
                "event": "vote",
                "data": {"questionId": question["id"], "round": 1, "answer": "b", "op": "the-first-tap", "rev": 1},
            }
        )
        await phone.send(sent)

        # The ack comes after the commit, so at that moment the store has the answer.
        ack = await phone.until("vote-ack")
        assert ack["data"] == {"op": "the-first-tap", "status": "accepted", "rev": 1, "answer": "b"}
        (kept,) = await hall.service.store.answers(code)
        assert (kept.questionId, kept.round, kept.answer, kept.at) == (question["id"], 1, "b", WALL)

        # Somebody else only watches, with the frozen version 1 of the protocol.
        listener = await hall.connect(f"?room={code}")
        assert [(await listener.receive())["event"] for _ in range(2)] == ["new-question", "lock-status"]
        assert (await listener.receive())["data"]["total"] == 1  # the state as it opened its socket

        # Two seconds after the vote, and not before, everybody gets the new results in one message.
        hall.clock.advance(2.0)
        for socket in (phone, listener):
            shown: Any = await socket.until("results-update")
            assert shown["data"] == {
                "questionId": question["id"],
                "round": 1,
                "total": 1,
                "counts": {"a": 0, "b": 1},
                "participants": 1,
            }
            assert shown["rev"] == 1
