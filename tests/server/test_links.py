"""Links as people write and copy them, and the addresses that a server names."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest
from hall import TOKEN, Hall, open_hall

from livepoll_jupyter.client import Address
from livepoll_jupyter.core.errors import BadRequest, BadSetting
from livepoll_jupyter.server import links
from livepoll_jupyter.server.address_watch import EVERY, AddressWatch
from livepoll_jupyter.server.codes import looks_like_code, new_id, normal_code

STUCK = [
    "K7WQ2M.",
    "K7WQ2M)",
    "(K7WQ2M)",
    "\u200bK7WQ2M\ufeff",
    "“K7WQ2M”",
    "k7wq2m,",
    "K7WQ2M\u00a0",
    "K7 WQ2M",
    "<K7WQ2M>…",
]
FULL_WIDTH = "\uff2b\uff17\uff37\uff31\uff12\uff2d"


@pytest.mark.parametrize("typed", [*STUCK, FULL_WIDTH])
def test_what_sticks_to_a_code_is_none_of_it(typed: str) -> None:
    """No code holds such a character."""
    assert normal_code(typed) == "K7WQ2M"
    assert looks_like_code(typed)


@pytest.mark.parametrize("before", ["", " ", "(", "<", "\u200b"])
@pytest.mark.parametrize("behind", ["", ".", ")", ">", ".)", "\u200b", "…", "\n", "/", "?"])
def test_a_copied_link_leads_to_its_room(before: str, behind: str) -> None:
    """With whatever it was copied together with."""
    address = Address.from_link(f"{before}http://192.168.1.5:3000/k7wq2m{behind}")
    assert address == Address("http://192.168.1.5:3000/", "K7WQ2M")


@pytest.mark.parametrize("wrong", [None, 5, "", "K7WQ2M", "http://", b"http://host/K7WQ2M"])
def test_what_is_no_link_is_told(wrong: object) -> None:
    """By a sentence, whatever it is."""
    with pytest.raises(BadRequest, match="is not a join link"):
        Address.from_link(wrong)  # type: ignore[arg-type]


async def test_the_page_at_an_address_with_a_full_stop_is_the_rooms() -> None:
    """A mail program takes it into the link."""
    async with open_hall() as hall:
        code = await hall.open_room("Dot")
        for path in (f"{code}.", f"{code})", f"{code}%E2%80%8B", code.lower()):
            page = await hall.fetch("GET", path)
            assert (page.code, f'data-code="{code}"'.encode() in page.body) == (200, True)


@pytest.mark.parametrize(
    ("written", "pages"),
    [
        ("https://poll.example.org ", "https://poll.example.org/"),
        ("https://Poll.Example.ORG/Class", "https://poll.example.org/Class/"),
        ("HTTPS://poll.example.org:8443//", "https://poll.example.org:8443/"),
    ],
)
def test_a_public_url_is_cleaned(written: str, pages: str) -> None:
    """Blanks around it and capitals of a host mean nothing."""
    assert links.public_pages(written) == pages


@pytest.mark.parametrize(
    "wrong",
    [
        "poll.example.org", "https://", "https://poll.example.org/?a", "https://poll.example.org/#a",
        "https://poll example.org/", "https://me:secret@poll.example.org/", "https://poll.example.org:port/", "https://[",
    ],
)  # fmt: skip
def test_a_public_url_that_cannot_stand_before_a_code_is_refused(wrong: str) -> None:
    """With an example of a right one."""
    with pytest.raises(BadSetting, match="such as https://poll"):
        links.public_pages(wrong)


def test_a_listener_on_all_ipv6_addresses_names_an_ipv6_address() -> None:
    """It takes no other."""
    assert links.reachable_host("::").startswith("[")
    assert links.reachable_host("0.0.0.0").count(".") == 3  # noqa: S104 - compared, not bound
    assert ":" in links.lan_address(socket.AF_INET6)


def test_an_id_is_no_number() -> None:
    """In no notation."""
    for name in (new_id(6) for _ in range(100)):
        with pytest.raises(ValueError, match="could not convert"):
            float(name)


def test_more_letters_than_anybody_types_are_no_code() -> None:
    """Each is looked at several times, and one may stand for eighteen (U+FDFA)."""
    assert normal_code("\ufdfa" * 1_700) == ""
    assert not looks_like_code("A" * 65)


class Network:
    """Where a machine's routes lead, as ``lan_address`` finds it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
        self.address = address
        monkeypatch.setattr(links, "lan_address", lambda *_: self.address)


async def room_of(hall: Hall, code: str) -> Any:
    """The room as the instructor's programs get it."""
    return json.loads((await hall.ask("GET", f"rooms/{code}")).body)


async def test_without_a_network_a_link_says_so_until_one_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """No picture of an address that means the phone itself; a panel that is open learns of the network by itself."""
    network = Network(monkeypatch, "127.0.0.1")
    async with open_hall() as hall:
        hall.service.links = links.OwnLinks("0.0.0.0", 3000)  # noqa: S104 - a name
        watch = AddressWatch(hall.service)
        watch.start()
        code = await hall.open_room("Statistics 101")
        panel = await hall.connect(f"?room={code}", Authorization=f"Bearer {TOKEN}")
        await panel.hello()
        alone = await room_of(hall, code)
        assert (alone["join_url"], alone["qr_svg"]) == (f"http://127.0.0.1:3000/{code}", "")
        assert "no network that phones could reach" in alone["join_notice"]

        network.address = "192.168.1.20"
        hall.clock.advance(EVERY)
        await panel.until("room-changed")
        there = await room_of(hall, code)
        assert (there["join_url"], there["join_notice"]) == (f"http://192.168.1.20:3000/{code}", "")
        assert there["qr_svg"].startswith("<svg")
        assert there["ws_url"] == f"ws://192.168.1.20:3000/_ws?room={code}"
        watch.stop()


@pytest.mark.parametrize("ip", ["127.0.0.1", "::1"])
def test_a_listener_for_this_machine_alone_says_that_phones_cannot_come(ip: str) -> None:
    """As it was set; a network changes nothing of it."""
    assert links.OwnLinks(ip, 3000).notice == links.THIS_MACHINE_ALONE


def test_a_machine_that_is_its_own_hotspot_has_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though nothing leads out of it."""

    class Probe:
        """A socket of such a machine."""

        def __init__(self, *_: object) -> None:
            pass

        def connect(self, address: tuple[str, int]) -> None:
            if address[0] != "10.42.0.1":
                raise OSError(101, "Network is unreachable")

        def getsockname(self) -> tuple[str, int]:
            return ("10.42.0.1", 40000)

        def close(self) -> None:
            pass

    monkeypatch.setattr(socket, "socket", Probe)
    assert links.reachable_host("0.0.0.0") == "10.42.0.1"  # noqa: S104 - compared, not bound
