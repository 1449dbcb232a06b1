"""A simulated class: it answers over real sockets, and the same seed gives the same class."""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from asking import question
from hall import SECONDS, Hall, open_hall

from livepoll_jupyter.client import Student, Unreachable
from livepoll_jupyter.client.connection import Surroundings
from livepoll_jupyter.core.commands import Command
from livepoll_jupyter.core.errors import NotFound, Unavailable
from livepoll_jupyter.core.messages import PING_MS, Question
from livepoll_jupyter.rehearsal import Manner, Rehearsal, choose
from livepoll_jupyter.storage.base import Done, Outcome
from livepoll_jupyter.storage.memory import MemoryStore

STUDENTS = 20
RESTART = 1012
"""The closing code of a server that will be back."""


class WatchedStore(MemoryStore):
    """A store that lets a test wait for each settled command."""

    def __init__(self) -> None:
        super().__init__()
        self._settled = asyncio.Semaphore(0)

    def submit(self, code: str, command: Command, now: float, done: Done) -> None:
        """Submit, and count when it is settled."""

        def settled(outcome: Outcome) -> None:
            done(outcome)
            self._settled.release()

        super().submit(code, command, now, settled)

    async def until_answered_by(self, participants: int, code: str, asked: dict[str, Any]) -> None:
        """Return when so many have answered the question's present round."""
        async with asyncio.timeout(SECONDS):
            room = self.room(code)
            while room.results(room.question(asked["id"])).participants < participants:
                await self._settled.acquire()


async def at_once(_: float) -> None:
    """Think for no time."""


async def only_pings_wait(seconds: float) -> None:
    """Come back at once from whatever is no wait between pings."""
    await asyncio.sleep(seconds if seconds == PING_MS / 1000 else 0)


HASTY = Surroundings(sleep=only_pings_wait)


async def hold(seed: int) -> Counter[str]:
    """Rehearse one question and its second round; how the class answered."""
    store = WatchedStore()
    async with open_hall(store) as hall:
        code = await hall.open_room()
        manner = Manner(sleep=at_once)
        running = asyncio.ensure_future(Rehearsal(hall.service.links.join_url(code), STUDENTS, seed, manner).run())
        asked = await hall.publish(code, options=["mean", "median", "mode"])
        await store.until_answered_by(STUDENTS, code, asked)
        await ask_again(hall, code, asked)
        await store.until_answered_by(STUDENTS, code, asked)
        rows = await store.answers(code)
        await hall.ask("DELETE", f"rooms/{code}")
        await asyncio.wait_for(running, SECONDS)  # the class goes home when the room ends
    return Counter(row.answer for row in rows if row.round == 1)


async def until_present(hall: Hall, code: str, students: int) -> None:
    """Return when so many sit in the room."""
    present = 0
    socket = await hall.connect(f"?room={code}")
    await socket.hello()
    async with asyncio.timeout(SECONDS):
        while present < students:
            hall.clock.advance(0.2)
            await socket.send("ping")
            while (message := await socket.receive())["event"] != "pong":
                present = message["data"]["participants"] if message["event"] == "presence" else present


async def ask_again(hall: Hall, code: str, asked: dict[str, Any]) -> None:
    """Close the question and publish its next round."""
    for command in ("close", "publish"):
        assert (await hall.ask("POST", f"rooms/{code}/questions/{asked['id']}/{command}")).code == 200


async def test_every_student_answers_every_round_and_goes_home_when_the_room_ends() -> None:
    """Over real sockets, as participants like any other."""
    assert (await hold(seed=1)).total() == STUDENTS


async def test_a_rehearsal_in_no_room_says_so() -> None:
    """With the server's own sentence, as one refusal."""
    async with open_hall() as hall:
        await hall.open_room()
        with pytest.raises(NotFound):
            await Rehearsal(hall.service.links.join_url("ZZZZZZ"), 3, 1, Manner(sleep=at_once)).run()


async def test_a_class_comes_back_when_the_server_does_and_answers_on() -> None:
    """Every student answers the question that is asked after the loss; nobody is there twice."""
    store = WatchedStore()
    async with open_hall(store) as hall:
        code = await hall.open_room()
        manner = Manner(sleep=at_once, surroundings=HASTY)
        running = asyncio.ensure_future(Rehearsal(hall.service.links.join_url(code), STUDENTS, 1, manner).run())
        first = await hall.publish(code)
        await store.until_answered_by(STUDENTS, code, first)
        hall.service.hub.live(code).close(RESTART, "restart")
        second = await hall.publish(code, text="And then?")
        await store.until_answered_by(STUDENTS, code, second)
        await hall.ask("DELETE", f"rooms/{code}")
        await asyncio.wait_for(running, SECONDS)


