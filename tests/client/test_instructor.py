"""The instructor's side of a room at a real server: the board, the commands, and what comes by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from hall import SECONDS, TOKEN, Hall, open_hall
from msgspec.structs import replace
from seats import HASTY, Absence, cut, only_pings_wait, seated

from livepoll_jupyter.client import Api, Instructor, Unreachable
from livepoll_jupyter.client.backoff import Backoff
from livepoll_jupyter.client.connection import Surroundings
from livepoll_jupyter.client.instructor import Board
from livepoll_jupyter.core.errors import AlreadyRevealed, BadQuestion, Unauthorized, Unavailable
from livepoll_jupyter.core.rest import NewQuestion, RoomState
from livepoll_jupyter.storage.journal import Batch, JournalError
from livepoll_jupyter.storage.local import LocalStore
from livepoll_jupyter.storage.memory import MemoryJournal

ASKED = NewQuestion(text="Which?", options=["mean", "median"], correct="mean", publish=True)


@asynccontextmanager
async def teaching(hall: Hall, title: str = "Statistics 101") -> AsyncIterator[Instructor]:
    """An instructor with an open room."""
    instructor = await Instructor.open(Api(f"http://127.0.0.1:{hall.port}/", TOKEN), title, HASTY)
    try:
        yield instructor
    finally:
        await instructor.leave()


async def shows(instructor: Instructor, is_so: Callable[[Board], bool]) -> None:
    """Return as soon as the board is so."""
    changed = asyncio.Event()
    instructor.on_change = changed.set
    async with asyncio.timeout(SECONDS):
        while not is_so(instructor.board):
            await changed.wait()
            changed.clear()


async def test_opening_a_room_of_an_open_title_takes_it_back() -> None:
    """With its questions and their results."""
    async with open_hall() as hall:
        async with teaching(hall) as first:
            question = await first.add(ASKED)
            async with seated(hall, first.board.room.code) as student:
                await student.answer("mean")
        async with teaching(hall) as second:
            assert second.board.room.code == first.board.room.code
            assert second.board.tallies[question.id].counts == {"a": 1, "b": 0}
            assert second.board.active == second.board.question(question.id)


async def test_results_are_exact_when_a_lock_returns() -> None:
    """Without waiting for the two-second bundle: the hall's clock stands still."""
    async with open_hall() as hall, teaching(hall) as instructor:
        question = await instructor.add(ASKED)
        async with seated(hall, instructor.board.room.code) as student:
            await student.answer("median")
            await instructor.set_lock(question.id, is_locked=True)
        assert instructor.board.tallies[question.id].counts == {"a": 0, "b": 1}
        assert instructor.board.question(question.id).is_locked


async def test_live_results_come_with_the_bundle() -> None:
    """Two seconds after the first vote."""
    async with open_hall() as hall, teaching(hall) as instructor:
        question = await instructor.add(ASKED)
        async with seated(hall, instructor.board.room.code) as student:
            await student.answer("median")
            assert instructor.board.tallies[question.id].total == 0
            hall.clock.advance(2)
            await shows(instructor, lambda board: board.tallies[question.id].total == 1)


async def test_presence_comes_by_itself() -> None:
    """Bundled as well."""
    async with open_hall() as hall, teaching(hall) as instructor, seated(hall, instructor.board.room.code):
        hall.clock.advance(2)
        await shows(instructor, lambda board: board.participants == 1)


async def test_what_another_panel_does_is_shown_here() -> None:
    """The sidebar's lock, for one."""
    async with open_hall() as hall, teaching(hall) as instructor:
        question = await instructor.add(ASKED)
        code = instructor.board.room.code
        await hall.ask("PUT", f"rooms/{code}/questions/{question.id}/lock", {"is_locked": True})
        await shows(instructor, lambda board: board.question(question.id).is_locked)


async def test_after_a_loss_the_board_is_read_again() -> None:
    """With what happened meanwhile."""
    async with open_hall() as hall, teaching(hall) as instructor:
        cut(hall, instructor.board.room.code)
        await shows(instructor, lambda board: board.status.state != "open")
        await hall.publish(instructor.board.room.code)
        await shows(instructor, lambda board: board.status.state == "open" and board.active is not None)


class Shaky(Api):
    """A server that is too busy to be read for so many times."""

    busy = 0

    async def room(self, code: str) -> RoomState:
        """The room, or a refusal."""
        if self.busy:
            self.busy -= 1
            raise Unavailable("The server cannot read this room at the moment.")
        return await super().room(code)


