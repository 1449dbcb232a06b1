"""A hall behind one address that comes, votes and comes back at once: no broadcast per phone, no rate tripped."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hall import Hall, Socket, open_hall
from server_frames import payloads

from livepoll_jupyter.core.codec import decode_server
from livepoll_jupyter.server.open_files import raise_limit
from livepoll_jupyter.server.wire_socket import SocketWire

AT_ONCE = 50
"""Phones of which each does its next step without waiting for the others."""

TEXT_FRAME = 0x81
"""The first byte of what is neither the handshake's answer nor a control frame."""

GREETING = {"new-question": 1, "lock-status": 1, "results-update": 1, "welcome": 1, "snapshot": 1}
"""What a newcomer is sent: version 1's state, and once it has said hello version 2's."""


class Phone:
    """A student's phone, there or away."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.socket: Socket | None = None
        self.welcome: dict[str, Any] = {}


class Storm:
    """A hall of phones behind one address, and a count of all frames that the server has sent, by their events."""

    def __init__(self, hall: Hall, code: str, question: dict[str, Any], sent: Counter[str]) -> None:
        self.hall = hall
        self.code = code
        self.question = question
        self.phones: list[Phone] = []
        self._sent = sent

    def sent(self) -> dict[str, int]:
        """The frames since the last time this was asked."""
        found = dict(self._sent)
        self._sent.clear()
        return found

    async def join(self, _: int) -> None:
        """One more phone, which has its token and no socket yet."""
        self.phones.append(Phone(await self.hall.join(self.code)))

    async def come(self, number: int) -> None:
        """A phone opens its socket, again if it had one before."""
        phone = self.phones[number]
        resume = {"resume": {key: phone.welcome[key] for key in ("epoch", "seq")}} if phone.welcome else {}
        phone.socket = await self.hall.connect(f"?room={self.code}")
        phone.welcome = await phone.socket.hello(phone.token, **resume)
        assert phone.welcome["recovered"] is bool(resume)

    async def vote(self, number: int) -> None:
        """A phone votes."""
        socket = self.phones[number].socket
        assert socket is not None
        assert (await socket.vote(self.question, "ab"[number % 2]))["status"] == "accepted"

    async def leave(self, number: int) -> None:
        """A phone's connection ends."""
        socket = self.phones[number].socket
        assert socket is not None
        socket.close()
        await socket.until_closed()

    async def until_all_read(self, event: str) -> None:
        """Every phone has had the next event of that kind."""
        for phone in self.phones:
            assert phone.socket is not None
            await phone.socket.until(event)


async def all_at_once(step: Callable[[int], Awaitable[None]], size: int) -> None:
    """Every phone does that step, many at a time."""
    for first in range(0, size, AT_ONCE):
        await asyncio.gather(*(step(number) for number in range(first, min(size, first + AT_ONCE))))


@asynccontextmanager
async def storm(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Storm]:
    """A room with a question; what is sent is counted."""
    sent: Counter[str] = Counter()
    usual = SocketWire.send

    def count(wire: SocketWire, data: bytes) -> bool:
        if data[0] == TEXT_FRAME:
            sent.update(str(decode_server(payload).__struct_config__.tag) for payload in payloads(data))
        return usual(wire, data)

    monkeypatch.setattr(SocketWire, "send", count)
    raise_limit(logging.getLogger(__name__))
    async with open_hall() as hall:
        code = await hall.open_room()
        yield Storm(hall, code, await hall.publish(code), sent)


@pytest.mark.parametrize("size", [150, pytest.param(2000, marks=pytest.mark.long)])
async def test_a_hall_behind_one_address_comes_votes_and_comes_back(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Each phone is told what is its own; whatever happens in two seconds is told to everybody in one message."""
    async with storm(monkeypatch) as hall:
        await all_at_once(hall.join, size)
        await all_at_once(hall.come, size)
        assert hall.sent() == {event: size * number for event, number in GREETING.items()}
        hall.hall.clock.advance(2.0)
        await hall.until_all_read("presence")
        assert hall.sent() == {"presence": size}
        await all_at_once(hall.vote, size)
        assert hall.sent() == {"vote-ack": size}
        hall.hall.clock.advance(2.0)
        await hall.until_all_read("results-update")
        assert hall.sent() == {"results-update": size}
        await all_at_once(hall.leave, size)
        assert hall.sent() == {}
        await all_at_once(hall.come, size)
        version1 = {"new-question": size, "lock-status": size}
        assert hall.sent() == version1 | {"results-update": 2 * size, "welcome": size, "presence": size}
        answers = await hall.hall.service.store.answers(hall.code)
        assert len(answers) == size
