"""The checker on histories made by hand: those that hold, and those that break the promise in each way there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from checker import violations
from history import Answer, Command, CommandName, Greeting, History, Key, Operation, Outcome, Read, Row, Tally, Vote

Q: Key = ("q1", 1)
"""The round that all of this is about."""


class Story:
    """A history told in order; times are seconds. It begins with votes of ada and eve and a lock from 5 to 6."""

    def __init__(self) -> None:
        self.history = History(clock=lambda: 0.0)
        self.command("publish", 0, 0.5)
        self.vote("ada", "a", 1, 2)
        self.vote("eve", "b", 1, 3)
        self.lock = self.command("lock", 5, 6)
        self.rows = {"ada": row("ada", "a"), "eve": row("eve", "b")}

    def vote(
        self, who: str, answer: Answer, invoked: float, completed: float, outcome: Outcome = "ok", *, rev: int = 1,
        reason: str = "",
    ) -> Operation:  # fmt: skip
        """Somebody's vote."""
        act = Vote(participant=who, key=Q, answer=answer, op=f"{who}-{rev}", rev=rev)
        return self.add(Operation(act=act, invoked=invoked, completed=completed, outcome=outcome, reason=reason))

    def command(self, name: CommandName, invoked: float, completed: float, key: Key = Q) -> Operation:
        """A command whose outcome is known."""
        return self.add(Operation(act=Command(name=name, key=key), invoked=invoked, completed=completed, outcome="ok"))

    def add(self, operation: Operation) -> Operation:
        """Any operation."""
        self.history.operations.append(operation)
        return operation

    def read(self, at: float, *, rev: int = 2, **tally: Any) -> None:
        """The instructor reads the rows as they now are; ``tally`` is what is told in another way."""
        rows = tuple(self.rows.values())
        counts = tuple(sorted(Counter(str(row.answer) for row in rows).items()))
        told: dict[str, Any] = {"counts": counts, "participants": len(rows), "is_final": True, **tally}
        self.history.reads.append(
            Read(key=Q, invoked=at, completed=at + 0.5, rows=rows, tally=Tally(key=Q, rev=rev, **told))
        )

    def broken(self) -> list[str]:
        """What is wrong with it once the server has stopped, with the rows as they are in the file."""
        if not self.history.reads:
            self.read(7)
        rows = tuple(self.rows.values())
        self.history.told = self.history.told or rows
        self.history.kept = self.history.kept or rows
        return violations(self.history)


def row(who: str, answer: Answer, rev: int = 1) -> Row:
    """A row of that round."""
    return Row(participant=who, key=Q, answer=answer, rev=rev)


# ---------------------------------------------------------------- histories that hold


def plain(_: Story) -> None:
    """Two votes and a lock."""


def a_change(story: Story) -> None:
    """The newest acked vote counts."""
    story.vote("ada", "c", 3, 4, rev=2)
    story.rows["ada"] = row("ada", "c", 2)


def a_withdrawal(story: Story) -> None:
    """Who took the answer back has no row."""
    story.vote("ada", None, 3, 4, rev=2)
    del story.rows["ada"]


def unknown_and_counted(story: Story) -> None:
    """``info`` may have taken place."""
    story.vote("ada", "c", 3, 99, "info", rev=2)
    story.rows["ada"] = row("ada", "c", 2)


def unknown_and_not_counted(story: Story) -> None:
    """Or not."""
    story.vote("ada", None, 3, 99, "info", rev=2)


def unknown_withdrawal_that_took_place(story: Story) -> None:
    """A row that is gone is explained by it."""
    story.vote("ada", None, 3, 99, "info", rev=2)
    del story.rows["ada"]


def in_flight_and_counted(story: Story) -> None:
    """Begun before the lock's ack, acked after it."""
    story.vote("joe", "a", 4, 6.5)
    story.rows["joe"] = row("joe", "a")


