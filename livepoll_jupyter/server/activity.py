"""A class that is connected is activity: Jupyter's idle shutdown, a kernel's culling and a hub's culler wait for it.

Jupyter counts requests to its own handlers and messages of kernels. Phones that wait for the next question make
neither, and on the audience's listener they are not even Jupyter's. So this module reports them, every few seconds.
"""

from __future__ import annotations

from datetime import UTC, datetime

from jupyter_server.serverapp import ServerApp
from tornado.ioloop import PeriodicCallback

from .service import Service

KERNEL_HEADER = "X-LivePoll-Kernel"
"""The header in which a kernel says its id with each of the instructor's requests."""

SOURCE = "livepoll"
"""The name under which the server's ``last_activity_times`` has ours."""


class ActivityReport:
    """Reports activity to ``serverapp`` every ``interval`` seconds, from :meth:`start` to :meth:`stop`."""

    def __init__(self, service: Service, serverapp: ServerApp, interval: float) -> None:
        self._service, self._app = service, serverapp
        self._timer = PeriodicCallback(self.report, interval * 1000)

    def start(self) -> None:
        """Begin; on the server's loop."""
        self._timer.start()

    def stop(self) -> None:
        """End; a no-op if it was done before."""
        self._timer.stop()

    def report(self) -> None:
        """Say that a class is here now, if one is: for the server, and for the kernels whose panels show its room."""
        rooms = self._service.hub.occupied()
        if not rooms:
            return
        now = datetime.now(UTC)
        self._app.web_app.settings["last_activity_times"][SOURCE] = now
        for code in rooms:
            for kernel in self._service.panels.kernels_of(code):
                if kernel in self._app.kernel_manager:
                    # Jupyter sets the attribute itself, on an object of another package.
                    setattr(self._app.kernel_manager.get_kernel(kernel), "last_activity", now)  # noqa: B010
