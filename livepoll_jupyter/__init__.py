"""Live polls for a class: ask in a notebook, answer on a phone, see it in the notebook.

This room holds the public names and Jupyter's entry points, and imports nothing until one of them is asked for:
the Jupyter server, the command line and a kernel each need another part of the house.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from .core.errors import Refusal
    from .widgets import LivePoll, PollQuestion, Seat, join

__all__ = ["LivePoll", "PollQuestion", "Refusal", "Seat", "__version__", "join"]

_WIDGETS = "livepoll_jupyter.widgets"
_ROOM_OF = {
    "LivePoll": _WIDGETS,
    "PollQuestion": _WIDGETS,
    "Refusal": "livepoll_jupyter.core.errors",
    "Seat": _WIDGETS,
    "join": _WIDGETS,
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for (PEP 562)."""
    if name not in _ROOM_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_ROOM_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, the ones not yet imported included."""
    return sorted({*globals(), *__all__})


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Tell JupyterLab where the prebuilt extension lies and what it is called."""
    return [{"src": "labextension", "dest": "livepoll-jupyter"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Tell Jupyter Server which application to mount."""
    from .server.app import LivePollApp  # noqa: PLC0415 - a kernel must not import the server

    return [{"module": "livepoll_jupyter", "app": LivePollApp}]
