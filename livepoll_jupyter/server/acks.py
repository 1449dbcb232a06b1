"""What a voter is told of a vote, once the store has told what became of it. It decides nothing."""

from __future__ import annotations

from msgspec import UNSET

from ..core import messages
from ..core.errors import Refusal
from ..core.votes import Act, Answer
from ..storage.base import Outcome
from .live import LiveRoom
from .peers import Peer, frame_of, send_to_all
from .rates import Allowance


class Acknowledgement:
    """Tells the voter behind ``peer`` what became of ``vote``, and the voter's other sockets what now counts."""

    __slots__ = ("_allowance", "_live", "_participant", "_peer", "_vote")

    def __init__(self, peer: Peer, live: LiveRoom, vote: messages.VoteData, allowance: Allowance) -> None:
        self._peer = peer
        self._live = live
        self._vote = vote
        self._allowance = allowance
        self._participant = peer.identity.participant or ""

    def __call__(self, outcome: Outcome) -> None:
        """Told once, after what became of the vote is settled."""
        if outcome.refusal is not None:
            self._allowance.refused()
            self._tell(self._rejected(outcome.refusal))
        elif outcome.act is not None:
            self._tell(self._accepted(outcome.act))
            if outcome.effects:
                self._show_others(outcome.act)

    def _tell(self, ack: messages.VoteAckData) -> None:
        self._peer.send(frame_of(messages.VoteAck(data=ack)))

    def _accepted(self, act: Act) -> messages.VoteAckData:
        return messages.VoteAckData(op=act.op, status="accepted", rev=act.rev, answer=act.answer)

    def _rejected(self, refusal: Refusal) -> messages.VoteAckData:
        held = self._held()
        return messages.VoteAckData(
            op=self._vote.op,
            status="rejected",
            rev=held.rev if held else 0,
            reason=refusal.code,
            message=refusal.message,
            retry=refusal.retry,
            answer=held.answer if held else UNSET,
        )

    def _show_others(self, act: Act) -> None:
        others = self._live.others_of(self._peer, self._participant)
        if others:
            vote = self._vote
            mine = messages.MyVote(questionId=vote.questionId, round=vote.round, answer=act.answer, rev=act.rev)
            send_to_all(messages.MyVoteEvent(data=mine), others)

    def _held(self) -> Answer | None:
        held = self._live.room.rounds.get((self._vote.questionId, self._vote.round))
        return held.answers.get(self._participant) if held else None
