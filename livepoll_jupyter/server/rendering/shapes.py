"""What goes to the rendering process and comes back, a line of JSON each. Nothing heavy is imported here."""

from __future__ import annotations

from msgspec import Struct


class Task(Struct, frozen=True):
    """A question's text and its options' labels, in Markdown."""

    text: str
    labels: tuple[str, ...] = ()


class Done(Struct, frozen=True):
    """The same as HTML and as plain text.

    ``warnings`` are what the author may not have meant; ``problems`` keep it from being asked.

    ``failure`` is the traceback of a mistake of ours, empty if there was none.
    """

    html: str = ""
    labels: tuple[str, ...] = ()
    plain: str = ""
    plain_labels: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    failure: str = ""
