"""Phones that stop reading, over real sockets: they cost the others nothing, the server little, and end alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from asking import question
from hall import Hall, Socket, open_hall
from raw_phone import RawPhone, raw_phone
from raw_socket import PING, frame

from livepoll_jupyter.core.commands import AddQuestion, CastVote, SetLock
from livepoll_jupyter.server.outbox import MAX_OUTBOX
from livepoll_jupyter.server.peers import Peer
from livepoll_jupyter.server.rates import Rates
from livepoll_jupyter.server.wire_socket import SEND_BUFFER, SocketWire

OPTIONS = [f"{letter}{'x' * 900}" for letter in "abc"]

EVENT = 8 * 1024
"""Bytes that one question with these options takes at most on the wire, with those that close the one before."""


PATIENCE = 200
"""Questions after which a phone that reads nothing must long have been noticed."""


def small_phone(hall: Hall) -> AbstractAsyncContextManager[RawPhone]:
    """A phone whose system keeps little, so that the server's side fills up soon."""
    return raw_phone(hall.port, receive_buffer=8 * 1024)


class Lecture:
    """A hall in which one phone has stopped to read and another has not; control events follow one another."""

    def __init__(self, hall: Hall, code: str) -> None:
        self.hall = hall
        self.code = code
        self.asked = 0

    async def begin(self, phone: RawPhone) -> Peer:
        """Let ``phone`` say hello and then read nothing more; the server's side of it."""
        token = await self.hall.join(self.code)
        await phone.hello(token)
        (peer,) = self.hall.service.hub.live(self.code).peers.of(token.partition(".")[0])
        return peer

    async def ask(self) -> str:
        """Publish a long question; the one before is locked and closed by it."""
        self.asked += 1
        assert self.asked < PATIENCE, "the server has not noticed that nobody reads"
        name = f"q{self.asked}"
        asked = question(name, options=OPTIONS, correct=None)
        await self.hall.service.hub.ask(self.code, AddQuestion(asked, publish=True))
        return name

    async def until_busy(self, peer: Peer) -> None:
        """Ask until the systems between server and phone take no more; what waits then is too much for them."""
        while peer._outbox is None or peer._outbox.size < MAX_OUTBOX // 4:
            await self.ask()

    @property
    def seq(self) -> int:
        """The head of the control events."""
        return self.hall.service.store.room(self.code).seq


@asynccontextmanager
async def lecture_begun(rates: Rates | None = None) -> AsyncIterator[Lecture]:
    """A lecture in the default room of a hall."""
    async with open_hall(rates=rates) as hall:
        yield Lecture(hall, await hall.open_room())


def held(peer: Peer) -> int:
    """The bytes that this process holds for a peer: its outbox, and what could not be written yet."""
    wire = peer._transport
    assert isinstance(wire, SocketWire)
    return (peer._outbox.size if peer._outbox else 0) + wire.waiting


async def read_on(socket: Socket, seq: int) -> list[int]:
    """The numbers of the control events up to ``seq``."""
    seen: list[int] = []
    while not seen or seen[-1] != seq:
        message = await socket.receive()
        if "seq" in message and message["event"] != "snapshot":
            seen.append(message["seq"])
    return seen


async def test_newer_results_replace_older_ones_and_no_control_event_is_lost() -> None:
    """While it does not read, fifty bundles of results wait as one; when it reads again it has everything in order."""
    async with lecture_begun() as lecture, small_phone(lecture.hall) as phone:
        hall = lecture.hall
        peer = await lecture.begin(phone)
        await lecture.until_busy(peer)
        name = await lecture.ask()
        for rev in range(1, 51):
            await hall.service.hub.ask(lecture.code, CastVote("ada", name, 1, "ab"[rev % 2], f"op-{rev}", rev))
            hall.clock.advance(2.0)
            peer.was_heard = True
        await hall.service.hub.ask(lecture.code, SetLock(name, is_locked=True))
        seqs: list[int] = []
        revs: list[int] = []
        while not revs or revs[-1] != 50:
            message = await phone.event()
            if "seq" in message:
                seqs.append(message["seq"])
            if message["event"] == "results-update" and message["data"]["questionId"] == name:
                revs.append(message["rev"])
        assert seqs == list(range(1, lecture.seq + 1))
        assert len(revs) == 1


