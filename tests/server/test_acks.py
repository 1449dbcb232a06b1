"""What a voter is told over the socket: of every act its own, and of a refusal what counts instead."""

from __future__ import annotations

import json
from typing import Any

from hall import Hall, Socket, open_hall


async def seated(hall: Hall, code: str) -> Socket:
    """A new participant's socket."""
    token = await hall.join(code)
    socket = await hall.connect(f"?room={code}")
    await socket.hello(token)
    return socket


def accepted(op: str, rev: int, answer: Any) -> dict[str, Any]:
    """The ack of a vote that counted."""
    return {"op": op, "status": "accepted", "rev": rev, "answer": answer}


async def test_every_act_gets_its_own_ack_whenever_it_is_sent_again() -> None:
    """Though newer ones replaced it, and after the lock."""
    acts = [("one", 1, "a"), ("two", 2, None), ("three", 3, "b")]
    async with open_hall() as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        socket = await seated(hall, code)
        for _ in range(2):
            acks = [await socket.vote(question, answer, op=op, rev=rev) for op, rev, answer in acts]
            assert acks == [accepted(op, rev, answer) for op, rev, answer in acts]
            await hall.ask("PUT", f"rooms/{code}/questions/{question['id']}/lock", {"is_locked": True})
        assert [row.answer for row in await hall.service.store.answers(code)] == ["b"]


async def test_an_answer_is_taken_back() -> None:
    """It is in no results and no row, and the next welcome says so."""
    async with open_hall() as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        token = await hall.join(code)
        socket = await hall.connect(f"?room={code}")
        await socket.hello(token)
        await socket.vote(question, "a", op="one", rev=1)
        assert await socket.vote(question, None, op="two", rev=2) == accepted("two", 2, None)
        hall.clock.advance(2.0)
        while (results := (await socket.until("results-update"))["data"])["participants"]:
            pass
        assert (results["total"], results["counts"]) == (0, {"a": 0, "b": 0})
        assert json.loads((await hall.ask("GET", f"rooms/{code}/answers")).body) == []
        again = await hall.connect(f"?room={code}")
        mine = {"questionId": question["id"], "round": 1, "answer": None, "rev": 2}
        assert (await again.hello(token))["myVote"] == mine


async def test_a_refusal_tells_what_counts_instead() -> None:
    """The vote before, the withdrawal before, or nothing."""
    async with open_hall() as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        voter, quitter, late = [await seated(hall, code) for _ in range(3)]
        await voter.vote(question, "b", op="one", rev=3)
        await quitter.vote(question, None, op="one", rev=4)
        await hall.ask("PUT", f"rooms/{code}/questions/{question['id']}/lock", {"is_locked": True})
        refused = [await socket.vote(question, "a", op="two", rev=9) for socket in (voter, quitter, late)]
        assert {(ack["status"], ack["reason"], ack["retry"]) for ack in refused} == {
            ("rejected", "question-locked", False)
        }
        assert [(ack["rev"], ack.get("answer", "absent")) for ack in refused] == [(3, "b"), (4, None), (0, "absent")]
