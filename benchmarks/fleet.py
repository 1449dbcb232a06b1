"""The load generator as an object: lines to its stdin, one line of JSON back for each.

It knows what ``load/fleet.c`` understands and nothing of servers.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import msgspec
from msgspec import Struct

from .machine import CannotMeasure

KINDS: Final = ("new-question", "lock-status", "results-update", "vote-ack", "question-closed", "welcome")
"""In the order of ``enum kind``."""

T = TypeVar("T")


class Spread(Struct, frozen=True):
    """How many there were, and their times in microseconds."""

    n: int
    first: float
    p50: float
    p99: float
    last: float


class Connects(Struct, frozen=True):
    """What became of many connects; seconds from the first until the last was upgraded, and greeted."""

    opened: int
    failed: int
    greeted: int
    seconds: float
    greeting_seconds: float
    server_cpu: float
    busy: float
    handshakes: Spread | None


class Window(Struct, frozen=True):
    """What one window measured.

    ``missing`` counts what should have come and did not, and clients that are gone, ``wrong`` what came and should not
    have, or came twice. ``events`` and
    ``results`` are times since the trigger, ``acks`` since each vote. ``server_cpu`` is in seconds, ``busy`` the share
    of the time in which the load generator itself had work.
    """

    seconds: float
    missing: int
    accepted: int
    rejected: int
    wrong: int
    http_status: int
    server_cpu: float
    busy: float
    event_bytes: int
    voting_seconds: float
    events: Spread | None
    acks: Spread | None
    results: Spread | None


class Counts(Struct, frozen=True):
    """The fewest and the most messages that any open client has had."""

    open: int
    closed: int
    close_code: int
    new_question: tuple[int, int]
    lock_status: tuple[int, int]
    results: tuple[int, int]
    vote_ack: tuple[int, int]
    question_closed: tuple[int, int]


class Order(Struct, frozen=True, kw_only=True):
    """What happens in one window, and what it waits for; times in milliseconds.

    ``trigger`` is the HTTP request that starts it, sent at once or after so many acks. Each client casts ``votes``
    votes, one after the other's ack; with ``after_event`` the first only at a random time within ``spread_ms`` of the
    expected event. ``total`` is that of the results that every client must see in the end.
    """

    expect: str | None = None
    votes: int = 0
    after_event: bool = False
    spread_ms: int = 0
    total: int = 0
    trigger: bytes = b""
    trigger_after: int = 0
    question: str = "q"
    round: int = 1
    patience_ms: int = 60_000


class Fleet:
    """Clients of the server with that process id. Use it as a context; leaving it closes all of them.

    They come in by ``door``; what the instructor asks goes to ``port``.
    """

    def __init__(self, program: Path, directory: Path, server: int, port: int, door: int) -> None:
        self._command = [str(program), str(server), str(port)]
        self._directory = directory
        self._door = door

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def connect(
        self, seats: Sequence[str], *, in_flight: int = 256, has_small_buffers: bool = False, patience_ms: int = 90_000
    ) -> Connects:
        """Add a client for each of ``seats``, at most ``in_flight`` at a time."""
        path = self._directory / "seats"
        path.write_text("\n".join(seats) + "\n", encoding="utf-8")
        return self._ask(
            f"connect {path} {self._door} {in_flight} {int(has_small_buffers)} {patience_ms}", Connects
        )  # fmt: skip

    def run(self, order: Order) -> Window:
        """Measure one window."""
        return self._ask(line_of(order, self._trigger_file(order)), Window)

    def quiet(self, for_ms: int, patience_ms: int = 20_000) -> bool:
        """Wait until nothing has come for so long; False if it never was so quiet."""
        return bool(self._ask(f"quiet {for_ms} {patience_ms}", dict[str, Any])["is_quiet"])

    def stall(self) -> int:
        """Every 20th client stops reading; how many that are."""
        return int(self._ask("stall", dict[str, Any])["clients"])

    def resume(self) -> None:
        """They read again."""
        self._ask("resume", dict[str, Any])

    def counts(self) -> Counts:
        """What the clients have had so far."""
        return self._ask("counts", Counts)

    def _trigger_file(self, order: Order) -> Path | None:
        if not order.trigger:
            return None
        path = self._directory / "trigger"
        path.write_bytes(order.trigger)
        return path

    def _ask(self, line: str, answer: type[T]) -> T:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("The load generator has no pipes.")
        try:
            stdin.write(line.encode() + b"\n")
            stdin.flush()
            answered = stdout.readline()
        except BrokenPipeError:
            answered = b""
        if not answered:
            raise CannotMeasure("The load generator has ended; the server may have ended before it.")
        return msgspec.json.decode(answered, type=answer)


def line_of(order: Order, trigger: Path | None) -> str:
    """The order as the load generator reads it."""
    return " ".join(
        str(word)
        for word in (
            "run", -1 if order.expect is None else KINDS.index(order.expect), order.votes,
            "event" if order.after_event else "start", order.spread_ms, order.total, order.trigger_after,
            order.question, order.round, order.patience_ms, trigger or "-",
        )
    )  # fmt: skip
