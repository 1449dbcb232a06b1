"""A phone notices by itself that its connection is gone, and comes back by itself; time is the page's own clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from states import OPTIONS, SOCKET, Cable, wait_until_it_gives_up

if TYPE_CHECKING:
    from playwright.sync_api import WebSocketRoute
    from states import Scene


class Hole:
    """The way from a phone to the server; what goes in while it ``is_open`` is gone, and nobody is told."""

    def __init__(self, scene: Scene) -> None:
        self.is_open = False
        scene.phone.page.route_web_socket(SOCKET, self._connect)

    def _connect(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        socket.on_message(lambda frame: None if self.is_open else server.send(frame))
        server.on_message(lambda frame: None if self.is_open else socket.send(frame))


@pytest.fixture
def hole(scene: Scene) -> Hole:
    """A hole that is not open yet, before a phone whose clock the test moves."""
    scene.phone.page.clock.install()
    return Hole(scene)


def test_a_half_open_socket_is_found_within_two_pings(scene: Scene, hole: Hole) -> None:
    """The vote that went into the hole is counted when the phone is back."""
    scene.ask()
    hole.is_open = True
    scene.phone.tap("the mean")
    expect(scene.phone.standing).to_contain_text("Sending")
    scene.phone.page.clock.run_for(60_000)
    expect(scene.phone.link).to_contain_text("Connection lost. Next try in 3 s (1 of 10)")
    expect(scene.phone.standing).to_contain_text("kept")
    assert scene.answers() == []
    hole.is_open = False
    scene.phone.page.clock.run_for(3_000)
    scene.phone.is_in()
    scene.phone.is_counted()
    assert scene.answers() == ["a"]


@pytest.mark.parametrize("event", ["offline", "online"])
def test_a_change_of_network_is_looked_into_at_once(scene: Scene, hole: Hole, event: str) -> None:
    """A dead connection is found five seconds after the browser's word, not after the next ping."""
    scene.ask()
    hole.is_open = True
    scene.phone.page.evaluate("name => dispatchEvent(new Event(name))", event)
    scene.phone.page.clock.run_for(5_000)
    expect(scene.phone.link).to_contain_text("Connection lost")


def test_a_phone_that_has_given_up_is_back_with_its_network(scene: Scene) -> None:
    """Nobody needs to press the button then; what waits is sent."""
    scene.phone.page.clock.install()
    cable = Cable(scene.phone)
    scene.ask()
    cable.cut()
    scene.phone.tap(OPTIONS[1])
    wait_until_it_gives_up(scene)
    cable.mend()
    scene.phone.is_counted()
    assert scene.answers() == ["b"]
