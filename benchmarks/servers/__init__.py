"""Every server that is measured: how it is started on its core, and what is asked of it. It measures nothing."""

from .base import Server, Site
from .others import CSendLoop, NaiveTornado, Nitro, PythonSendLoop, Websockets
from .ours import InJupyter, OnJupytersPort, Standalone

ALL: tuple[type[Server], ...] = (
    Standalone,
    InJupyter,
    OnJupytersPort,
    CSendLoop,
    PythonSendLoop,
    Nitro,
    Websockets,
    NaiveTornado,
)

__all__ = ["ALL", "Server", "Site"]
