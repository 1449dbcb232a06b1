"""One open room as its peers see it: what is sent to whom, and when. It decides nothing and stores nothing.

Control events leave at once. Results and presence wait for the two-second bundle of ``core.bundler``. Results that
the question hides go to the instructor and observers alone, and a peer that never said hello gets version 1 only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from weakref import WeakMethod

import msgspec

from ..core import messages
from ..core.bundler import Bundler
from ..core.effects import Announce, Effect, FinalResults, QuestionsChanged, RoomOver, Voted
from ..core.room import Room, results_are_visible
from .auth import Identity
from .clock import Clock
from .peers import Peer, Peers, frame_of, send_to_all
from .present import Present, Shown
from .replay import Replay

ROOM_OVER = 4503
"""The closing code of a room that has ended."""

TOO_MANY_SOCKETS = 4504
"""The closing code of a participant's oldest socket when one more than :data:`SOCKETS` comes."""

SOCKETS = 16
"""How many a participant may have open: more tabs and devices than a person uses, forgotten ones included."""

SIBLINGS = 8
"""How many of a participant's sockets hear of each vote at most, the newest; a person has no more tabs in use."""


class Bundle:
    """A message that waits for its bundler, and the timer that calls the method ``send``.

    It does not keep the method's object: a room that has ended, with all its answers, must not wait for the garbage
    collector, which runs seldom here.
    """

    def __init__(self, clock: Clock, send: Callable[[], None]) -> None:
        self._bundler = Bundler()
        self._clock = clock
        self._send = WeakMethod(send)

    def changed(self) -> None:
        """Note a change; the first after a quiet time sets the timer."""
        if self._bundler.changed(self._clock.monotonic()):
            self._set_timer()

    def drop(self) -> None:
        """Forget what waits."""
        self._bundler.drop()

    def _set_timer(self) -> None:
        if self._bundler.due is not None:
            self._clock.call_at(self._bundler.due, self._ring)

    def _ring(self) -> None:
        send = self._send()
        if send is None:
            return
        if self._bundler.take(self._clock.monotonic()):
            send()
        else:
            # It rang within the clock's resolution too early, or for a bundle that was dropped.
            self._set_timer()


