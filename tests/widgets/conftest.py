"""The fixtures of this folder, which ``rooms`` holds."""

from rooms import embedded_server_ends, no_jupyter_server, poll

__all__ = ["embedded_server_ends", "no_jupyter_server", "poll"]
