"""How often one address or one peer may do what costs the server something.

The limits stand far above a hall of 10,000 phones behind one address, which may all join, vote and come back after a
restart within seconds. They stop programs that do nothing else.
"""

from __future__ import annotations

from traitlets import Float, Int
from traitlets.config import Configurable

from ..core.errors import TooMany

KEPT_ADDRESSES = 10_000
"""Addresses of which it is known what they did; of participants three times as many."""

HELLO = 20
"""Units that the first ``hello`` of a socket costs, beside its answer; votes and pings cost one."""

HELLO_AGAIN = 100
"""Units of each further one: a client needs it at most once, when it has got a token."""

REFUSED = 4
"""Units that a message costs besides when it is refused, a vote as well: its sentence is made and sent for it alone."""

UNIT = 1024
"""Bytes, of a message or of the answer to ``hello``, that cost a unit of their own."""

CHARGE = 16
"""Units after which a participant and an address are charged; a ``hello`` is charged at once."""

QUIET, QUIET_LISTENER = 160, 32
"""Units that a socket may have used of its burst before it has its turns after the others: as many as a hello costs
that brings 128 KiB, and some votes. A listener has no vote."""


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

    def take(self, now: float, units: int = 1) -> bool:
        """Take so many; False, and none taken, if not even one was there. What is taken beyond that is owed."""
        has_one = self.level(now) >= 1
        if has_one:
            self._level -= units
        return has_one

    def owe(self, units: int) -> None:
        """Take so many, though they may not be there: it turned out that they were used."""
        self._level -= units

    @property
    def used(self) -> float:
        """How many of the burst were missing when it was last asked."""
        return self._burst - self._level

    def is_full(self, now: float) -> bool:
        """Whether forgetting the bucket would change nothing."""
        return self.level(now) >= self._burst


