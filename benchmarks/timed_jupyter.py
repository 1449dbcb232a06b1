"""A Jupyter server that says how long our extension's own functions took: a line of JSON when it has started.

``startup`` runs it in place of ``jupyter server``; the times are those within Jupyter's own calls.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

from jupyter_server.serverapp import main

import livepoll_jupyter

spans: dict[str, float] = {}
"""Seconds by what was done: import, link, load, start."""


def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which notes its time."""

    def run(*arguments: Any) -> Any:
        began = perf_counter()
        try:
            return function(*arguments)
        finally:
            spans[name] = perf_counter() - began

    return run


def timed_start(start: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """The last of them, which also prints what was noted."""

    async def run(*arguments: Any) -> None:
        began = perf_counter()
        await start(*arguments)
        spans["start"] = perf_counter() - began
        sys.stdout.write(json.dumps(spans) + "\n")
        sys.stdout.flush()

    return run


def timed_points() -> list[dict[str, Any]]:
    """The entry point that Jupyter asks for: its time is that of our imports."""
    points: list[dict[str, Any]] = timed("import", entry_points)()
    app: Any = points[0]["app"]
    app._link_jupyter_server_extension = timed("link", app._link_jupyter_server_extension)  # noqa: SLF001
    app._load_jupyter_server_extension = timed("load", app._load_jupyter_server_extension)  # noqa: SLF001
    app._start_jupyter_server_extension = timed_start(app._start_jupyter_server_extension)  # noqa: SLF001
    return points


entry_points = livepoll_jupyter._jupyter_server_extension_points  # noqa: SLF001

if __name__ == "__main__":
    livepoll_jupyter._jupyter_server_extension_points = timed_points  # noqa: SLF001
    main()
