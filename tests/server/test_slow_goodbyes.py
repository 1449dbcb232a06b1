"""How a connection ends whose client reads slowly: what is half written comes whole, and nobody waits for ever."""

from __future__ import annotations

import pytest
from places import deaf_client, on_every_kind, on_own_sockets
from raw_socket import PING, frame
from raw_socket import closing as close_frame

from livepoll_jupyter.server.attendance import FAREWELL
from livepoll_jupyter.server.wire_socket import SocketWire


def count_calls(monkeypatch: pytest.MonkeyPatch, name: str) -> list[SocketWire]:
    """The wires that were told of what ``name`` says, one for each time."""
    told: list[SocketWire] = []
    method = getattr(SocketWire, name)

    def note(wire: SocketWire) -> None:
        told.append(wire)
        method(wire)

    monkeypatch.setattr(SocketWire, name, note)
    return told


@on_own_sockets
async def test_once_all_is_written_the_loop_is_not_woken_for_room(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is always room in a socket that waits for nothing; to be told of it would keep a core busy."""
    woken = count_calls(monkeypatch, "writable")
    async with deaf_client(kind) as (here, client):
        await client.read_on()
        await here.until(lambda: not client.wire.is_busy)
        times = len(woken)
        assert times > 0
        await here.hall.fetch("GET", "")
        assert len(woken) == times


@on_every_kind
async def test_a_close_frame_goes_behind_what_is_half_written(kind: str) -> None:
    """Even a breach of the rules is answered by whole frames."""
    async with deaf_client(kind) as (here, client):
        await client.raw.send(frame(5))
        await here.until(lambda: client.peer.is_closed)
        await client.read_on()
        assert (await client.raw.until_closed()).code == 1002


@on_every_kind
async def test_who_says_goodbye_and_ends_its_side_has_what_waited(kind: str) -> None:
    """Whole frames, then the close frame and the end; nothing stays, though no time passes."""
    async with deaf_client(kind) as (here, client):
        await client.raw.send(close_frame(1000))
        client.raw.end()
        await here.until(lambda: client.peer.is_closed)
        await here.hall.fetch("GET", "")
        await client.read_on()
        assert (await client.raw.until_closed()).code == 1000
        client.raw.close()
        await here.until(lambda: len(here.hall.service.attendance) == 0)


@on_own_sockets
async def test_who_breaks_the_rules_and_ends_its_side_reads_why(kind: str) -> None:
    """It may be a program's mistake, and the reason is what tells its author."""
    async with deaf_client(kind) as (here, client):
        await client.raw.send(frame(5))
        client.raw.end()
        await here.until(lambda: client.peer.is_closed)
        await here.hall.fetch("GET", "")
        await client.read_on()
        assert (await client.raw.until_closed()).code == 1002
        await here.until(lambda: len(here.hall.service.attendance) == 0)


@on_every_kind
async def test_what_is_said_after_a_goodbye_costs_nothing_of_what_waited(kind: str) -> None:
    """It is thrown away: closing a socket with bytes unread would reset it, and a reset overtakes what waits."""
    async with deaf_client(kind) as (here, client):
        await client.raw.send(close_frame(1000))
        await here.until(lambda: client.peer.is_closed)
        await client.raw.send(frame(PING, b"there?"))
        await here.hall.fetch("GET", "")
        await client.read_on()
        assert (await client.raw.until_closed()).code == 1000


@on_own_sockets
async def test_an_end_that_was_heard_wakes_the_loop_no_more(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither while the client reads nothing nor while it reads on: an end is there to read for ever."""
    heard = count_calls(monkeypatch, "readable")
    async with deaf_client(kind) as (here, client):
        await client.raw.send(close_frame(1000))
        client.raw.end()
        await here.until(lambda: client.peer.is_closed)
        await here.hall.fetch("GET", "")
        assert len(heard) == 2
        await client.read_on()
        await client.raw.until_closed()
        assert len(heard) == 2


@on_every_kind
async def test_who_says_goodbye_and_never_reads_is_let_go_of_in_time(kind: str) -> None:
    """By the clock that is passed in, whether or not it has ended its side."""
    async with deaf_client(kind) as (here, client):
        await client.raw.send(close_frame(1000))
        client.raw.end()
        await here.until(lambda: client.peer.is_closed)
        await here.hall.fetch("GET", "")
        here.hall.clock.advance(FAREWELL / 2)
        assert len(here.hall.service.attendance) == 1
        here.hall.clock.advance(FAREWELL / 2)
        assert len(here.hall.service.attendance) == 0


@on_every_kind
async def test_who_breaks_off_after_its_goodbye_is_gone_at_once(kind: str) -> None:
    """Though nothing is read of it any more and no time passes."""
    async with deaf_client(kind) as (here, client):
        await client.raw.send(close_frame(1000))
        client.raw.end()
        await here.until(lambda: client.peer.is_closed)
        await here.hall.fetch("GET", "")
        assert len(here.hall.service.attendance) == 1
        client.raw.reset()
        await here.until(lambda: len(here.hall.service.attendance) == 0)


@on_every_kind
async def test_who_ends_its_side_with_no_goodbye_is_gone_at_once(kind: str) -> None:
    """As a program that was killed: what waited for it is forgotten."""
    async with deaf_client(kind) as (here, client):
        client.raw.end()
        await here.until(lambda: len(here.hall.service.attendance) == 0)
