"""Questions, votes and rooms for tests that are about something else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from livepoll_jupyter.core.commands import AddQuestion, CastVote, Command, Publish
from livepoll_jupyter.core.drafts import draft, read
from livepoll_jupyter.core.effects import Decision
from livepoll_jupyter.core.messages import ShowResults
from livepoll_jupyter.core.questions import Question
from livepoll_jupyter.core.room import Room

NOW = 1_750_000_000.0
CODE = "K7M2QX"


def question(
    name: str = "q1",
    *,
    kind: str = "choice",
    options: Sequence[str] = ("the mean", "the median", "neither"),
    correct: str | Sequence[str] | None = "the mean",
    show_results: ShowResults = "live",
) -> Question:
    """A draft whose options have the ids a, b, c."""
    text = "Which is larger for a right-skewed sample?"
    written = read(kind=kind, text=text, options=options, correct=correct, show_results=show_results)
    return draft(name, written, f"<p>{text}</p>", written.labels)


def vote(
    participant: str = "ada",
    answer: Any = "a",
    *,
    name: str = "q1",
    number: int = 1,
    rev: int = 1,
    op: str | None = None,
) -> CastVote:
    """A vote in round ``number``; without ``op`` it is a new act of voting for each ``rev``."""
    return CastVote(participant, name, number, answer, op or f"{participant}-{number}-{rev}", rev)


def empty_room() -> Room:
    """A room that nothing was asked in."""
    return Room(code=CODE, title="Statistics 101", epoch="epoch-1", created_at=NOW)


def carry_out(room: Room, *commands: Command) -> Decision:
    """Decide and settle one command after the other, as a store does; the decision on them all."""
    total = Decision((), ())
    for command in commands:
        decision = room.decide(command, NOW)
        room.settle(decision)
        total += decision
    return total


def asked_room(asked: Question | None = None) -> Room:
    """A room with one question, published."""
    room = empty_room()
    asked = asked or question()
    carry_out(room, AddQuestion(asked), Publish(asked.id))
    return room
