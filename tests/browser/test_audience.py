"""What a student does, on the real page against a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.request import urlopen

from phones import LAUNCH, Phone
from playwright.sync_api import Route, WebSocketRoute, expect
from states import OPTIONS, SOCKET, Cable, Scene, wait_until_it_gives_up
from watching import FONT, HEARD, SHIFTS

if TYPE_CHECKING:
    from phones import NewPhone
    from playwright.sync_api import BrowserType
    from serving import Serve


# ---------------------------------------------------------------- getting in


def test_a_typed_code_leads_to_the_room(scene: Scene) -> None:
    """Lower case and a space are no mistakes."""
    scene.phone.page.goto(scene.instructor.server.url)
    code = scene.instructor.code.lower()
    scene.phone.page.get_by_label("Room code").fill(f"{code[:3]} {code[3:]}")
    scene.phone.page.keyboard.press("Enter")
    scene.phone.is_in()
    assert scene.phone.page.url == scene.instructor.join_url


def test_a_wrong_code_can_be_put_right_at_once(scene: Scene) -> None:
    """The page of a wrong code takes the right one."""
    scene.phone.page.goto(f"{scene.instructor.server.url}222222")
    scene.phone.page.get_by_label("Room code").fill(scene.instructor.code)
    scene.phone.button("Join").click()
    scene.phone.is_in()


def test_the_first_visit_is_small_and_asks_nobody_else(scene: Scene) -> None:
    """At most 40 kB over the wire, headers and all, and every request goes to the server itself."""
    requests: list[str] = []
    received: dict[str, int] = {}
    scene.phone.page.on("request", lambda request: requests.append(request.url))
    scene.phone.page.on("websocket", lambda socket: requests.append(socket.url.replace("ws", "http", 1)))
    network = scene.phone.page.context.new_cdp_session(scene.phone.page)
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda done: received.update({done["requestId"]: done["encodedDataLength"]}))
    scene.ask()
    assert [url for url in requests if not url.startswith(scene.instructor.server.url)] == []
    assert len(received) == 2, "the page with its style, and its script"
    assert 0 < sum(received.values()) <= 40_000


def test_the_question_appears_by_itself(scene: Scene) -> None:
    """Text, math and options as the instructor wrote them, rendered."""
    scene.ask()
    page = scene.phone.page
    expect(page.locator(".lp-question-text em")).to_have_text("right-skewed")
    expect(page.locator(".lp-question-text math mfrac")).to_be_visible()
    expect(page.get_by_role("group", name="Choose one").get_by_role("radio")).to_have_count(len(OPTIONS))


# ---------------------------------------------------------------- answering


def test_a_tab_that_is_looked_at_again_shows_what_another_tab_has_answered(scene: Scene) -> None:
    """Two tabs are one student, and what stands there as counted is what counts."""
    scene.ask()
    first = scene.phone
    first.tap(OPTIONS[0])
    first.is_counted()
    second = Phone(first.page.context.new_page())
    second.page.goto(scene.instructor.join_url)
    expect(second.option(OPTIONS[0])).to_be_checked()
    second.tap(OPTIONS[1])
    second.is_counted()
    first.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(first.option(OPTIONS[1])).to_be_checked()


def test_a_tap_is_an_answer_that_can_be_changed(scene: Scene) -> None:
    """A tap anywhere on the card votes; another one changes the vote; one vote counts."""
    question = scene.answer("the mean")
    scene.phone.tap("they are equal")
    expect(scene.phone.card("they are equal")).to_contain_text("100")
    expect(scene.phone.option("they are equal")).to_be_checked()
    assert scene.instructor.results(question)["total"] == 1


def test_nothing_is_called_counted_before_the_server_says_so(scene: Scene) -> None:
    """While the ack is out the page says that it is sending."""
    held: list[tuple[WebSocketRoute, str | bytes]] = []

    def hold_acks(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        hold = held.append
        server.on_message(lambda frame: hold((socket, frame)) if "vote-ack" in str(frame) else socket.send(frame))

    scene.phone.page.route_web_socket(SOCKET, hold_acks)
    question = scene.ask()
    with scene.hearing("results-update"):
        scene.phone.tap("the mean")
    assert scene.instructor.results(question)["total"] == 1
    expect(scene.phone.standing).to_contain_text("Sending")
    socket, frame = held.pop()
    socket.send(frame)
    scene.phone.is_counted()


def test_results_are_not_shown_before_the_own_answer(scene: Scene, new_phone: NewPhone) -> None:
    """Nobody follows the crowd: the shares come with one's own answer."""
    scene.ask()
    neighbour = Scene(new_phone(), scene.instructor)
    neighbour.go()
    with scene.hearing("results-update"):
        neighbour.phone.tap("the median")
    expect(scene.phone.card("the median")).not_to_contain_text("%")
    scene.phone.tap("the mean")
    expect(scene.phone.card("the median")).to_contain_text("50")


