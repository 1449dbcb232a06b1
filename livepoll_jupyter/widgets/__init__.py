"""What a notebook shows: the instructor's panel, one question, a student's place. Built on ``client`` alone.

Nothing here imports ``server``; ``embedded`` is the one door to it, for a kernel that no Jupyter server started.
"""

from .live_poll import LivePoll
from .poll_question import PollQuestion
from .seat import Seat, join

__all__ = ["LivePoll", "PollQuestion", "Seat", "join"]
