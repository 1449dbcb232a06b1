"""Whether a history keeps the promise: no vote lost, none counted twice, none after the lock. Pure functions.

Each check returns what contradicts it, in words; an empty list is a history that holds. The rule behind them all is
that a vote counts if and only if its commit precedes the lock's: a vote that was acked before the next unlock and was
invoked before the lock's ack must be there, one invoked after the lock's ack must not, and ``info`` may go either way.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from history import Command, History, Key, Operation, Read, Row, Tally, Vote
from msgspec import Struct

LOCKED: Final = "question-locked"
OVER: Final = frozenset({LOCKED, "question-closed", "round-closed"})
"""How a vote may be refused once the question after this one has been asked for."""


class Locked(Struct, frozen=True, kw_only=True):
    """A time for which a round was locked: the lock's invocation and ack, and the invocation of the unlock, if any.

    From ``over`` on the question may be closed.
    """

    key: Key
    invoked: float
    acked: float
    until: float
    over: float


def violations(history: History) -> list[str]:
    """All that contradicts the promise."""
    votes = _by_participant(history)
    times = list(locked_times(history))
    return [
        *changed_acks(history),
        *counted_late(history, times),
        *accepted_stale(votes),
        *lost_in_reads(history, votes, times),
        *forgotten_in_greetings(history, votes),
        *changed_tallies(history, times),
        *miscounted(history),
        *changed_at_the_end(history, times),
    ]


Votes = dict[tuple[str, Key], list[Operation]]
"""A participant's votes in a round, in the order of their invocations."""


def locked_times(history: History) -> Iterator[Locked]:
    """The times for which rounds were locked, of locks whose outcome is known."""
    commands = [(command, command.act) for command in history.commands if isinstance(command.act, Command)]
    for lock, act in commands:
        if act.name == "lock" and lock.outcome == "ok":
            later = [(other, acted) for other, acted in commands if other.invoked > lock.invoked]
            yield Locked(
                key=act.key,
                invoked=lock.invoked,
                acked=lock.completed,
                until=_first(other for other, acted in later if (acted.name, acted.key) == ("unlock", act.key)),
                over=_first(other for other, acted in later if acted.name == "publish"),
            )


def changed_acks(history: History) -> Iterator[str]:
    """One op, one ack: an accepted act is never told of in another way, however often it is sent."""
    for op, acks in history.acks.items():
        if len(acks) > 1 and any(status == "accepted" for status, _ in acks):
            yield f"op {op} got different acks: {sorted(acks)}"


def counted_late(history: History, times: list[Locked]) -> Iterator[str]:
    """Every vote that was invoked after the lock's ack and ended before the unlock was refused, and says why."""
    by_key: dict[Key, list[Locked]] = defaultdict(list)
    for time in times:
        by_key[time.key].append(time)
    for vote in history.votes:
        assert isinstance(vote.act, Vote)
        for time in by_key[vote.act.key]:
            if not (vote.invoked > time.acked and vote.completed < time.until) or vote.outcome == "info":
                continue
            allowed = OVER if vote.completed > time.over else {LOCKED}
            if vote.outcome == "ok" or vote.reason not in allowed:
                yield f"{_tell(vote)} was begun {vote.invoked - time.acked:.3f} s after the lock's ack"


def accepted_stale(votes: Votes) -> Iterator[str]:
    """No vote is accepted after a newer one of the same participant was acked."""
    for mine in votes.values():
        acked = [vote for vote in mine if vote.outcome == "ok"]
        for vote in acked:
            newest = max((_vote(other).rev for other in acked if other.completed < vote.invoked), default=0)
            if _vote(vote).rev <= newest:
                yield f"{_tell(vote)} was accepted after vote {newest} had been acked"


def lost_in_reads(history: History, votes: Votes, times: list[Locked]) -> Iterator[str]:
    """What the instructor read of a locked round is explained by what its participants did."""
    mine_of: dict[Key, dict[str, list[Operation]]] = defaultdict(dict)
    for (participant, key), mine in votes.items():
        mine_of[key][participant] = mine
    for read in history.reads:
        time = _time_of(read, times)
        if time is None:
            yield f"the read of {read.key} is of no time for which it was locked"
        else:
            yield from _unexplained(read, mine_of[read.key], time)


def forgotten_in_greetings(history: History, votes: Votes) -> Iterator[str]:
    """Who comes back is told of a vote at least as new as the newest that was acked before, on whatever device."""
    for greeting in history.greetings:
        mine = votes.get((greeting.participant, greeting.key), [])
        acked = [_vote(vote).rev for vote in mine if vote.outcome == "ok" and vote.completed < greeting.asked]
        possible = {_vote(vote).rev for vote in mine if vote.outcome != "fail" and vote.invoked < greeting.heard}
        if acked and (greeting.rev or 0) < max(acked):
            yield f"{greeting.participant} came back to vote {greeting.rev} in {greeting.key}; {max(acked)} was acked"
        elif greeting.rev is not None and greeting.rev not in possible:
            yield f"{greeting.participant} came back to vote {greeting.rev} in {greeting.key}, which was never cast"