class Limit:
    """One bucket per address; addresses that have come to rest are forgotten."""

    def __init__(self, burst: int, per_second: float, kept: int = KEPT_ADDRESSES) -> None:
        self._burst = burst
        self._per_second = per_second
        self._kept = kept
        self._buckets: dict[str, Bucket] = {}

    def take(self, address: str, now: float) -> bool:
        """Count one act of ``address``; False if it is one too many."""
        return self.bucket(address, now).take(now)

    def bucket(self, address: str, now: float) -> Bucket:
        """What ``address`` has left; for as long as somebody may use it."""
        return self._buckets.get(address) or self._new_bucket(address, now)

    def _new_bucket(self, address: str, now: float) -> Bucket:
        if len(self._buckets) >= self._kept:
            self._forget_rested(now)
        made = self._buckets[address] = Bucket(self._burst, self._per_second, now)
        return made

    def _forget_rested(self, now: float) -> None:
        busy = {address: bucket for address, bucket in self._buckets.items() if not bucket.is_full(now)}
        self._buckets = dict(list(busy.items())[-self._kept // 2 :])


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
        help="How many codes of no room one address may try at once; more of them are answered with 429. A right code "
        "is never refused. Unit: codes; at least 1.",
    ).tag(config=True)
    wrong_codes_per_second = Float(
        5.0,
        min=0.0,
        help="Codes of no room that one address may try in the long run. Unit: codes per second; 0 means that the "
        "burst is all there ever is. There are 1,073 million codes; a right one is let in all the same, so what this "
        "saves is the server's work.",
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
    participant_vote_burst = Int(
        500,
        min=1,
        help="How many votes one participant may send at once, from all sockets together; above it votes are rejected, "
        "to be sent again later, and count for the limit of no address. Unit: votes; at least 1.",
    ).tag(config=True)
    participant_votes_per_second = Float(
        10.0,
        min=0.0,
        help="Votes of one participant in the long run. Unit: votes per second; 0 means that the burst is all there "
        "ever is.",
    ).tag(config=True)
    message_burst = Int(
        2_000,
        min=1,
        help="How many messages (votes and pings included) one socket may send at once; above it the socket is closed "
        "with 4429. A hello counts as 20, another one on the same socket as 100, each KiB of a message or of the "
        "answer to a hello as one more, and a message that is refused as four more. All sockets of one participant "
        "together may send twice as many. Unit: messages; at least 1.",
    ).tag(config=True)
    messages_per_second = Float(
        100.0,
        min=0.0,
        help="Messages of one socket in the long run. Unit: messages per second; 0 means that the burst is all there "
        "ever is.",
    ).tag(config=True)

    address_message_burst = Int(
        2_000_000,
        min=1,
        help="The same for all sockets of one address; above it only those of its sockets are closed that send more "
        "than a phone does. Unit: messages; at least 1. The default lets 10,000 phones behind one address come back "
        "to a history of 128 KiB.",
    ).tag(config=True)
    address_messages_per_second = Float(
        20_000.0,
        min=0.0,
        help="Messages of one address in the long run. Unit: messages per second; 0 means that the burst is all there "
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

    def votes_of_participants(self) -> Limit:
        """The limit on votes per participant."""
        return Limit(self.participant_vote_burst, self.participant_votes_per_second, 3 * KEPT_ADDRESSES)

    def messages(self, now: float) -> Bucket:
        """The limit of one socket."""
        return Bucket(self.message_burst, self.messages_per_second, now)

    def messages_of_participants(self) -> Limit:
        """The limit on messages per participant."""
        return Limit(2 * self.message_burst, 2 * self.messages_per_second, 3 * KEPT_ADDRESSES)

    def messages_of_addresses(self) -> Limit:
        """The limit on messages per address."""
        return Limit(self.address_message_burst, self.address_messages_per_second)


class Allowance:
    """What one socket may still send: by its own limit, by its participant's, and by its address'.

    ``work`` is how many units it has used so far. ``is_noisy`` once it has used more of late than a phone does. What is
    shared is charged every :data:`CHARGE` units, so that a vote costs one look at one bucket; call :meth:`settle` when
    the socket is gone.
    """

    __slots__ = ("_address", "_is_sharing_noise", "_own", "_participant", "_quiet", "_uncharged", "is_noisy", "work")

    def __init__(self, own: Bucket, address: Bucket) -> None:
        self._own = own
        self._address = address
        self._participant: Bucket | None = None
        self._quiet = QUIET_LISTENER
        self._uncharged = 0
        self._is_sharing_noise = False
        self.is_noisy = False
        self.work = 0

    def identify(self, participant: Bucket | None, *, has_vote: bool) -> None:
        """It is known now whose socket that is; ``participant`` is None for somebody who is none."""
        self._participant = participant
        self._quiet = QUIET if has_vote else QUIET_LISTENER

    def take(self, units: int, now: float) -> bool:
        """Count so many units; False if the socket has sent too much."""
        self.work += units
        self._uncharged += units
        own = self._own
        is_within = own.take(now, units)
        self.is_noisy = self._is_sharing_noise or own.used > self._quiet
        if self._uncharged >= CHARGE:
            is_within &= self._charge(now)
        return is_within

    def owe(self, size: int) -> None:
        """Count an answer of ``size`` bytes that was sent."""
        units = size // UNIT
        self._own.owe(units)
        self._uncharged += units

    def refused(self) -> None:
        """Count what a refusal costs besides; too much of them shows with the next message."""
        self.work += REFUSED
        self._uncharged += REFUSED
        self._own.owe(REFUSED)
        self.is_noisy |= self._own.used > self._quiet

    def settle(self, now: float) -> None:
        """Charge the rest: the socket is gone."""
        self._charge(now)

    def _charge(self, now: float) -> bool:
        units, self._uncharged = self._uncharged, 0
        is_within, participant = True, self._participant
        if participant is not None:
            is_within = participant.take(now, units)
            self._is_sharing_noise = participant.used > 2 * QUIET
            self.is_noisy |= self._is_sharing_noise
        # Whoever is quiet may go on, whatever others behind the same address have sent.
        return (self._address.take(now, units) or not self.is_noisy) and is_within


class Gate:
    """Counts what comes from addresses; raises :exc:`TooMany` above a limit."""

    def __init__(self, rates: Rates) -> None:
        self.rates = rates
        self._joins = rates.joins()
        self._wrong_codes = rates.wrong_codes()
        self._votes = rates.votes()
        self._votes_of_participants = rates.votes_of_participants()
        self._of_participants = rates.messages_of_participants()
        self._of_addresses = rates.messages_of_addresses()

    def allowance(self, address: str, now: float) -> Allowance:
        """What a new socket may send."""
        return Allowance(self.rates.messages(now), self._of_addresses.bucket(address, now))

    def identify(self, allowance: Allowance, participant: str | None, now: float, *, has_vote: bool) -> None:
        """Count what that socket sends as ``participant``'s."""
        bucket = None if participant is None else self._of_participants.bucket(participant, now)
        allowance.identify(bucket, has_vote=has_vote)

    def join(self, address: str, now: float) -> None:
        """Somebody joins or opens a socket."""
        if not self._joins.take(address, now):
            raise TooMany("Too many devices are joining from your network. Try again in a minute.")

    def wrong_code(self, address: str, now: float) -> None:
        """The code was of no room."""
        if not self._wrong_codes.take(address, now):
            raise TooMany("There is no room with that code. Type the one that you see in front of the class.")

    def vote(self, address: str, participant: str, now: float) -> None:
        """A vote of ``participant`` came in. One too many of a participant uses up nothing of the address."""
        if not self._votes_of_participants.take(participant, now):
            raise TooMany("You have sent too many answers. This one was not counted; send it again in a moment.")
        if not self._votes.take(address, now):
            raise TooMany("Too many votes came from your network. Your answer was not counted; send it again.")
