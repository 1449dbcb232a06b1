"""The front end's types are those of the Python messages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from livepoll_jupyter.core import messages
from livepoll_jupyter.schema import __main__ as command
from livepoll_jupyter.schema.typescript import rest_typescript, typescript

PROTOCOL = Path(__file__).parents[2] / "labextension" / "src" / "protocol"
GENERATED = {"messages.ts": ("typescript", typescript), "rest.ts": ("rest", rest_typescript)}


@pytest.mark.parametrize("name", GENERATED)
def test_the_committed_types_are_the_generated_ones(name: str) -> None:
    """Whoever changes a message also runs the generator."""
    command_name, generator = GENERATED[name]
    advice = f"python -m livepoll_jupyter.schema {command_name} > labextension/src/protocol/{name}"
    assert (PROTOCOL / name).read_text(encoding="utf-8") == generator(), f"run: {advice}"


@pytest.mark.parametrize(("name", "generator"), GENERATED.values())
def test_the_command_prints_the_types(
    name: str, generator: Callable[[], str], capsys: pytest.CaptureFixture[str]
) -> None:
    """``python -m livepoll_jupyter.schema typescript`` prints what is committed."""
    command.main([name])
    assert capsys.readouterr().out == generator()


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
