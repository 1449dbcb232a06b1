"""Tokens: what proves who somebody is, and everything that does not."""

from __future__ import annotations

import pytest

from livepoll_jupyter.core.errors import Unauthorized
from livepoll_jupyter.server.auth import OBSERVER, Identity, Role, Tokens, bearer

CODE = "K7M2QX"


def tokens(secret: bytes = b"secret") -> Tokens:
    """The tokens of a server."""
    return Tokens(secret, "instructor")


def test_a_participants_token_names_that_participant() -> None:
    """The id is in the token and the same after a restart with the same secret."""
    name, token = tokens().new_participant(CODE)
    assert tokens().identify(CODE, token) == Identity(Role.PARTICIPANT, name)


def test_every_participant_is_somebody_else() -> None:
    """Ids are random."""
    assert len({tokens().new_participant(CODE)[0] for _ in range(1000)}) == 1000


def test_tokens_hold_in_their_room_role_and_server_alone() -> None:
    """Another room, another secret, another role, another name: nothing of it holds."""
    made = tokens()
    name, token = made.new_participant(CODE)
    observer = made.new_observer(CODE)
    assert made.identify(CODE, observer) == OBSERVER
    signature = token.partition(".")[2]
    for wrong in (
        f"{name}x.{signature}",
        f"{name}.{signature}x",
        f"{name}.",
        f".{signature}",
        signature,
        "",
        ".",
        "é.é",
    ):
        with pytest.raises(Unauthorized):
            made.identify(CODE, wrong)
    for issued in (token, observer):
        with pytest.raises(Unauthorized):
            made.identify("AAAAAA", issued)
        with pytest.raises(Unauthorized):
            tokens(b"another").identify(CODE, issued)


@pytest.mark.parametrize("wrong", ["", "Instructor", "instructo", "instructor ", "é"])
def test_only_the_instructors_token_is_the_instructors(wrong: str) -> None:
    """It is compared as a whole."""
    assert tokens().is_instructor("instructor")
    assert not tokens().is_instructor(wrong)


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer  abc ", "abc"),
        ("token abc", "abc"),
        ("Bearer", ""),
        ("Basic abc", None),
        (None, None),
    ],
)
def test_the_token_is_what_the_header_says(header: str | None, token: str | None) -> None:
    """Bearer, or Jupyter's ``token``; a proxy's Basic is none of ours."""
    assert bearer(header) == token
