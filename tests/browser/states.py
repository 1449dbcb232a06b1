"""Every state of the student's page, and how a real lecture gets a phone into it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playwright.sync_api import WebSocketRoute, expect

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from phones import Phone
    from playwright.sync_api import WebSocket
    from serving import Instructor

OPTIONS = ["the mean", "the median", "they are equal"]
TEXT = "Which is larger for a *right-skewed* sample, and what is $\\bar{x} = \\frac{1}{n}\\sum x_i$?"
CODE = "What does this print?\n\n```python\ndef f(x, n=2):\n    # twice\n    return [x] * n\n\nprint(f('ab'))\n```"
PRINTED = ["['ab', 'ab']", "'abab'", "an error"]
SOCKET = re.compile("/_ws")


class Cable:
    """The way from a phone to the server, which a test may cut and mend."""

    def __init__(self, phone: Phone) -> None:
        self._is_cut = False
        self._phone = phone
        self._sockets: list[WebSocketRoute] = []
        phone.page.route_web_socket(SOCKET, self._connect)

    def cut(self) -> None:
        """Break what is open, and let nothing be opened."""
        self._is_cut = True
        for socket in self._sockets:
            socket.close(code=1012)
        self._sockets.clear()
        expect(self._phone.button("Try now")).to_be_visible()

    def mend(self) -> None:
        """Let the phone come back, at once because its network says so."""
        self.plug_in()
        self._phone.page.evaluate("dispatchEvent(new Event('online'))")
        self._phone.is_in()

    def plug_in(self) -> None:
        """Let sockets be opened again."""
        self._is_cut = False

    def _connect(self, socket: WebSocketRoute) -> None:
        if self._is_cut:
            socket.close(code=1012)
        else:
            socket.connect_to_server()
            self._sockets.append(socket)


@dataclass(frozen=True)
class Scene:
    """One phone, and the lecture it is in."""

    phone: Phone
    instructor: Instructor
    sockets: list[WebSocket] = field(default_factory=list)

    def go(self) -> None:
        """Open the join link and get in."""
        with self.phone.page.expect_websocket() as opened:
            self.phone.page.goto(self.instructor.join_url)
        self.sockets.append(opened.value)
        self.phone.is_in()

    def hearing(self, event: str) -> AbstractContextManager[object]:
        """Wait, at the end of the block, until the phone has been sent such an event."""
        return self.sockets[-1].expect_event("framereceived", lambda frame: event in str(frame))

    def answers(self) -> list[Any]:
        """What counts in the room."""
        return [row["answer"] for row in self.instructor.answers()]

    def places(self) -> list[Any]:
        """Where the question, its options and the line under them are."""
        places: list[Any] = self.phone.page.evaluate(
            """[...document.querySelectorAll('.lp-question-text, .lp-option, .lp-question .lp-standing')]
                 .map(e => e.getBoundingClientRect()).map(box => [box.x, box.y, box.width])"""
        )
        return places

    def ask(self, *, correct: str | None = "the mean") -> str:
        """Get in, and see a question."""
        self.go()
        question = self.instructor.publish(TEXT, OPTIONS, correct=correct)
        expect(self.phone.option("the mean")).to_be_visible()
        return question

    def answer(self, label: str) -> str:
        """See a question, answer it, and see the answer in the results."""
        question = self.ask()
        self.phone.tap(label)
        self.phone.is_counted()
        expect(self.phone.card(label)).to_contain_text("100")
        return question

    def ask_multiple(self) -> str:
        """Get in, and see a question with checkboxes."""
        self.go()
        question = self.instructor.publish(CODE, PRINTED, kind="multiple_choice", correct=PRINTED[:1])
        expect(self.phone.button("Send answer")).to_be_visible()
        return question


def entering(scene: Scene) -> None:
    """The page on which a code is typed."""
    scene.phone.page.goto(scene.instructor.server.url)
    expect(scene.phone.heading("Join a room")).to_be_visible()


def mistyped(scene: Scene) -> None:
    """A code that cannot be one."""
    entering(scene)
    scene.phone.page.get_by_label("Room code").fill("abc")
    scene.phone.button("Join").click()
    expect(scene.phone.page.get_by_role("alert")).to_contain_text("six")


def wrong_code(scene: Scene) -> None:
    """A code of no room."""
    scene.phone.page.goto(f"{scene.instructor.server.url}222222")
    expect(scene.phone.heading("There is no room with that code")).to_be_visible()


def joining(scene: Scene) -> None:
    """The socket is open and nothing has come yet."""
    scene.phone.page.route_web_socket(SOCKET, lambda _: None)
    scene.phone.page.goto(scene.instructor.join_url)
    expect(scene.phone.heading("Joining…")).to_be_visible()


def unreachable(scene: Scene) -> None:
    """The page has come but no socket opens."""
    scene.phone.page.route_web_socket(SOCKET, lambda socket: socket.close(code=1012))
    scene.phone.page.goto(scene.instructor.join_url)
    expect(scene.phone.heading("The room cannot be reached")).to_be_visible()


def waiting(scene: Scene) -> None:
    """In the room, and nothing is asked yet."""
    scene.go()
    expect(scene.phone.heading("You are in")).to_be_visible()


def asked(scene: Scene) -> None:
    """A question."""
    scene.ask()


def sending(scene: Scene) -> None:
    """Answered, and the server has not said so yet."""
    scene.phone.page.route_web_socket(SOCKET, _without_votes)
    scene.ask()
    scene.phone.tap("the mean")
    expect(scene.phone.standing).to_contain_text("Sending")


def counted(scene: Scene) -> None:
    """Answered, confirmed, and results in sight."""
    scene.answer("the mean")


def locked(scene: Scene) -> None:
    """Locked after an answer."""
    scene.instructor.lock(scene.answer("the mean"))
    expect(scene.phone.standing).to_contain_text("locked. Your answer counts")


def locked_unanswered(scene: Scene) -> None:
    """Locked before an answer."""
    scene.instructor.lock(scene.ask())
    expect(scene.phone.standing).to_contain_text("locked. You did not answer")


def right(scene: Scene) -> None:
    """Revealed, and the own answer is right."""
    scene.instructor.reveal(scene.answer("the mean"))
    expect(scene.phone.standing).to_contain_text("Your answer is right")


def wrong(scene: Scene) -> None:
    """Revealed, and the own answer is not the right one."""
    scene.instructor.reveal(scene.answer("the median"))
    expect(scene.phone.standing).to_contain_text("Not this time")


def closed(scene: Scene) -> None:
    """The question is over and nothing else is asked yet."""
    scene.instructor.close(scene.answer("the mean"))
    expect(scene.phone.standing).to_contain_text("closed")


def ticking(scene: Scene) -> None:
    """Some boxes are ticked and not sent."""
    scene.ask_multiple()
    scene.phone.tap("'abab'")


def several_sent(scene: Scene) -> None:
    """Several ticks, sent and confirmed."""
    ticking(scene)
    scene.phone.tap("an error")
    scene.phone.button("Send answer").click()
    scene.phone.is_counted()
    expect(scene.phone.card("an error")).to_contain_text("100")


def reconnecting(scene: Scene) -> None:
    """The connection is lost, with a countdown."""
    cable = Cable(scene.phone)
    scene.ask()
    cable.cut()


def kept(scene: Scene) -> None:
    """Answered while the connection is lost."""
    reconnecting(scene)
    scene.phone.tap("the mean")
    expect(scene.phone.standing).to_contain_text("kept")


def too_late(scene: Scene) -> None:
    """Answered while the connection was lost, and locked meanwhile."""
    cable = Cable(scene.phone)
    question = scene.ask()
    cable.cut()
    scene.phone.tap("the mean")
    scene.instructor.lock(question)
    cable.mend()
    expect(scene.phone.standing).to_contain_text("locked before your answer arrived")


def taking_back(scene: Scene) -> None:
    """The wish to take the answer back is out, and the server has not said so yet."""
    scene.phone.page.route_web_socket(SOCKET, _without_withdrawals)
    scene.answer("the mean")
    scene.phone.take_back()
    expect(scene.phone.standing).to_contain_text("Taking your answer back")


def taken_back(scene: Scene) -> None:
    """The answer was taken back."""
    scene.answer("the mean")
    scene.phone.take_back()
    expect(scene.phone.standing).to_contain_text("Answer taken back")


def several_taken_back(scene: Scene) -> None:
    """Several ticks, sent and taken back."""
    several_sent(scene)
    scene.phone.take_back()
    expect(scene.phone.standing).to_contain_text("Answer taken back")


def wish_kept(scene: Scene) -> None:
    """The answer is to be taken back while the connection is lost."""
    cable = Cable(scene.phone)
    scene.answer("the mean")
    cable.cut()
    scene.phone.take_back()
    expect(scene.phone.standing).to_contain_text("when the connection is back")


def taken_back_too_late(scene: Scene) -> None:
    """To be taken back while the connection was lost, and locked meanwhile."""
    cable = Cable(scene.phone)
    question = scene.answer("the mean")
    cable.cut()
    scene.phone.take_back()
    scene.instructor.lock(question)
    cable.mend()
    expect(scene.phone.standing).to_contain_text("too late to take your answer back")


def too_late_for_another(scene: Scene) -> None:
    """Answered while the connection was lost, and another question is asked now."""
    cable = Cable(scene.phone)
    scene.ask()
    cable.cut()
    scene.phone.tap("the mean")
    scene.instructor.publish("Another one?", ["yes", "no"])
    cable.mend()
    expect(scene.phone.page.locator(".lp-main > .lp-standing")).to_contain_text("too late and was not counted")


def gave_up(scene: Scene) -> None:
    """All tries have failed."""
    scene.phone.page.clock.install()
    reconnecting(scene)
    wait_until_it_gives_up(scene)


def wait_until_it_gives_up(scene: Scene) -> None:
    """Let the page's clock run until all tries are used up."""
    again = scene.phone.button("Try again")
    while not again.is_visible():
        scene.phone.page.clock.run_for(10_000)


