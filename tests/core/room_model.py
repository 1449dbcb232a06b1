"""What a room does, told a second time and as plainly as can be, for a test to compare the real one with.

Nothing is shared with the rules but the commands. A model is never changed: what a command leads to is another model,
so that a test may hold the one that was decided and the one that is on the disk.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from livepoll_jupyter.core.commands import (
    AddQuestion,
    CastVote,
    Close,
    Command,
    DeleteDraft,
    EditDraft,
    Publish,
    Reveal,
    SetLock,
)
from livepoll_jupyter.core.messages import ShowResults
from livepoll_jupyter.core.votes import MAX_EARLIER, Act

OPTIONS = ("a", "b", "c")
Place = tuple[str, int, str]
"""Where a vote belongs: question, round, participant."""


class Asked(Struct, frozen=True):
    """A question and its state."""

    kind: str
    correct: tuple[str, ...]
    show_results: ShowResults
    round: int = 0
    is_active: bool = False
    is_locked: bool = False
    is_revealed: bool = False

    @property
    def is_shown(self) -> bool:
        """Whether the class may see the results."""
        return self.show_results == "live" or (self.is_locked if self.show_results == "locked" else self.is_revealed)


class Model(Struct, frozen=True):
    """A room: its questions, every accepted act of voting by its place, and how many events were announced."""

    questions: dict[str, Asked] = {}
    acts: dict[Place, tuple[Act, ...]] = {}
    revealed: frozenset[tuple[str, int]] = frozenset()
    shown: frozenset[tuple[str, int]] = frozenset()
    seq: int = 0

    @property
    def active(self) -> str | None:
        """The question that is being asked."""
        return next((name for name, asked in self.questions.items() if asked.is_active), None)

    def newest(self, place: Place) -> Act | None:
        """What now counts there, a withdrawal included."""
        return self.acts[place][-1] if place in self.acts else None

    def answers(self, name: str, number: int) -> dict[str, Any]:
        """What each participant's answer is in that round."""
        return {
            who: acts[-1].answer
            for (asked, round_, who), acts in self.acts.items()
            if (asked, round_) == (name, number) and acts[-1].answer is not None
        }

    def tally(self, name: str, number: int) -> tuple[dict[str, int], int]:
        """Counts by option, and how many have answered."""
        answers = self.answers(name, number).values()
        counted = Counter(option for answer in answers for option in ([answer] if isinstance(answer, str) else answer))
        return {option: counted[option] for option in OPTIONS}, len(answers)


class Expected(Struct, frozen=True):
    """What a command must lead to: the room after it, a refusal's code, the accepted act, (event, question) pairs."""

    model: Model
    refusal: str | None = None
    act: Act | None = None
    events: tuple[tuple[str, str], ...] = ()


def expected(model: Model, command: Command) -> Expected:  # noqa: PLR0911 - one case per command
    """What ``command`` must lead to."""
    match command:
        case CastVote():
            return _vote(model, command)
        case AddQuestion(question=asked):
            added = Asked(asked.kind, asked.correct, asked.show_results)
            return Expected(replace(model, questions=model.questions | {asked.id: added}))
        case EditDraft(question=asked):
            return _edit(model, asked.id, Asked(asked.kind, asked.correct, asked.show_results))
        case DeleteDraft(question_id=name):
            return _edit(model, name, None)
        case Publish(question_id=name):
            return _publish(model, name)
        case SetLock(question_id=name, is_locked=is_locked):
            return _set_lock(model, name, is_locked=is_locked)
        case Reveal(question_id=name):
            return _reveal(model, name)
        case Close(question_id=name):
            return _close(model, name)
        case _:
            raise AssertionError(command)


def _edit(model: Model, name: str, draft: Asked | None) -> Expected:
    if model.questions[name].round:
        return Expected(model, "already-published")
    if draft is not None:
        return Expected(replace(model, questions=model.questions | {name: draft}))
    return Expected(replace(model, questions={key: each for key, each in model.questions.items() if key != name}))


def _vote(model: Model, vote: CastVote) -> Expected:
    place = vote.question_id, vote.round, vote.participant
    history = model.acts.get(place, ())
    known = [act for act in history[-1 - MAX_EARLIER :] if act.op == vote.op]
    if known:
        return Expected(model, act=known[0])
    refusal = _why_not(model.questions.get(vote.question_id), vote, history)
    if refusal is not None:
        return Expected(model, refusal)
    answer = sorted(vote.answer) if isinstance(vote.answer, list) else vote.answer
    act = Act(vote.op, vote.rev, answer, sum(map(len, model.acts.values())) + 1)
    return Expected(replace(model, acts=model.acts | {place: (*history, act)}), act=act)


def _why_not(asked: Asked | None, vote: CastVote, history: tuple[Act, ...]) -> str | None:
    if asked is None:
        return "unknown-question"
    reasons = {
        "not-published": asked.round == 0,
        "question-closed": not asked.is_active,
        "round-closed": vote.round != asked.round,
        "question-locked": asked.is_locked,
        "stale-vote": bool(history) and vote.rev <= history[-1].rev,
        "bad-answer": not (vote.answer is None or _is_answer(asked.kind, vote.answer)),
    }
    return next((code for code, holds in reasons.items() if holds), None)


def _is_answer(kind: str, answer: Any) -> bool:
    if kind == "choice":
        return isinstance(answer, str) and answer in OPTIONS
    return isinstance(answer, list) and 0 < len(answer) == len({*answer} & {*OPTIONS})


def _publish(model: Model, name: str) -> Expected:
    if model.questions[name].is_active:
        return Expected(model)
    over = _close(model, model.active) if model.active else Expected(model)
    number = over.model.questions[name].round + 1
    return _then(over, "new-question", name, round=number, is_active=True, is_locked=False, is_revealed=False)


def _set_lock(model: Model, name: str, *, is_locked: bool) -> Expected:
    asked = model.questions[name]
    if not asked.is_active:
        return Expected(model, "question-closed" if asked.round else "not-published")
    if asked.is_locked == is_locked:
        return Expected(model)
    if asked.is_revealed:
        return Expected(model, "already-revealed")
    return _then(Expected(model), "lock-status", name, is_locked=is_locked)


def _reveal(model: Model, name: str) -> Expected:
    asked = model.questions[name]
    if not asked.round:
        return Expected(model, "not-published")
    if asked.is_revealed:
        return Expected(model)
    return _then(_locked(model, name), "answer-revealed", name, is_revealed=True)


def _close(model: Model, name: str) -> Expected:
    asked = model.questions[name]
    if not asked.round:
        return Expected(model, "not-published")
    if not asked.is_active:
        return Expected(model)
    return _then(_locked(model, name), "question-closed", name, is_active=False)


def _locked(model: Model, name: str) -> Expected:
    before = Expected(model)
    return before if model.questions[name].is_locked else _then(before, "lock-status", name, is_locked=True)


def _then(before: Expected, event: str, name: str, **changes: Any) -> Expected:
    model = before.model
    asked = replace(model.questions[name], **changes)
    here = frozenset({(name, asked.round)})
    after = replace(
        model,
        questions=model.questions | {name: asked},
        seq=model.seq + 1,
        revealed=model.revealed | here if asked.is_revealed else model.revealed,
        shown=model.shown | here if asked.is_shown else model.shown,
    )
    return Expected(after, events=(*before.events, (event, name)))
