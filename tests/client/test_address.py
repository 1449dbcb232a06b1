"""What is read out of a join link."""

from __future__ import annotations

import pytest

from livepoll_jupyter.client import Address
from livepoll_jupyter.core.errors import BadRequest


@pytest.mark.parametrize(
    ("link", "pages"),
    [
        ("http://192.168.1.5:3000/K7WQ2M", "http://192.168.1.5:3000/"),
        ("  http://192.168.1.5:3000/k7wq2m/ \n", "http://192.168.1.5:3000/"),
        ("http://192.168.1.5:3000/\ud83dK7WQ2M\ude00", "http://192.168.1.5:3000/"),
        ("https://hub.example.org/user/ada/livepoll/K7WQ2M", "https://hub.example.org/user/ada/livepoll/"),
        ("https://hub.example.org/livepoll/K7WQ2M?from=qr#x", "https://hub.example.org/livepoll/"),
        ("https://example.org/class/K7WQ2M", "https://example.org/class/"),
        ("https://example.org/our-livepoll/K7WQ2M", "https://example.org/our-livepoll/"),
    ],
)
def test_a_join_link_names_the_pages_and_the_room(link: str, pages: str) -> None:
    """Behind whatever prefix; the code in capitals."""
    assert Address.from_link(link) == Address(pages, "K7WQ2M")


def test_the_socket_is_found_beside_the_pages() -> None:
    """``ws`` for ``http`` and ``wss`` for ``https``."""
    assert Address("http://h:3000/", "K7WQ2M").socket == "ws://h:3000/_ws?room=K7WQ2M"
    assert Address("https://h/user/ada/", "K7WQ2M").socket == "wss://h/user/ada/_ws?room=K7WQ2M"


@pytest.mark.parametrize(
    "link", ["K7WQ2M", "192.168.1.5:3000/K7WQ2M", "http://h/", "ftp://h/K7WQ2M", "http://[h/K7WQ2M", ""]
)
def test_anything_else_is_refused_with_an_example(link: str) -> None:
    """The person learns what a join link looks like."""
    with pytest.raises(BadRequest, match="http://192"):
        Address.from_link(link)