def changed_tallies(history: History, times: list[Locked]) -> Iterator[str]:
    """One ``rev``, one tally; and what is final is what the instructor reads for as long as the round is locked."""
    seen = sorted(history.tallies | {read.tally for read in history.reads}, key=lambda tally: (tally.key, tally.rev))
    for (key, rev), group in groupby(seen, key=lambda tally: (tally.key, tally.rev)):
        different = {(tally.counts, tally.participants) for tally in group}
        if len(different) > 1:
            yield f"rev {rev} of {key} has {len(different)} tallies: {sorted(different)}"
    settled: dict[Key, set[Tally]] = defaultdict(set)
    for time, reads in _reads_by_time(history, times):
        settled[time.key] |= {read.tally for read in reads}
        if len({(read.tally.rev, read.rows) for read in reads}) > 1:
            yield f"results of {time.key} changed while it was locked: {[read.tally for read in reads]}"
    for tally in sorted(history.tallies, key=lambda tally: (tally.key, tally.rev)):
        if tally.is_final and settled[tally.key] and not any(_is_same(tally, read) for read in settled[tally.key]):
            yield f"final results of {tally.key} that no read confirms: {tally}"


def miscounted(history: History) -> Iterator[str]:
    """The tally is that of the rows, and there is one row per participant and round."""
    for read in history.reads:
        counts = Counter(option for row in read.rows for option in _options(row))
        if counts != Counter({option: number for option, number in read.tally.counts if number}):
            yield f"the tally of {read.key} is not that of its rows: {read.tally}, {counts}"
        if read.tally.participants != len(read.rows):
            yield f"{read.tally.participants} participants, but {len(read.rows)} rows in {read.key}"
    for name, rows in (("told", history.told), ("kept", history.kept)):
        twice = [row for row, number in Counter((row.participant, row.key) for row in rows).items() if number > 1]
        if twice:
            yield f"more than one answer {name}: {twice}"


def changed_at_the_end(history: History, times: list[Locked]) -> Iterator[str]:
    """The last answers, and those in the file, are what was read of each round when it was locked for good."""
    if _present(history.told) != _present(history.kept):
        yield f"told and kept differ: {sorted(map(str, _present(history.told) ^ _present(history.kept)))}"
    told: dict[Key, set[str]] = defaultdict(set)
    for row in history.told:
        told[row.key].add(str(row))
    for time, reads in _reads_by_time(history, times):
        if time.until == math.inf and reads and {str(row) for row in reads[-1].rows} != told[time.key]:
            yield f"answers of {time.key} changed after its last lock"


# ---------------------------------------------------------------- helpers


def _unexplained(read: Read, mine_of: dict[str, list[Operation]], time: Locked) -> Iterator[str]:
    rows = {row.participant: row for row in read.rows}
    if len(rows) < len(read.rows):
        yield f"more than one answer of a participant in {read.key}"
    for participant in sorted({*rows, *mine_of}):
        mine, row = mine_of.get(participant, []), rows.get(participant)
        # One that was acked while the round was locked, and could not be accepted then, precedes the lock.
        acked = [vote for vote in mine if vote.outcome == "ok" and vote.completed < time.until]
        oldest = max((_vote(vote).rev for vote in acked), default=0)
        possible = [_vote(vote) for vote in mine if vote.outcome != "fail" and vote.invoked <= time.acked]
        answer = row.answer if row else None
        is_explained = any(
            vote.rev >= oldest and vote.answer == answer and (row is None or vote.rev == row.rev) for vote in possible
        )
        if not (is_explained or (row is None and oldest == 0)):
            yield f"{participant} has {row} in {read.key}; the newest acked vote is {oldest} of {possible[-3:]}"


def _by_participant(history: History) -> Votes:
    votes: Votes = defaultdict(list)
    for vote in history.votes:
        votes[_vote(vote).participant, _vote(vote).key].append(vote)
    return votes


def _reads_by_time(history: History, times: list[Locked]) -> Iterator[tuple[Locked, list[Read]]]:
    for time in times:
        yield time, [read for read in history.reads if _is_of(read, time)]


def _time_of(read: Read, times: list[Locked]) -> Locked | None:
    return next((time for time in times if _is_of(read, time)), None)


def _is_of(read: Read, time: Locked) -> bool:
    return read.key == time.key and time.acked <= read.invoked and read.completed <= time.until


def _is_same(tally: Tally, other: Tally) -> bool:
    return (tally.counts, tally.participants) == (other.counts, other.participants)


def _options(row: Row) -> tuple[str, ...]:
    return row.answer if isinstance(row.answer, tuple) else (str(row.answer),)


def _present(rows: Iterable[Row]) -> set[str]:
    return {str(row) for row in rows}


def _first(operations: Iterable[Operation]) -> float:
    return min((operation.invoked for operation in operations), default=math.inf)


def _vote(operation: Operation) -> Vote:
    assert isinstance(operation.act, Vote)
    return operation.act


def _tell(operation: Operation) -> str:
    vote = _vote(operation)
    return f"{vote.participant}'s vote {vote.rev} in {vote.key} ({operation.outcome} {operation.reason})"
