"""Messages as version 1 of the protocol knows them, which is frozen: what version 2 has added is left out. Pure."""

from __future__ import annotations

from msgspec import UNSET
from msgspec.structs import replace

from .messages import V1_EVENTS, Event, NewQuestion, Option


def for_v1(event: Event) -> Event | None:
    """The event as version 1 knows it; None for one that it does not know."""
    if isinstance(event, NewQuestion):
        return new_question(event)
    return event if isinstance(event, V1_EVENTS) else None


def new_question(event: NewQuestion) -> NewQuestion:
    """The event without plain texts."""
    options = tuple(Option(option.id, option.label, option.html) for option in event.data.options)
    return replace(event, data=replace(event.data, plain=UNSET, options=options))
