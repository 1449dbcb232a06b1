"""Answers that grow with a room leave the server in short pieces, and votes are acknowledged between them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator
from contextlib import ExitStack

import msgspec
import pytest
from hall import SECONDS, TOKEN, WALL, open_hall
from tornado.httpclient import HTTPClientError
from tornado.simple_httpclient import HTTPStreamClosedError

from livepoll_jupyter.core.errors import TooMany, Unavailable
from livepoll_jupyter.core.rest import AnswerRecord, RoomSummary
from livepoll_jupyter.server import lists
from livepoll_jupyter.server.lists import AT_ONCE, Pace, csv_lines, json_list
from livepoll_jupyter.storage.base import AnswerRow
from livepoll_jupyter.storage.journal import ROWS_AT_ONCE
from livepoll_jupyter.storage.memory import MemoryStore


class ManyAnswers(MemoryStore):
    """Has so many answers to whatever was asked first; after ``fails_after`` lists nothing can be read any more."""

    def __init__(self, count: int, fails_after: int = 10_000) -> None:
        super().__init__()
        self.count = count
        self.fails_after = fails_after
        self.taken = 0

    async def stream_answers(self, code: str) -> AsyncGenerator[list[AnswerRow], None]:
        """The answers, in lists as long as a store may give."""
        asked = next(iter(self.room(code).questions))
        for start in range(0, self.count, ROWS_AT_ONCE):
            if self.taken == self.fails_after:
                raise Unavailable("The disk is gone.")
            self.taken += 1
            yield [
                AnswerRow(participant=f"p{number}", questionId=asked, round=1, answer="a", rev=1, at=WALL)
                for number in range(start, min(start + ROWS_AT_ONCE, self.count))
            ]


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many records were encoded in one go, each time."""
    counts: list[int] = []
    usual = msgspec.json.encode

    class Json:
        """The module's encoder, counting."""

        @staticmethod
        def encode(items: list[object]) -> bytes:
            """Encode and count."""
            counts.append(len(items))
            return usual(items)

    class Counting:
        """Stands for msgspec in ``lists``."""

        json = Json
        to_builtins = staticmethod(msgspec.to_builtins)

    with ExitStack():
        monkeypatch.setattr(lists, "msgspec", Counting)
        yield counts


async def test_the_loop_is_never_handed_more_than_a_short_list_at_once(encoded: list[int]) -> None:
    """And what arrives is one whole JSON array."""
    async with open_hall(ManyAnswers(ROWS_AT_ONCE * 3 + 1)) as hall:
        code = await hall.open_room()
        await hall.publish(code)
        encoded.clear()
        rows = msgspec.json.decode((await hall.ask("GET", f"rooms/{code}/answers")).body, type=list[AnswerRecord])
    assert [row.participant for row in rows] == [f"p{number}" for number in range(ROWS_AT_ONCE * 3 + 1)]
    assert encoded == [ROWS_AT_ONCE] * 3 + [1]


async def test_thousands_of_rooms_are_listed_in_short_pieces(encoded: list[int]) -> None:
    """And nothing is made for rooms that nobody is in."""
    async with open_hall() as hall:
        await hall.service.open()
        for number in range(ROWS_AT_ONCE * 2 + 5):
            await hall.service.open_room(f"Room {number}")
        encoded.clear()
        rooms = msgspec.json.decode((await hall.ask("GET", "rooms")).body, type=list[RoomSummary])
        assert [room.title for room in rooms] == [f"Room {number}" for number in range(ROWS_AT_ONCE * 2 + 5)]
        assert encoded == [ROWS_AT_ONCE] * 2 + [5]
        assert not hall.service.hub._live


async def test_votes_are_acknowledged_while_many_download(encoded: list[int]) -> None:
    """At most one piece is made between two of them, however many downloads there are."""
    store = ManyAnswers(ROWS_AT_ONCE * 200)
    async with open_hall(store) as hall:
        code = await hall.open_room()
        question = await hall.publish(code)
        phone = await hall.connect(f"?room={code}")
        await phone.hello(await hall.join(code))
        downloads = [asyncio.ensure_future(hall.ask("GET", f"rooms/{code}/answers")) for _ in range(5)]
        while store.taken < 5:
            await phone.send("ping")
            await phone.until("pong")
        for rev in range(1, 11):
            assert (await phone.vote(question, "ab"[rev % 2], op=f"op-{rev}", rev=rev))["status"] == "accepted"
        assert not any(download.done() for download in downloads)
        for download in downloads:
            download.cancel()
        await asyncio.gather(*downloads, return_exceptions=True)
        assert max(encoded) <= ROWS_AT_ONCE


