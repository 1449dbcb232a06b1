"""The one door to ``server``: a small server inside the kernel, for a notebook that no Jupyter server started."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..client import Api

if TYPE_CHECKING:
    from ..server.embedded import EmbeddedServer


def embedded_server() -> Api:
    """The kernel's own server, started with the first call; its rooms go with the kernel.

    Raises:
        BadSetting: no port, or no temporary directory that can be written.
    """
    return _started(os.getpid())[1]


def close_embedded_server() -> None:
    """Stop the kernel's own server, if there is one; the next call of :func:`embedded_server` starts another."""
    if _started.cache_info().currsize:
        _started(os.getpid())[0].close()
        _started.cache_clear()


@lru_cache(maxsize=1)
def _started(_process: int) -> tuple[EmbeddedServer, Api]:
    from ..server.embedded import EmbeddedServer  # noqa: PLC0415 - a student's kernel needs no server

    server = EmbeddedServer()
    # By the loopback address, which stays when the machine changes networks.
    return server, Api(f"http://127.0.0.1:{urlsplit(server.url).port}/", server.instructor_token)