def test_several_answers_are_sent_by_the_button(scene: Scene) -> None:
    """Ticks alone are no answer; the button sends them together, and a change again."""
    scene.ask_multiple()
    send = scene.phone.button("Send answer")
    expect(send).to_have_attribute("aria-disabled", "true")
    scene.phone.tap("an error")
    scene.phone.tap("'abab'")
    assert scene.instructor.answers() == []
    send.click()
    scene.phone.is_counted()
    assert scene.answers() == [["b", "c"]]
    scene.phone.tap("an error")
    scene.phone.button("Send changed answer").click()
    expect(scene.phone.button("Answer sent")).to_be_visible()
    assert scene.answers() == [["b"]]


def test_a_new_round_begins_with_nothing_chosen(scene: Scene) -> None:
    """The answer of the round before is not taken along."""
    question = scene.answer("the mean")
    scene.instructor.close(question)
    scene.instructor.publish_again(question)
    expect(scene.phone.standing).to_contain_text("Tap an answer")
    expect(scene.phone.option("the mean")).not_to_be_checked()
    scene.phone.tap("the median")
    scene.phone.is_counted()


def test_a_locked_question_takes_no_answer_until_it_is_open_again(scene: Scene) -> None:
    """The inputs are disabled by the lock and enabled by the unlock."""
    question = scene.ask()
    scene.instructor.lock(question)
    expect(scene.phone.option("the mean")).to_be_disabled()
    scene.instructor.lock(question, is_locked=False)
    expect(scene.phone.option("the mean")).to_be_enabled()


def test_reveal_marks_the_right_option_and_says_whether_mine_was(scene: Scene) -> None:
    """In words, not by colour alone."""
    scene.instructor.reveal(scene.answer("the median"))
    expect(scene.phone.card("the mean")).to_contain_text("Right answer")
    expect(scene.phone.card("the median")).to_contain_text("Your answer")
    expect(scene.phone.card("they are equal")).not_to_contain_text("answer")


# ---------------------------------------------------------------- losing and finding the way


def test_a_reload_restores_the_own_answer(scene: Scene) -> None:
    """The answer is there again, and can still be changed."""
    question = scene.answer("the mean")
    scene.phone.page.reload()
    expect(scene.phone.option("the mean")).to_be_checked()
    scene.phone.tap("the median")
    expect(scene.phone.card("the median")).to_contain_text("100")
    assert scene.instructor.results(question)["counts"] == {"a": 0, "b": 1, "c": 0}


def test_an_answer_given_without_a_connection_is_sent_later(scene: Scene) -> None:
    """It is kept, said to be kept, and counted on return."""
    cable = Cable(scene.phone)
    question = scene.ask()
    cable.cut()
    scene.phone.tap("the mean")
    expect(scene.phone.standing).to_contain_text("kept")
    cable.mend()
    scene.phone.is_counted()
    assert scene.instructor.results(question)["total"] == 1


