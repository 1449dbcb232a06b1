"""Waiting for a trait, with a deadline and without asking again and again."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

from traitlets import HasTraits

SECONDS = 20.0
"""What anything that a test waits for may take."""


def until(widget: HasTraits, trait: str, is_so: Callable[[Any], bool]) -> None:
    """Return as soon as ``is_so`` of the trait's value."""
    so = Event()

    def look(_change: object = None) -> None:
        if is_so(getattr(widget, trait)):
            so.set()

    widget.observe(look, trait)
    look()
    reached = so.wait(SECONDS)
    widget.unobserve(look, trait)
    assert reached, f"{trait} stayed {getattr(widget, trait)!r}"