def ended(scene: Scene) -> None:
    """The room ends while the phone is in it."""
    waiting(scene)
    scene.instructor.end()
    expect(scene.phone.heading("This room has ended")).to_be_visible()


def ended_before(scene: Scene) -> None:
    """The room had ended when the link was opened."""
    scene.instructor.end()
    scene.phone.page.goto(scene.instructor.join_url)
    expect(scene.phone.heading("This room has ended")).to_be_visible()


def thrown_out(scene: Scene) -> None:
    """The server does not know the student's place any more."""
    scene.phone.page.route_web_socket(SOCKET, lambda socket: socket.close(code=4501))
    scene.phone.page.goto(scene.instructor.join_url)
    expect(scene.phone.heading("Your place has expired")).to_be_visible()


STATES: tuple[Callable[[Scene], None], ...] = (
    entering, mistyped, wrong_code, joining, unreachable, waiting, asked, sending, counted, locked, locked_unanswered,
    right, wrong, closed, ticking, several_sent, reconnecting, kept, too_late, taking_back, taken_back,
    several_taken_back, wish_kept, taken_back_too_late, too_late_for_another, gave_up, ended, ended_before, thrown_out,
)  # fmt: skip


def _without_votes(socket: WebSocketRoute) -> None:
    _swallow(socket, '"vote"')


def _without_withdrawals(socket: WebSocketRoute) -> None:
    _swallow(socket, '"answer":null')


def _swallow(socket: WebSocketRoute, what: str) -> None:
    server = socket.connect_to_server()
    socket.on_message(lambda frame: None if what in str(frame) else server.send(frame))
