"""The work: what is done to one server with one number of peers, and which figures come of it.

Each function drives a :class:`Bench` and returns figures by name. What a figure is compared with, and how good is good
enough, is told in ``goals``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Final

from msgspec import Struct

from .fleet import Connects, Fleet, Order, Window
from .panel import Panel
from .servers import Server

Figures = dict[str, float]

WARM: Final = 100
"""Peers that connect before anything is measured, so that what every server loads once is loaded."""

VOTES: Final = 20_000
"""Votes of a burst, at least; with fewer peers each votes several times, one vote after the other's ack."""

BURST: Final = 5_000
"""Votes that are under way while a lock is published, at least."""

WATCHED_MS: Final = 20_000
"""In which everybody votes while a panel watches; results go out ten times."""

QUIET_MS: Final = 2_300
"""Longer than a server gathers results or presence."""

BETWEEN_MS: Final = 50
"""Between two rounds: final results come behind the event that ends one, and take as long to come to thousands."""

SETTLED_MS: Final = 300
"""Enough for what leaves at once."""

STALLS: Final = 3
"""How often readers stall and read on, so that what the machine does meanwhile is not taken for what they do."""

FILL: Final = 14
"""Events of 16 KB that stalled readers leave lying: more than the system buffers, less than a peer is closed for."""


class Effort(Struct, frozen=True):
    """How often what is over in a moment is done in one session."""

    rounds: int = 15
    bursts: int = 3
    lock_rounds: int = 5


class Missed(Exception):
    """Something that should have come did not, so no figure of this session counts."""


class Bench:
    """One server, its clients, and the number of the present round."""

    def __init__(self, server: Server, fleet: Fleet, effort: Effort, round_: int = 0) -> None:
        self.server = server
        self.fleet = fleet
        self.effort = effort
        self.round = round_

    def publish(self, **order: int | bool) -> Window:
        """Ask the question again; the window waits until everybody has it, and for what ``order`` adds."""
        self.round += 1
        trigger = self.server.publish(self.round)
        return self._checked(Order(**self._round(), expect="new-question", trigger=trigger, **order))  # type: ignore[arg-type]

    def vote(self, each: int, lock_after: int = 0) -> Window:
        """Everybody votes at once, ``each`` times; with ``lock_after`` the question is locked after so many acks."""
        if not lock_after:
            return self._checked(Order(**self._round(), votes=each))  # type: ignore[arg-type]
        trigger, expect = self.server.lock(), "lock-status"
        order = Order(**self._round(), votes=each, trigger=trigger, trigger_after=lock_after, expect=expect)  # type: ignore[arg-type]
        return self._checked(order)

    def lock(self) -> Window:
        """Lock the question; the window waits until everybody knows."""
        return self._checked(Order(expect="lock-status", trigger=self.server.lock()))

    def count(self, answers: int) -> None:
        """Lock the question; the window waits until everybody has heard of so many answers, no more and no less."""
        self._checked(Order(expect="lock-status", trigger=self.server.lock(), total=answers))

    def end_round(self) -> None:
        """Close the question where a server needs that before the next round, and wait until all of it has come."""
        trigger = self.server.close()
        if trigger is not None:
            self._checked(Order(expect="question-closed", trigger=trigger))
        self.fleet.quiet(BETWEEN_MS)

    def fill(self) -> None:
        """Events of 16 KB, which those who read take in."""
        for _ in range(FILL):
            trigger = self.server.publish(self.round, is_large=True)
            self._checked(Order(expect="new-question", trigger=trigger))
            self.end_round()

    def _round(self) -> dict[str, str | int]:
        return {"question": self.server.question, "round": self.round}

    def _checked(self, order: Order) -> Window:
        window = self.fleet.run(order)
        problems = f"{window.missing} missing, {window.wrong} wrong, HTTP {window.http_status}"
        has_failed = window.http_status not in {0, 200}
        if window.missing or window.wrong or has_failed:
            raise Missed(f"{self.server.name}, {order.expect or 'votes'}: {problems}")
        return window


def connects(
    bench: Bench, numbers: Iterable[int], *, in_flight: int = 256, has_small_buffers: bool = False
) -> Connects:
    """Seat the clients of those numbers; raises :exc:`Missed` if one did not get in."""
    seats = bench.server.seats(numbers)
    done = bench.fleet.connect(seats, in_flight=in_flight, has_small_buffers=has_small_buffers)
    if done.failed or done.opened != len(seats):
        raise Missed(f"{bench.server.name}: {done.failed} of {len(seats)} clients did not get in")
    return done


def storm(bench: Bench, peers: int) -> Figures:
    """Everybody connects at once, and the memory that they then hold while nothing happens."""
    bench.fleet.quiet(SETTLED_MS)
    before = bench.server.resident_bytes()
    done = connects(bench, range(WARM, peers), in_flight=peers)
    bench.fleet.quiet(QUIET_MS)
    spread = done.handshakes
    return {
        "handshakes_per_s": done.opened / done.seconds,
        "handshake_p99_ms": spread.p99 / 1e3 if spread else 0.0,
        "storm_s": done.seconds,
        "greeting_s": done.greeting_seconds,
        "idle_kb": (bench.server.resident_bytes() - before) / done.opened / 1024,
        "busy_storm": done.busy,
    }


