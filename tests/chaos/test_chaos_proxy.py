"""The bad network itself: it does what a fate says, after exactly so many bytes, and delivers nothing afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from proxy import CALM, LOOPBACK, Fate, Fault, Proxy

SECONDS = 10.0

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Wire:
    """A client and a server that are connected through a proxy with one fate."""

    def __init__(self, proxy: Proxy, client: Stream, server: Stream) -> None:
        self.proxy = proxy
        self.client, self.server = client, server

    async def said(self, reader: asyncio.StreamReader, number: int) -> bytes:
        """The next ``number`` bytes."""
        return await asyncio.wait_for(reader.readexactly(number), SECONDS)

    async def end_of(self, reader: asyncio.StreamReader) -> bytes | type[Exception]:
        """What comes until the connection ends, or the error that it ends with."""
        try:
            return await asyncio.wait_for(reader.read(), SECONDS)
        except ConnectionError as error:
            return type(error)


@asynccontextmanager
async def wire(fate: Fate = CALM) -> AsyncIterator[Wire]:
    """A connection that will meet ``fate``."""
    accepted: asyncio.Queue[Stream] = asyncio.Queue()
    listener = await asyncio.start_server(lambda *stream: accepted.put_nowait(stream), LOOPBACK, 0)
    async with Proxy(listener.sockets[0].getsockname()[1], lambda _: fate) as proxy:
        client = await asyncio.open_connection(LOOPBACK, proxy.port)
        server = await asyncio.wait_for(accepted.get(), SECONDS)
        try:
            yield Wire(proxy, client, server)
        finally:
            for _, writer in (client, server):
                writer.close()
    listener.close()


async def test_what_is_said_arrives_in_both_directions() -> None:
    """And a close at one end is a close at the other."""
    async with wire() as path:
        path.client[1].write(b"question")
        assert await path.said(path.server[0], 8) == b"question"
        path.server[1].write(b"answer")
        path.server[1].close()
        assert await path.end_of(path.client[0]) == b"answer"


@pytest.mark.parametrize("after", [0, 1, 5])
async def test_a_reset_strikes_after_exactly_so_many_bytes(after: int) -> None:
    """Both ends see it."""
    async with wire(Fate(faults=(Fault(kind="reset", direction="up", after=after),))) as path:
        path.client[1].write(b"question")
        assert await path.end_of(path.client[0]) is ConnectionResetError
        assert await path.end_of(path.server[0]) in {b"question"[:after], ConnectionResetError}
        assert path.proxy.faults == {"reset up, both told": 1}


async def test_a_finish_delivers_what_was_before_it() -> None:
    """Then both ends see an orderly end."""
    async with wire(Fate(faults=(Fault(kind="finish", direction="down", after=3),))) as path:
        path.server[1].write(b"answer")
        assert await path.end_of(path.client[0]) == b"ans"
        assert await path.end_of(path.server[0]) == b""


async def test_who_is_not_told_keeps_a_half_open_socket() -> None:
    """Nothing of what it says arrives, and nothing that was on its way comes later."""
    fault = Fault(kind="reset", direction="up", after=4, told="client", lasts=0.05)
    async with wire(Fate(faults=(fault,))) as path:
        path.client[1].write(b"question")
        assert await path.end_of(path.client[0]) is ConnectionResetError
        assert await path.said(path.server[0], 4) == b"ques"
        path.server[1].write(b"is anybody there?")
        assert await path.end_of(path.server[0]) is ConnectionResetError


async def test_a_hole_swallows_and_then_delivers() -> None:
    """In order, in both directions."""
    async with wire(Fate(faults=(Fault(kind="hole", direction="up", after=2, lasts=0.05),))) as path:
        path.server[1].write(b"answer")
        path.client[1].write(b"question")
        assert await path.said(path.server[0], 2) == b"qu"
        path.server[1].write(b"s")
        assert await path.said(path.client[0], 7) == b"answers"
        assert await path.said(path.server[0], 6) == b"estion"


async def test_what_a_hole_holds_is_lost_when_its_client_gives_up() -> None:
    """A late copy would be a vote from the past."""
    async with wire(Fate(faults=(Fault(kind="hole", direction="up", after=2, lasts=SECONDS),))) as path:
        path.client[1].write(b"question")
        assert await path.said(path.server[0], 2) == b"qu"
        path.client[1].close()
        assert await path.end_of(path.server[0]) in {b"", ConnectionResetError}


async def test_slices_are_whole_in_the_end() -> None:
    """Whatever their size."""
    async with wire(Fate(sliced=500, piece=3, delay=0.001)) as path:
        text = bytes(range(256)) * 4
        path.client[1].write(text)
        assert await path.said(path.server[0], len(text)) == text


async def test_faults_come_one_after_the_other() -> None:
    """Each is counted from the one before; one that is armed comes first."""
    faults = (Fault(kind="hole", direction="up", after=2), Fault(kind="finish", direction="up", after=3))
    async with wire(Fate(faults=faults)) as path:
        path.client[1].write(b"question")
        assert await path.said(path.server[0], 8) == b"question"
        path.client[1].write(b"answer")
        assert await path.end_of(path.server[0]) == b"ans"
    async with wire(Fate(faults=faults[1:])) as path:
        path.client[1].write(b"qu")
        await path.said(path.server[0], 2)
        assert path.proxy.newest is not None
        path.proxy.newest.arm(Fault(kind="finish", direction="up", after=1))
        path.client[1].write(b"estion")
        assert await path.end_of(path.server[0]) == b"e"


async def test_where_no_server_is_the_client_is_refused() -> None:
    """At once."""
    async with wire() as path:
        path.proxy.target = 1
        reader, writer = await asyncio.open_connection(LOOPBACK, path.proxy.port)
        assert await path.end_of(reader) in {b"", ConnectionResetError}
        writer.close()
