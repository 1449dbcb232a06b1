"""Slow readers: what waits for them, what replaces what, and when such a peer is closed."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hall import Caught, FakeClock

from livepoll_jupyter.core import messages
from livepoll_jupyter.server.auth import LISTENER, Identity, Role
from livepoll_jupyter.server.outbox import MAX_OUTBOX
from livepoll_jupyter.server.peers import Peer, Peers, send_to_all


def results(rev: int) -> messages.ResultsUpdate:
    """A results-update with that ``rev``."""
    data = messages.Results(questionId="q1", round=1, total=rev, counts={"a": rev}, participants=rev)
    return messages.ResultsUpdate(data=data, rev=rev)


def lock(seq: int) -> messages.LockStatusEvent:
    """A control event with that ``seq``."""
    return messages.LockStatusEvent(data=messages.LockStatus("q1", is_locked=True), seq=seq, epoch="e")


def slow_peer() -> tuple[Peer, Caught]:
    """A peer whose first message is still on its way."""
    caught = Caught(FakeClock(), is_stuck=True)
    peer = Peer(caught, LISTENER)
    peer.tell(lock(1))
    return peer, caught


def test_of_several_waiting_results_only_the_newest_is_sent() -> None:
    """Results are the present state; an older one says nothing that the newer does not."""
    peer, caught = slow_peer()
    for rev in range(1, 100):
        peer.tell(results(rev))
    caught.is_stuck = False
    peer.drained()
    assert [event.rev for event in caught.events_of(messages.ResultsUpdate)] == [99]


def test_results_of_one_round_do_not_replace_those_of_another() -> None:
    """A closed question that is revealed has final results, while those of the next one wait."""
    peer, caught = slow_peer()
    before = messages.Results(questionId="q0", round=1, total=0, counts={"a": 0}, participants=0, final=True)
    peer.tell(results(1))
    peer.tell(messages.ResultsUpdate(data=before, rev=1))
    caught.is_stuck = False
    peer.drained()
    assert [event.data.questionId for event in caught.events_of(messages.ResultsUpdate)] == ["q1", "q0"]


def test_every_message_that_tells_a_present_state_waits_once_and_every_other_one_as_often_as_it_was_sent() -> None:
    """Presence, pong and trouble as results; acks, own votes and errors are news each."""
    peer, caught = slow_peer()
    mine = messages.MyVote(questionId="q1", round=1, answer="a", rev=1)
    for number in range(5):
        peer.tell(messages.Presence(data=messages.PresenceData(number)))
        peer.tell(messages.Pong(data=messages.PongData(number)))
        peer.tell(messages.Trouble(data=messages.TroubleData(None if number else "The disk is full.")))
        peer.tell(messages.VoteAck(data=messages.VoteAckData(op=f"op-{number}", status="accepted", rev=1)))
        peer.tell(messages.MyVoteEvent(data=mine))
        peer.tell(messages.ErrorEvent(data=messages.ErrorData("bad-message", "That is not JSON.", retry=False)))
    caught.is_stuck = False
    peer.drained()
    assert Counter(caught.kinds()) == {
        "lock-status": 1, "presence": 1, "pong": 1, "trouble": 1, "vote-ack": 5, "my-vote": 5, "error": 5,
    }  # fmt: skip
    assert caught.events_of(messages.Trouble)[0].data.message is None


def test_control_events_are_never_dropped_and_keep_their_order() -> None:
    """They leave before waiting results, each once."""
    peer, caught = slow_peer()
    for number in range(2, 50):
        peer.tell(results(number))
        peer.tell(lock(number))
    caught.is_stuck = False
    peer.drained()
    assert [event.seq for event in caught.events_of(messages.LockStatusEvent)] == list(range(1, 50))
    assert caught.kinds()[-1] == "results-update"


def test_a_peer_that_stays_behind_gets_one_message_for_each_time_it_drains() -> None:
    """Nothing is written to a transport that is still busy."""
    peer, caught = slow_peer()
    peer.tell(lock(2))
    peer.tell(lock(3))
    assert len(caught.sent) == 1
    peer.drained()
    assert len(caught.sent) == 2
    peer.drained()
    peer.drained()
    assert [event.seq for event in caught.events_of(messages.LockStatusEvent)] == [1, 2, 3]
    caught.is_stuck = False
    peer.tell(lock(4))
    assert len(caught.sent) == 4


def test_a_peer_that_does_not_read_is_closed_alone() -> None:
    """Beyond the limit it is closed with 4409 and keeps no memory; the others go on."""
    stuck, caught = slow_peer()
    quick = Caught(FakeClock())
    everybody = [stuck, Peer(quick, LISTENER)]
    for number in range(2, 1 + MAX_OUTBOX // 50):
        send_to_all(lock(number), everybody)
    assert caught.closed == (4409, '{"reason":"too-slow"}')
    assert quick.closed is None
    assert len(quick.sent) == MAX_OUTBOX // 50 - 1
    sent = len(caught.sent)
    stuck.drained()
    stuck.tell(lock(1))
    assert len(caught.sent) == sent


def test_a_frame_is_encoded_once_for_everybody() -> None:
    """The same bytes go to every peer."""
    frames: list[Any] = []

    class Keeping(Caught):
        def send(self, frame: bytes) -> bool:
            frames.append(frame)
            return True

    send_to_all(lock(1), [Peer(Keeping(FakeClock()), LISTENER) for _ in range(3)])
    assert len({id(frame) for frame in frames}) == 1


def test_participants_are_counted_once_however_many_sockets_they_have() -> None:
    """A participant is there until the last socket is gone; listeners do not count."""
    peers = Peers()
    ada = Identity(Role.PARTICIPANT, "ada")
    first, second, listener = (Peer(Caught(FakeClock()), who) for who in (ada, ada, LISTENER))
    for peer in (first, second, listener):
        peers.add(peer)
    assert peers.participants == 1
    peers.discard(first)
    peers.discard(first)
    assert peers.participants == 1
    peers.identify(listener, Identity(Role.PARTICIPANT, "ben"))
    assert peers.participants == 2
    peers.discard(second)
    assert peers.participants == 1
