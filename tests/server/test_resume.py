"""Who comes back, and when the store has lost what was decided: everybody sees the right state without a reload."""

from __future__ import annotations

from typing import Any

from hall import Hall, Socket, open_hall

from livepoll_jupyter.core.errors import Unavailable
from livepoll_jupyter.storage.journal import Batch, JournalError
from livepoll_jupyter.storage.local import LocalStore
from livepoll_jupyter.storage.memory import MemoryJournal


async def events(socket: Socket, number: int) -> list[str]:
    """The names of the next messages."""
    return [(await socket.receive())["event"] for _ in range(number)]


async def opened(hall: Hall, code: str, token: str, **hello: Any) -> tuple[Socket, dict[str, Any]]:
    """A participant's socket and its welcome."""
    socket = await hall.connect(f"?room={code}")
    return socket, await socket.hello(token, **hello)


async def test_who_was_away_gets_each_missed_control_event_once_and_in_order() -> None:
    """Then the present results and presence, which are never replayed."""
    async with open_hall() as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        token = await hall.join(code)
        socket, first = await opened(hall, code, token)
        socket.close()
        await socket.until_closed()
        path = f"rooms/{code}/questions/{question['id']}"
        await hall.ask("PUT", f"{path}/lock", {"is_locked": True})
        await hall.ask("POST", f"{path}/reveal")
        again, welcome = await opened(hall, code, token, resume={"epoch": first["epoch"], "seq": first["seq"]})
        assert (welcome["recovered"], welcome["seq"]) == (True, first["seq"] + 2)
        assert await events(again, 4) == ["lock-status", "answer-revealed", "results-update", "presence"]


async def test_a_history_that_is_not_at_hand_makes_a_snapshot() -> None:
    """Another epoch, a seq of the future, or none at all."""
    async with open_hall() as hall:
        code = await hall.open_room()
        token = await hall.join(code)
        _, first = await opened(hall, code, token)
        for resume in ({"epoch": "another", "seq": 0}, {"epoch": first["epoch"], "seq": 99}):
            socket, welcome = await opened(hall, code, token, resume=resume)
            assert welcome["recovered"] is False
            assert await events(socket, 1) == ["snapshot"]


async def test_a_participants_own_answer_comes_with_the_welcome() -> None:
    """After a reload the phone knows what was answered."""
    async with open_hall() as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        token = await hall.join(code)
        socket, welcome = await opened(hall, code, token)
        assert "myVote" not in welcome
        await socket.vote(question, "b")
        _, welcome = await opened(hall, code, token)
        assert welcome["myVote"] == {"questionId": question["id"], "round": 1, "answer": "b", "rev": 1}


async def test_the_same_op_gets_the_same_ack_and_counts_once() -> None:
    """A phone that did not hear the ack sends again, on another socket."""
    async with open_hall() as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        token = await hall.join(code)
        acks = [await (await opened(hall, code, token))[0].vote(question, "b") for _ in range(3)]
        assert acks == [{"op": "op-1", "status": "accepted", "rev": 1, "answer": "b"}] * 3
        assert len(await hall.service.store.answers(code)) == 1


class FailingJournal(MemoryJournal):
    """A disk that is full while ``is_full``."""

    is_full = False

    async def commit(self, batch: Batch) -> None:
        """Keep the batch, or fail."""
        if self.is_full:
            raise JournalError("The disk is full.")
        await super().commit(batch)

    async def room(self, code: str) -> Any:
        """The room, or fail."""
        if self.is_full:
            raise JournalError("The disk is full.")
        return await super().room(code)


async def test_a_store_that_failed_acks_nothing_and_brings_everybody_back_to_what_holds() -> None:
    """A rejected vote may be sent again; then all peers get the state that was committed, in a new epoch."""
    journal = FailingJournal()
    async with open_hall(LocalStore(journal)) as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        socket, first = await opened(hall, code, await hall.join(code))
        listener = await hall.connect(f"?room={code}")
        await events(listener, 3)
        journal.is_full = True
        ack = await socket.vote(question, "a")
        assert (ack["status"], ack["reason"], ack["retry"]) == ("rejected", Unavailable.code, True)
        locked = await hall.ask("PUT", f"rooms/{code}/questions/{question['id']}/lock", {"is_locked": True})
        assert locked.code == 503
        journal.is_full = False
        vote = {"questionId": question["id"], "round": 1, "answer": "a", "op": "op-2", "rev": 2}
        await socket.send({"event": "vote", "data": vote})  # it makes the store look again
        welcome = (await socket.until("welcome"))["data"]
        assert welcome["epoch"] != first["epoch"]
        assert (await socket.until("snapshot"))["data"]["question"]["is_locked"] is False
        assert await events(listener, 3) == ["new-question", "lock-status", "results-update"]
        assert (await socket.vote(question, "a", op="op-3", rev=3))["status"] == "accepted"
        assert len(await hall.service.store.answers(code)) == 1


async def test_phones_are_brought_back_though_nobody_sends_anything() -> None:
    """The hub looks again by itself until the store has loaded the room."""
    journal = FailingJournal()
    async with open_hall(LocalStore(journal)) as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        socket, first = await opened(hall, code, await hall.join(code))
        journal.is_full = True
        assert (await socket.vote(question, "a"))["retry"] is True
        journal.is_full = False
        await hall.service.open_room("Another room makes the store look again")
        hall.clock.advance(1.0)
        assert (await socket.until("welcome"))["data"]["epoch"] != first["epoch"]