def event(bench: Bench) -> Window:
    """One event of 1 KB to everybody."""
    window = bench.publish()
    bench.end_round()
    return window


def fan_out(windows: Sequence[Window], peers: int, alone: float) -> Figures:
    """What so many events came to; ``alone`` is the CPU of one to a single peer: the cost before the first message."""
    return {
        "publish_cpu_ms": alone * 1e3,
        "fanout_cpu_us": (server_cpu(windows) - alone) / (peers - 1) * 1e6,
        "fanout_last_ms": median(last_ms(window) for window in windows),
        "fanout_p99_ms": median(p99_ms(window) for window in windows),
        "event_bytes": windows[-1].event_bytes,
        "busy_fanout": median(window.busy for window in windows),
    }


def vote_burst(bench: Bench, peers: int) -> Window:
    """Everybody votes at once, and again after each ack; results go out meanwhile, and in the end count each once."""
    bench.publish()
    window = bench.vote(each=max(1, -(-VOTES // peers)))
    if window.rejected:
        raise Missed(f"{bench.server.name}: {window.rejected} votes were rejected")
    if bench.server.has_rooms:
        bench.count(peers)
    bench.fleet.quiet(QUIET_MS)
    bench.end_round()
    return window


def votes(windows: Sequence[Window]) -> Figures:
    """What so many bursts came to."""
    acks = [window.acks for window in windows if window.acks]
    return {
        "votes_per_s": median(window.accepted / window.voting_seconds for window in windows),
        "vote_cpu_us": median(window.server_cpu / window.accepted * 1e6 for window in windows),
        "vote_ack_p50_ms": median(spread.p50 / 1e3 for spread in acks),
        "vote_ack_p99_ms": median(spread.p99 / 1e3 for spread in acks),
        "busy_votes": median(window.busy for window in windows),
    }


def lecture(bench: Bench, peers: int) -> Figures:
    """A question; everybody votes within two seconds of seeing it; results go out until everybody sees all votes."""
    window = bench.publish(votes=1, after_event=True, spread_ms=2_000, total=peers)
    bench.fleet.quiet(QUIET_MS)
    bench.end_round()
    acks, results = window.acks, window.results
    return {
        "lecture_last_ms": last_ms(window),
        "lecture_ack_p50_ms": acks.p50 / 1e3 if acks else 0.0,
        "lecture_ack_p99_ms": acks.p99 / 1e3 if acks else 0.0,
        "lecture_results_spread_ms": (results.last - results.first) / 1e3 if results else 0.0,
        "lecture_cpu_s": window.server_cpu,
        "busy_lecture": window.busy,
    }


def watched(bench: Bench, panel: Panel, peers: int) -> Figures:
    """Everybody comes, votes within twenty seconds and sees the end of it; what does that cost who watches?"""
    since = panel.watch()
    connects(bench, range(peers))
    bench.publish(votes=1, after_event=True, spread_ms=WATCHED_MS, total=peers)
    panel.has_seen(peers)
    bench.end_round()
    bench.fleet.quiet(QUIET_MS)
    return {"panel_percent": since.share_until(panel.watch())}


def lock_in_burst(bench: Bench, peers: int) -> Figures:
    """A lock while votes pour in, against the same lock with nothing else to do."""
    each = max(1, -(-BURST // peers))
    alone, crowded = [], []
    for _ in range(bench.effort.lock_rounds):
        bench.publish()
        alone.append(last_ms(bench.lock()))
        bench.end_round()
        bench.publish()
        crowded.append(last_ms(bench.vote(each, lock_after=each * peers // 10)))
        bench.fleet.quiet(QUIET_MS)
        bench.end_round()
    calm, busy = median(alone), median(crowded)
    return {"lock_ms": calm, "lock_in_burst_ms": busy, "lock_ratio": busy / calm}


def stalled(bench: Bench) -> Figures:
    """One reader in twenty stops reading until its buffers are full, and reads on; what becomes of the others' p99?"""
    rounds = bench.effort.rounds // STALLS
    calm: list[float] = []
    crowded: list[float] = []
    for _ in range(STALLS):
        bench.fleet.quiet(QUIET_MS)
        bench.fill()  # what has just been sent makes the next event faster or slower, whoever reads
        calm += [p99_ms(event(bench)) for _ in range(rounds)]
        bench.fleet.stall()
        bench.fill()
        crowded += [p99_ms(event(bench)) for _ in range(rounds)]
        bench.fleet.resume()
    bench.fleet.quiet(QUIET_MS)
    counts = bench.fleet.counts()
    if counts.new_question[0] != counts.new_question[1]:
        raise Missed(f"{bench.server.name}: a reader that had stalled has not had every event: {counts}")
    return {
        "stalled_p99_ms": median(crowded),
        "calm_p99_ms": median(calm),
        "stalled_ratio": median(crowded) / median(calm),
        "stalled_closed": counts.closed,
    }


def server_cpu(windows: Sequence[Window]) -> float:
    """Seconds of CPU that the server takes."""
    return median(window.server_cpu for window in windows)


def last_ms(window: Window) -> float:
    """When the last peer had the event, since the trigger."""
    return window.events.last / 1e3 if window.events else 0.0


def p99_ms(window: Window) -> float:
    """When all but one in a hundred had it."""
    return window.events.p99 / 1e3 if window.events else 0.0
