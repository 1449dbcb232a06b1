"""Any sequence of commands, drawn by Hypothesis, against a model that only remembers who answered what.

Always: one vote per participant and round, the tally is that of the accepted votes, final results stay, events are
numbered without a gap, and at most one question is active.
"""

from __future__ import annotations

from collections import Counter

from asking import NOW, carry_out, empty_room, question, vote
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from msgspec import UNSET

from livepoll_jupyter.core.commands import AddQuestion, CastVote, Close, Command, Publish, Reveal, SetLock
from livepoll_jupyter.core.effects import Announce, Decision
from livepoll_jupyter.core.errors import Refusal
from livepoll_jupyter.core.messages import Results, Resume
from livepoll_jupyter.core.votes import Act

PEOPLE = st.sampled_from(["ada", "eve", "bob"])
OPTIONS = st.sampled_from(["a", "b", "c", "z"])
REVISIONS = st.integers(1, 4)


class RoomMachine(RuleBasedStateMachine):
    """A room, and what must be true of it."""

    questions = Bundle("questions")
    votes = Bundle("votes")

    def __init__(self) -> None:
        super().__init__()
        self.room = empty_room()
        self.accepted: dict[tuple[str, int, str], CastVote] = {}
        self.final: dict[str, Results] = {}
        self.announced: list[int] = []

    # ------------------------------------------------------------ what may happen

    @initialize(target=questions)
    def ask_first(self) -> str:
        """A lecture begins with a question."""
        carry_out(self.room, AddQuestion(question("q1")))
        self.carry_out(Publish("q1"))
        return "q1"

    @rule(target=questions)
    def add(self) -> str:
        """A further draft."""
        name = f"q{len(self.room.questions) + 1}"
        self.carry_out(AddQuestion(question(name)))
        return name

    @rule(name=questions)
    def publish(self, name: str) -> None:
        """A draft, or another round."""
        self.carry_out(Publish(name))

    @rule(name=questions, is_locked=st.booleans())
    def set_lock(self, name: str, is_locked: bool) -> None:  # noqa: FBT001 - Hypothesis passes by name
        """Lock or unlock; an unlock makes results live again."""
        if self.carry_out(SetLock(name, is_locked=is_locked)) and not is_locked:
            self.final.pop(name, None)

    @rule(name=questions)
    def reveal(self, name: str) -> None:
        """The right answer is shown."""
        self.carry_out(Reveal(name))

    @rule(name=questions)
    def close(self, name: str) -> None:
        """The question is over."""
        self.carry_out(Close(name))

    @rule(target=votes, name=questions, who=PEOPLE, answer=OPTIONS, rev=REVISIONS, behind=st.integers(0, 1))
    def cast(self, name: str, who: str, answer: str, rev: int, behind: int) -> CastVote:
        """A vote for the present round or the one before, right or wrong, new or late."""
        number = max(1, self.room.question(name).round - behind)
        act = vote(who, answer, name=name, number=number, rev=rev, op=f"{who}-{name}-{number}-{rev}-{answer}")
        self.cast_again(act)
        return act

    @rule(act=votes)
    def cast_again(self, act: CastVote) -> None:
        """The same act once more, whenever: the one that counts is accepted again, and none counts twice."""
        key = (act.question_id, act.round, act.participant)
        before = self.accepted.get(key)
        decision = self.carry_out(act)
        if before is not None and before.op == act.op:
            assert decision == Decision((), (), Act(before.op, before.rev, before.answer))
        elif decision is not None and decision.changes:
            assert before is None or act.rev > before.rev
            self.accepted[key] = act

    def seen(self) -> tuple[object, ...]:
        """All that a reader can learn of the room: a decision that is not settled yet changes nothing of it."""
        room, asked = self.room, dict(self.room.questions)
        tallies = [room.results(question) for question in asked.values()]
        return room.seq, room.rev, room.ended_at, asked, tallies, room.since(Resume(room.epoch, 0))

    def carry_out(self, command: Command) -> Decision | None:
        """Decide and settle; None for a refusal."""
        before = self.seen()
        try:
            decision = self.room.decide(command, NOW)
        except Refusal:
            return None
        finally:
            assert self.seen() == before
        self.room.settle(decision)
        self.announced += [effect.event.seq or 0 for effect in decision.effects if isinstance(effect, Announce)]
        return decision

    # ------------------------------------------------------------ what must always be true

    @invariant()
    def the_tally_is_that_of_the_accepted_votes(self) -> None:
        """Of every round, counted anew from the model."""
        for (name, number), held in self.room.rounds.items():
            mine = [act for act in self.accepted.values() if (act.question_id, act.round) == (name, number)]
            assert +held.counter == Counter(act.answer for act in mine)
            assert held.decided == held.answers
            assert {who: (kept.answer, kept.rev) for who, kept in held.answers.items()} == {
                act.participant: (act.answer, act.rev) for act in mine
            }

    @invariant()
    def final_results_stay(self) -> None:
        """From the lock to the unlock, or for ever."""
        for asked in self.room.questions.values():
            results = self.room.results(asked)
            known = self.final.get(asked.id)
            if known is not None and known.round == results.round:
                assert results == known
            if results.final is not UNSET:
                self.final[asked.id] = results

    @invariant()
    def a_locked_question_has_final_results(self) -> None:
        """And an open one has not."""
        for asked in self.room.questions.values():
            assert (self.room.results(asked).final is True) == asked.is_locked

    @invariant()
    def events_are_numbered_without_a_gap(self) -> None:
        """From the first one on."""
        assert self.announced == list(range(1, self.room.seq + 1))

    @invariant()
    def at_most_one_question_is_active(self) -> None:
        """And a revealed one is locked."""
        questions = self.room.questions.values()
        assert sum(asked.is_active for asked in questions) <= 1
        assert all(asked.is_locked for asked in questions if asked.is_revealed or (asked.round and not asked.is_active))


RoomMachine.TestCase.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
TestRoom = RoomMachine.TestCase
