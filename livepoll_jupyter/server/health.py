"""``healthz``: whether this server can do its work, for whatever supervises it."""

from __future__ import annotations

from http import HTTPStatus

from jupyter_server.auth.decorator import allow_unauthenticated

from .service import Service
from .web import Rule, ServiceHandler


class HealthHandler(ServiceHandler):
    """Anybody may ask. The answer says ``ok``, ``stopping`` or ``no-storage``, and never why."""

    @allow_unauthenticated
    def get(self) -> None:
        """Answer GET: 200 while votes can be stored, else 503."""
        status = self._status()
        self.set_status(HTTPStatus.OK if status == "ok" else HTTPStatus.SERVICE_UNAVAILABLE)
        self.finish_json({"status": status})

    head = get

    def _status(self) -> str:
        if self.service.is_closing:
            return "stopping"
        return "ok" if self.service.is_open and not self.service.store.trouble else "no-storage"


def health_rule(service: Service) -> Rule:
    """``healthz``."""
    return ("healthz", HealthHandler, {"service": service})
