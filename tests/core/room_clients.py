"""Whoever watches a room in a test: connections that may break at any frame, and what their ends know of the room."""

from __future__ import annotations

from collections import deque
from typing import Any

import msgspec
from server_frames import payloads

from livepoll_jupyter.client.session import Session, acked, after, parted
from livepoll_jupyter.core import messages
from livepoll_jupyter.core.codec import decode_server
from livepoll_jupyter.core.messages import Question, Results, ServerEvent, Vote
from livepoll_jupyter.server.auth import Identity
from livepoll_jupyter.server.live import LiveRoom
from livepoll_jupyter.server.peers import Peer


class Line:
    """A transport of which nothing is read by itself. ``new`` are the frames that no check has looked at yet.

    ``is_stuck`` while its reader does not read: the peer keeps what comes after the first frame. ``is_late`` once that
    happened, since what comes out then may have been written long before.
    """

    address = "10.0.0.1"

    def __init__(self) -> None:
        self.unread: deque[bytes] = deque()
        self.new: list[bytes] = []
        self.is_stuck = False
        self.is_late = False
        self.code: int | None = None

    def send(self, frame: bytes) -> bool:
        """Keep the frame for its reader and for the check."""
        for payload in payloads(frame):
            self.unread.append(payload)
            self.new.append(payload)
        self.is_late |= self.is_stuck
        return not self.is_stuck

    def ping(self) -> None:
        """Nobody pings here."""

    def close(self, code: int, reason: str) -> None:  # noqa: ARG002 - the transport's signature
        """Remember why."""
        self.code = code

    def drop(self) -> None:
        """There is no socket to let go of."""


class Watcher:
    """One client: its line to the room while it has one, and what it has read there: all, unless it ``lags``."""

    def __init__(self, name: str, identity: Identity, *, is_v2: bool = True) -> None:
        self.name = name
        self.identity = identity
        self.is_v2 = is_v2
        self.line = Line()
        self.lags = False
        self.peer: Peer | None = None
        self.live: LiveRoom | None = None

    def __repr__(self) -> str:
        return self.name

    @property
    def participant(self) -> str | None:
        """Who votes here."""
        return self.identity.participant

    @property
    def has_read_all(self) -> bool:
        """Whether nothing is under way any more."""
        return self.peer is not None and not self.line.unread and not self.line.is_stuck

    def come(self, live: LiveRoom) -> None:
        """Open a socket; a client of version 2 says hello and resumes."""
        self.line = Line()
        self.live, self.peer = live, Peer(self.line, self.identity)
        live.enter(self.peer)
        if self.is_v2:
            live.greet(self.peer, self.identity, self.resume)

    def lose(self, kept: int) -> None:
        """The connection breaks; of what was under way, the first ``kept`` frames still arrive."""
        self.read(kept)
        self.vanish()
        if self.peer is not None and self.live is not None:
            self.peer.gone()
            self.live.leave(self.peer)
        self.peer = self.live = None
        self.line = Line()

    def flow(self) -> None:
        """Read again after not having read."""
        self.line.is_stuck = False
        if self.peer is not None:
            self.peer.drained()

    def read(self, number: int | None = None) -> None:
        """Take in that many frames, or all."""
        for _ in range(len(self.line.unread) if number is None else min(number, len(self.line.unread))):
            self.take(decode_server(self.line.unread.popleft()))

    resume: messages.Resume | None = None

    def take(self, event: ServerEvent) -> None:
        """Learn from one message."""
        raise NotImplementedError

    def vanish(self) -> None:
        """Know that the connection is gone."""


class Phone(Watcher):
    """A client of version 2 with the package's own reducer; a participant's, or an observer's."""

    def __init__(self, name: str, identity: Identity) -> None:
        super().__init__(name, identity)
        self.session = Session()
        self.votes: dict[str, Vote] = {}
        self.rev = 0

    @property
    def resume(self) -> messages.Resume | None:  # type: ignore[override]
        """Where to go on."""
        return self.session.resume

    def take(self, event: ServerEvent) -> None:
        """Learn, and never find a gap on a line that loses nothing."""
        if isinstance(event, messages.VoteAck):
            self.session = acked(self.session, self.votes[event.data.op], event.data)
        else:
            self.session = after(self.session, event)
        assert not self.session.is_behind, f"{self} found a gap before {event}"

    def vanish(self) -> None:
        """What is known may be the room's no more."""
        self.session = parted(self.session)


class Listener(Watcher):
    """A ten-line client of version 1: it reconnects and shows what it is told."""

    def __init__(self, name: str, identity: Identity) -> None:
        super().__init__(name, identity, is_v2=False)
        self.question: Question | None = None
        self.is_locked = False
        self.results: Results | None = None

    def take(self, event: ServerEvent) -> None:
        """Show what came last."""
        match event:
            case messages.NewQuestion(data=question):
                self.question, self.is_locked, self.results = question, question.is_locked, None
            case messages.LockStatusEvent(data=lock):
                self.is_locked = lock.is_locked
            case messages.ResultsUpdate(data=results):
                # Results of what was asked before may come too: of a reveal after the close, or late to a slow socket.
                asked = self.question
                if asked is not None and (asked.id, asked.round) == (results.questionId, results.round):
                    self.results = results
            case _:
                raise AssertionError(f"No client of version 1 knows {event}")


def nodes(value: Any) -> list[dict[str, Any]]:
    """Every object in a frame, however deep."""
    if isinstance(value, list):
        return [node for each in value for node in nodes(each)]
    if not isinstance(value, dict):
        return []
    return [value, *(node for each in value.values() for node in nodes(each))]


def decoded(frame: bytes) -> dict[str, Any]:
    """A frame as any stranger reads it: fields that no type of ours knows are seen too."""
    event: dict[str, Any] = msgspec.json.decode(frame)
    return event
