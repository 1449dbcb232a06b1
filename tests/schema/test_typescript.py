"""The front end's types are those of the Python messages."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from livepoll_jupyter.core import messages
from livepoll_jupyter.schema import __main__ as command
from livepoll_jupyter.schema.typescript import typescript

COMMITTED = Path(__file__).parents[2] / "labextension" / "src" / "protocol" / "messages.ts"


def test_the_committed_types_are_the_generated_ones() -> None:
    """Whoever changes a message also runs the generator."""
    advice = f"python -m livepoll_jupyter.schema typescript > {COMMITTED.relative_to(COMMITTED.parents[3])}"
    assert COMMITTED.read_text(encoding="utf-8") == typescript(), f"run: {advice}"


def test_the_command_prints_the_types(capsys: pytest.CaptureFixture[str]) -> None:
    """``python -m livepoll_jupyter.schema typescript`` prints what is committed."""
    command.main(["typescript"])
    assert capsys.readouterr().out == typescript()


@pytest.mark.parametrize(
    "line",
    [
        "export const MAX_FRAME = 16384;",
        "  readonly event: 'new-question';",
        "  readonly answer: unknown;",
        "  readonly answer?: unknown;",
        "  readonly seq?: number;",
        "  readonly options: readonly Option[];",
        "  readonly counts: Readonly<Record<string, number>>;",
        "  readonly results: Results | null;",
        "  readonly status: 'accepted' | 'rejected';",
        "  readonly show_results: ShowResults;",
        "export type Ping = 'ping';",
    ],
)
def test_each_kind_of_type_has_its_counterpart(line: str) -> None:
    """Any is unknown, UNSET optional, a Literal a union, a tuple an array, None null."""
    assert line in typescript().splitlines()


def test_a_new_message_of_an_unknown_shape_is_not_passed_over() -> None:
    """A type that the generator has no counterpart for stops it, instead of becoming ``any``."""
    from livepoll_jupyter.schema.typescript import interface

    class WithBytes(msgspec.Struct):
        """A field that JSON has no type for."""

        raw: bytes

    assert WithBytes.__name__ not in vars(messages)
    with pytest.raises(TypeError, match="raw"):
        interface(WithBytes)
