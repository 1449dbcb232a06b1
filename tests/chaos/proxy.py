"""A bad network on one machine: a TCP proxy that delays, slices, swallows and cuts what goes through it.

What happens to a connection is its :class:`Fate`, which is drawn from a seeded source by whoever makes the proxy; after
how many bytes it strikes is part of it, so that cuts fall into the middle of frames. It knows bytes and no protocol.
Once a link is cut in whatever way, nothing that it still held is delivered later.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import Callable
from typing import Final, Literal, Self

from msgspec import Struct

Direction = Literal["up", "down"]
"""To the server, or to the client."""

Told = Literal["both", "client", "server"]

CHUNK: Final = 64 * 1024
LOOPBACK: Final = "127.0.0.1"
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)


class Fault(Struct, frozen=True, kw_only=True):
    """What happens once ``after`` bytes have gone in ``direction``.

    ``reset`` and ``finish`` end the connection by RST or FIN. Who is not ``told`` keeps a half-open socket for
    ``lasts`` seconds. A ``hole`` swallows both directions for ``lasts`` seconds and then delivers what it held.
    """

    kind: Literal["reset", "finish", "hole"]
    direction: Direction
    after: int
    told: Told = "both"
    lasts: float = 0.0

    @property
    def name(self) -> str:
        """What it is counted as."""
        return self.kind if self.kind == "hole" else f"{self.kind} {self.direction}, {self.told} told"


class Fate(Struct, frozen=True, kw_only=True):
    """All that a connection will meet: faults in turn, each counted from the one before it (and not what a hole held).

    Each piece waits ``delay`` seconds. The first ``sliced`` bytes of each direction go out ``piece`` by ``piece``.
    """

    faults: tuple[Fault, ...] = ()
    delay: float = 0.0
    sliced: int = 0
    piece: int = 1


CALM: Final = Fate()


class Side:
    """One of a link's two sockets."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self._writer = reader, writer
        self._socket: socket.socket = writer.get_extra_info("socket")
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def put(self, data: bytes) -> None:
        """Send as soon as the other end reads."""
        self._writer.write(data)

    async def write(self, data: bytes) -> None:
        """Send, and wait while the other end does not read."""
        self._writer.write(data)
        await self._writer.drain()

    def end(self, kind: str) -> None:
        """Close: by RST at once, or by FIN after what was written."""
        if kind == "reset" and self._socket.fileno() >= 0:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            self._writer.transport.abort()
        self._writer.close()


class Link:
    """A client's connection through the proxy, and what it is going to meet."""

    def __init__(self, client: Side, server: Side, fate: Fate, on_fault: Callable[[Fault], None]) -> None:
        self._sides: dict[str, Side] = {"client": client, "server": server}
        self._fate, self._on_fault = fate, on_fault
        self._coming = list(fate.faults)
        self._carried: dict[Direction, int] = {"up": 0, "down": 0}
        self._since: dict[Direction, int] = {"up": 0, "down": 0}
        self._held: dict[Direction, bytearray] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.is_over = False

    def arm(self, fault: Fault) -> None:
        """Let ``fault`` be the next one, counted from now on."""
        self._coming.insert(0, fault)
        self._since = dict(self._carried)

    async def run(self) -> None:
        """Carry both directions until the link is over."""
        async with asyncio.TaskGroup() as pumps:
            pumps.create_task(self._pump("up", "client", "server"))
            pumps.create_task(self._pump("down", "server", "client"))

    def end(self, kind: str = "reset", told: Told = "both") -> None:
        """Close one side or both; nothing is carried any more."""
        self.is_over = True
        for name, side in self._sides.items():
            if told in {"both", name}:
                side.end(kind)
        if told == "both" and self._timer:
            self._timer.cancel()

    async def _pump(self, direction: Direction, from_: str, to: str) -> None:
        try:
            while data := await self._sides[from_].reader.read(CHUNK):
                if not self.is_over:
                    await self._carry(direction, data, self._sides[to])
        except OSError:
            if not self.is_over:
                self.end()
        if not self.is_over:
            # What a hole holds when one end gives up is lost with the path.
            self.end("reset" if self._held is not None else "finish")

    async def _carry(self, direction: Direction, data: bytes, to: Side) -> None:
        if self._fate.delay:
            await asyncio.sleep(self._fate.delay)
        while data and not self.is_over:
            if self._held is not None:
                self._held[direction] += data
                return
            room = self._room(direction)
            await self._deliver(direction, data[:room], to)
            data = data[room:]
            if self._room(direction) == 0:
                self._strike()

    def _room(self, direction: Direction) -> int:
        """How many bytes may go before the next fault."""
        if not self._coming or self._coming[0].direction != direction:
            return CHUNK
        return max(0, self._coming[0].after - self._carried[direction] + self._since[direction])

    async def _deliver(self, direction: Direction, data: bytes, to: Side) -> None:
        while data and not self.is_over:
            is_sliced = self._carried[direction] < self._fate.sliced
            piece = data[: self._fate.piece] if is_sliced else data
            self._carried[direction] += len(piece)
            await to.write(piece)
            data = data[len(piece) :]
            if is_sliced:
                # The other end reads what there is before the next piece comes.
                await asyncio.sleep(0)

    def _strike(self) -> None:
        if self.is_over or not self._coming:
            return
        fault = self._coming.pop(0)
        self._since = dict(self._carried)
        loop = asyncio.get_running_loop()
        if fault.kind == "hole":
            self._held = {"up": bytearray(), "down": bytearray()}
            self._timer = loop.call_later(fault.lasts, self._light)
        else:
            self.end(fault.kind, fault.told)
            if fault.told != "both":
                self._timer = loop.call_later(fault.lasts, self.end)
        self._on_fault(fault)

    def _light(self) -> None:
        """The hole is over: deliver what it held."""
        held, self._held = self._held, None
        if held is not None and not self.is_over:
            self._sides["server"].put(bytes(held["up"]))
            self._sides["client"].put(bytes(held["down"]))


class Proxy:
    """A listener before the server on ``target``. ``fate_of`` draws the fate of the n-th connection, from 1.

    ``faults`` counts what has struck; ``on_fault`` hears of each.
    """

    def __init__(
        self,
        target: int,
        fate_of: Callable[[int], Fate] = lambda _number: CALM,
        on_fault: Callable[[Fault], None] = lambda _fault: None,
    ) -> None:
        self.target = target
        self.faults: Counter[str] = Counter()
        self.links: dict[int, Link] = {}
        self.opened = 0
        self._fate_of, self._on_fault = fate_of, on_fault
        self._running: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.start_server(self._accept, LOOPBACK, 0, backlog=1024)
        self.port: int = self._listener.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listener.close()
        for link in list(self.links.values()):
            link.end()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._listener.wait_closed()

    @property
    def newest(self) -> Link | None:
        """The link that was opened last, if it is still there."""
        return self.links.get(self.opened)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = Side(reader, writer)
        try:
            server = Side(*await asyncio.open_connection(LOOPBACK, self.target))
        except OSError:
            client.end("reset")
            return
        self.opened += 1
        number = self.opened
        link = self.links[number] = Link(client, server, self._fate_of(number), self._note)
        task = asyncio.current_task()
        if task:
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        try:
            await link.run()
        finally:
            link.end()
            del self.links[number]

    def _note(self, fault: Fault) -> None:
        self.faults[fault.name] += 1
        self._on_fault(fault)
