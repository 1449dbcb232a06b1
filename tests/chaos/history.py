"""What happened, as those saw it who took part: the record that ``checker`` judges. It judges nothing itself.

The terms are those of Jepsen (https://github.com/jepsen-io/jepsen): an operation is invoked, and later it is ``ok``
(it took place), ``fail`` (it did not) or ``info`` (nobody knows, and it may even take place later). Times are seconds
of one monotonic clock.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Any, Literal

import msgspec
from msgspec import Struct

Key = tuple[str, int]
"""A question's id and the number of its round."""

Answer = str | tuple[str, ...] | None
"""An option's id, several of them, or None for an answer that was withdrawn."""

Outcome = Literal["ok", "fail", "info"]


class Vote(Struct, frozen=True, kw_only=True):
    """One act of voting."""

    participant: str
    key: Key
    answer: Answer
    op: str
    rev: int


CommandName = Literal["publish", "lock", "unlock"]


class Command(Struct, frozen=True, kw_only=True):
    """A command of the instructor's to a round."""

    name: CommandName
    key: Key


class Operation(Struct, kw_only=True):
    """A vote or a command from its invocation to its completion; one that never completed is ``info`` for ever."""

    act: Vote | Command
    invoked: float
    completed: float = math.inf
    outcome: Outcome = "info"
    reason: str = ""


class Row(Struct, frozen=True, kw_only=True):
    """A participant's answer in a round, as the server has it."""

    participant: str
    key: Key
    answer: Answer
    rev: int


class Tally(Struct, frozen=True, kw_only=True):
    """A round's results as somebody saw them; ``rev`` numbers the room's votes."""

    key: Key
    rev: int
    counts: tuple[tuple[str, int], ...]
    participants: int
    is_final: bool


class Read(Struct, frozen=True, kw_only=True):
    """What the instructor read of a locked round, between ``invoked`` and ``completed``."""

    key: Key
    invoked: float
    completed: float
    rows: tuple[Row, ...]
    tally: Tally


class Greeting(Struct, frozen=True, kw_only=True):
    """What the server told a participant, on coming back, of their own vote in the active round; None for no vote.

    It was not asked before ``asked``, and the answer came in at ``heard``.
    """

    participant: str
    key: Key
    asked: float
    heard: float
    rev: int | None


def answer_of(said: Any) -> Answer:
    """An answer as JSON has it."""
    return tuple(said) if isinstance(said, list) else said


class History(Struct, kw_only=True):
    """All that was seen.

    ``acks`` holds every ack frame as JSON by its ``op``; ``told`` and ``kept`` are the last answers that the server
    told, and those that are in the file once it has stopped. ``ended`` counts votes.
    """

    clock: Callable[[], float]
    operations: list[Operation] = msgspec.field(default_factory=list)
    acks: dict[str, set[tuple[str, str]]] = msgspec.field(default_factory=dict)
    tallies: set[Tally] = msgspec.field(default_factory=set)
    reads: list[Read] = msgspec.field(default_factory=list)
    greetings: list[Greeting] = msgspec.field(default_factory=list)
    told: tuple[Row, ...] = ()
    kept: tuple[Row, ...] = ()
    ended: Counter[Outcome] = msgspec.field(default_factory=Counter)

    def invoke(self, act: Vote | Command) -> Operation:
        """An operation begins."""
        operation = Operation(act=act, invoked=self.clock())
        self.operations.append(operation)
        return operation

    def complete(self, operation: Operation, outcome: Outcome, reason: str = "") -> None:
        """An operation ends."""
        operation.completed, operation.outcome, operation.reason = self.clock(), outcome, reason
        self.ended[outcome] += isinstance(operation.act, Vote)

    def heard(self, op: str, status: str, ack: bytes) -> None:
        """A final ack came in, perhaps not for the first time."""
        self.acks.setdefault(op, set()).add((status, ack.decode()))

    @property
    def votes(self) -> list[Operation]:
        """The votes."""
        return [operation for operation in self.operations if isinstance(operation.act, Vote)]

    @property
    def commands(self) -> list[Operation]:
        """The instructor's commands."""
        return [operation for operation in self.operations if isinstance(operation.act, Command)]
