"""How often one address or one peer may do what costs the server something.

The limits stand far above a hall of 10,000 phones behind one address, which may all join, vote and come back after a
restart within seconds. They stop programs that do nothing else.
"""

from __future__ import annotations

from traitlets import Float, Int
from traitlets.config import Configurable

from ..core.errors import TooMany

KEPT_ADDRESSES = 10_000


class Bucket:
    """A token bucket: ``burst`` at once, ``per_second`` in the long run. Times in seconds of a monotonic clock."""

    __slots__ = ("_burst", "_filled", "_level", "_per_second")

    def __init__(self, burst: int, per_second: float, now: float) -> None:
        self._burst = float(burst)
        self._per_second = per_second
        self._level = self._burst
        self._filled = now

    def level(self, now: float) -> float:
        """How many could be taken now."""
        if now > self._filled:
            self._level = min(self._burst, self._level + (now - self._filled) * self._per_second)
        self._filled = now
        return self._level

    def take(self, now: float) -> bool:
        """Take one; False if none was there."""
        has_one = self.level(now) >= 1
        self._level -= has_one
        return has_one

    def is_full(self, now: float) -> bool:
        """Whether forgetting the bucket would change nothing."""
        return self.level(now) >= self._burst


class Limit:
    """One bucket per address; addresses that have come to rest are forgotten."""

    def __init__(self, burst: int, per_second: float) -> None:
        self._burst = burst
        self._per_second = per_second
        self._buckets: dict[str, Bucket] = {}

    def take(self, address: str, now: float) -> bool:
        """Count one act of ``address``; False if it is one too many."""
        bucket = self._buckets.get(address) or self._new_bucket(address, now)
        return bucket.take(now)

    def is_spent(self, address: str, now: float) -> bool:
        """Whether the next act would be one too many; counts nothing."""
        held = self._buckets.get(address)
        return held is not None and held.level(now) < 1

    def _new_bucket(self, address: str, now: float) -> Bucket:
        if len(self._buckets) >= KEPT_ADDRESSES:
            self._forget_rested(now)
        made = self._buckets[address] = Bucket(self._burst, self._per_second, now)
        return made

    def _forget_rested(self, now: float) -> None:
        busy = {address: bucket for address, bucket in self._buckets.items() if not bucket.is_full(now)}
        self._buckets = dict(list(busy.items())[-KEPT_ADDRESSES // 2 :])


class Rates(Configurable):
    """The limits, as settings. Each is a burst and what is added to it per second."""

    join_burst = Int(
        50_000,
        min=1,
        help="How many joins and socket openings one address may make at once. Unit: joins; at least 1. The default "
        "lets 10,000 phones behind one address come back five times in a row.",
    ).tag(config=True)
    joins_per_second = Float(
        2_000.0,
        min=0.0,
        help="Joins and socket openings of one address in the long run. Unit: joins per second; 0 means that the burst "
        "is all there ever is.",
    ).tag(config=True)
    wrong_code_burst = Int(
        2_000,
        min=1,
        help="How many codes of no room one address may try at once; then that address must wait, with a right code "
        "too. Unit: codes; at least 1.",
    ).tag(config=True)
    wrong_codes_per_second = Float(
        5.0,
        min=0.0,
        help="Codes of no room that one address may try in the long run. Unit: codes per second; 0 means that the "
        "burst is all there ever is. There are 1,073 million codes.",
    ).tag(config=True)
    vote_burst = Int(
        100_000,
        min=1,
        help="How many votes one address may send at once; above it votes are rejected, to be sent again later. Unit: "
        "votes; at least 1. The default lets 10,000 phones behind one address change their minds ten times.",
    ).tag(config=True)
    votes_per_second = Float(
        10_000.0,
        min=0.0,
        help="Votes of one address in the long run. Unit: votes per second; 0 means that the burst is all there ever "
        "is.",
    ).tag(config=True)
    message_burst = Int(
        2_000,
        min=1,
        help="How many messages (votes and pings included) one socket may send at once; above it the socket is closed "
        "with 4429. Unit: messages; at least 1.",
    ).tag(config=True)
    messages_per_second = Float(
        100.0,
        min=0.0,
        help="Messages of one socket in the long run. Unit: messages per second; 0 means that the burst is all there "
        "ever is.",
    ).tag(config=True)

    def joins(self) -> Limit:
        """The limit on joins and socket openings per address."""
        return Limit(self.join_burst, self.joins_per_second)

    def wrong_codes(self) -> Limit:
        """The limit on wrong codes per address."""
        return Limit(self.wrong_code_burst, self.wrong_codes_per_second)

    def votes(self) -> Limit:
        """The limit on votes per address."""
        return Limit(self.vote_burst, self.votes_per_second)

    def messages(self, now: float) -> Bucket:
        """The limit of one socket."""
        return Bucket(self.message_burst, self.messages_per_second, now)


class Gate:
    """Counts what comes from addresses; raises :exc:`TooMany` above a limit."""

    def __init__(self, rates: Rates) -> None:
        self.rates = rates
        self._joins = rates.joins()
        self._wrong_codes = rates.wrong_codes()
        self._votes = rates.votes()

    def join(self, address: str, now: float) -> None:
        """Somebody joins or opens a socket."""
        if not self._joins.take(address, now):
            raise TooMany("Too many devices are joining from your network. Try again in a minute.")

    def before_code(self, address: str, now: float) -> None:
        """Somebody is about to try a code."""
        if self._wrong_codes.is_spent(address, now):
            raise TooMany("Too many wrong codes came from your network. Try again in a minute.")

    def wrong_code(self, address: str, now: float) -> None:
        """The code was of no room."""
        self._wrong_codes.take(address, now)

    def vote(self, address: str, now: float) -> None:
        """A vote came in."""
        if not self._votes.take(address, now):
            raise TooMany("Too many votes came from your network. Your answer was not counted; send it again.")
