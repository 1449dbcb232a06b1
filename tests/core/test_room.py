"""The rules of a room: what each command does, and each way in which it is refused."""

from __future__ import annotations

from typing import Any

import pytest
from asking import NOW, asked_room, carry_out, empty_room, question, vote
from msgspec import UNSET
from msgspec.structs import replace

from livepoll_jupyter.core import messages
from livepoll_jupyter.core.codec import encode
from livepoll_jupyter.core.commands import (
    AddQuestion,
    Close,
    Command,
    DeleteDraft,
    EditDraft,
    EndRoom,
    Publish,
    Reveal,
    SetLock,
)
from livepoll_jupyter.core.effects import (
    Announce,
    Decision,
    FinalResults,
    QuestionChanged,
    QuestionDeleted,
    QuestionsChanged,
    RoomOver,
)
from livepoll_jupyter.core.errors import (
    AlreadyPublished,
    AlreadyRevealed,
    BadQuestion,
    Conflict,
    NotPublished,
    QuestionClosed,
    Refusal,
    RoomEnded,
    UnknownQuestion,
)
from livepoll_jupyter.core.messages import Resume
from livepoll_jupyter.core.room import MAX_QUESTIONS, MAX_ROOM_SIZE, MAX_ROUNDS, REPLAY, Room, results_are_visible

NOTHING = Decision((), ())
LOCK, UNLOCK = SetLock("q1", is_locked=True), SetLock("q1", is_locked=False)


def announced(decision: Decision) -> list[str]:
    """The names of the events that go out, in order."""
    events = [effect.event for effect in decision.effects if isinstance(effect, Announce)]
    return [str(event.__struct_config__.tag) for event in events]


def counts(room: Room, name: str = "q1") -> dict[str, int]:
    """The settled tally of the present round."""
    return room.results(room.question(name)).counts


# ---------------------------------------------------------------- publishing


def test_a_new_question_is_a_draft_that_nobody_is_told_of() -> None:
    """Only the instructor's list changes."""
    room = empty_room()
    decision = carry_out(room, AddQuestion(question()))
    assert decision == Decision((QuestionChanged(question(), 1),), (QuestionsChanged(),))
    assert (room.active, room.question("q1").round) == (None, 0)


def test_a_question_may_be_added_and_asked_in_one_decision() -> None:
    """Stored whole or not at all: a failed commit leaves no draft behind."""
    room = empty_room()
    decision = carry_out(room, AddQuestion(question(), publish=True))
    assert announced(decision) == ["new-question"]
    assert [change for change in decision.changes if isinstance(change, QuestionChanged)] == [
        QuestionChanged(room.question("q1"), 1)
    ]
    assert room.active == room.question("q1")


def test_two_questions_cannot_have_one_id() -> None:
    """The second is refused."""
    room = asked_room()
    with pytest.raises(BadQuestion):
        room.decide(AddQuestion(question()), NOW)


def test_publishing_a_draft_makes_it_the_active_question() -> None:
    """Round 1, open, unrevealed, and announced to all."""
    room = empty_room()
    decision = carry_out(room, AddQuestion(question()), Publish("q1"))
    asked = room.question("q1")
    assert room.active == asked
    assert (asked.round, asked.is_locked, asked.is_revealed) == (1, False, False)
    assert announced(decision) == ["new-question"]


def test_publishing_the_active_question_changes_nothing() -> None:
    """Pressing the button twice asks once."""
    assert asked_room().decide(Publish("q1"), NOW) == NOTHING


def test_publishing_another_question_closes_the_active_one() -> None:
    """Locked with final results, closed, then the new one: in this order, in one decision."""
    room = asked_room()
    carry_out(room, AddQuestion(question("q2")))
    decision = carry_out(room, Publish("q2"))
    assert announced(decision) == ["lock-status", "question-closed", "new-question"]
    assert room.active == room.question("q2")
    assert (room.question("q1").is_active, room.question("q1").is_locked) == (False, True)


def test_publishing_a_closed_question_starts_its_next_round() -> None:
    """Open, unrevealed, with empty results; the earlier round's votes stay where they are."""
    room = asked_room()
    carry_out(room, vote("ada", "a"), Reveal("q1"), Close("q1"), Publish("q1"))
    asked = room.question("q1")
    assert (asked.round, asked.is_locked, asked.is_revealed, asked.is_active) == (2, False, False, True)
    assert room.results(asked).total == 0
    assert room.rounds["q1", 1].counter["a"] == 1


