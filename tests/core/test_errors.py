"""Refusals: stable codes, and the tree in which statuses are decided."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from livepoll_jupyter.client.address import Address
from livepoll_jupyter.core import errors
from livepoll_jupyter.core.errors import BadRequest, Refusal


def refusals(branch: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    """Every refusal of the rules, without those that other rooms derive."""
    for kind in branch.__subclasses__():
        if kind.__module__ == errors.__name__:
            yield kind
            yield from refusals(kind)


def test_every_refusal_has_its_own_code() -> None:
    """Clients compare them."""
    codes = [kind.code for kind in refusals()]
    assert len(codes) == len(set(codes))


def test_only_what_may_succeed_later_asks_for_a_retry() -> None:
    """A rate and a disk."""
    assert {kind.code for kind in refusals() if kind.retry} == {"too-many", "unavailable"}


def test_a_notebook_shows_the_persons_line_and_the_sentence() -> None:
    """And nothing of what lies between: the mistake is not in there."""
    with pytest.raises(BadRequest) as caught:
        Address.from_link("nonsense")
    line = caught.traceback[0].lineno + 1
    assert caught.value._render_traceback_() == [f"BadRequest in line {line}: {caught.value.message}"]


@pytest.mark.parametrize("kind", [*refusals()], ids=lambda kind: kind.code)
def test_a_refusal_carries_its_sentence(kind: type[Refusal]) -> None:
    """For the person who gets it, and documented for the one who reads the code."""
    assert kind("Do this instead.").message == str(kind("Do this instead.")) == "Do this instead."
    assert kind.__doc__
    assert kind.__name__ in str(errors.__doc__)