async def test_a_phone_that_reads_nothing_is_closed_alone_and_the_others_have_everything_meanwhile() -> None:
    """With 4409 beyond the limit. Until then the server holds no more than it says, from then on next to nothing."""
    async with lecture_begun() as lecture, small_phone(lecture.hall) as phone:
        hall = lecture.hall
        peer = await lecture.begin(phone)
        other = await hall.connect()
        await other.hello(await hall.join(lecture.code))
        most, seen = 0, 0
        while not peer.is_closed:
            await lecture.ask()
            most = max(most, held(peer))
            seen += len(await read_on(other, lecture.seq))
            assert seen == lecture.seq
        assert MAX_OUTBOX // 2 < most <= MAX_OUTBOX + EVENT
        assert held(peer) <= EVENT
        assert hall.service.hub.live(lecture.code).peers.participants == 1
        await lecture.ask()
        seen += len(await read_on(other, lecture.seq))
        assert seen == lecture.seq
        assert await phone.until_close() == (4409, {"reason": "too-slow"})


async def test_a_hundred_phones_that_read_nothing_cost_what_their_outboxes_may_hold() -> None:
    """The system keeps little for each; so the outbox sees at once who does not read, not after megabytes."""
    async with lecture_begun() as lecture, AsyncExitStack() as phones:
        hall = lecture.hall
        peers = [await lecture.begin(await phones.enter_async_context(small_phone(hall))) for _ in range(100)]
        sent = 0
        while not all(peer.is_closed for peer in peers):
            await lecture.ask()
            sent += EVENT // 2
            assert all(held(peer) <= MAX_OUTBOX + EVENT for peer in peers)
        assert sent <= MAX_OUTBOX + 8 * SEND_BUFFER
        assert sum(held(peer) for peer in peers) <= len(peers) * EVENT
        assert hall.service.hub.live(lecture.code).peers.participants == 0


async def test_a_phone_that_pings_and_reads_nothing_costs_no_more() -> None:
    """Of the answers that its system does not take the server keeps few: the newest would do (RFC 6455, 5.5.3)."""
    rates = Rates(message_burst=100_000)
    async with lecture_begun(rates) as lecture, small_phone(lecture.hall) as phone:
        hall, name = lecture.hall, await lecture.ask()
        token = await hall.join(lecture.code)
        await phone.hello(token)
        (peer,) = hall.service.hub.live(lecture.code).peers.of(token.partition(".")[0])
        other = await hall.connect()
        await other.hello(token)
        for _ in range(400):
            await phone.send_bytes(frame(PING, b"x" * 125) * 100)
        vote = {"questionId": name, "round": 1, "answer": "a", "op": "op-1", "rev": 1}
        await phone.send({"event": "vote", "data": vote})
        await other.until("my-vote")
        assert held(peer) <= MAX_OUTBOX


async def test_a_phone_that_goes_on_reading_after_a_pause_goes_on_as_before() -> None:
    """It was slow, not gone: it has every event once, and is served at once again."""
    async with lecture_begun() as lecture, small_phone(lecture.hall) as phone:
        peer = await lecture.begin(phone)
        for _ in range(3):
            await lecture.until_busy(peer)
            await lecture.ask()
            while (await phone.event()).get("seq") != lecture.seq:
                pass
        await phone.send("ping")
        await phone.until("pong")
        assert held(peer) == 0


async def test_what_is_kept_for_a_phone_that_vanished_is_let_go_of() -> None:
    """Its connection ends while its outbox is full: nothing of it stays."""
    async with lecture_begun() as lecture:
        hall = lecture.hall
        async with small_phone(hall) as phone:
            peer = await lecture.begin(phone)
            await lecture.until_busy(peer)
        other = await hall.connect()
        await other.hello(await hall.join(lecture.code))
        async with asyncio.timeout(10):
            while not peer.is_closed:
                await lecture.ask()
        assert held(peer) == 0
        assert len(hall.service.attendance) == 1