def test_the_places_of_questions_count_from_one() -> None:
    """A changed question keeps its place."""
    room = asked_room()
    carry_out(room, AddQuestion(question("q2")))
    changes = carry_out(room, Publish("q2")).changes
    assert [(change.question.id, change.place) for change in changes if isinstance(change, QuestionChanged)] == [
        ("q1", 1),
        ("q1", 1),
        ("q2", 2),
    ]


def test_no_room_has_more_questions_than_our_clients_show() -> None:
    """A panel refuses such a room, so nobody could run it any more; a draft that is deleted makes place."""
    room = empty_room()
    drafted = question()
    carry_out(room, *(AddQuestion(replace(drafted, id=f"q{number}")) for number in range(MAX_QUESTIONS)))
    with pytest.raises(Conflict, match="Delete drafts"):
        room.decide(AddQuestion(replace(drafted, id="more")), NOW)
    assert "more" not in room.ahead.questions
    carry_out(room, DeleteDraft("q7"), AddQuestion(replace(drafted, id="more")))


def test_no_question_has_more_rounds_than_a_file_may_hold() -> None:
    """A file with more is taken for damaged when a server opens it, and all rooms in it were lost."""
    room = asked_room()
    room.ahead.questions["q1"] = room.questions["q1"] = replace(room.questions["q1"], round=MAX_ROUNDS)
    carry_out(room, Close("q1"))
    with pytest.raises(Conflict, match="new question"):
        room.decide(Publish("q1"), NOW)


# ---------------------------------------------------------------- correcting and deleting drafts


def test_a_draft_may_be_edited_at_its_place_and_the_class_is_told_nothing() -> None:
    """Only the instructor's list changes."""
    room = empty_room()
    carry_out(room, AddQuestion(question()), AddQuestion(question("q2")))
    decision = carry_out(room, EditDraft(question(correct="the median")))
    assert decision == Decision((QuestionChanged(question(correct="the median"), 1),), (QuestionsChanged(),))
    assert [(each.id, each.correct) for each in room.questions.values()] == [("q1", ("b",)), ("q2", ("a",))]


