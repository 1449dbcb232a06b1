"""The command and its subcommands."""

from __future__ import annotations

import sys
from typing import Any

from traitlets.config import Application

from .._version import __version__
from ..core.errors import BadSetting, Refusal
from ..core.foreign import printable

SUBCOMMANDS = {
    "serve": ("livepoll_jupyter.cli.serve.ServeApp", "Serve rooms to a class, without Jupyter."),
    "backup": ("livepoll_jupyter.cli.backup.BackupApp", "Copy all rooms and answers, also while a server runs."),
    "demo": ("livepoll_jupyter.cli.demo.DemoApp", "Start JupyterLab on a copy of the demo lecture."),
    "rehearse": ("livepoll_jupyter.cli.rehearse.RehearseApp", "Seat simulated students in a room."),
}


class LivePollCommand(Application):
    """Live polls for a class: ask in a notebook, answer on a phone."""

    name = "jupyter livepoll"
    version = __version__
    description = "Live polls for a class: ask in a notebook, answer on a phone, see it in the notebook."
    subcommands = SUBCOMMANDS

    def print_help(self, classes: bool = False) -> None:  # noqa: FBT001, FBT002 - as traitlets declares it
        """Tell the extension's settings too where all are asked for: Jupyter's own help knows no extension's."""
        if classes:
            from ..server.app import LivePollApp  # noqa: PLC0415 - no other command needs Jupyter's server
            from ..server.rates import Rates  # noqa: PLC0415

            self.classes = [LivePollApp, Rates]
        super().print_help(classes)

    def start(self) -> Any:
        """Run the subcommand, or say which there are."""
        if self.extra_args:
            raise BadSetting(f"There is no command {self.extra_args[0]!r}; there are: {', '.join(SUBCOMMANDS)}.")
        if self.subapp is None:
            self.print_help()
            sys.exit(1)
        return super().start()


def main(argv: list[str] | None = None) -> None:
    """Run ``jupyter livepoll``; what cannot be done is said in a line, and the exit status is 1."""
    try:
        LivePollCommand.launch_instance(argv)
    except Refusal as refusal:
        sys.exit(printable(refusal.message))
