"""The kinds of question.

A further kind is one module here, one line below and one view in ``labextension/src/views``.
"""

from __future__ import annotations

from ..errors import BadQuestion
from ..questions import Kind
from .choice import Choice
from .multiple_choice import MultipleChoice

KINDS: dict[str, Kind] = {kind.name: kind for kind in (Choice(), MultipleChoice())}


def kind_of(name: str) -> Kind:
    """The kind called ``name``; raises :exc:`BadQuestion` and lists the known ones."""
    if name not in KINDS:
        raise BadQuestion(f"There is no kind of question called {name!r}; use one of: {', '.join(sorted(KINDS))}.")
    return KINDS[name]
