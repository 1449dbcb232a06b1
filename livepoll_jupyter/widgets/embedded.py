"""The one door to ``server``: a small server inside the kernel, for a notebook that no Jupyter server started."""

from __future__ import annotations

import os
from functools import lru_cache
from urllib.parse import urlsplit

from ..client import Api


def embedded_server() -> Api:
    """The kernel's own server, started with the first call; its rooms go with the kernel.

    Raises:
        BadSetting: no port, or no temporary directory that can be written.
    """
    return _started(os.getpid())


@lru_cache(maxsize=1)
def _started(_process: int) -> Api:
    from ..server.embedded import EmbeddedServer  # noqa: PLC0415 - a student's kernel needs no server

    server = EmbeddedServer()
    # By the loopback address, which stays when the machine changes networks.
    return Api(f"http://127.0.0.1:{urlsplit(server.url).port}/", server.instructor_token)