async def test_answers_that_were_given_while_the_server_was_away_are_counted_when_it_is_back() -> None:
    """The class was still thinking when the connection was lost."""
    store, thought, back = WatchedStore(), asyncio.Event(), asyncio.Event()

    async def think(seconds: float) -> None:
        if seconds != Manner().between_joins:
            await thought.wait()

    async def stay_away(seconds: float) -> None:
        await (asyncio.sleep(seconds) if seconds == PING_MS / 1000 else back.wait())

    async with open_hall(store) as hall:
        code = await hall.open_room()
        manner = Manner(sleep=think, surroundings=Surroundings(sleep=stay_away))
        running = asyncio.ensure_future(Rehearsal(hall.service.links.join_url(code), STUDENTS, 1, manner).run())
        await until_present(hall, code, STUDENTS)
        asked = await hall.publish(code)
        hall.service.hub.live(code).close(RESTART, "restart")
        thought.set()
        back.set()
        await store.until_answered_by(STUDENTS, code, asked)
        await hall.ask("DELETE", f"rooms/{code}")
        await asyncio.wait_for(running, SECONDS)


async def test_a_server_that_does_not_come_back_ends_the_rehearsal_with_a_sentence() -> None:
    """After all tries, and not as if the class had gone home."""
    async with open_hall() as hall:
        code = await hall.open_room()
        manner = Manner(sleep=at_once, surroundings=HASTY)
        running = asyncio.ensure_future(Rehearsal(hall.service.links.join_url(code), 3, 1, manner).run())
        await until_present(hall, code, 3)
    with pytest.raises(Unreachable, match="The rehearsal stops: the server has not come back"):
        await asyncio.wait_for(running, SECONDS)


async def test_students_on_their_way_in_wait_for_a_server_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the first of them is seated; where nobody ever answered, that is told at once."""
    seats = asyncio.Semaphore(0)
    refusals = [None, Unreachable("nobody"), Unavailable("restarting"), None]

    class Door(Student):
        """A student who is let in or not."""

        async def join(self, *, deadline: float = SECONDS) -> None:
            refusal = refusals.pop(0)
            if refusal:
                raise refusal
            await super().join(deadline=deadline)
            seats.release()

    async def until_seated(_: float) -> None:
        await asyncio.wait_for(seats.acquire(), SECONDS)

    monkeypatch.setattr("livepoll_jupyter.rehearsal.Student", Door)
    async with open_hall() as hall:
        code = await hall.open_room()
        manner = Manner(sleep=until_seated, surroundings=HASTY)
        running = asyncio.ensure_future(Rehearsal(hall.service.links.join_url(code), 2, 1, manner).run())
        await until_present(hall, code, 2)
        await hall.ask("DELETE", f"rooms/{code}")
        await asyncio.wait_for(running, SECONDS)
    assert refusals == []


def asked(kind: str = "choice") -> Question:
    """A public question of four options."""
    return question(kind=kind, options=("a", "b", "c", "d"), correct=None).public()


def choices(seed: int, kind: str = "choice") -> list[Any]:
    """What a hundred students choose."""
    return [choose(asked(kind), seed, random.Random(f"{seed} {number}")) for number in range(100)]  # noqa: S311


def test_the_same_seed_gives_the_same_choices() -> None:
    """And another seed gives others."""
    assert choices(1) == choices(1)
    assert choices(1) != choices(2)


def test_a_class_leans_to_some_options() -> None:
    """A chart of a rehearsal looks like one of a class, not like noise."""
    votes = Counter(choices(1)).most_common()
    assert votes[0][1] > 2 * votes[-1][1]


def test_a_multiple_choice_is_answered_with_several_options() -> None:
    """At least one, in the options' order, none twice."""
    answers = choices(1, "multiple_choice")
    assert all(answer == sorted(set(answer)) and answer for answer in answers)
    assert {len(answer) for answer in answers} >= {1, 2, 3}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Name the room by its join link"),
        (["http://127.0.0.1:1/K7WQ2M", "--students=2"], "No livepoll server answers"),
        (["K7WQ2M"], "is not a join link"),
        (["nonsense"], "is not a join link"),
    ],
    ids=["no link", "nobody there", "no URL", "nonsense"],
)
async def test_the_command_ends_with_a_sentence_where_it_cannot_begin(arguments: list[str], sentence: str) -> None:
    """Status 1, no traceback, and no word of students before it is known where to."""
    command = Path(sys.executable).with_name("jupyter-livepoll")
    process = await asyncio.create_subprocess_exec(
        command, "rehearse", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, error = await asyncio.wait_for(process.communicate(), SECONDS)
    assert process.returncode == 1
    assert (b"are joining" in said) == ("answers" in sentence)
    assert sentence in error.decode()
    assert b"Traceback" not in error
