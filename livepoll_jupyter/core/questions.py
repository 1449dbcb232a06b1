"""What may be asked, and what a valid answer is.

A kind of question is one module in ``core/kinds``: it says which options it takes, turns an answer into
*tally keys* and a counter of such keys into counts. Everything else (votes, rounds, locks, stores,
results) works on keys and is the same for every kind.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Protocol

from msgspec import UNSET, Struct, UnsetType

from . import messages
from .messages import Option, ShowResults


class Question(Struct, frozen=True, kw_only=True):
    """A question and its state. Replaced as a whole whenever it changes.

    ``round`` is 0 for a draft and counts from 1 with the first publish. ``correct`` holds option ids. ``plain`` is the
    text as plain text where that is another one; questions that an older version stored have none.
    """

    id: str
    kind: str
    text: str
    html: str
    plain: str | UnsetType = UNSET
    options: tuple[Option, ...]
    correct: tuple[str, ...] = ()
    show_results: ShowResults = "live"
    round: int = 0
    is_locked: bool = False
    is_active: bool = False
    is_revealed: bool = False

    @property
    def option_ids(self) -> tuple[str, ...]:
        """The ids of the options, in the order they are shown."""
        return tuple(option.id for option in self.options)

    def has_option(self, option_id: str) -> bool:
        """Whether there is an option with that id."""
        for option in self.options:  # noqa: SIM110 - a generator costs three times as much, for each vote
            if option.id == option_id:
                return True
        return False

    def public(self) -> messages.Question:
        """The object that everybody may see."""
        return messages.Question(
            id=self.id, kind=self.kind, text=self.text, html=self.html, plain=self.plain, options=self.options,
            round=self.round, is_locked=self.is_locked, is_active=self.is_active,
        )  # fmt: skip

    def for_instructor(self) -> messages.InstructorQuestion:
        """The object that the instructor alone may see."""
        return messages.InstructorQuestion(
            id=self.id, kind=self.kind, text=self.text, html=self.html, plain=self.plain, options=self.options,
            round=self.round, is_locked=self.is_locked, is_active=self.is_active,
            correct=self.correct, show_results=self.show_results, is_revealed=self.is_revealed,
        )  # fmt: skip


class Kind(Protocol):
    """A kind of question. Pure: the same question and answer always give the same keys."""

    name: str

    def check(self, question: Question) -> None:
        """Raise :exc:`BadQuestion` if ``question`` cannot be asked."""

    def read(self, question: Question, answer: Any) -> tuple[Any, tuple[str, ...]]:
        """The answer in its normal form and its tally keys; raise :exc:`BadAnswer` if it is none."""

    def is_correct(self, question: Question, answer: Any) -> bool | None:
        """Whether an answer in normal form is right; None where nothing is right or wrong."""

    def counts(self, question: Question, counter: Counter[str]) -> dict[str, int]:
        """The counter as results show it."""

    def labels(self, question: Question, answer: Any) -> Any:
        """An answer in normal form with labels in place of ids, as a person reads it."""

    def from_labels(self, question: messages.Question, answer: Any) -> Any:
        """The answer to send for what a person wrote: labels or ids; raise :exc:`BadAnswer`."""