async def test_a_board_that_could_not_be_read_after_a_loss_is_read_again() -> None:
    """Until it shows what happened meanwhile; no further event is needed for it."""
    away = Absence()
    async with open_hall() as hall:
        api = Shaky(f"http://127.0.0.1:{hall.port}/", TOKEN)
        instructor = await Instructor.open(api, "Statistics 101", away.surroundings)
        cut(hall, instructor.board.room.code)
        await shows(instructor, lambda board: board.status.state == "reconnecting")
        await hall.publish(instructor.board.room.code)
        api.busy = 2
        away.end()
        await shows(instructor, lambda board: board.active is not None)
        assert api.busy == 0
        await instructor.leave()


class Counting(Api):
    """Counts how often the room is read; a reading waits while the test says so."""

    read = 0

    def __init__(self, base: str, token: str) -> None:
        super().__init__(base, token)
        self.began = asyncio.Event()
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()

    async def room(self, code: str) -> RoomState:
        """The room."""
        self.read += 1
        self.began.set()
        await self.may_go_on.wait()
        return await super().room(code)


async def test_however_often_a_server_tells_of_changes_one_reading_waits_for_its_turn() -> None:
    """A server may be hostile, or a script may add hundreds of drafts: no task and no request for each."""
    async with open_hall() as hall:
        api = Counting(f"http://127.0.0.1:{hall.port}/", TOKEN)
        instructor = await Instructor.open(api, "Statistics 101", HASTY)
        live = hall.service.hub.live(instructor.board.room.code)
        # The first reading after the welcome may still be under way.
        await instructor.read()
        api.may_go_on.clear()
        api.began.clear()
        before, tasks = api.read, len(asyncio.all_tasks())
        for _ in range(300):
            live.show_change()
        await hall.publish(instructor.board.room.code)
        await asyncio.wait_for(api.began.wait(), SECONDS)
        # An answer comes after all that was told before it.
        await hall.ask("GET", f"rooms/{instructor.board.room.code}")
        assert len(asyncio.all_tasks()) < tasks + 20
        api.may_go_on.set()
        await shows(instructor, lambda board: board.active is not None)
        assert api.read - before < 10
        await instructor.leave()


async def test_a_command_that_works_brings_back_a_connection_that_had_given_up() -> None:
    """The server is there again, so nobody has to press a button for the panel to be live."""
    hopeless = Surroundings(sleep=only_pings_wait, backoff=Backoff(tries=0))
    async with open_hall() as hall:
        api = Api(f"http://127.0.0.1:{hall.port}/", TOKEN)
        instructor = await Instructor.open(api, "Statistics 101", hopeless)
        cut(hall, instructor.board.room.code)
        await shows(instructor, lambda board: board.status.state == "failed")
        await instructor.add(ASKED)
        await shows(instructor, lambda board: board.status.state == "open")
        await instructor.leave()


class FullDisk(MemoryJournal):
    """A disk that is full while a test says so."""

    is_full = False

    async def commit(self, batch: Batch) -> None:
        """Keep the batch, or say what to do."""
        if self.is_full:
            raise JournalError("ENOSPC", "The disk is full. Make room.")
        await super().commit(batch)


async def test_a_disk_in_trouble_is_shown_and_told_until_it_is_over() -> None:
    """By the board, and by the command that was refused; what was asked before stays as it is."""
    disk = FullDisk()
    async with open_hall(LocalStore(disk)) as hall, teaching(hall) as instructor:
        question = await instructor.add(ASKED)
        disk.is_full = True
        with pytest.raises(Unavailable, match="disk is full"):
            await instructor.set_lock(question.id, is_locked=True)
        await shows(instructor, lambda board: board.trouble == "The disk is full. Make room.")
        await instructor.read()
        assert not instructor.board.question(question.id).is_locked
        disk.is_full = False
        await instructor.set_lock(question.id, is_locked=True)
        await shows(instructor, lambda board: board.trouble is None)


async def test_trouble_of_a_server_that_is_lost_is_not_shown_any_more() -> None:
    """The lost connection is; the server says it again when it is back."""
    away, disk = Absence(), FullDisk()
    async with open_hall(LocalStore(disk)) as hall:
        api = Api(f"http://127.0.0.1:{hall.port}/", TOKEN)
        instructor = await Instructor.open(api, "Statistics 101", away.surroundings)
        disk.is_full = True
        with pytest.raises(Unavailable):
            await instructor.add(ASKED)
        await shows(instructor, lambda board: board.trouble is not None)
        cut(hall, instructor.board.room.code)
        await shows(instructor, lambda board: board.status.state == "reconnecting")
        assert instructor.board.trouble is None
        away.end()
        await shows(instructor, lambda board: board.trouble is not None)
        await instructor.leave()


