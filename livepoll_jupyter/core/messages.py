"""Every message of the wire, typed. ``codec`` makes JSON of them and reads it.

Version 1 (``new-question``, ``lock-status``, ``results-update``, ``"ping"``) is the seed protocol and
frozen. Version 2 only adds: to its peers alone go ``welcome``, ``snapshot``, ``vote-ack``, ``my-vote``, ``pong``,
``presence``, ``room-changed``, ``trouble`` and the further control events. Field names are those of the wire, which
is why some are in camel case. TypeScript types, the OpenAPI and the AsyncAPI description are generated
from here by ``livepoll_jupyter.schema``.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

MAX_FRAME: Final = 16 * 1024
"""Bytes of the largest frame that a server reads."""

PING_MS: Final = 30_000
"""Milliseconds between two pings of a client."""

Identifier = Annotated[str, Meta(min_length=1, max_length=64, extra_json_schema={"pattern": r"^[^\x00]*$"})]
"""A name given by somebody else: short enough to store and to compare, and without NUL, which stores cut at.

That it has none is looked at by ``codec``, for a whole message at once: as a ``pattern`` it costs a vote 0.7 µs.
"""

Revision = Annotated[int, Meta(ge=1, le=2**53 - 1)]
"""A counter that JavaScript can still count exactly."""

ShowResults = Literal["live", "locked", "revealed"]
"""From when participants see a question's results; instructor and observers always do."""


# ---------------------------------------------------------------- objects


class Option(Struct, frozen=True):
    """One option of a question; ``html`` is the label rendered and sanitised.

    ``plain`` is what a reader sees of it, as plain text; without it that is the label itself. Version 2.
    """

    id: str
    label: str
    html: str
    plain: str | UnsetType = UNSET

    @property
    def plain_label(self) -> str:
        """The label without Markdown and LaTeX."""
        return self.label if self.plain is UNSET else self.plain


def in_plain(options: tuple[Option, ...]) -> tuple[Option, ...]:
    """The options with their plain text as their labels."""
    return tuple(replace(option, label=option.plain_label) for option in options)


class Question(Struct, frozen=True, kw_only=True):
    """The public question object. It never holds the right answer.

    ``plain`` is what a reader sees of the text, as plain text; without it that is the text itself. Version 2.
    """

    id: str
    kind: str
    text: str
    html: str
    plain: str | UnsetType = UNSET
    options: tuple[Option, ...]
    round: int
    is_locked: bool
    is_active: bool

    @property
    def plain_text(self) -> str:
        """The text without Markdown and LaTeX."""
        return self.text if self.plain is UNSET else self.plain


class InstructorQuestion(Question, frozen=True, kw_only=True):
    """What the instructor's REST API returns: the public object and what the class must not see yet.

    ``correct`` holds option ids, and is empty for a question without a right answer.
    """

    correct: tuple[str, ...]
    show_results: ShowResults
    is_revealed: bool


class Results(Struct, frozen=True, kw_only=True):
    """The tally of one round.

    ``counts`` maps every option's id to its votes, zeros included; ``total`` is the sum of the counts;
    ``participants`` is how many participants have answered, so that a multiple choice's share of an
    option is ``counts[id] / participants``. ``final`` is there, and true, once the question is locked.
    """

    questionId: str
    round: int
    total: int
    counts: dict[str, int]
    participants: int
    final: bool | UnsetType = UNSET


class LockStatus(Struct, frozen=True):
    """Whether a question takes votes."""

    questionId: str
    is_locked: bool


class Snapshot(Struct, frozen=True, kw_only=True):
    """A room's present state as one peer may see it; it replaces whatever the peer knew."""

    title: str
    question: Question | None
    results: Results | None
    correct: tuple[str, ...] | None
    participants: int


class MyVote(Struct, frozen=True, kw_only=True):
    """A participant's own present answer in one round; ``answer`` is null once it was withdrawn."""

    questionId: str
    round: int
    answer: Any
    rev: int


class Resume(Struct, frozen=True):
    """The last control event that a client has applied."""

    epoch: Identifier
    seq: Annotated[int, Meta(ge=0)]


class HelloData(Struct, frozen=True, kw_only=True):
    """How a version 2 client introduces itself; ``token`` is a participant's or an observer's."""

    v: Annotated[int, Meta(ge=2)]
    token: Annotated[str, Meta(max_length=256)] | UnsetType = UNSET
    resume: Resume | UnsetType = UNSET


