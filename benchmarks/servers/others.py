"""The servers that ours is compared with, and the two limits."""

from __future__ import annotations

from collections.abc import Iterable

from .. import build
from .base import Server, free_port, python, request

SMALL, LARGE = 1024, 16 * 1024
"""Bytes of the two events."""


class Other(Server):
    """A server of ``benchmarks/others``: it prints its port and is asked by GET."""

    def become_ready(self) -> None:
        """Read the port."""
        self.port = int(self.first_line())

    def seats(self, numbers: Iterable[int]) -> list[str]:
        """A participant is whom the address names."""
        return [f"/_ws?participant={number}\t\t" for number in numbers]

    def publish(self, round_: int, *, is_large: bool = False) -> bytes:
        """Ask the question."""
        return request("GET", f"/publish?round={round_}&size={LARGE if is_large else SMALL}")

    def lock(self) -> bytes:
        """Stop the votes."""
        return request("GET", "/lock")


class CSendLoop(Other):
    """The limit."""

    name = "c-send-loop"
    title = "a C loop of `send(2)`, the limit"
    is_limit = True

    def command(self) -> list[str]:
        """The compiled program."""
        return [str(build.compiled("send_loop", build.SEND_LOOP))]


class PythonSendLoop(Other):
    """The limit in Python."""

    name = "python-send-loop"
    title = "a Python loop of `socket.send`"
    is_limit = True

    def command(self) -> list[str]:
        """The program."""
        return python("benchmarks.others.send_loop")


class NaiveTornado(Other):
    """Tornado as its examples have it."""

    name = "tornado"
    title = "Tornado `write_message` per handler"

    def command(self) -> list[str]:
        """The program."""
        return python("benchmarks.others.naive_tornado")


class Websockets(Other):
    """The ``websockets`` library."""

    name = "websockets"
    title = "Python `websockets` broadcast"

    def command(self) -> list[str]:
        """The program."""
        return python("benchmarks.others.websockets_broadcast")


class Nitro(Other):
    """The seed system's framework."""

    name = "nitro"
    title = "Nitro / crossws, per-peer loop"

    def command(self) -> list[str]:
        """The built app."""
        self.port = free_port()
        return [build.node(), str(build.nitro_app())]

    def environment(self) -> dict[str, str]:
        """Where it listens."""
        return {"NITRO_HOST": "127.0.0.1", "NITRO_PORT": str(self.port), "NODE_ENV": "production"}

    def become_ready(self) -> None:
        """Wait until it listens."""
        self.wait_for_port()