async def test_an_answer_that_cannot_be_read_to_its_end_is_no_answer() -> None:
    """The connection is closed, so that nobody takes a part for the whole; the next one works."""
    store = ManyAnswers(ROWS_AT_ONCE * 3, fails_after=1)
    async with open_hall(store) as hall:
        code = await hall.open_room()
        await hall.publish(code)
        with pytest.raises((HTTPClientError, HTTPStreamClosedError)):
            await hall.ask("GET", f"rooms/{code}/answers")
        store.taken, store.fails_after = 0, 10_000
        assert len(json.loads((await hall.ask("GET", f"rooms/{code}/answers")).body)) == ROWS_AT_ONCE * 3


async def test_an_answer_that_cannot_be_read_at_all_is_refused() -> None:
    """With a status, as nothing was sent yet."""
    async with open_hall(ManyAnswers(1, fails_after=0)) as hall:
        code = await hall.open_room()
        await hall.publish(code)
        answer = await hall.ask("GET", f"rooms/{code}/answers")
        assert (answer.code, json.loads(answer.body)["message"]) == (503, "The disk is gone.")
        assert (await hall.ask("GET", "rooms/NOTHIN/answers")).code in {404, 503}


class NeverAnswers(MemoryStore):
    """Begins to read, and does not come to an end; ``given_up`` is set when it is told to stop."""

    def __init__(self) -> None:
        super().__init__()
        self.reading = asyncio.Event()
        self.given_up = asyncio.Event()

    async def stream_answers(self, code: str) -> AsyncGenerator[list[AnswerRow], None]:
        """Wait."""
        self.room(code)
        self.reading.set()
        try:
            await asyncio.Event().wait()
            yield []
        finally:
            self.given_up.set()


async def test_an_answer_that_nobody_waits_for_any_more_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    """Before its first piece too, and with no error in the log."""
    store = NeverAnswers()
    async with open_hall(store) as hall:
        code = await hall.open_room()
        _, writer = await asyncio.open_connection("127.0.0.1", hall.port)
        head = f"GET /livepoll/api/rooms/{code}/answers HTTP/1.1", "Host: x", f"Authorization: Bearer {TOKEN}", "", ""
        writer.write("\r\n".join(head).encode())
        await asyncio.wait_for(store.reading.wait(), SECONDS)
        writer.close()
        await asyncio.wait_for(store.given_up.wait(), SECONDS)
        assert hall.service.pace._running in {0, 1}
        await hall.ask("GET", "rooms")
        assert hall.service.pace._running == 0
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def pieces(count: int) -> AsyncGenerator[bytes, None]:
    """So many pieces."""
    for number in range(count):
        yield b"%d" % number


async def test_pieces_of_many_answers_take_turns_and_too_many_are_refused() -> None:
    """A slow reader holds a place; once it is gone there is room again."""
    pace = Pace()
    waiting = [pace.paced(pieces(3)) for _ in range(AT_ONCE)]
    for each in waiting:
        assert await asyncio.wait_for(anext(each), SECONDS) == b"0"
    with pytest.raises(TooMany):
        await anext(pace.paced(pieces(1)))
    await waiting[0].aclose()
    assert [piece async for piece in pace.paced(pieces(2))] == [b"0", b"1"]
    assert [piece async for piece in waiting[1]] == [b"1", b"2"]


async def nothing() -> AsyncGenerator[list[AnswerRecord], None]:
    """No answers at all."""
    return
    yield []


async def test_no_answers_are_an_empty_list_or_a_line_of_names() -> None:
    """In both forms."""
    assert [piece async for piece in json_list(nothing())] == [b"[]"]
    assert [piece async for piece in csv_lines(["a", "b"], nothing())] == [b"\xef\xbb\xbfa,b\r\n"]
