"""What changed between two states of a view, so that a change costs what it changes and not what the room holds. Pure.

``labextension/src/widget/state_patch.ts`` applies it.
"""

from __future__ import annotations

from typing import Any, Final

State = dict[str, Any]

LIST: Final = "questions"
"""The one part of a state that grows: a list of objects with an ``id``."""


def patch_of(before: State, after: State) -> State:
    """The parts of ``after`` that differ from ``before``; empty if nothing does.

    ``set`` has whole parts. ``order`` has the ids of the list where they or their order changed, and ``changed`` the
    objects of the list that are new or differ. A part never goes away.
    """
    patch: State = {}
    parts = {name: part for name, part in after.items() if name != LIST and before.get(name, ...) != part}
    if parts:
        patch["set"] = parts
    held = {each["id"]: each for each in before.get(LIST, [])}
    changed = [each for each in after.get(LIST, []) if held.get(each["id"]) != each]
    if changed:
        patch["changed"] = changed
    order = [each["id"] for each in after.get(LIST, [])]
    if order != list(held) or (LIST in after and LIST not in before):
        patch["order"] = order
    return patch
