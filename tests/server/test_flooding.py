"""Sockets that send without end: how much is done for them in one turn of the loop, and who has to wait for whom.

The tests count work, bytes and order; ``python -m benchmarks --flood`` measures what honest clients notice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from typing import Any

import pytest
from asking import question
from hall import Hall, open_hall
from places import deaf_client, on_every_kind, place
from raw_socket import CONTINUATION, PING, PONG, TEXT, UPGRADE, connected, frame, text
from tornado.httputil import HTTPHeaders
from tornado.websocket import WebSocketClosedError

from livepoll_jupyter.core.commands import AddQuestion
from livepoll_jupyter.core.messages import NewQuestion
from livepoll_jupyter.server import present, replay
from livepoll_jupyter.server.conversation import Conversation
from livepoll_jupyter.server.frames import FrameReader
from livepoll_jupyter.server.listener import ACCEPTED_AT_ONCE, ACCEPTED_BESIDE_VOTES, Listener
from livepoll_jupyter.server.live import SOCKETS
from livepoll_jupyter.server.rates import HELLO, HELLO_AGAIN, QUIET, Gate, Rates
from livepoll_jupyter.server.readiness import AT_ONCE, LATER_AT_ONCE, REQUESTS_AT_ONCE, Later
from livepoll_jupyter.server.replay import MAX_REPLAY
from livepoll_jupyter.server.web import ServiceHandler
from livepoll_jupyter.server.wire import NOISY_TURN, TURN
from livepoll_jupyter.server.wire_socket import SocketWire
from livepoll_jupyter.storage.local import LocalStore

HELLO_TEXT = {"event": "hello", "data": {"v": 2}}
EMPTY_FRAGMENTS = frame(TEXT, is_final=False) + frame(CONTINUATION, is_final=False) * 200 + frame(CONTINUATION, b"ping")

KINDS = {
    "ping": text("ping"),
    "RFC ping": frame(PING),
    "pong": frame(PONG),
    "hello": text(HELLO_TEXT),
    "empty fragments": EMPTY_FRAGMENTS,
    "no JSON": frame(TEXT, b"{"),
    "unknown event": text({"event": "sing", "data": {}}),
    "vote without a voice": text(
        {"event": "vote", "data": {"questionId": "q", "round": 1, "answer": "a", "op": "o", "rev": 1}}
    ),
}
FLOOD = 12 * 1024
"""Bytes that one read may bring."""


class Turns:
    """Counts what happens between two turns of the loop."""

    def __init__(self) -> None:
        self.now = 0
        self.most = 0
        self.all = 0

    def happened(self) -> None:
        """Count one."""
        self.now += 1
        self.all += 1
        self.most = max(self.most, self.now)

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Notice each turn."""

        async def begin_again() -> None:
            while True:
                self.now = 0
                await asyncio.sleep(0)

        watching = asyncio.ensure_future(begin_again())
        try:
            yield
        finally:
            watching.cancel()


def count_frames(monkeypatch: pytest.MonkeyPatch, turns: Turns) -> None:
    """Let ``turns`` count the frames that are read."""
    usual = FrameReader._take_frame

    def take(reader: FrameReader) -> Any:
        found = usual(reader)
        if found is not None:
            turns.happened()
        return found

    monkeypatch.setattr(FrameReader, "_take_frame", take)


