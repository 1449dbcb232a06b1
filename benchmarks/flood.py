"""What hostile sockets cost the honest: the same lecture quiet and attacked, in turn, for each kind of attack.

The server has its core, the honest clients and the attacker the other one; the attacker has the lowest priority there.
"""

from __future__ import annotations

import json
import math
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec
from msgspec import Struct

from . import work
from .build import FLEET, compiled
from .fleet import Fleet, Order
from .hostile import KINDS, Target, hello, upgrade
from .machine import CannotMeasure, Cores
from .ratios import shuffled, summary
from .report import cell, number, table
from .servers import Site
from .servers.ours import Standalone
from .work import Bench, Missed

HONEST: Final = 1_000
"""Honest peers, each of which votes once in a window."""

SPREAD_MS: Final = 1_500
"""In which they do, at random."""

SOCKETS: Final = 100
"""Hostile sockets."""

HISTORY: Final = 64
"""Rounds that were asked before: four control events each, as many as the server keeps."""

TIMES, MILLISECONDS = 3.0, 20.0
"""The goal: honest ack p99 at most so many times the quiet one, or so long, whichever is larger."""


class Pair(Struct, frozen=True):
    """One quiet and one attacked window: milliseconds until the ack; what the attacker did."""

    kind: str
    quiet_p50: float
    quiet_p99: float
    p50: float
    p99: float
    counts: dict[str, int]


def measure(kinds: Sequence[str], repetitions: int, cores: Cores, say: Callable[[str], None]) -> list[Pair]:
    """So many pairs of every kind; a new server for each repetition. Whoever stops it has those that are whole."""
    pairs: list[Pair] = []
    try:
        for repetition in range(repetitions):
            with lecture(cores) as bench:
                for kind in shuffled(kinds, repetition):
                    pairs.append(pair(bench, kind))
                    bench.fleet.quiet(work.BETWEEN_MS)
                    say(f"{repetition + 1} of {repetitions}: {line(pairs[-1])}")
    except KeyboardInterrupt:
        say("Stopped.")
    return pairs


def line(found: Pair) -> str:
    """A pair in a line."""
    return (
        f"{found.kind}: p50 {number(found.quiet_p50)} -> {number(found.p50)} ms, p99 {number(found.quiet_p99)} -> "
        f"{number(found.p99)} ms; {', '.join(f'{count:,} {name}' for name, count in found.counts.items())}"
    )


@contextmanager
def lecture(cores: Cores) -> Iterator[Bench]:
    """A server with its honest peers, and a history that can be resumed."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="livepoll-bench-")))
        server = stack.enter_context(Standalone(Site(cores, directory)))
        for _ in range(HISTORY):
            server.ask_again()
        fleet = stack.enter_context(Fleet(compiled("fleet", FLEET), directory, server.pid, server.port, server.door))
        bench = Bench(server, fleet, work.Effort(), HISTORY)
        work.connects(bench, range(HONEST))
        fleet.quiet(work.QUIET_MS)
        vote(bench)  # what is loaded once is loaded
        yield bench


def pair(bench: Bench, kind: str) -> Pair:
    """The same votes without and with the attack."""
    quiet = vote(bench)
    with attack(bench, kind) as counts:
        try:
            attacked = vote(bench)
        except Missed as missed:
            return Pair(kind, *quiet, math.inf, math.inf, {str(missed): 1})
    return Pair(kind, *quiet, *attacked, counts)


def vote(bench: Bench) -> tuple[float, float]:
    """Ask once more; everybody votes within :data:`SPREAD_MS`; then the round ends. Milliseconds, p50 and p99."""
    window = bench.publish(votes=1, after_event=True, spread_ms=SPREAD_MS)
    trigger = bench.server.close()
    if trigger is not None:
        bench.fleet.run(Order(expect="question-closed", trigger=trigger))
    if window.acks is None:
        raise Missed("Nobody has voted.")
    return window.acks.p50 / 1e3, window.acks.p99 / 1e3


@contextmanager
def attack(bench: Bench, kind: str) -> Iterator[dict[str, int]]:
    """Under attack; what the attacker has done is told at the end."""
    server = bench.server
    if not isinstance(server, Standalone):
        raise CannotMeasure("Only a server of ours can be attacked.")
    tokens, epoch = server.join(SOCKETS), epoch_of(server)
    # The round that the honest are asked next; the one that is closed is asked about by who votes too late.
    target = Target(
        kind, server.door, SOCKETS, server.code, tokens, server.question, bench.round + 1, server.large_question, epoch
    )
    counts: dict[str, int] = {}
    command = [sys.executable, "-m", "benchmarks.hostile"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("The attacker has no pipes.")
        process.stdin.write(msgspec.json.encode(target) + b"\n")
        process.stdin.flush()
        if not process.stdout.readline():
            raise CannotMeasure("The attacker has ended.")
        yield counts
        # What it has done up to now counts; it ends with its stdin.
        process.stdin.close()
        counts |= json.loads(process.stdout.readline() or "{}")


def epoch_of(server: Standalone) -> str:
    """The epoch of the room's history, as every socket is told it."""
    with socket.create_connection(("127.0.0.1", server.door), timeout=20) as own:
        own.sendall(upgrade(server.code, server.door) + hello())
        heard = b""
        while (found := re.search(rb'"epoch":"([^"]+)"', heard)) is None:
            heard += own.recv(65536)
    return found[1].decode()


def report(pairs: Sequence[Pair]) -> str:
    """A row for each kind."""
    rows = [
        ["100 hostile sockets", "quiet p50 ms", "attacked p50 ms", "quiet p99 ms", "attacked p99 ms", "p99 ratio", ""]
    ]
    for kind in KINDS:
        of_kind = [pair for pair in pairs if pair.kind == kind]
        if of_kind:
            rows.append([kind, *_cells(of_kind)])
    return table(rows)


def _cells(pairs: Sequence[Pair]) -> list[str]:
    figures: list[Any] = [
        summary([getattr(pair, name) for pair in pairs]) for name in ("quiet_p50", "p50", "quiet_p99", "p99")
    ]
    ratios = summary([pair.p99 / pair.quiet_p99 for pair in pairs])
    is_met = ratios.median <= TIMES or figures[3].median <= MILLISECONDS
    return [*map(cell, figures), cell(ratios), "met" if is_met else "missed"]