def test_a_room_takes_no_more_than_its_own_clients_read() -> None:
    """An answer of the API with forty of the largest questions is some 8 MiB of JSON."""
    room = empty_room()
    large = replace(question("q"), html="x" * 98_000)
    carry_out(room, *(AddQuestion(replace(large, id=f"q{number}")) for number in range(MAX_ROOM_SIZE // 98_304)))
    with pytest.raises(Conflict, match="too large together"):
        carry_out(room, AddQuestion(replace(large, id="last")))
    carry_out(room, DeleteDraft("q0"), AddQuestion(replace(large, id="last")))
    with pytest.raises(Conflict, match="too large together"):
        carry_out(room, EditDraft(replace(large, id="q1", text="x" * 98_000)))


def test_a_deleted_draft_is_gone_and_those_after_it_keep_their_places() -> None:
    """A question that is added afterwards has a place of its own."""
    room = empty_room()
    carry_out(room, *(AddQuestion(question(name)) for name in ("q1", "q2", "q3")))
    decision = carry_out(room, DeleteDraft("q2"))
    assert decision == Decision((QuestionDeleted("q2"),), (QuestionsChanged(),))
    assert carry_out(room, AddQuestion(question("q4"))).changes == (QuestionChanged(question("q4"), 4),)
    with pytest.raises(UnknownQuestion):
        room.decide(Publish("q2"), NOW)


@pytest.mark.parametrize("closes", [False, True])
def test_a_question_that_was_asked_is_neither_edited_nor_deleted(closes: bool) -> None:  # noqa: FBT001
    """What the class has seen stays as it was; the refusal says so."""
    room = asked_room()
    carry_out(room, *([Close("q1")] if closes else []))
    for command in (EditDraft(question(correct="the median")), DeleteDraft("q1")):
        with pytest.raises(AlreadyPublished, match="stays as the class saw it"):
            room.decide(command, NOW)
    assert room.question("q1").correct == ("a",)


def test_what_was_deleted_and_not_committed_is_there_again() -> None:
    """With its place, also for whoever adds a question next."""
    room = empty_room()
    carry_out(room, AddQuestion(question()), AddQuestion(question("q2")))
    room.take_back(room.decide(DeleteDraft("q1"), NOW).changes)
    assert list(room.questions) == ["q1", "q2"]
    assert carry_out(room, AddQuestion(question("q3"))).changes == (QuestionChanged(question("q3"), 3),)


# ---------------------------------------------------------------- locking, revealing, closing


def test_a_lock_is_announced_and_its_results_are_final() -> None:
    """At once, in this order."""
    room = asked_room()
    decision = carry_out(room, vote(), LOCK)
    assert announced(decision) == ["lock-status"]
    assert FinalResults("q1", 1) in decision.effects
    assert room.results(room.question("q1")).final is True


def test_an_unlock_is_announced_and_results_are_live_again() -> None:
    """``final`` holds until then."""
    room = asked_room()
    carry_out(room, LOCK)
    assert announced(carry_out(room, UNLOCK)) == ["lock-status"]
    assert room.results(room.question("q1")).final is UNSET
    carry_out(room, vote())
    assert counts(room)["a"] == 1


@pytest.mark.parametrize("before", [[], [LOCK]], ids=["open", "locked"])
def test_setting_the_lock_to_what_it_is_changes_nothing(before: list[Command]) -> None:
    """Neither an event nor a number is spent on it."""
    room = asked_room()
    carry_out(room, *before)
    assert room.decide(SetLock("q1", is_locked=bool(before)), NOW) == NOTHING


def test_a_reveal_locks_and_shows_the_right_answer() -> None:
    """The lock comes first, so that nobody can vote for what is shown."""
    room = asked_room()
    decision = carry_out(room, Reveal("q1"))
    assert announced(decision) == ["lock-status", "answer-revealed"]
    revealed = [effect.event for effect in decision.effects if isinstance(effect, Announce)][-1]
    assert revealed.data == messages.AnswerRevealedData("q1", 1, ("a",))  # type: ignore[attr-defined]
    assert room.question("q1").is_revealed


def test_a_reveal_of_a_locked_question_does_not_lock_again() -> None:
    """One event, the answer."""
    room = asked_room()
    carry_out(room, LOCK)
    assert announced(carry_out(room, Reveal("q1"))) == ["answer-revealed"]
    assert room.decide(Reveal("q1"), NOW) == NOTHING


def test_a_reveal_shows_results_that_were_hidden_until_then() -> None:
    """``show_results="revealed"``: the reveal sends them."""
    room = asked_room(question(show_results="revealed"))
    carry_out(room, vote(), LOCK)
    assert FinalResults("q1", 1) in carry_out(room, Reveal("q1")).effects


@pytest.mark.parametrize("show_results", ["live", "locked", "revealed"])
def test_a_reveal_that_locks_sends_the_final_results_once(show_results: Any) -> None:
    """Whatever was hidden until then."""
    room = asked_room(question(show_results=show_results))
    carry_out(room, vote())
    effects = carry_out(room, Reveal("q1")).effects
    assert [effect for effect in effects if isinstance(effect, FinalResults)] == [FinalResults("q1", 1)]


def test_a_closed_question_can_be_revealed() -> None:
    """The discussion may come after the next question was asked."""
    room = asked_room()
    carry_out(room, Close("q1"))
    assert announced(carry_out(room, Reveal("q1"))) == ["answer-revealed"]


def test_closing_locks_and_leaves_nothing_active() -> None:
    """Again changes nothing."""
    room = asked_room()
    assert announced(carry_out(room, Close("q1"))) == ["lock-status", "question-closed"]
    assert room.active is None
    assert room.decide(Close("q1"), NOW) == NOTHING


def test_a_question_that_is_revealed_cannot_be_unlocked() -> None:
    """The answer is out; a new round can be published."""
    room = asked_room()
    carry_out(room, Reveal("q1"))
    with pytest.raises(AlreadyRevealed):
        room.decide(UNLOCK, NOW)


@pytest.mark.parametrize("command", [SetLock("q2", is_locked=True), Reveal("q2"), Close("q2")])
def test_a_draft_cannot_be_locked_revealed_or_closed(command: Command) -> None:
    """It was not published yet."""
    room = asked_room()
    carry_out(room, AddQuestion(question("q2")))
    with pytest.raises(NotPublished):
        room.decide(command, NOW)


def test_a_closed_question_cannot_be_locked_or_unlocked() -> None:
    """It is over."""
    room = asked_room()
    carry_out(room, Close("q1"))
    with pytest.raises(QuestionClosed):
        room.decide(UNLOCK, NOW)


@pytest.mark.parametrize(
    "command", [Publish("nope"), SetLock("nope", is_locked=True), Reveal("nope"), Close("nope"), vote(name="nope")]
)
def test_an_unknown_question_is_refused(command: Command) -> None:
    """Whatever is asked of it."""
    with pytest.raises(UnknownQuestion):
        asked_room().decide(command, NOW)


@pytest.mark.parametrize("command", [AddQuestion(question("q2")), Publish("q1"), LOCK, vote(), EndRoom()])
def test_an_ended_room_refuses_everything(command: Command) -> None:
    """Its end closed the question and every socket, in one decision."""
    room = asked_room()
    decision = carry_out(room, EndRoom())
    assert announced(decision) == ["lock-status", "question-closed"]
    assert decision.effects[-1] == RoomOver()
    assert room.ended_at == NOW
    with pytest.raises(RoomEnded):
        room.decide(command, NOW)


# ---------------------------------------------------------------- reading


def test_a_participant_is_reminded_of_the_own_answer_alone() -> None:
    """To the active question, in its present round."""
    room = asked_room()
    carry_out(room, vote("ada", "b", rev=3))
    assert room.answer_of("ada") == messages.MyVote(questionId="q1", round=1, answer="b", rev=3)
    assert room.answer_of("eve") is None
    carry_out(room, Close("q1"))
    assert room.answer_of("ada") is None
    carry_out(room, Publish("q1"))
    assert room.answer_of("ada") is None


@pytest.mark.parametrize(
    ("show_results", "visible"),
    [("live", [True, True, True]), ("locked", [False, True, True]), ("revealed", [False, False, True])],
)
def test_participants_see_results_when_the_question_says(show_results: Any, visible: list[bool]) -> None:
    """While open, once locked, once revealed."""
    room = asked_room(question(show_results=show_results))
    seen = [results_are_visible(room.question("q1"))]
    for command in (LOCK, Reveal("q1")):
        carry_out(room, command)
        seen.append(results_are_visible(room.question("q1")))
    assert seen == visible


def test_who_comes_back_gets_the_events_that_were_missed() -> None:
    """Each once and in order."""
    room = asked_room()
    carry_out(room, LOCK, UNLOCK, Close("q1"))
    assert [event.seq for event in room.since(Resume(room.epoch, 2)) or []] == [3, 4, 5]
    assert room.since(Resume(room.epoch, room.seq)) == []


def test_who_was_away_for_too_long_gets_no_events() -> None:
    """Another epoch, a number of the future, or more than is kept: a snapshot is needed."""
    room = asked_room()
    carry_out(room, *[LOCK, UNLOCK] * (REPLAY // 2))
    assert room.seq == REPLAY + 1
    assert len(room.since(Resume(room.epoch, 1)) or []) == REPLAY
    for resume in (Resume(room.epoch, 0), Resume(room.epoch, room.seq + 1), Resume("other", room.seq)):
        assert room.since(resume) is None


def test_every_announcement_says_where_it_stands() -> None:
    """The room's epoch and the next number."""
    room = empty_room()
    decision = carry_out(room, AddQuestion(question()), Publish("q1"), Reveal("q1"), Close("q1"))
    events = [effect.event for effect in decision.effects if isinstance(effect, Announce)]
    assert [(event.epoch, event.seq) for event in events] == [("epoch-1", number) for number in range(1, 5)]


def test_no_announcement_before_the_reveal_holds_the_right_answer() -> None:
    """Whatever is encoded for participants."""
    room = asked_room(question(correct="neither"))
    decision = carry_out(room, vote(), LOCK, UNLOCK, Close("q1"), Publish("q1"))
    for effect in decision.effects:
        if isinstance(effect, Announce):
            assert b"correct" not in encode(effect.event)


@pytest.mark.parametrize(
    "command",
    [vote("eve"), vote("ada", "b", op="late"), vote("kim", number=9), UNLOCK, Publish("nope"), AddQuestion(question())],
    ids=repr,
)
def test_a_refusal_leaves_the_room_as_it_was(command: Command) -> None:
    """To the last field."""
    room, twin = asked_room(), asked_room()
    for each in (room, twin):
        carry_out(each, vote("ada"), Reveal("q1"))
    with pytest.raises(Refusal):
        room.decide(command, NOW)
    assert room == twin