async def test_counts_of_another_history_are_not_compared_with_the_present_ones() -> None:
    """A server that was set up anew counts its revs from the beginning."""
    async with open_hall() as hall, teaching(hall) as instructor:
        question = await instructor.add(ASKED)
        known = instructor.board.tallies[question.id]
        instructor.board = replace(instructor.board, tallies={question.id: replace(known, rev=1000, total=1000)})
        cut(hall, instructor.board.room.code)
        hall.service.store.room(instructor.board.room.code).epoch = "another"
        await shows(instructor, lambda board: board.tallies.get(question.id, known).total == 0)


async def test_a_further_round_begins_at_zero() -> None:
    """And the old results are not shown for it."""
    async with open_hall() as hall, teaching(hall) as instructor:
        question = await instructor.add(ASKED)
        async with seated(hall, instructor.board.room.code) as student:
            await student.answer("median")
            await instructor.close(question.id)
            assert instructor.board.tallies[question.id].total == 1
            await instructor.publish(question.id)
        tally = instructor.board.tallies[question.id]
        assert (tally.round, tally.total) == (2, 0)


async def test_the_question_on_show_is_the_one_that_was_asked_last() -> None:
    """Also when none is active, whatever its place in the list."""
    async with open_hall() as hall, teaching(hall) as instructor:
        first, second = await instructor.add(ASKED), await instructor.add(ASKED)
        assert instructor.board.on_show == second.id
        await instructor.publish(first.id)
        await instructor.close(first.id)
        assert instructor.board.active is None
        assert instructor.board.on_show == first.id


async def test_the_servers_refusals_are_raised() -> None:
    """By their own class, with their own text."""
    async with open_hall() as hall, teaching(hall) as instructor:
        with pytest.raises(BadQuestion, match="at least two options"):
            await instructor.add(NewQuestion(text="Which?", options=["one"]))
        question = await instructor.add(ASKED)
        await instructor.reveal(question.id)
        with pytest.raises(AlreadyRevealed):
            await instructor.set_lock(question.id, is_locked=False)


async def test_a_wrong_token_is_refused_without_being_told_again() -> None:
    """Neither the error nor a repr repeats it."""
    async with open_hall() as hall:
        api = Api(f"http://127.0.0.1:{hall.port}/", "a-wrong-token")
        with pytest.raises(Unauthorized) as refused:
            await Instructor.open(api, "Statistics 101", HASTY)
        assert "a-wrong-token" not in str(refused.value) + repr(api)


async def test_a_command_to_a_server_that_is_gone_says_so() -> None:
    """With the address, and that nothing was done; it is not done later either."""
    async with open_hall() as hall:
        instructor = await Instructor.open(Api(f"http://127.0.0.1:{hall.port}/", TOKEN), "Statistics 101", HASTY)
        await instructor.leave()
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1.*Nothing was changed"):
        await instructor.add(ASKED)


async def test_a_command_whose_answer_was_lost_says_that_nobody_knows() -> None:
    """A server that takes the request and is gone."""

    async def take_and_go(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async with await asyncio.start_server(take_and_go, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Unreachable, match="Look whether it was done"):
            await Api(f"http://127.0.0.1:{port}/", TOKEN).reveal("K7WQ2M", "q1")


async def test_ending_the_room_is_shown_and_its_answers_stay() -> None:
    """Status and rows."""
    async with open_hall() as hall, teaching(hall) as instructor:
        await instructor.add(ASKED)
        async with seated(hall, instructor.board.room.code) as student:
            await student.answer("mean")
        await instructor.end()
        assert instructor.board.status.state == "ended"
        (row,) = await instructor.answers()
        assert (row.answer, row.correct, row.round) == ("a", True, 1)


async def test_a_room_that_was_ended_elsewhere_is_told_to_its_instructor() -> None:
    """Who ends rooms is not sent to ask for a code."""
    async with open_hall() as hall, teaching(hall) as instructor:
        await Api(f"http://127.0.0.1:{hall.port}/", TOKEN).end_room(instructor.board.room.code)
        await shows(instructor, lambda board: board.status.state == "ended")
        assert "LivePoll(title) opens a new one" in instructor.board.status.reason
