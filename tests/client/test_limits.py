"""What a client takes from a server that may be anybody's."""

from __future__ import annotations

import pytest

from livepoll_jupyter.client.address import Address
from livepoll_jupyter.client.limits import (
    MAX_OPTIONS,
    MAX_TEXT,
    PING,
    ping_interval,
    refuse_excess,
    segment,
)
from livepoll_jupyter.core.errors import BadMessage
from livepoll_jupyter.core.messages import Option, Question
from livepoll_jupyter.core.room import MAX_QUESTIONS


def question(options: int = 2, html: str = "<p>Which?</p>") -> Question:
    """A question with so many options."""
    return Question(
        id="q", kind="choice", text="Which?", html=html, round=1, is_locked=False, is_active=True,
        options=tuple(Option(str(number), "x", "x") for number in range(options)),
    )  # fmt: skip


def test_what_our_own_server_makes_is_taken() -> None:
    """With room for later versions."""
    refuse_excess([question(options=26, html="x" * 96 * 1024)] * 1_000)


@pytest.mark.parametrize(
    "questions",
    [[question(options=MAX_OPTIONS + 1)], [question(html="x" * MAX_TEXT)], [question()] * (MAX_QUESTIONS + 1)],
)
def test_what_would_hold_up_a_browser_is_refused(questions: list[Question]) -> None:
    """Before anything is built for it."""
    with pytest.raises(BadMessage, match="The server sent"):
        refuse_excess(questions)


@pytest.mark.parametrize(
    ("milliseconds", "seconds"),
    [(-(10**400), PING[0]), (0, PING[0]), (2_500, 2.5), (10**400, PING[1])],
    ids=["huge and negative", "zero", "usual", "huge"],
)
def test_the_wish_for_pings_is_believed_within_limits(milliseconds: int, seconds: float) -> None:
    """An integer on the wire may have hundreds of digits."""
    assert ping_interval(milliseconds) == seconds


@pytest.mark.parametrize(
    ("name", "part"),
    [("K7WQ2M", "K7WQ2M"), ("../x", "..%2Fx"), ("a?b#c d", "a%3Fb%23c%20d"), ("\r\nX: y", "%0D%0AX%3A%20y")],
)
def test_an_id_is_one_part_of_a_path(name: str, part: str) -> None:
    """Whatever it holds."""
    assert segment(name) == part


def test_a_code_adds_nothing_to_the_address_of_a_socket() -> None:
    """The server names it, and it may hold anything."""
    assert Address("http://host/", "A&token=x#y").socket == "ws://host/_ws?room=A%26token%3Dx%23y"
