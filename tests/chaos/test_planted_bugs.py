"""The checker finds bugs that were planted on purpose; without them the same trial holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from conductor import Plan
from planted import command
from server_process import COMMAND
from trial import Trial, Verdict


def plan(kills: int) -> Plan:
    """A small trial; every kill falls into a stream of votes, so that some are just being committed."""
    return Plan(rounds=2, votes=200, kills=kills, restarts=0, late=10, ends_in_stream=1.0)


async def verdict_on(directory: Path, kills: int, *program: str) -> Verdict:
    """The same small trial for any server."""
    return await Trial(directory, clients=40, seed="planted", command=program).run(plan(kills))


@pytest.mark.parametrize(
    ("bug", "kills", "evidence"),
    [
        ("ack-before-commit", 2, "was acked"),
        ("lock-skips-the-queue", 0, "changed while it was locked"),
        ("lock-told-too-early", 0, "after the lock's ack"),
    ],
)
async def test_a_planted_bug_is_found(tmp_path: Path, bug: str, kills: int, evidence: str) -> None:
    """By the check that it was planted for."""
    verdict = await verdict_on(tmp_path, kills, *command(bug))
    assert any(evidence in found for found in verdict.violations), str(verdict)


async def test_without_a_bug_the_same_trial_holds(tmp_path: Path) -> None:
    """So it is the bug that is found."""
    verdict = await verdict_on(tmp_path, 2, *COMMAND)
    assert verdict.violations == [], str(verdict)