def test_an_answer_that_came_too_late_is_said_to_be(scene: Scene) -> None:
    """Locked while the connection was lost: not counted, not shown as chosen, and said so."""
    cable = Cable(scene.phone)
    question = scene.ask()
    cable.cut()
    scene.phone.tap("the mean")
    scene.instructor.lock(question)
    cable.mend()
    expect(scene.phone.standing).to_contain_text("it was not counted")
    expect(scene.phone.option("the mean")).not_to_be_checked()
    assert scene.instructor.results(question)["total"] == 0


def test_an_answer_to_a_question_that_is_over_is_not_lost_silently(scene: Scene) -> None:
    """The next question is there already: the student is told about the one before."""
    cable = Cable(scene.phone)
    scene.ask()
    cable.cut()
    scene.phone.tap("the mean")
    scene.instructor.publish("Another one?", ["yes", "no"])
    cable.mend()
    expect(scene.phone.option("yes")).to_be_enabled()
    expect(scene.phone.page.get_by_text("too late and was not counted").first).to_be_visible()


def test_the_present_state_is_there_after_a_lost_connection(scene: Scene) -> None:
    """A lecture went on meanwhile."""
    cable = Cable(scene.phone)
    question = scene.answer("the mean")
    cable.cut()
    scene.instructor.reveal(question)
    cable.mend()
    expect(scene.phone.standing).to_contain_text("Your answer is right")


def test_the_button_tries_at_once(scene: Scene) -> None:
    """A phone that gave up is back with one tap, and tries as often as ever the next time."""
    scene.phone.page.clock.install()
    cable = Cable(scene.phone)
    scene.ask()
    cable.cut()
    wait_until_it_gives_up(scene)
    cable.plug_in()
    scene.phone.button("Try again").click()
    scene.phone.is_in()
    cable.cut()
    expect(scene.phone.link).to_contain_text("(1 of 10)")


# ---------------------------------------------------------------- keyboard, screen reader, eyes


def test_all_of_it_works_by_keyboard(scene: Scene) -> None:
    """Tab reaches the answers, the arrows choose, and the focus stays where it is while results come in."""
    question = scene.ask()
    keyboard = scene.phone.page.keyboard
    keyboard.press("Tab")
    keyboard.press("Space")
    expect(scene.phone.option("the mean")).to_be_checked()
    keyboard.press("ArrowDown")
    expect(scene.phone.option("the median")).to_be_focused()
    expect(scene.phone.card("the median")).to_contain_text("100")
    expect(scene.phone.option("the median")).to_be_focused()
    scene.instructor.close(question)
    expect(scene.phone.standing).to_contain_text("closed")
    scene.instructor.publish("Another one?", ["yes", "no"])
    expect(scene.phone.option("yes")).to_be_visible()
    keyboard.press("Tab")
    expect(scene.phone.option("yes")).to_be_focused()


def test_several_answers_work_by_keyboard(scene: Scene) -> None:
    """Space ticks, Tab leads to the button, and sending leaves the focus on it."""
    scene.ask_multiple()
    for key in ("Tab", "Space", "Tab", "Tab", "Tab", "Enter"):
        scene.phone.page.keyboard.press(key)
    expect(scene.phone.button("Answer sent")).to_be_focused()
    assert scene.answers() == [["a"]]


def test_what_is_said_aloud_is_what_matters(scene: Scene, new_phone: NewPhone) -> None:
    """A question, the count of one's own answer, lock and reveal: once each. Results are never read out."""
    scene.go()
    scene.phone.page.evaluate(HEARD)
    question = scene.instructor.publish("Mean or median?", OPTIONS, correct="the mean")
    scene.phone.tap("the mean")
    scene.phone.is_counted()
    for _ in range(2):
        neighbour = Scene(new_phone(), scene.instructor)
        neighbour.go()
        with scene.hearing("results-update"):
            neighbour.phone.tap("the median")
    scene.instructor.lock(question)
    scene.instructor.reveal(question)
    expect(scene.phone.speech).to_contain_text("The right answer")
    assert scene.phone.page.evaluate("heard") == [
        "New question: Mean or median?",
        "Answer counted. You can still change it.",
        "Answers are locked. Your answer counts.",
        "The right answer: the mean. Your answer is right.",
    ]


