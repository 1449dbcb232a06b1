"""The widgets in plain text, for places that run no code: readable, and the same from run to run."""

from __future__ import annotations

from livepoll_jupyter.widgets import LivePoll, join
from livepoll_jupyter.widgets.text_forms import question_text, room_text, seat_text

VIEW = "application/vnd.jupyter.widget-view+json"


def test_the_panel_is_its_title(poll: LivePoll) -> None:
    """No code, no port, no count."""
    data, _ = poll._repr_mimebundle_()
    assert data["text/plain"] == f"Live poll: {poll.title}"
    assert data[VIEW]["model_id"] == poll.model_id


def test_a_question_is_its_text_and_options(poll: LivePoll) -> None:
    """One option a line, with the box that its kind has."""
    one = poll.publish("Which is *larger*?", ["the mean", "the median"])
    assert one._repr_mimebundle_()[0]["text/plain"] == "Which is larger?\n\n  ( ) the mean\n  ( ) the median"
    several = poll.publish("Which?", ["x", "y"], kind="multiple_choice")
    assert several.as_text() == "Which?\n\n  [ ] x\n  [ ] y"


def test_a_text_does_not_change_with_what_happens(poll: LivePoll) -> None:
    """So that a strict comparison of outputs holds, whoever is in the room."""
    asked = poll.publish("Which?", ["x", "y"])
    me = join(poll.join_url)
    before = [widget.as_text() for widget in (poll, asked, me)]
    me.answer("x")
    asked.reveal()
    assert [widget.as_text() for widget in (poll, asked, me)] == before


def test_a_repr_is_one_short_line(poll: LivePoll) -> None:
    """As it stands in a list, or in the text of a box."""
    asked = poll.publish("Which of these is larger for a right-skewed sample?\n\nThink.", ["x", "y"])
    assert repr(asked) == "<PollQuestion 'Which of these is larger for a right-sk…'>"
    assert repr(poll) == f"<LivePoll {poll.title!r}>"
    assert repr(join(poll.join_url)) == f"<Seat in {poll.title!r}>"


def test_no_command_for_a_terminal_is_in_a_text() -> None:
    """Titles and questions may be another server's; letters of every script and emoji stay as they are."""
    assert (
        seat_text("\x1b]52;c;x\x07\u202eevil\x9b2J") == "A seat in the live poll: \\x1b]52;c;x\\x07\\u202eevil\\x9b2J"
    )
    assert question_text("a\n\tb\r", "choice", ["\x1b[2J"]) == "a\n\tb\n\n  ( ) \\x1b[2J"
    assert room_text("שלום 你好 👩\u200d🏫") == "Live poll: שלום 你好 👩\u200d🏫"


def test_markdown_and_formulas_are_plain_text_in_text_forms_and_frames(poll: LivePoll) -> None:
    """In a text form, a repr and a frame; what is answered and what is right are named as they were written."""
    half, code = r"$\frac{1}{2}$", "```python\nx = 1\nprint(x)\n```"
    asked = poll.publish(rf"**Which** is `x`, and {half}?", [half, code], kind="multiple_choice", correct=[half, code])
    assert asked.as_text() == "Which is x, and 1/2?\n\n  [ ] 1/2\n  [ ] x = 1\n      print(x)"
    assert repr(asked) == "<PollQuestion 'Which is x, and 1/2?'>"
    me = join(poll.join_url)
    assert me.answer([half, code]) == [half, code]
    (row,) = asked.to_frame().to_dict("records")
    assert (row["answer"], row["correct"]) == (("1/2", "x = 1\nprint(x)"), True)
    assert asked.options == [half, code]
