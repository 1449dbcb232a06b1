"""A real Jupyter server with the extension, on a free port; its directories come from ``jp_environ``."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from jupyter_server.serverapp import ServerApp
from traitlets.config import Config

from livepoll_jupyter.server.app import LivePollApp

BASE_URL = "/a%40b/"
"""A base URL as JupyterHub makes them, with something to quote."""

JUPYTER_TOKEN = "the-login-of-jupyter"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def open_jupyter(
    directory: Path,
    *,
    allow_unauthenticated_access: bool = True,
    server: dict[str, Any] | None = None,
    more: dict[str, dict[str, Any]] | None = None,
    **settings: Any,
) -> AsyncIterator[ServerApp]:
    """A running Jupyter server; ``settings`` are those of ``LivePollApp``, ``server`` more of ``ServerApp``'s.

    ``more`` are those of other classes.
    """
    config = Config(
        {
            "ServerApp": {
                "jpserver_extensions": {"livepoll_jupyter": True},
                "root_dir": str(directory),
                "allow_unauthenticated_access": allow_unauthenticated_access,
                **(server or {}),
            },
            "LivePollApp": {"db": str(directory / "rooms.db"), "audience_ip": "", **settings},
            "IdentityProvider": {"token": JUPYTER_TOKEN},
            **(more or {}),
        }
    )
    app = ServerApp(
        config=config, ip="127.0.0.1", port=free_port(), port_retries=0, base_url=BASE_URL, open_browser=False,
        allow_root=True, log_level="ERROR",
    )  # fmt: skip
    app.init_signal = lambda: None  # type: ignore[method-assign]
    app.initialize(argv=[], find_extensions=False)
    app.start_app()
    await app.extension_manager.start_all_extensions()  # type: ignore[no-untyped-call]
    try:
        yield app
    finally:
        await app._cleanup()
        await app.http_server.close_all_connections()
        ServerApp.clear_instance()


def extension(app: ServerApp) -> LivePollApp:
    """The extension that runs in ``app``."""
    (found,) = app.extension_manager.extension_apps["livepoll_jupyter"]
    assert isinstance(found, LivePollApp)
    return found
