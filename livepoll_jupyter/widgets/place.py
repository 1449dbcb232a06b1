"""Where a room lives: the named server, else the Jupyter server that started this kernel, else the kernel itself."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from IPython import get_ipython

from ..client import Api
from ..core.errors import BadSetting
from .embedded import EVERY_NETWORK, LOOPBACK, embedded_server

URL = "LIVEPOLL_URL"
"""The environment variable with a Jupyter server's base URL, set by its extension for its own kernels."""
TOKEN = "LIVEPOLL_TOKEN"  # noqa: S105 - the name of a variable
"""The environment variable with the instructor's token for that server."""
PROBLEM = "LIVEPOLL_PROBLEM"
"""The environment variable in which a Jupyter server says why it is none for its kernels."""
HUB_PREFIX = "JUPYTERHUB_SERVICE_PREFIX"
"""The environment variable that JupyterHub sets for each user's server and its kernels."""
KERNEL_HEADER = "X-LivePoll-Kernel"
"""The header in which a kernel tells its server which one it is."""


VOILA = "voila/"
"""What ``SERVER_SOFTWARE`` begins with in a kernel that Voilà has started for a visitor."""
VOILA_KERNEL = "VOILA_PREHEAT"
"""The environment variable that Voilà sets in each of its kernels, also in one that waits for its visitor."""

NOT_FOR_VISITORS = (
    "This notebook runs in Voilà, where each visitor of the page would have the instructor's buttons. Open the room in "
    "JupyterLab or with `jupyter livepoll serve`; a page of Voilà may join it: join(url)."
)

NOT_ON_THE_HUB = (
    "Phones cannot reach this room: the Jupyter server that JupyterHub started has no livepoll-jupyter, and a notebook "
    "opens no port of the hub's machine to its networks. Install livepoll-jupyter where JupyterLab itself is "
    "installed, and restart your server in the hub's control panel."
)


def find_server(server: str | None, token: str | None, environment: Mapping[str, str] = os.environ) -> Api:
    """The server to open rooms on.

    Raises:
        BadSetting: ``server`` is no URL, one of the two comes without the other, or Voilà runs the notebook.
    """
    if environment.get("SERVER_SOFTWARE", "").startswith(VOILA) or VOILA_KERNEL in environment:
        raise BadSetting(NOT_FOR_VISITORS)
    if server is not None:
        return _named(server, token)
    if token is not None:
        raise BadSetting("A token is for a named server: LivePoll(title, server=…, token=…).")
    if URL in environment:
        return Api(environment[URL], environment.get(TOKEN), _kernel_header())
    is_on_hub = HUB_PREFIX in environment
    if PROBLEM in environment:
        warnings.warn(environment[PROBLEM], stacklevel=2)
    elif is_on_hub:
        warnings.warn(NOT_ON_THE_HUB, stacklevel=2)
    return embedded_server(LOOPBACK if is_on_hub else EVERY_NETWORK)


def _kernel_header() -> dict[str, str]:
    """Which kernel this is, so that its server does not take it for idle while a class is connected.

    Nothing outside ipykernel, whose connection file has Jupyter's id of the kernel in its name.
    """
    config = getattr(get_ipython(), "config", {})
    file = config.get("IPKernelApp", {}).get("connection_file", "")
    kernel = Path(file).stem.removeprefix("kernel-") if isinstance(file, str) else ""
    return {KERNEL_HEADER: kernel} if kernel else {}


def _named(server: str, token: str | None) -> Api:
    parts = urlsplit(server)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise BadSetting(f"{server!r} is not the address of a server; write it like http://127.0.0.1:3000.")
    if not token:
        raise BadSetting("A named server asks for its instructor token: LivePoll(title, server=…, token=…).")
    return Api(f"{parts.scheme}://{parts.netloc}{parts.path}", token)
