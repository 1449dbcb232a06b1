"""Questions as an instructor writes them down in a notebook: dicts and tuples, read into what the server takes.

It checks the shape only; whether a question can be asked is for the server to say.
"""

from __future__ import annotations

import unicodedata
from collections.abc import ItemsView, Iterable, KeysView, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, TypeGuard

import msgspec

from ..core.errors import BadQuestion
from ..core.messages import InstructorQuestion
from ..core.rest import NewQuestion
from ..core.texts import as_label, option_letter, reading_key

Definition = Mapping[str, Any] | Sequence[Any] | NewQuestion
"""``(text, options)``, ``(text, options, correct)``, a dict of the arguments of ``publish``, or the real thing."""

_FIELDS: Final = [field for field in NewQuestion.__struct_fields__ if field != "publish"]
_SHAPES: Final = {
    "text": "a text",
    "kind": "a text",
    "options": "a list of texts or numbers, such as ['yes', 'no'] or [1, 2]",
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


def edited(question: InstructorQuestion, changes: Mapping[str, Any]) -> NewQuestion:
    """A question with ``changes`` in the arguments of ``publish``; raises :exc:`BadQuestion`.

    It stays of its kind, unless a list of right answers is new.
    """
    labels = {option.id: option.label for option in question.options}
    kept = {
        "text": question.text,
        "options": list(labels.values()),
        "correct": [labels[each] for each in question.correct] or None,
        "kind": None if _is_several(changes.get("correct")) else question.kind,
        "show_results": question.show_results,
    }
    return read(kept | dict(changes))


def is_same(wanted: NewQuestion, question: InstructorQuestion) -> bool:
    """Whether ``question`` was made from a definition like ``wanted``."""
    right = [wanted.correct] if isinstance(wanted.correct, str) else wanted.correct or []
    ids = {reading_key(option.label): option.id for option in question.options}
    return (
        (wanted.kind, wanted.show_results) == (question.kind, question.show_results)
        and _lines(wanted.text) == _lines(question.text)
        and [*map(reading_key, wanted.options)] == [reading_key(option.label) for option in question.options]
        and {ids.get(reading_key(label), option_letter(label)) for label in right} == set(question.correct)
    )


def _lines(text: str) -> list[str]:
    """A text as it is compared: blanks at the ends of lines and two spellings of an accent make no other question."""
    return [line.rstrip() for line in unicodedata.normalize("NFC", text).strip().splitlines()]


def _from_fields(fields: dict[str, Any]) -> NewQuestion:
    unknown = sorted(set(fields) - set(_FIELDS))
    if unknown:
        raise BadQuestion(f"There is no {unknown[0]!r} in a question; there are: {', '.join(_FIELDS)}.")
    if isinstance(fields.get("options"), str):
        raise BadQuestion("Options are a list of labels, not one text.")
    if isinstance(fields.get("options"), AbstractSet) and not isinstance(fields["options"], KeysView | ItemsView):
        raise BadQuestion("Options stand in an order, and a set has no order. Write a list, such as ['yes', 'no'].")
    if "options" in fields:
        fields["options"] = _labels_of(fields["options"])
    if fields.get("correct") is not None:
        fields["correct"] = _right_of(fields["correct"])
    if fields.get("kind") is None:
        # Who writes a list of right answers means that several may be chosen.
        fields["kind"] = "multiple_choice" if isinstance(fields.get("correct"), list) else "choice"
    try:
        return msgspec.convert(fields, NewQuestion)
    except msgspec.ValidationError as wrong:
        raise BadQuestion(_sentence(str(wrong), fields)) from wrong


def _labels_of(options: object) -> object:
    """Labels from whatever gives one after the other: a list, a range, an array, a Series, a generator."""
    return [as_label(option) for option in options] if _is_several(options) else options


def _right_of(correct: object) -> object:
    return _labels_of(correct) if _is_several(correct) else as_label(correct)


def _is_several(correct: object) -> TypeGuard[Iterable[object]]:
    return isinstance(correct, Iterable) and not isinstance(correct, str | bytes | Mapping)


def _sentence(wrong: str, fields: dict[str, Any]) -> str:
    for name, shape in _SHAPES.items():
        if f"`$.{name}" in wrong:
            return f"{name!r} is {shape}, and not {fields[name]!r}."
    return f"{wrong}. A question has: {', '.join(_FIELDS)}."
