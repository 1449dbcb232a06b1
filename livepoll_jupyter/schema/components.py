"""JSON Schemas of typed bodies, as both OpenAPI and AsyncAPI keep them: by name, under ``#/components/schemas``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

Json = dict[str, Any]


def components(types: Iterable[Any]) -> tuple[list[Json], dict[str, Json]]:
    """What stands for each of ``types``, in their order, and the schemas that those refer to."""
    shown, named = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    return [_read_well(schema) for schema in shown], {name: _read_well(schema) for name, schema in named.items()}


def sentence(docstring: str | None) -> str:
    """The first line of a docstring, for a reader who knows Markdown and no reStructuredText."""
    return (docstring or "").strip().partition("\n")[0].replace("``", "`")


def _read_well(schema: Any) -> Any:
    """The same schema with its docstrings in Markdown."""
    if isinstance(schema, dict):
        return {key: _read_well(value) for key, value in schema.items()}
    if isinstance(schema, (list, tuple)):
        return [_read_well(value) for value in schema]
    return schema.replace("``", "`") if isinstance(schema, str) else schema
