"""Questions as an instructor writes them down in a notebook: dicts and tuples, read into what the server takes.

It checks the shape only; whether a question can be asked is for the server to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from ..core.errors import BadQuestion
from ..core.messages import InstructorQuestion
from ..core.rest import NewQuestion
from ..core.texts import reading_key

Definition = Mapping[str, Any] | Sequence[Any] | NewQuestion
"""``(text, options)``, ``(text, options, correct)``, a dict of the arguments of ``publish``, or the real thing."""

_FIELDS: Final = [field for field in NewQuestion.__struct_fields__ if field != "publish"]
_SHAPES: Final = {
    "text": "a text",
    "kind": "a text",
    "options": "a list of texts, such as ['1', '2']",
    "correct": "the label of an option, or a list of them",
    "show_results": "'live', 'locked' or 'revealed'",
}
_TUPLE: Final = ("text", "options", "correct")


def read(definition: Definition) -> NewQuestion:
    """One question; raises :exc:`BadQuestion` if it has another shape."""
    if isinstance(definition, NewQuestion):
        return definition
    if isinstance(definition, Mapping):
        return _from_fields(dict(definition))
    is_row = not isinstance(definition, str) and hasattr(definition, "__len__")
    if not is_row or not len(_TUPLE) - 1 <= len(definition) <= len(_TUPLE):
        raise BadQuestion('Write (text, options), (text, options, correct) or {"text": …, "options": […], …}.')
    return _from_fields(dict(zip(_TUPLE, definition, strict=False)))


def read_all(definitions: Iterable[Definition]) -> list[NewQuestion]:
    """Several questions; raises :exc:`BadQuestion`, which says at which place the wrong one stands."""
    questions = []
    for place, definition in enumerate(definitions, 1):
        try:
            questions.append(read(definition))
        except BadQuestion as wrong:
            raise at_place(place, wrong) from wrong
    return questions


def at_place(place: int, wrong: BadQuestion) -> BadQuestion:
    """``wrong``, and at which place of a list it stands, from 1."""
    return BadQuestion(f"Question {place} of the list cannot be asked. {wrong.message}")


def is_same(wanted: NewQuestion, question: InstructorQuestion) -> bool:
    """Whether ``question`` was made from a definition like ``wanted``."""
    labels = [option.label for option in question.options]
    right = [wanted.correct] if isinstance(wanted.correct, str) else wanted.correct or []
    return (
        (wanted.kind, wanted.text, wanted.show_results) == (question.kind, question.text, question.show_results)
        and [label.strip() for label in wanted.options] == labels
        and {*map(reading_key, right)} == {reading_key(o.label) for o in question.options if o.id in question.correct}
    )


def _from_fields(fields: dict[str, Any]) -> NewQuestion:
    unknown = sorted(set(fields) - set(_FIELDS))
    if unknown:
        raise BadQuestion(f"There is no {unknown[0]!r} in a question; there are: {', '.join(_FIELDS)}.")
    if isinstance(fields.get("options"), str):
        raise BadQuestion("Options are a list of labels, not one text.")
    try:
        return msgspec.convert(fields, NewQuestion)
    except msgspec.ValidationError as wrong:
        raise BadQuestion(_sentence(str(wrong), fields)) from wrong


def _sentence(wrong: str, fields: dict[str, Any]) -> str:
    for name, shape in _SHAPES.items():
        if f"`$.{name}" in wrong:
            return f"{name!r} is {shape}, and not {fields[name]!r}."
    return f"{wrong}. A question has: {', '.join(_FIELDS)}."