@on_every_kind
@pytest.mark.parametrize("sent", KINDS)
async def test_a_read_full_of_messages_is_heard_in_many_turns(
    kind: str, sent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it is heard, a few frames in each turn of the loop."""
    turns = Turns()
    count_frames(monkeypatch, turns)
    flood = KINDS[sent] * (FLOOD // len(KINDS[sent]))
    async with place(kind) as here:
        here.hall.service.gate.rates.message_burst = 10**6
        async with here.socket() as raw:
            with turns.counted():
                await raw.send(flood + frame(PING, b"last"))
                while (await raw.frame()).payload != b"last":
                    pass
    assert turns.all >= FLOOD // len(KINDS[sent])
    assert turns.most <= TURN


@on_every_kind
async def test_what_was_kept_is_heard_in_order_and_before_what_comes_later(kind: str) -> None:
    """Pings with numbers, in three segments."""
    pings = [frame(PING, str(number).encode()) for number in range(600)]
    async with place(kind) as here, here.socket() as raw:
        await raw.send(*(b"".join(pings[first : first + 200]) for first in (0, 200, 400)))
        assert [int((await raw.frame()).payload) for _ in range(600)] == list(range(600))


async def test_a_hundred_sockets_that_flood_have_few_turns_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once they have sent more than a phone does; a vote beside them is acknowledged in between."""
    turns = Turns()
    async with open_hall(rates=Rates(message_burst=200)) as hall, AsyncExitStack() as sockets:
        code = await hall.open_room()
        asked = await hall.publish(code)
        voter = await hall.connect(f"?room={code}")
        await voter.hello(await hall.join(code))
        hostile = [await sockets.enter_async_context(connected(hall.port)) for _ in range(100)]
        for raw in hostile:
            await raw.shake_hands(f"/_ws?room={code}", UPGRADE)
            await raw.send(frame(PONG) * 100)
        await voter.send("ping")
        await voter.until("pong")
        count_frames(monkeypatch, turns)
        with turns.counted():
            for raw in hostile:
                await raw.send(frame(PONG) * 200)
            assert (await voter.vote(asked, "a"))["status"] == "accepted"
            for raw in hostile:
                await raw.until_close_frame()
    assert turns.most <= LATER_AT_ONCE * NOISY_TURN + 1


async def test_valid_votes_of_a_hundred_floods_are_decided_a_few_in_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is acknowledged in order; a vote beside them is acknowledged before most of them are decided."""
    turns, usual = Turns(), Conversation._vote

    def count(conversation: Conversation, vote: Any) -> None:
        turns.happened()
        usual(conversation, vote)

    async with open_hall() as hall, AsyncExitStack() as sockets:
        code = await hall.open_room()
        asked = await hall.publish(code)
        voter = await hall.connect(f"?room={code}")
        await voter.hello(await hall.join(code))
        hostile = [await sockets.enter_async_context(connected(hall.port)) for _ in range(100)]
        for raw in hostile:
            await raw.shake_hands(f"/_ws?room={code}", UPGRADE)
            await raw.send(text({"event": "hello", "data": {"v": 2, "token": await hall.join(code)}}))
            await raw.message("snapshot")
        monkeypatch.setattr(Conversation, "_vote", count)
        with turns.counted():
            for raw in hostile:
                votes = [
                    {"questionId": asked["id"], "round": 1, "answer": "a", "op": f"op-{rev}", "rev": rev}
                    for rev in range(1, 41)
                ]
                await raw.send(b"".join(text({"event": "vote", "data": vote}) for vote in votes))
            assert (await voter.vote(asked, "a"))["status"] == "accepted"
            decided = turns.all
            for raw in hostile:
                assert [(await raw.message("vote-ack"))["op"] for _ in range(40)] == [
                    f"op-{rev}" for rev in range(1, 41)
                ]
    assert turns.all == 4001
    assert decided < turns.all / 2
    # All become readable at once, and each has its first turn; after that it is a few of them in each turn.
    assert turns.most <= AT_ONCE * TURN + LATER_AT_ONCE * NOISY_TURN


async def test_callbacks_of_the_noisy_are_made_a_few_at_a_time_in_order() -> None:
    """One that fails costs the others nothing."""
    turns, later, called = Turns(), Later(), list[int]()
    done = asyncio.Event()
    failures: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, said: failures.append(said["exception"]))

    def call(number: int) -> None:
        turns.happened()
        called.append(number)
        if number == 99:
            done.set()
        if number == 50:
            raise ZeroDivisionError

    with turns.counted():
        for number in range(100):
            later.later(lambda number=number: call(number))  # type: ignore[misc]
        await asyncio.wait_for(done.wait(), 30)
    assert called == list(range(100))
    assert turns.most <= LATER_AT_ONCE
    assert [type(failure) for failure in failures] == [ZeroDivisionError]


async def test_connections_are_taken_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer than are looked after, or those who come and go would leave more and more to look after."""
    turns, usual = Turns(), Listener._take

    def take(listener: Listener, *connection: Any) -> None:
        turns.happened()
        usual(listener, *connection)

    monkeypatch.setattr(Listener, "_take", take)
    async with open_hall() as hall, AsyncExitStack() as sockets:
        with turns.counted():
            await asyncio.gather(*(sockets.enter_async_context(connected(hall.port)) for _ in range(100)))
            await hall.open_room()
    assert turns.all >= 100
    assert turns.most <= ACCEPTED_AT_ONCE < AT_ONCE


async def test_while_votes_are_committed_still_fewer_connections_are_taken_and_all_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A commit needs the interpreter several times; who connects and leaves in a loop would delay each of them."""
    turns, usual = Turns(), Listener._take

    def take(listener: Listener, *connection: Any) -> None:
        turns.happened()
        usual(listener, *connection)

    async with open_hall() as hall, AsyncExitStack() as sockets:
        await hall.open_room()
        monkeypatch.setattr(Listener, "_take", take)
        monkeypatch.setattr(LocalStore, "is_busy", True)
        with turns.counted():
            await asyncio.gather(*(sockets.enter_async_context(connected(hall.port)) for _ in range(100)))
            await hall.open_room()
    assert turns.all >= 100
    assert turns.most <= ACCEPTED_BESIDE_VOTES


async def test_requests_are_answered_a_few_in_each_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages and files that are asked for all at once; each is answered."""
    turns, usual = Turns(), ServiceHandler.prepare

    async def prepare(handler: ServiceHandler) -> None:
        turns.happened()
        await usual(handler)

    async with open_hall() as hall, AsyncExitStack() as waiting:
        code = await hall.open_room()
        monkeypatch.setattr(ServiceHandler, "prepare", prepare)
        sockets = [await waiting.enter_async_context(connected(hall.port)) for _ in range(40)]
        for raw in sockets:
            await raw.send(b"GET")
        await hall.fetch("GET", "no/such/thing")  # all of them were taken
        lines = (f" /{code}", " /assets/audience.js")
        ends = [f"{line} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode() for line in lines * 20]
        with turns.counted():
            for raw, end in zip(sockets, ends, strict=True):
                raw.send_now(end)
            assert [(await raw.rest()).split()[1] for raw in sockets] == [b"200"] * 40
    assert turns.all == 40
    assert turns.most <= REQUESTS_AT_ONCE


async def test_heads_are_parsed_a_few_in_each_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that end all at once; of a head of thousands of lines nothing is parsed."""
    turns, usual = Turns(), HTTPHeaders.parse

    def parse(*head: Any, **options: Any) -> HTTPHeaders:
        turns.happened()
        return usual(*head, **options)

    async with open_hall() as hall, AsyncExitStack() as waiting:
        sockets = [await waiting.enter_async_context(connected(hall.port)) for _ in range(40)]
        for raw in sockets:
            await raw.send(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n")
        await hall.fetch("GET", "no/such/thing")  # all of them were taken
        monkeypatch.setattr(HTTPHeaders, "parse", parse)
        with turns.counted():
            for number, raw in enumerate(sockets):
                raw.send_now(b"\r\n" if number % 2 else b"a:\r\n" * 2_000 + b"\r\n")
            assert [(await raw.rest()).split()[1] for raw in sockets] == [b"431", b"200"] * 20
    assert turns.all == 20
    assert turns.most <= REQUESTS_AT_ONCE


@pytest.mark.parametrize("path", ["a/b/c", "livepoll/api/nothing", "assets/nothing.js", "AAAAAA/"])
async def test_addresses_that_are_not_there_have_turns_too(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """A flood of them costs the others no more than a flood of pages."""
    turns, usual = Turns(), ServiceHandler.write_error

    def write_error(handler: ServiceHandler, status: int, **why: Any) -> None:
        turns.happened()
        usual(handler, status, **why)

    async with open_hall() as hall, AsyncExitStack() as waiting:
        await hall.open_room()
        sockets = [await waiting.enter_async_context(connected(hall.port)) for _ in range(40)]
        for raw in sockets:
            await raw.send(b"GET")
        await hall.fetch("GET", "livepoll/api/openapi.json")  # all of them were taken
        monkeypatch.setattr(ServiceHandler, "write_error", write_error)
        with turns.counted():
            for raw in sockets:
                raw.send_now(f" /{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
            for raw in sockets:
                await raw.rest()
    assert turns.most <= REQUESTS_AT_ONCE


@pytest.mark.parametrize("path", ["assets/audience.js", "a/b/c"])
async def test_of_a_connection_that_is_gone_no_more_requests_are_read(
    monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Nobody reads the answers; otherwise all that stand in the buffer would wait in front of everybody else's."""
    begun, usual = 0, ServiceHandler.initialize

    def initialize(handler: ServiceHandler, *arguments: Any, **named: Any) -> None:
        nonlocal begun
        begun += 1
        usual(handler, *arguments, **named)

    async with open_hall() as hall:
        await hall.open_room()
        monkeypatch.setattr(ServiceHandler, "initialize", initialize)
        for _ in range(20):
            async with connected(hall.port) as raw:
                raw.send_now(f"GET /{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode() * 100)
        for _ in range(5):
            assert (await hall.fetch("GET", "assets/audience.js")).code == 200
    assert begun <= 20 * 2 + 5


# ---------------------------------------------------------------- hello


async def begun(hall: Hall, number: int = 30, size: int = 100) -> str:
    """A room with so many control events behind it, and a few more."""
    code = await hall.open_room()
    for each in range(number // 3):
        options = ["a" * size, "b" * size]
        await hall.service.hub.ask(code, AddQuestion(question(f"q{each}", options=options, correct=None), publish=True))
    return code


def count_encoded(monkeypatch: pytest.MonkeyPatch, module: Any) -> list[Any]:
    """What that module makes frames of from now on."""
    encoded: list[Any] = []
    usual = module.frame_of

    def frame_of(event: Any) -> bytes:
        encoded.append(event)
        return bytes(usual(event))

    monkeypatch.setattr(module, "frame_of", frame_of)
    return encoded


async def test_who_resumes_again_and_again_has_nothing_encoded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each control event is encoded once for all, and sent with the others in one piece."""
    encoded = count_encoded(monkeypatch, replay)
    pieces: list[bytes] = []
    usual = SocketWire.send

    def note(wire: SocketWire, data: bytes) -> bool:
        pieces.append(data)
        return usual(wire, data)

    monkeypatch.setattr(SocketWire, "send", note)
    async with open_hall() as hall:
        code = await begun(hall)
        room = hall.service.store.room(code)
        for _ in range(5):
            socket = await hall.connect(f"?room={code}")
            pieces.clear()
            welcome = await socket.hello(resume={"epoch": room.epoch, "seq": 0})
            assert welcome["recovered"]
            seqs = [(await socket.receive())["seq"] for _ in range(room.seq)]
            assert seqs == list(range(1, room.seq + 1))
            assert len(pieces) == 1
        assert len(encoded) == room.seq
        await hall.publish(code)
        socket = await hall.connect(f"?room={code}")
        await socket.hello(resume={"epoch": room.epoch, "seq": 0})
        assert [event.seq for event in encoded] == list(range(1, room.seq + 1))


async def test_a_history_too_large_to_be_sent_is_not_encoded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size is known; the newcomer gets a snapshot, and the newest events can still be resumed."""
    encoded = count_encoded(monkeypatch, replay)
    async with open_hall() as hall:
        code = await begun(hall, 120, size=1000)
        room = hall.service.store.room(code)
        assert sum(len(event.data.text) for event in room.replay if isinstance(event, NewQuestion)) < MAX_REPLAY
        for _ in range(3):
            socket = await hall.connect(f"?room={code}")
            assert not (await socket.hello(resume={"epoch": room.epoch, "seq": 0}))["recovered"]
            assert len(encoded) == room.seq
        socket = await hall.connect(f"?room={code}")
        assert (await socket.hello(resume={"epoch": room.epoch, "seq": room.seq - 3}))["recovered"]
        assert len(encoded) == room.seq


async def test_a_snapshot_is_encoded_once_until_something_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """For all who ask for the present state; a vote, a control event or a newcomer makes another one."""
    encoded = count_encoded(monkeypatch, present)

    def made() -> int:
        return sum(type(event).__name__ == "SnapshotEvent" for event in encoded)

    async with open_hall() as hall:
        code = await hall.open_room()
        asked = await hall.publish(code)
        for _ in range(5):
            await (await hall.connect(f"?room={code}")).hello()
        assert made() == 1
        voter = await hall.connect(f"?room={code}")
        await voter.hello(await hall.join(code))
        assert (await voter.until("snapshot"))["data"]["participants"] == 1
        await voter.vote(asked, "a")
        await voter.hello()
        assert (await voter.until("snapshot"))["data"]["results"]["total"] == 1
        await hall.ask("PUT", f"rooms/{code}/questions/{asked['id']}/lock", {"is_locked": True})
        await voter.hello()
        assert (await voter.until("snapshot"))["data"]["question"]["is_locked"]
        assert made() == 4


@on_every_kind
async def test_for_who_says_hello_and_does_not_read_nothing_is_made(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest hello is answered, once, when what waits has been read; a vote is not held up by it."""
    async with deaf_client(kind) as (here, deaf):
        greeted: list[Any] = []
        usual = Conversation._answer

        def note(conversation: Conversation, *hello: Any) -> None:
            greeted.append(hello)
            usual(conversation, *hello)

        monkeypatch.setattr(Conversation, "_answer", note)
        asked = await here.hall.publish(here.code)
        token = await here.hall.join(here.code)
        # What waits in the outbox is known only when something more was to be written.
        await here.until(lambda: deaf.peer.is_busy)
        hello = {"event": "hello", "data": {"v": 2, "token": token}}
        await deaf.raw.send(text(hello), *(text(HELLO_TEXT) for _ in range(3)), text(hello))
        vote = {"questionId": asked["id"], "round": 1, "answer": "a", "op": "op-1", "rev": 1}
        await deaf.raw.send(text({"event": "vote", "data": vote}))
        room = here.hall.service.store.room(here.code)
        await here.until(lambda: room.rev == 1)
        assert greeted == []
        await deaf.read_on()
        assert (await deaf.raw.message("welcome"))["role"] == "participant"
        await deaf.raw.message("snapshot")
        assert len(greeted) == 1


async def test_hello_costs_as_much_as_many_messages_and_its_answer_what_it_weighs() -> None:
    """The second on one socket most of all. A page needs two: it may have got its token meanwhile."""
    async with open_hall(rates=Rates(message_burst=HELLO + HELLO_AGAIN + 1, messages_per_second=0.0)) as hall:
        code = await hall.open_room()
        socket = await hall.connect(f"?room={code}")
        await socket.hello()
        await socket.hello(await hall.join(code))
        await socket.send("ping")
        assert await socket.until_closed() == 4429
    async with open_hall(rates=Rates(message_burst=2 * HELLO, messages_per_second=0.0)) as hall:
        code = await begun(hall, 60, size=900)
        room = hall.service.store.room(code)
        socket = await hall.connect(f"?room={code}")
        await socket.hello(resume={"epoch": room.epoch, "seq": 0})
        await socket.send("ping")
        assert await socket.until_closed() == 4429


REFUSED_KINDS = {
    "no JSON": "{",
    "vote of a listener": '{"event":"vote","data":{"questionId":"q","round":1,"answer":"a","op":"o","rev":1}}',
    "vote for no question": '{"event":"vote","data":{"questionId":"q","round":1,"answer":"a","op":"o","rev":1}}',
}


@pytest.mark.parametrize("sent", REFUSED_KINDS)
async def test_a_refusal_counts_as_five_messages(sent: str) -> None:
    """Each is answered with a sentence of its own, at once: 100 sockets that ask for it are not heard like phones."""
    async with open_hall(rates=Rates(message_burst=HELLO + 50, messages_per_second=0.0)) as hall:
        code = await hall.open_room()
        socket = await hall.connect(f"?room={code}")
        await socket.hello(None if sent == "vote of a listener" else await hall.join(code))
        for _ in range(12):
            await socket.send(REFUSED_KINDS[sent])
        assert await socket.until_closed() == 4429


async def test_whoever_is_refused_again_and_again_has_turns_after_the_others() -> None:
    """Long before the limit at which the socket is closed."""
    gate = Gate(Rates())
    patient, refused = gate.allowance("address", 0.0), gate.allowance("address", 0.0)
    for allowance in (patient, refused):
        gate.identify(allowance, None, 0.0, has_vote=True)
        for _ in range(QUIET // 5 + 1):
            assert allowance.take(1, 0.0)
            if allowance is refused:
                allowance.refused()
    assert (patient.is_noisy, refused.is_noisy) == (False, True)


# ---------------------------------------------------------------- limits of a participant and of an address


async def test_who_comes_back_with_the_same_token_has_no_new_allowance() -> None:
    """A participant may send twice as much as one socket, over whatever number of sockets; others are not touched."""
    async with open_hall(rates=Rates(message_burst=100, messages_per_second=0.0)) as hall:
        code = await hall.open_room()
        token, other = await hall.join(code), await hall.join(code)
        codes = []
        for _ in range(5):
            socket = await hall.connect(f"?room={code}", Authorization=f"Bearer {token}")
            with suppress(WebSocketClosedError):
                for _ in range(60):
                    await socket.send('"ping"')
            socket.close()
            codes.append(await socket.until_closed())
        assert (4429 in codes[:3], codes[3:]) == (False, [4429, 4429])
        quiet = await hall.connect(f"?room={code}")
        assert (await quiet.hello(other))["role"] == "participant"


async def test_an_address_that_has_sent_too_much_loses_those_of_its_sockets_that_flood() -> None:
    """A phone behind the same address goes on: it sends no more than phones do."""
    async with open_hall(rates=Rates(address_message_burst=100, address_messages_per_second=0.0)) as hall:
        code = await hall.open_room()
        asked = await hall.publish(code)
        phone = await hall.connect(f"?room={code}")
        await phone.hello(await hall.join(code))
        noisy = await hall.connect(f"?room={code}")
        for _ in range(2 * QUIET):
            await noisy.send('"ping"')
        assert await noisy.until_closed() == 4429
        assert (await phone.vote(asked, "a"))["status"] == "accepted"
        newcomer = await hall.connect(f"?room={code}")
        assert (await newcomer.hello())["role"] == "listener"


async def test_a_participant_has_at_most_sixteen_sockets_and_the_oldest_gives_way() -> None:
    """Closed with 4504, after which a client does not come back by itself; other participants keep theirs."""
    async with open_hall() as hall:
        code = await hall.open_room()
        asked = await hall.publish(code)
        token = await hall.join(code)
        other = await hall.connect(f"?room={code}")
        await other.hello(await hall.join(code))
        sockets = []
        for number in range(SOCKETS + 3):
            headers = {"Authorization": f"Bearer {token}"} if number % 2 else {}
            sockets.append(await hall.connect(f"?room={code}", **headers))
            await sockets[-1].hello(token)
        assert [await socket.until_closed() for socket in sockets[:3]] == [4504] * 3
        peers = hall.service.hub.live(code).peers
        assert (len(peers.of(token.partition(".")[0])), peers.participants) == (SOCKETS, 2)
        for socket in (sockets[3], sockets[-1]):
            assert (await socket.vote(asked, "a", op=str(id(socket)), rev=sockets.index(socket)))[
                "status"
            ] == "accepted"
        assert (await other.vote(asked, "b"))["status"] == "accepted"