def test_a_lost_connection_is_said_aloud_once(scene: Scene) -> None:
    """Not with every second of the countdown."""
    scene.phone.page.clock.install()
    cable = Cable(scene.phone)
    scene.go()
    scene.phone.page.evaluate(HEARD)
    cable.cut()
    scene.phone.page.clock.run_for(2_000)
    expect(scene.phone.link).to_contain_text("Next try in 1 s")
    cable.mend()
    assert scene.phone.page.evaluate("heard") == ["Connection lost. Trying again by itself.", "Connected again."]


def test_nothing_moves_under_the_finger(scene: Scene) -> None:
    """Answer, results and reveal shift nothing on the page; a lost connection leaves the question where it is."""
    scene.phone.page.route(FONT, lambda route: route.abort())
    cable = Cable(scene.phone)
    question = scene.ask()
    scene.phone.page.evaluate(SHIFTS)
    places = scene.places()
    scene.phone.tap("the mean")
    expect(scene.phone.card("the mean")).to_contain_text("100")
    assert scene.places() == places
    scene.instructor.reveal(question)
    expect(scene.phone.card("the mean")).to_contain_text("Right answer")
    assert scene.phone.page.evaluate("shifts") == []
    cable.cut()
    assert scene.places() == places


def test_what_is_wider_than_the_phone_scrolls_by_itself(scene: Scene) -> None:
    """A long formula and a table of many columns leave the page as wide as the phone."""
    formula = " + ".join(f"\\frac{{x_{{{n}}}}}{{y}}" for n in range(30))
    table = "|".join(["a_column_of_numbers"] * 9)
    scene.go()
    scene.instructor.publish(f"$${formula}$$\n\n{table}\n{'|'.join(['-'] * 9)}\n{table}", [f"${formula}$", "neither"])
    expect(scene.phone.card("neither")).to_be_visible()
    wide = scene.phone.page.locator(".lp-prose .lp-math-block.lp-wide, .lp-prose table.lp-wide, label .lp-math.lp-wide")
    expect(wide).to_have_count(3)
    assert wide.evaluate_all("all => all.map(each => each.scrollWidth > each.clientWidth)") == [True] * 3
    assert scene.phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_looks_like_html_is_only_text(server: Serve, phone: Phone) -> None:
    """Titles and labels that look like HTML are shown as they were written."""
    scene = Scene(phone, server.instructor("<img src=x onerror=alert(1)> & co"))
    scene.go()
    expect(phone.heading("<img src=x onerror=alert(1)> & co")).to_be_visible()
    scene.instructor.publish("<script>alert(1)</script>Which?", ["<b>one</b>", "two"])
    expect(phone.option("two")).to_be_visible()
    assert phone.page.locator("main script, label b, label script, main img").count() == 0


def test_a_browser_without_cookies_takes_part_too(server: Serve, chromium: BrowserType) -> None:
    """The page then asks for a place itself."""

    def without_cookie(route: Route) -> None:
        with urlopen(route.request.url) as page:
            route.fulfill(body=page.read(), content_type="text/html")

    # Chromium does not let a page that a test has handed it reach this machine, unless it is told to.
    arguments = ["--no-sandbox", "--disable-features=LocalNetworkAccessChecks"]
    with chromium.launch(executable_path=LAUNCH["executable_path"], args=arguments) as browser:
        scene = Scene(Phone(browser.new_page()), server.instructor("No cookies"))
        scene.phone.page.route(scene.instructor.join_url, without_cookie)
        question = scene.answer("the mean")
        assert scene.phone.page.context.cookies() == []
        assert scene.instructor.results(question)["total"] == 1
