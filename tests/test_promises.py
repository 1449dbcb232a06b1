"""The table of promises names tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
NAMED = sorted(
    set(re.findall(r"`tests/([\w/]+\.py)::(\w+)`", (TESTS.parent / "docs" / "promises.md").read_text("utf-8")))
)


def test_promises_are_made() -> None:
    """The table is read as it is written."""
    assert len(NAMED) > 30


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_the_test_of_a_promise_is_there(path: str, name: str) -> None:
    """Under its name, at the top of its file."""
    tree = ast.parse((TESTS / path).read_text("utf-8"))
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    targets = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    assert name in functions | {target.id for target in targets if isinstance(target, ast.Name)}
