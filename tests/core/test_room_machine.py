"""Anything that may happen to a room, in any order, drawn by Hypothesis: votes, locks, crashes, broken disks and lines.

The rules, the store's engine, the hub, the bundles and the peers are the real ones; see ``room_world``. After every
step they are compared with the model of ``room_model``. The long form:
``pytest tests/core/test_room_machine.py --hypothesis-profile=long``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

import pytest
from asking import question
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)
from room_clients import Listener, Phone, Watcher
from room_world import TablesJournal, Verdict, World

from livepoll_jupyter.client.session import Session
from livepoll_jupyter.core.commands import AddQuestion, Close, Command, DeleteDraft, EditDraft, Publish, Reveal, SetLock
from livepoll_jupyter.core.messages import ShowResults, Vote, VoteData
from livepoll_jupyter.core.room import Room
from livepoll_jupyter.core.votes import MAX_EARLIER
from livepoll_jupyter.server.auth import LISTENER, OBSERVER, Identity, Role
from livepoll_jupyter.storage.memory import MemoryJournal

PHONES = ("ada's phone", "ada's other tab", "eve's phone")
EVERYBODY = (*PHONES, "a listener", "the observer")
ANSWERS: tuple[Any, ...] = ("a", "b", "c", "z", ["a"], ["c", "a"], ["a", "a"], [], None)
BUNDLE = 2.0

Cast = tuple[str, Vote]
"""Who voted, and what was sent."""
Step = Callable[[str], Command]

STEPS: tuple[Step, ...] = (
    Publish,
    Publish,
    partial(SetLock, is_locked=False),
    partial(SetLock, is_locked=True),
    Reveal,
    Close,
)

letters = st.sampled_from(["a", "b", "c", None])
answers = st.sampled_from(ANSWERS)
phones = st.sampled_from(PHONES)
everybody = st.sampled_from(EVERYBODY)
at_once = st.booleans()
kinds = st.sampled_from(["choice", "multiple_choice"])
meanwhile = st.lists(st.sampled_from(STEPS) | letters, min_size=2)
shown: st.SearchStrategy[ShowResults] = st.sampled_from(["live", "locked", "revealed"])
failures: st.SearchStrategy[Verdict] = st.sampled_from(["lost", "kept in doubt", "lost in doubt"])


def watchers() -> dict[str, Watcher]:
    """Ada in two tabs, Eve, somebody with a client of version 1, and an observer."""
    ada, eve = Identity(Role.PARTICIPANT, "participant-ada"), Identity(Role.PARTICIPANT, "participant-eve")
    seats = (
        Phone("ada's phone", ada),
        Phone("ada's other tab", ada),
        Phone("eve's phone", eve),
        Listener("a listener", LISTENER),
        Phone("the observer", OBSERVER),
    )
    return {seat.name: seat for seat in seats}


class RoomMachine(RuleBasedStateMachine):
    """A lecture in which everything happens that may."""

    questions = Bundle("questions")
    votes = Bundle("votes")

    def __init__(self) -> None:
        super().__init__()
        self.seats = watchers()
        self.ops = count(1)
        self.names = count(2)
        self.is_bundled = True

    @initialize(target=questions, in_memory=st.booleans(), kind=kinds, show=shown)
    def begin(self, in_memory: bool, kind: str, show: ShowResults) -> str:  # noqa: FBT001 - Hypothesis passes by name
        """A question is asked, and everybody is there."""
        self.world = World(MemoryJournal() if in_memory else TablesJournal(), list(self.seats.values()))
        for seat in self.seats.values():
            self.world.come(seat)
        self.carry_out(AddQuestion(question("q1", kind=kind, show_results=show)), at_once=True)
        self.carry_out(Publish("q1"), at_once=True)
        return "q1"

    def teardown(self) -> None:
        """Leave no loop and no task behind."""
        if hasattr(self, "world"):
            self.world.close()

    def carry_out(self, command: Command, *, at_once: bool) -> None:
        """An instructor's command, whether or not the disk is quick."""
        self.world.submit(command)
        self.commit(at_once=at_once)

    def commit(self, *, at_once: bool) -> None:
        """Let the disk keep what waits."""
        self.is_bundled = False
        if at_once:
            self.world.commit_all()

    # ------------------------------------------------------------ the instructor

    @precondition(lambda self: len(self.world.decided.questions) < 3)
    @rule(target=questions, kind=kinds, show=shown, correct=st.sampled_from([(), ("the median",)]), at_once=at_once)
    def add(self, kind: str, show: ShowResults, correct: tuple[str, ...], at_once: bool) -> str:  # noqa: FBT001
        """A further draft."""
        name = f"q{next(self.names)}"
        self.carry_out(AddQuestion(question(name, kind=kind, show_results=show, correct=correct)), at_once=at_once)
        return name

    @rule(name=questions, step=st.sampled_from(STEPS), at_once=at_once)
    def instruct(self, name: str, step: Step, at_once: bool) -> None:  # noqa: FBT001
        """Ask, ask again, lock, unlock, reveal, close."""
        # A question that was lost with a failing disk is asked about no more.
        if name in self.world.decided.questions:
            self.carry_out(step(name), at_once=at_once)

    @rule(name=questions, kind=kinds, show=shown, at_once=at_once)
    def edit(self, name: str, kind: str, show: ShowResults, at_once: bool) -> None:  # noqa: FBT001
        """Write a draft anew; what was asked already is refused."""
        if name in self.world.decided.questions:
            self.carry_out(EditDraft(question(name, kind=kind, show_results=show)), at_once=at_once)

    @rule(name=questions, at_once=at_once)
    def delete(self, name: str, at_once: bool) -> None:  # noqa: FBT001
        """Delete a draft; what was asked already is refused."""
        if name in self.world.decided.questions:
            self.carry_out(DeleteDraft(name), at_once=at_once)

    # ------------------------------------------------------------ voting

    @rule(target=votes, who=phones, letter=letters, at_once=at_once)
    def vote(self, who: str, letter: str | None, at_once: bool) -> Cast | MultipleResults[Cast]:  # noqa: FBT001
        """Vote, change, or withdraw, as a phone does: for the question on its screen, in the next revision."""
        phone = self.phone(who)
        asked = phone.session.question
        if asked is None:
            return multiple()
        mine = phone.session.my_vote
        phone.rev = max(phone.rev, mine.rev if mine else 0) + 1
        answer = letter if letter is None or asked.kind == "choice" else sorted({letter, "b"})
        return self.cast(who, asked.id, asked.round, answer, phone.rev, at_once=at_once)

    @rule(target=votes, who=phones, name=questions, behind=st.integers(-1, 1), answer=answers, rev=st.integers(1, 5))
    def vote_anyhow(self, who: str, name: str, behind: int, answer: Any, rev: int) -> Cast:
        """Whatever a program may send: another round, an old revision, a draft, no answer at all."""
        name = name if behind else self.world.decided.active or name
        asked = self.world.decided.questions.get(name)
        number = max(1, (asked.round if asked else 1) - behind)
        return self.cast(who, name, number, answer, rev, at_once=False)

    @rule(cast=votes, elsewhere=st.booleans(), at_once=at_once)
    def send_again(self, cast: Cast, elsewhere: bool, at_once: bool) -> None:  # noqa: FBT001
        """The same act once more, a duplicate or a stale retry, perhaps in another tab, perhaps another person's."""
        who, vote = cast
        self.send(PHONES[PHONES.index(who) - elsewhere], vote, at_once=at_once)

    def cast(self, who: str, name: str, number: int, answer: Any, rev: int, *, at_once: bool) -> Cast:
        """A new act of voting."""
        op = f"op-{next(self.ops)}"
        vote = Vote(data=VoteData(questionId=name, round=number, answer=answer, op=op, rev=rev))
        self.send(who, vote, at_once=at_once)
        return who, vote

    def send(self, who: str, vote: Vote, *, at_once: bool) -> None:
        """Over a phone's line, if it has one."""
        phone = self.phone(who)
        if phone.peer is not None:
            self.world.vote(phone, vote)
            self.commit(at_once=at_once)

    def phone(self, who: str) -> Phone:
        """Somebody's seat."""
        seat = self.seats[who]
        assert isinstance(seat, Phone)
        return seat

    # ------------------------------------------------------------ the disk and the machine

    @precondition(lambda self: self.world.has_pending)
    @rule()
    def keep_a_batch(self) -> None:
        """The disk is done with one commit."""
        self.is_bundled = False
        self.world.judge("kept")

    @precondition(lambda self: self.world.has_pending)
    @rule(verdict=failures)
    def fail(self, verdict: Verdict) -> None:
        """The disk is full, or nobody knows what it did."""
        self.is_bundled = False
        self.world.judge(verdict)

    @precondition(lambda self: self.world.has_pending)
    @rule(is_kept=st.booleans(), heard=st.integers(0, 9))
    def crash(self, is_kept: bool, heard: int) -> None:  # noqa: FBT001
        """The server dies, and another one takes up what is on the disk."""
        self.is_bundled = False
        self.world.crash(is_kept=is_kept, heard=heard)
        self.check_rows()
        for seat in self.seats.values():
            self.world.come(seat)

    # ------------------------------------------------------------ lines and time

    @rule(who=everybody, kept=st.integers(0, 5), comes_back=st.booleans())
    def lose(self, who: str, kept: int, comes_back: bool) -> None:  # noqa: FBT001
        """A line breaks, with frames under way; a new socket resumes from where the client was."""
        self.is_bundled = False
        self.world.do(lambda: self.seats[who].lose(kept))
        if comes_back:
            self.world.come(self.seats[who])

    @rule(who=st.sets(everybody, min_size=1), number=st.integers(0, 3))
    def lag(self, who: set[str], number: int) -> None:
        """Of what is under way, only some frames arrive, until all is well again."""
        for name in who:
            self.seats[name].lags = True
            self.seats[name].read(number)

    @rule(who=st.sets(everybody, min_size=1))
    def stall(self, who: set[str]) -> None:
        """Phones in a tunnel: their sockets take no more."""
        for name in who:
            self.seats[name].line.is_stuck = True

    @rule(who=st.sets(everybody, min_size=1), name=questions, acts=meanwhile)
    def tunnel(self, who: set[str], name: str, acts: list[Step | str | None]) -> None:
        """The lecture goes on meanwhile, Eve votes, and they come out at the tunnel's other end."""
        self.stall(who)
        for act in acts:
            if callable(act):
                self.instruct(name, act, at_once=True)
            else:
                self.vote(PHONES[-1], act, at_once=True)
            self.tick(BUNDLE)
        for each in who:
            self.world.do(self.seats[each].flow)

    @rule(seconds=st.sampled_from([0.5, 1.0, BUNDLE, 31.0]))
    def tick(self, seconds: float) -> None:
        """Time passes; what is bundled leaves."""
        self.world.pass_time(seconds)
        self.is_bundled |= seconds >= BUNDLE

    @rule(crashes=st.booleans())
    def heal(self, crashes: bool) -> None:  # noqa: FBT001
        """The disk works, everybody is back and reads: all see one room, and the rows say the same."""
        self.world.commit_all()
        if crashes:
            self.world.crash(is_kept=True, heard=0)
        for seat in self.seats.values():
            if seat.peer is None:
                self.world.come(seat)
            seat.lags = False
            self.world.do(seat.flow)
        self.tick(BUNDLE)
        for seat in self.seats.values():
            self.check_view(seat)
        self.check_rows()

    # ------------------------------------------------------------ what must always be true

    @invariant()
    def the_newest_acts_are_remembered(self) -> None:
        """Of each participant's decided acts the newest, be they settled or not, and no others."""
        held = {
            (name, number, who): (*round_.earlier.get(who, {}).values(), answer.act)
            for (name, number), round_ in self.world.room.rounds.items()
            for who, answer in round_.decided.items()
        }
        assert held == {place: acts[-1 - MAX_EARLIER :] for place, acts in self.world.decided.acts.items()}

    @invariant()
    def one_vote_each_and_the_tally_is_theirs(self) -> None:
        """Readers see what is settled: each participant's newest accepted vote, once, in counts and in number."""
        room, model = self.world.room, self.world.settled
        held = {
            (name, number, who): answer.act
            for (name, number), round_ in room.rounds.items()
            for who, answer in round_.answers.items()
        }
        assert held == {place: acts[-1] for place, acts in model.acts.items()}
        for name, asked in model.questions.items():
            results = room.results(room.question(name))
            assert (results.counts, results.participants) == model.tally(name, asked.round)
            assert results.round == asked.round

    @invariant()
    def the_room_is_the_models(self) -> None:
        """Its questions, their states, and how many events were announced."""
        room, model = self.world.room, self.world.settled
        assert [states(room, name) for name in room.questions] == [
            (name, asked.round, asked.is_active, asked.is_locked, asked.is_revealed)
            for name, asked in model.questions.items()
        ]
        assert room.seq == model.seq

    @invariant()
    def who_has_read_all_knows_the_room(self) -> None:
        """Whatever was lost on the way."""
        for seat in self.seats.values():
            if seat.has_read_all:
                self.check_view(seat)

    def check_view(self, seat: Watcher) -> None:
        """Compare what somebody knows with what is settled."""
        if isinstance(seat, Phone):
            self.check_session(seat)
        elif isinstance(seat, Listener):
            self.check_listener(seat)

    def check_session(self, seat: Phone) -> None:
        """Everything that a session holds."""
        session, model, room = seat.session, self.world.settled, self.world.room
        assert (session.is_current, session.epoch, session.seq) == (True, room.epoch, model.seq)
        name, asked = model.active, session.question
        if name is None:
            assert asked is None or not asked.is_active
            return
        state = model.questions[name]
        assert asked is not None
        assert (asked.id, asked.round, asked.is_active, asked.is_locked) == (name, state.round, True, state.is_locked)
        assert session.correct == (state.correct if state.is_revealed else None)
        if seat.participant is not None:
            act = model.newest((name, state.round, seat.participant))
            assert told_vote(session, name, state.round) == (act and (act.rev, act.answer))
        if self.is_bundled:
            assert session.participants == len({seat.participant for seat in self.seats.values() if seat.peer} - {None})
            if seat.identity.is_staff or state.is_shown:
                self.check_results(name, session.results)

    def check_listener(self, seat: Listener) -> None:
        """What a client of version 1 shows, while a question is asked."""
        name, model = self.world.settled.active, self.world.settled
        if name is None:
            return
        state = model.questions[name]
        assert seat.question is not None
        assert (seat.question.id, seat.question.round, seat.is_locked) == (name, state.round, state.is_locked)
        if self.is_bundled and state.is_shown:
            self.check_results(name, seat.results)

    def check_results(self, name: str, results: Any) -> None:
        """The newest tally; none was sent where nothing was counted."""
        model = self.world.settled
        number = model.questions[name].round
        counts, participants = model.tally(name, number)
        if results is None:
            assert participants == 0
        else:
            assert (results.questionId, results.round) == (name, number)
            assert (results.counts, results.participants) == (counts, participants)

    def check_rows(self) -> None:
        """The disk holds one row for each answer that counts, and none for what was withdrawn."""
        rows = {(row.questionId, row.round, row.participant): (row.rev, row.answer) for row in self.world.rows()}
        newest = {place: acts[-1] for place, acts in self.world.settled.acts.items()}
        assert rows == {place: (act.rev, act.answer) for place, act in newest.items() if act.answer is not None}


def told_vote(session: Session, name: str, number: int) -> tuple[int, Any] | None:
    """What a session holds of its participant's own vote in that round."""
    mine = session.my_vote
    is_there = mine is not None and (mine.questionId, mine.round) == (name, number)
    return (mine.rev, mine.answer) if mine and is_there else None


def states(room: Room, name: str) -> tuple[str, int, bool, bool, bool]:
    """A question's state in the real room."""
    asked = room.question(name)
    return name, asked.round, asked.is_active, asked.is_locked, asked.is_revealed


RoomMachine.TestCase.settings = settings(
    max_examples=2 * settings().max_examples, stateful_step_count=50, deadline=None
)
TestRoom = pytest.mark.timeout(3600)(RoomMachine.TestCase)
"""The long form takes a quarter of an hour, and a failure takes Hypothesis some minutes to make short."""