def in_flight_and_refused(story: Story) -> None:
    """The lock's commit came first."""
    story.vote("joe", "a", 4, 6.5, "fail", reason="question-locked")


def late_and_refused(story: Story) -> None:
    """Begun after the lock's ack; after the next question was asked it may be told otherwise."""
    story.vote("joe", "a", 6.5, 7, "fail", reason="question-locked")
    story.command("publish", 8, 9, ("q2", 1))
    story.vote("joe", "a", 8.5, 9, "fail", rev=2, reason="round-closed")


def unlocked_and_locked_again(story: Story) -> None:
    """A vote that waited for the unlock is counted in the end."""
    story.read(7)
    story.vote("joe", "a", 7.9, 9)
    story.command("unlock", 8, 8.5)
    story.command("lock", 10, 11)
    story.rows["joe"] = row("joe", "a")
    story.read(12, rev=3)


def the_same_ack_twice(story: Story) -> None:
    """Sent again, told again; a refusal that is not for good is no ack."""
    for _ in range(2):
        story.history.heard("ada-1", "accepted", b"{}")


def a_good_greeting(story: Story) -> None:
    """The acked vote, or one on its way; one that was acked to another device meanwhile need not be in it."""
    story.vote("ada", "c", 3.2, 99, "info", rev=2)
    for rev in (1, 2):
        story.history.greetings.append(Greeting(participant="ada", key=Q, asked=3.4, heard=3.5, rev=rev))
    story.history.greetings.append(Greeting(participant="ada", key=Q, asked=1.9, heard=3.5, rev=None))


@pytest.mark.parametrize(
    "happens",
    [
        plain, a_change, a_withdrawal, unknown_and_counted, unknown_and_not_counted, unknown_withdrawal_that_took_place,
        in_flight_and_counted, in_flight_and_refused, late_and_refused, unlocked_and_locked_again, the_same_ack_twice,
        a_good_greeting,
    ],
)  # fmt: skip
def test_a_history_that_holds_is_let_pass(happens: Callable[[Story], None]) -> None:
    """Whatever may go either way goes either way."""
    story = Story()
    happens(story)
    assert story.broken() == []


# ---------------------------------------------------------------- histories that break the promise


def lost(story: Story) -> str:
    """An acked vote is nowhere."""
    del story.rows["ada"]
    return "ada has None"


def lost_change(story: Story) -> str:
    """An older vote counts than the newest that was acked."""
    story.vote("ada", "c", 3, 4, rev=2)
    return "the newest acked vote is 2"


def lost_withdrawal(story: Story) -> str:
    """What was taken back still counts."""
    story.vote("ada", None, 3, 4, rev=2)
    return "the newest acked vote is 2"


def acked_late_and_lost(story: Story) -> str:
    """Begun before the lock, acked while it held: it cannot have been accepted after it."""
    story.vote("joe", "a", 4, 6.5)
    return "joe has None"


def another_answer(story: Story) -> str:
    """The row is of the right vote with the wrong answer."""
    story.rows["ada"] = row("ada", "c")
    return "ada has"


def from_nobody(story: Story) -> str:
    """A row of somebody who never voted."""
    story.rows["joe"] = row("joe", "a")
    return "joe has"


def refused_and_counted(story: Story) -> str:
    """Who was told that it does not count finds it counted."""
    story.vote("joe", "a", 4, 6.5, "fail", reason="question-locked")
    story.rows["joe"] = row("joe", "a")
    return "joe has"


def unknown_from_after_the_lock(story: Story) -> str:
    """``info`` is no excuse for a vote that was begun too late."""
    story.vote("joe", "a", 6.5, 99, "info")
    story.rows["joe"] = row("joe", "a")
    return "joe has"


def accepted_late(story: Story) -> str:
    """Begun after the lock's ack, and accepted."""
    story.vote("joe", "a", 6.5, 7)
    story.rows["joe"] = row("joe", "a")
    return "after the lock's ack"