class WelcomeData(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer to ``hello``: where the stream of control events stands, and who the peer is."""

    epoch: str
    seq: int
    recovered: bool
    pingMs: int
    maxFrame: int
    role: str
    participant: str | UnsetType = UNSET
    myVote: MyVote | UnsetType = UNSET


class VoteData(Struct, frozen=True, kw_only=True, gc=False):
    """One act of voting: ``op`` is unique to it, ``rev`` orders the acts of one participant.

    An ``answer`` of null withdraws the one that was given.
    """

    questionId: Identifier
    round: Revision
    answer: Any
    op: Identifier
    rev: Revision


class VoteAckData(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a vote; the same ``op`` gets the same ack again, even when a newer vote has replaced it.

    Of an accepted vote ``answer`` and ``rev`` are its own. On a rejection they are those of the vote that counts, with
    a ``rev`` of 0 and no ``answer`` where there is none; ``reason`` is a refusal's code, ``message`` the sentence for
    the person, and ``retry`` says that sending it again later may succeed. ``answer`` is null for a withdrawal.
    """

    op: str
    status: Literal["accepted", "rejected"]
    rev: int
    reason: str | UnsetType = UNSET
    message: str | UnsetType = UNSET
    retry: bool | UnsetType = UNSET
    answer: Any = UNSET


class PongData(Struct, frozen=True):
    """The head of the control stream, so that a silent gap is seen within one ping."""

    seq: int


class PresenceData(Struct, frozen=True):
    """How many participants are connected."""

    participants: int


class QuestionClosedData(Struct, frozen=True):
    """A question that is no longer active."""

    questionId: str
    round: int


class AnswerRevealedData(Struct, frozen=True):
    """The right options' ids; empty for a question that has no right answer."""

    questionId: str
    round: int
    correct: tuple[str, ...]


class RoomChangedData(Struct, frozen=True):
    """How many questions the room has; for the instructor and observers, who fetch what they need."""

    questions: int


class TroubleData(Struct, frozen=True):
    """Why votes cannot be stored, and what to do, in a sentence for the instructor; null when that is over."""

    message: str | None


class CloseReason(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The reason in a close frame, as JSON of at most 123 bytes.

    ``retryAfterMs`` (1012 and 1013) is about how many milliseconds to wait before coming back; each client draws its
    own time between half of it and one and a half.
    """

    reason: str
    retryAfterMs: Annotated[int, Meta(ge=0)] | UnsetType = UNSET


class ErrorData(Struct, frozen=True):
    """A refusal as it travels, over the socket (and, without ``retry``, as a REST body)."""

    code: str
    message: str
    retry: bool


# ---------------------------------------------------------------- server → client


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event"):
    """A message to a client: ``event`` and ``data``, and beside them what orders it."""


class ControlEvent(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A message of a room's gapless stream; without ``seq`` it is state, sent as a socket opens."""

    seq: int | UnsetType = UNSET
    epoch: str | UnsetType = UNSET


class NewQuestion(ControlEvent, frozen=True, kw_only=True, tag="new-question"):
    """Version 1. A question was published; sent at once."""

    data: Question


class LockStatusEvent(ControlEvent, frozen=True, kw_only=True, tag="lock-status"):
    """Version 1. The lock changed; sent at once."""

    data: LockStatus


class QuestionClosedEvent(ControlEvent, frozen=True, kw_only=True, tag="question-closed"):
    """The question is over."""

    data: QuestionClosedData


class AnswerRevealed(ControlEvent, frozen=True, kw_only=True, tag="answer-revealed"):
    """The right answer."""

    data: AnswerRevealedData


class ResultsUpdate(Event, frozen=True, kw_only=True, omit_defaults=True, tag="results-update"):
    """Version 1. Bundled: at most one per room every 2 s; at once and final after a lock.

    Level-triggered: the highest ``rev`` wins.
    """

    data: Results
    rev: int | UnsetType = UNSET


class Welcome(Event, frozen=True, kw_only=True, tag="welcome"):
    """The answer to ``hello``."""

    data: WelcomeData


class SnapshotEvent(Event, frozen=True, kw_only=True, omit_defaults=True, tag="snapshot"):
    """The present state, after a ``welcome`` that did not recover."""

    data: Snapshot
    seq: int
    epoch: str
    rev: int


class VoteAck(Event, frozen=True, kw_only=True, tag="vote-ack"):
    """What became of a vote; an accepted one is durable when this is sent."""

    data: VoteAckData


class MyVoteEvent(Event, frozen=True, kw_only=True, tag="my-vote"):
    """A participant's vote, once committed, for their other sockets; the highest ``rev`` of a round wins."""

    data: MyVote


class Pong(Event, frozen=True, kw_only=True, tag="pong"):
    """The answer to a version 2 client's ping."""

    data: PongData


class Presence(Event, frozen=True, kw_only=True, tag="presence"):
    """How many are here, bundled like results."""

    data: PresenceData


class RoomChanged(Event, frozen=True, kw_only=True, tag="room-changed"):
    """The list of questions changed; to the instructor and observers only."""

    data: RoomChangedData


class Trouble(Event, frozen=True, kw_only=True, tag="trouble"):
    """Votes cannot be stored, or can again; to the instructor and observers only."""

    data: TroubleData


class ErrorEvent(Event, frozen=True, kw_only=True, tag="error"):
    """A refusal of what this peer sent; the connection is kept."""

    data: ErrorData


ServerEvent = (
    NewQuestion
    | LockStatusEvent
    | ResultsUpdate
    | QuestionClosedEvent
    | AnswerRevealed
    | Welcome
    | SnapshotEvent
    | VoteAck
    | MyVoteEvent
    | Pong
    | Presence
    | RoomChanged
    | Trouble
    | ErrorEvent
)

V1_EVENTS: Final = (NewQuestion, LockStatusEvent, ResultsUpdate, ErrorEvent)
"""All that a peer without a ``hello`` is ever sent, as ``core.version1`` makes it."""


# ---------------------------------------------------------------- client → server


class Hello(Struct, frozen=True, tag_field="event", tag="hello"):
    """Opts in to version 2."""

    data: HelloData


class Vote(Struct, frozen=True, tag_field="event", tag="vote", gc=False):
    """Casts or changes a vote."""

    data: VoteData


class Ping(Struct, frozen=True):
    """The keep-alive: on the wire it is the JSON string ``"ping"``."""


ClientMessage = Hello | Vote | Ping
