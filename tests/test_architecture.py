"""Which room of the house may know which: the direction of every import in the package.

``server → storage → core`` and ``widgets → client → core``; ``core`` knows nobody, and a widget knows the server by
the embedded one's door alone.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path

import pytest

PACKAGE = "livepoll_jupyter"
ROOT = Path(__file__).parents[1] / PACKAGE
MODULES = sorted(ROOT.rglob("*.py"))

MAY_IMPORT = {
    "core": set[str](),
    "logs": {"core"},
    "threads": set[str](),
    "storage": {"core", "logs", "threads"},
    "schema": {"core"},
    "server": {"core", "logs", "storage", "schema", "threads"},
    "client": {"core", "logs", "threads"},
    "widgets": {"core", "logs", "client"},
    "rehearsal": {"core", "logs", "client"},
}
"""The rooms that a room may know, beside itself."""

AT_THE_DOOR = {"", "__main__", "_version", "cli", "lectures"}
"""What starts the others, and may know all of them."""

DOORS = {
    ("widgets", "server.embedded"): "where no server is, a widget opens one in the kernel",
    ("schema.__main__", "server.documents"): "the command prints what the server hands out",
}
"""Exceptions, each with its reason: (who, whom)."""

PURE = {
    "collections",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "html",
    "itertools",
    "math",
    "numbers",
    "re",
    "string",
    "typing",
    "unicodedata",
}
"""What the rules may take from the standard library: nothing that knows a clock, chance, a file or a socket."""


def name_of(path: Path) -> str:
    """A module's name within the package: ``core.room``, or ``core`` for its ``__init__``."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> Iterator[str]:
    """The absolute names of all that a module imports, wherever in it."""
    own = f"{PACKAGE}.{name_of(path)}"
    here = own if path.name == "__init__.py" else own.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = resolve_name("." * node.level + (node.module or ""), here) if node.level else str(node.module)
            yield from (f"{module}.{alias.name}" for alias in node.names)


def ours(path: Path) -> Iterator[str]:
    """What a module imports from the package, by its name within it."""
    prefix = f"{PACKAGE}."
    yield from (name.removeprefix(prefix) for name in imported(path) if name.startswith(prefix))


def is_door(who: str, whom: str) -> bool:
    """Whether an exception lets ``who`` know ``whom``."""
    return any(f"{who}.".startswith(f"{here}.") and f"{whom}.".startswith(f"{there}.") for here, there in DOORS)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_knows_only_the_rooms_that_it_may_know(path: Path) -> None:
    """Relative or absolute, at the top or within a function."""
    who = name_of(path)
    room = who.partition(".")[0]
    if room in AT_THE_DOOR:
        return
    allowed = MAY_IMPORT[room] | {room, "_version"}
    wrong = [name for name in ours(path) if name.partition(".")[0] not in allowed and not is_door(who, name)]
    assert wrong == []


@pytest.mark.parametrize("path", [path for path in MODULES if name_of(path).startswith("core")], ids=name_of)
def test_the_rules_know_no_clock_no_chance_and_no_outside(path: Path) -> None:
    """Of the standard library only what computes; of other packages only msgspec."""
    tops = {name.partition(".")[0] for name in imported(path)} - {PACKAGE, "__future__"}
    assert {top for top in tops if top in sys.stdlib_module_names} <= PURE
    assert {top for top in tops if top not in sys.stdlib_module_names} <= {"msgspec"}


@pytest.mark.parametrize(("who", "whom"), DOORS)
def test_every_exception_is_needed(who: str, whom: str) -> None:
    """A door that nobody uses is walled up."""
    users = [path for path in MODULES if f"{name_of(path)}.".startswith(f"{who}.")]
    assert any(f"{name}.".startswith(f"{whom}.") for path in users for name in ours(path))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    """In its docstring, and in at most 400 lines."""
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= 400


@pytest.mark.parametrize("path", [path for path in MODULES if name_of(path) != "logs"], ids=name_of)
def test_a_module_takes_its_logger_from_the_one_place_that_makes_it_safe(path: Path) -> None:
    """A logger of Python's own would write what strangers sent as it is."""
    text = path.read_text(encoding="utf-8")
    assert "getLogger(__name__)" not in text
