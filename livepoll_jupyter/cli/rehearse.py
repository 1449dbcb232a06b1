"""``jupyter livepoll rehearse URL``: simulated students in any room."""

from __future__ import annotations

import asyncio
import sys

from traitlets import Int
from traitlets.config import Application

from .._version import __version__
from ..core.errors import BadSetting
from ..rehearsal import Rehearsal


class RehearseApp(Application):
    """Seats students until the room ends or Ctrl+C."""

    name = "jupyter livepoll rehearse"
    version = __version__
    description = """Seat simulated students in a room: jupyter livepoll rehearse URL --students N --seed S

    URL is the join link that a student would open."""
    aliases = {  # noqa: RUF012 - as traitlets declares it
        "students": "RehearseApp.students",
        "seed": "RehearseApp.seed",
        "log-level": "Application.log_level",
    }

    students = Int(30, min=1, help="How many students sit in the room. Unit: students; at least 1.").tag(config=True)
    seed = Int(1, help="What their choices and times are drawn from; the same seed gives the same class.").tag(
        config=True
    )

    def start(self) -> None:
        """Take part until the room ends."""
        if len(self.extra_args) != 1:
            raise BadSetting("Name the room by its join link: jupyter livepoll rehearse http://192.168.1.5:3000/K7WQ2M")
        rehearsal = Rehearsal(self.extra_args[0], self.students, self.seed)
        sys.stdout.write(f"{self.students} students are joining. Ctrl+C sends them home.\n")
        try:
            asyncio.run(rehearsal.run())
        except KeyboardInterrupt:
            sys.stdout.write("\n")