class LiveRoom:
    """The peers of one room. ``room`` is the store's own object, which another one replaces if it is loaded anew.

    ``trouble`` tells why votes cannot be stored at the moment, None while they can.
    """

    def __init__(self, room: Room, clock: Clock, trouble: Callable[[], str | None]) -> None:
        self.room = room
        self.peers = Peers()
        self._present = Present()
        self._replay = Replay()
        self._trouble = trouble
        self._results = Bundle(clock, self._send_results)
        self._bundled: tuple[str, int] | None = None
        self._presence = Bundle(clock, self._send_presence)
        self._participants_noted = 0

    # ------------------------------------------------------------ peers

    def enter(self, peer: Peer) -> int:
        """A socket was opened: version 1's state, so that a client that only reconnects is healed; its bytes."""
        self.peers.add(peer)
        self._make_room_for(peer)
        self._note_presence()
        return self._send_v1_state(peer)

    def leave(self, peer: Peer) -> None:
        """A socket was closed."""
        self.peers.discard(peer)
        self._note_presence()

    def identify(self, peer: Peer, identity: Identity) -> None:
        """A peer has said who it is."""
        self.peers.identify(peer, identity)
        self._make_room_for(peer)
        self._note_presence()

    def greet(self, peer: Peer, identity: Identity, resume: messages.Resume | None) -> int:
        """A peer said hello: welcome, then what it missed, or the present state; how many bytes that is."""
        self.identify(peer, identity)
        peer.is_v2 = True
        missed = self._missed(resume) if resume else None
        sent = self._send_state(peer) if missed is None else self._send_missed(peer, missed)
        if peer.identity.is_staff and self._trouble() is not None:
            peer.tell(self._trouble_event())
        return sent

    def _make_room_for(self, peer: Peer) -> None:
        """Close the oldest of a participant's sockets beyond :data:`SOCKETS`: a forgotten tab, or one that is gone."""
        participant = peer.identity.participant
        if participant is not None:
            for oldest in self.peers.of(participant)[:-SOCKETS]:
                oldest.close(TOO_MANY_SOCKETS, "too-many-sockets")

    # ------------------------------------------------------------ effects

    def carry_out(self, effects: Iterable[Effect]) -> None:
        """Do what follows from a committed command, in order; one ``room-changed`` for all of it."""
        questions_changed = False
        for effect in effects:
            match effect:
                case Announce(event=event):
                    self.peers.broadcast(event)
                case Voted() if effect.changes_results:
                    self._bundled = effect.question_id, effect.round
                    self._results.changed()
                case FinalResults():
                    # A closed question may be revealed while the bundle of the one being asked waits.
                    if self._bundled == (effect.question_id, effect.round):
                        self._results.drop()
                    self._broadcast_results(effect.question_id, effect.round)
                case QuestionsChanged():
                    questions_changed = True
                case RoomOver():
                    self.close(ROOM_OVER, "room-ended")
        if questions_changed:
            self._tell_staff(self._room_changed())

    def others_of(self, voter: Peer, participant: str) -> list[Peer]:
        """The participant's other sockets that hear of each vote."""
        sockets = self.peers.of(participant)
        if sockets == (voter,):
            return []
        return [peer for peer in sockets[-SIBLINGS:] if peer is not voter and peer.is_v2]

    def show_change(self) -> None:
        """Let staff fetch the room again, of which something other than the votes is new."""
        self._tell_staff(self._room_changed())

    def show_trouble(self) -> None:
        """Tell staff that votes cannot be stored, or that they can again."""
        self._tell_staff(self._trouble_event())

    def follow(self, room: Room) -> None:
        """Read ``room`` from now on; where it has another history, everybody gets the present state."""
        before, self.room = self.room, room
        if room.epoch != before.epoch:
            self._start_again()

    def _start_again(self) -> None:
        self._results.drop()
        for peer in self.peers:
            if peer.is_v2:
                self._send_state(peer)
            else:
                self._send_v1_state(peer)
        self._tell_staff(self._room_changed())

    def close(self, code: int, reason: str) -> None:
        """Close every socket."""
        for peer in self.peers:
            peer.close(code, reason)
            self.peers.discard(peer)

    # ------------------------------------------------------------ sending

    def _welcome(self, peer: Peer, *, recovered: bool) -> messages.Welcome:
        participant = peer.identity.participant
        mine = self.room.answer_of(participant) if participant else None
        data = messages.WelcomeData(
            epoch=self.room.epoch,
            seq=self.room.seq,
            recovered=recovered,
            pingMs=messages.PING_MS,
            maxFrame=messages.MAX_FRAME,
            role=peer.identity.role,
            participant=participant or msgspec.UNSET,
            myVote=mine or msgspec.UNSET,
        )
        return messages.Welcome(data=data)

    def _send_state(self, peer: Peer) -> int:
        """Welcome and snapshot, in one piece; its size."""
        snapshot = self._present.snapshot(self.room, self.peers.participants, is_staff=peer.identity.is_staff)
        return self._send(peer, frame_of(self._welcome(peer, recovered=False)) + snapshot)

    def _missed(self, resume: messages.Resume) -> bytes | None:
        """The frames after ``resume``; None where the present state is to be sent instead."""
        number = self.room.missed_since(resume)
        return None if number is None else self._replay.newest(self.room, number)

    def _send_missed(self, peer: Peer, missed: bytes) -> int:
        """Welcome, what was missed and what replaces earlier states, in one piece; its size."""
        shown = self._shown_to(peer)
        state = b"" if shown is None else shown.results_frame
        return self._send(
            peer, b"".join((frame_of(self._welcome(peer, recovered=True)), missed, state, self._presence_frame()))
        )

    def _send_v1_state(self, peer: Peer) -> int:
        shown = self._shown_to(peer)
        return 0 if shown is None else self._send(peer, shown.v1_state)

    def _send(self, peer: Peer, piece: bytes) -> int:
        peer.send(piece)
        return len(piece)

    def _presence_frame(self) -> bytes:
        return frame_of(self._presence_event())

    def _shown_to(self, peer: Peer) -> Shown | None:
        return self._present.of(self.room, is_staff=peer.identity.is_staff)

    def _tell_staff(self, event: messages.Event) -> None:
        send_to_all(event, (peer for peer in self.peers.staff if peer.is_v2))

    def _room_changed(self) -> messages.RoomChanged:
        return messages.RoomChanged(data=messages.RoomChangedData(len(self.room.questions)))

    def _trouble_event(self) -> messages.Trouble:
        return messages.Trouble(data=messages.TroubleData(self._trouble()))

    def _send_results(self) -> None:
        asked = self.room.active
        if asked is not None:
            self._broadcast_results(asked.id, asked.round)

    def _broadcast_results(self, question_id: str, round_: int) -> None:
        question = self.room.question(question_id)
        results = self.room.results(msgspec.structs.replace(question, round=round_))
        event = messages.ResultsUpdate(data=results, rev=self.room.rev)
        if results_are_visible(question):
            self.peers.broadcast(event)
        else:
            send_to_all(event, self.peers.staff)

    def _note_presence(self) -> None:
        # Against what was noted, not what was sent: a snapshot may have told somebody a number in between.
        if self.peers.participants != self._participants_noted:
            self._participants_noted = self.peers.participants
            self._presence.changed()

    def _send_presence(self) -> None:
        self.peers.broadcast(self._presence_event())

    def _presence_event(self) -> messages.Presence:
        return messages.Presence(data=messages.PresenceData(self.peers.participants))