def refused_for_another_reason(story: Story) -> str:
    """The student has to learn that it was the lock."""
    story.vote("joe", "a", 6.5, 7, "fail", reason="round-closed")
    return "after the lock's ack"


def stale_and_accepted(story: Story) -> str:
    """A retry from the past took the place of a newer vote."""
    story.vote("ada", "c", 2.2, 2.5, rev=3)
    story.vote("ada", "b", 3, 4, rev=2)
    story.rows["ada"] = row("ada", "c", 3)
    return "was accepted after vote 3"


def counted_twice(story: Story) -> str:
    """Two rows of one participant."""
    story.history.kept = (*story.rows.values(), story.rows["ada"])
    return "more than one answer kept"


def tally_is_not_the_rows(story: Story) -> str:
    """One vote more in the results than there are answers."""
    story.read(7, counts=(("a", 2), ("b", 1)))
    return "is not that of its rows"


def participants_are_not_the_rows(story: Story) -> str:
    """One participant more."""
    story.read(7, participants=3)
    return "3 participants, but 2 rows"


def results_change(story: Story) -> str:
    """What was final changes while the round is locked."""
    story.vote("joe", "a", 4, 9)
    story.read(7)
    story.rows["joe"] = row("joe", "a")
    story.read(8, rev=3)
    return "changed while it was locked"


def finals_differ(story: Story) -> str:
    """A student saw other final results than the instructor."""
    tally = Tally(key=Q, rev=1, counts=(("a", 1),), participants=1, is_final=True)
    story.history.tallies.add(tally)
    return "that no read confirms"


def one_rev_two_tallies(story: Story) -> str:
    """A number of votes was given out twice: what it stood for first is lost."""
    for counts in ((("a", 1),), (("b", 1),)):
        story.history.tallies.add(Tally(key=Q, rev=1, counts=counts, participants=1, is_final=False))
    return "rev 1 of ('q1', 1) has 2 tallies"


def changes_after_the_end(story: Story) -> str:
    """The last answers are not those of the last lock."""
    story.read(7)
    story.history.told = story.history.kept = (row("ada", "a"),)
    return "changed after its last lock"


def file_differs(story: Story) -> str:
    """The file holds something else than was told."""
    story.history.kept = (row("ada", "a"),)
    return "told and kept differ"


def another_ack(story: Story) -> str:
    """One op, two acks."""
    story.history.heard("ada-1", "accepted", b'{"rev":1}')
    story.history.heard("ada-1", "rejected", b'{"rev":2}')
    return "op ada-1 got different acks"


def forgotten(story: Story) -> str:
    """Who comes back is told of no vote, though one was acked."""
    story.history.greetings.append(Greeting(participant="ada", key=Q, asked=3.4, heard=3.5, rev=None))
    return "ada came back to vote None"


def greeted_with_another(story: Story) -> str:
    """Or of one that they never cast."""
    story.history.greetings.append(Greeting(participant="ada", key=Q, asked=3.4, heard=3.5, rev=9))
    return "which was never cast"


def read_of_nothing(story: Story) -> str:
    """A read from before the lock's ack proves nothing."""
    story.read(5.5)
    return "of no time for which it was locked"


@pytest.mark.parametrize(
    "happens",
    [
        lost, lost_change, lost_withdrawal, acked_late_and_lost, another_answer, from_nobody, refused_and_counted,
        unknown_from_after_the_lock, accepted_late, refused_for_another_reason, stale_and_accepted, counted_twice,
        tally_is_not_the_rows, participants_are_not_the_rows, results_change, finals_differ, one_rev_two_tallies,
        changes_after_the_end, file_differs, another_ack, forgotten, greeted_with_another, read_of_nothing,
    ],
)  # fmt: skip
def test_a_broken_promise_is_found(happens: Callable[[Story], str]) -> None:
    """And told in words that say what it was."""
    story = Story()
    evidence = happens(story)
    assert any(evidence in found for found in story.broken()), story.broken()
