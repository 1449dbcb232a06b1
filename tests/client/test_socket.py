"""Opening a WebSocket to what is no livepoll server, or none that answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from doubles import SECONDS
from hall import open_hall

from livepoll_jupyter.client.errors import Unreachable
from livepoll_jupyter.client.socket import open_socket
from livepoll_jupyter.core.codec import decode_reason
from livepoll_jupyter.core.errors import NotFound


@asynccontextmanager
async def stranger(*, answers: bool) -> AsyncIterator[str]:
    """The address of something else, which hangs up or says nothing at all."""
    gone, left = asyncio.Event(), asyncio.Event()

    async def take(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not answers:
            await gone.wait()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        left.set()

    async with await asyncio.start_server(take, "127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/_ws?room=K7M2QX"
        gone.set()
        await asyncio.wait_for(left.wait(), SECONDS)


@pytest.mark.parametrize("answers", [True, False])
async def test_what_does_not_speak_our_language_is_nobody(answers: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
    """Worth another try; the address is told, without the room's code."""
    monkeypatch.setattr("livepoll_jupyter.client.socket.OPENING", 0.1)
    async with stranger(answers=answers) as url:
        with pytest.raises(Unreachable, match=r"127\.0\.0\.1:\d+/_ws\. Is it running") as nobody:
            await asyncio.wait_for(open_socket(url, {}), SECONDS)
    assert nobody.value.retry


async def test_a_servers_own_refusal_is_told() -> None:
    """By its class."""
    async with open_hall() as hall:
        with pytest.raises(NotFound):
            await open_socket(f"ws://127.0.0.1:{hall.port}/_ws?room=ZZZZZZ", {})


async def test_a_close_is_told_with_code_and_reason() -> None:
    """As the server gave them; frames before it come first."""
    async with open_hall() as hall:
        code = await hall.open_room()
        socket = await open_socket(f"ws://127.0.0.1:{hall.port}/_ws?room={code}", {})
        await socket.send('{"event": "hello", "data": {"v": 2}}')
        while '"snapshot"' not in str(await asyncio.wait_for(socket.receive(), SECONDS)):
            pass
        hall.service.hub.live(code).close(1012, "restart")
        assert await asyncio.wait_for(socket.receive(), SECONDS) is None
        assert socket.close_code == 1012
        assert decode_reason(socket.close_reason) is not None
        socket.close()
        with pytest.raises(Unreachable):
            await socket.send('"ping"')
