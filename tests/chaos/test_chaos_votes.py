"""No vote lost, none counted twice: two hundred students, a bad network and a server that is killed now and then.

``LIVEPOLL_SEED`` sets the seed, which is part of each test's name: the faults, the kills and what everybody does.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conductor import Plan
from trial import Trial

SEED = os.environ.get("LIVEPOLL_SEED", "1")
CLIENTS = 200


@pytest.mark.parametrize("seed", [SEED])
async def test_no_vote_is_lost_and_none_counted_twice_within_a_minute(tmp_path: Path, seed: str) -> None:
    """The short form: what was acked is there, what came after the lock is not, and whatever is final stays."""
    verdict = await Trial(tmp_path, clients=CLIENTS, seed=seed).run(Plan(rounds=5, votes=2_500, kills=4))
    assert verdict.violations == [], str(verdict)
    assert verdict.kills == 4, str(verdict)
    assert verdict.votes["ok"] >= 12_500, str(verdict)


@pytest.mark.long
@pytest.mark.parametrize("seed", [SEED])
@pytest.mark.timeout(3600)
async def test_no_vote_is_lost_and_none_counted_twice_in_a_long_day(tmp_path: Path, seed: str) -> None:
    """The long form: at least 200,000 votes that were acked."""
    verdict = await Trial(tmp_path, clients=CLIENTS, seed=seed).run(Plan(rounds=34, votes=6_000, kills=20, restarts=4))
    print(verdict)  # noqa: T201 - the figures of the proof
    assert verdict.violations == [], str(verdict)
    assert verdict.votes["ok"] >= 200_000, str(verdict)
