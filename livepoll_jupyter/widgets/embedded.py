"""The one door to ``server``: a small server inside the kernel, for a notebook that no Jupyter server started."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..client import Api

if TYPE_CHECKING:
    from ..server.embedded import EmbeddedServer

EVERY_NETWORK = "0.0.0.0"  # noqa: S104 - the class comes from the network
LOOPBACK = "127.0.0.1"


_of_process: dict[int, tuple[EmbeddedServer, Api]] = {}
"""By process: one that was forked has none of its own yet."""


def embedded_server(ip: str = EVERY_NETWORK) -> Api:
    """The kernel's own server; the first call starts it, listening on ``ip``. Its rooms go with the kernel.

    Raises:
        BadSetting: no port, or no temporary directory that can be written.
    """
    process = os.getpid()
    if process not in _of_process:
        _of_process[process] = _start(ip)
    return _of_process[process][1]


def close_embedded_server() -> None:
    """Stop the kernel's own server, if there is one; the next call of :func:`embedded_server` starts another."""
    started = _of_process.pop(os.getpid(), None)
    if started is not None:
        started[0].close()


def _start(ip: str) -> tuple[EmbeddedServer, Api]:
    from ..server.embedded import EmbeddedServer  # noqa: PLC0415 - a student's kernel needs no server

    server = EmbeddedServer(ip)
    # By the loopback address, which stays when the machine changes networks.
    return server, Api(f"http://127.0.0.1:{urlsplit(server.url).port}/", server.instructor_token)
