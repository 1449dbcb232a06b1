"""What is particular to living inside a Jupyter server: its login, its base URL, and how its kernels reach it."""

from __future__ import annotations

from http import HTTPStatus

from jupyter_core.utils import ensure_async
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join
from tornado import web

from ..core.errors import Forbidden, Unauthorized
from .activity import KERNEL_HEADER
from .api import InstructorHandler, audience_rules, instructor_rules
from .auth import INSTRUCTOR, Identity, bearer
from .codes import normal_code
from .documents import document_rules
from .links import PAGES, HubLinks, with_slash
from .listener import socket_rule
from .pages import page_rules
from .service import Service
from .web import Rule
from .websocket import SocketHandler

AUTH_RESOURCE = "livepoll"
"""What Jupyter's authorizer is asked about."""

EVERYWHERE = {"", "0.0.0.0", "::", "*", "localhost"}  # noqa: S104 - compared, not bound


class KernelsHandler(InstructorHandler):
    """The instructor's routes for kernels: by our token alone. The service learns which kernel shows which room."""

    async def answer(self, path: dict[str, str]) -> None:
        """Answer, and note which kernel shows the room.

        So it is not culled while a class is there, and the sidebar knows which notebook has which room.
        """
        await super().answer(path)
        kernel = self.request.headers.get(KERNEL_HEADER)
        if kernel is not None and "code" in path:
            self.service.panels.note(normal_code(path["code"]), kernel)


class JupyterInstructorHandler(KernelsHandler, JupyterHandler):
    """The instructor's routes on a Jupyter server: our token, or Jupyter's login with its XSRF check."""

    auth_resource = AUTH_RESOURCE

    async def prepare(self, **_: bool) -> None:
        """Let nobody in but the instructor; Jupyter's own preparation is asked only when our token is not there."""
        await InstructorHandler.prepare(self)

    def check_xsrf_cookie(self) -> None:
        """Jupyter's check; it asks nothing of a request that carries Jupyter's token in a header."""
        JupyterHandler.check_xsrf_cookie(self)

    def set_cors_headers(self) -> None:
        """No other site's page may read what the instructor sees."""

    async def ask_host(self) -> None:
        """Let in whom Jupyter knows and allows to do this."""
        await _ask_jupyter(self, "read" if self.request.method in {"GET", "HEAD"} else "write")
        self._learn_address()

    def _learn_address(self) -> None:
        """On a hub that does not tell its public URL: a page of JupyterLab has come here under it."""
        links, origin = self.service.links, self.caller.page_origin(is_secure=self.is_secure())
        if not origin or not isinstance(links, HubLinks):
            return
        if links.learn(origin + with_slash(self.base_url), self.service.clock.monotonic()):
            self.service.hub.show_links()


class JupyterSocketHandler(SocketHandler, JupyterHandler):
    """The socket on Jupyter's port: a token of Jupyter's or the hub's in its header is the instructor's here as well.

    Without one Jupyter is asked nothing: it is a phone. A cookie of Jupyter's counts for nothing, since a browser sends
    it with sockets of any site's page.
    """

    auth_resource = AUTH_RESOURCE

    async def prepare(self, **_: bool) -> None:
        """Decide who may open a socket to which room."""
        await SocketHandler.prepare(self)

    def check_xsrf_cookie(self) -> None:
        """Jupyter's check, as for the API."""
        JupyterHandler.check_xsrf_cookie(self)

    def set_cors_headers(self) -> None:
        """No other site's page may read an answer."""

    async def ask_host(self) -> Identity | None:
        """The instructor, if the token is Jupyter's; None if there is none that could be."""
        if not bearer(self.request.headers.get("Authorization")):
            return None
        await _ask_jupyter(self, "write")
        return INSTRUCTOR


async def _ask_jupyter(handler: JupyterHandler, action: str) -> None:
    """Let in whom Jupyter knows and allows ``action``: read or write. Raises a refusal or an HTTP error."""
    try:
        await JupyterHandler.prepare(handler, _redirect_to_login=False)
    except web.HTTPError as error:
        if handler.current_user is None:
            raise Unauthorized("Log in to Jupyter, or send the instructor's token.") from error
        raise
    if handler.current_user is None:
        raise Unauthorized("Log in to Jupyter, or send the instructor's token.")
    if not handler.check_origin() or _is_begun_elsewhere(handler):
        raise web.HTTPError(HTTPStatus.FORBIDDEN)
    allowed = handler.authorizer.is_authorized(handler, handler.current_user, action, AUTH_RESOURCE)
    if not await ensure_async(allowed):
        raise Forbidden("Your account may not do this with live polls on this Jupyter server.")


def _is_begun_elsewhere(handler: JupyterHandler) -> bool:
    """Whether the login cookie alone speaks, and another site's page made the browser send it.

    With a link, which has no ``Origin``, the cookie goes along. Browsers send ``Sec-Fetch-Site`` to HTTPS and to this
    machine alone; elsewhere there is the ``Referer``. A request with an ``Origin`` was judged by that.
    """
    headers = handler.request.headers
    if handler.token_authenticated or "Origin" in headers:
        return False
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in {"same-origin", "none"}
    return "Referer" in headers and not handler.check_referer()


def jupyter_rules(service: Service) -> list[Rule]:
    """Everything that a Jupyter server mounts under its base URL."""
    return [
        socket_rule(service, handler=JupyterSocketHandler),
        socket_rule(service, PAGES, handler=JupyterSocketHandler),
        *instructor_rules(service, JupyterInstructorHandler),
        *document_rules(service),
        *audience_rules(service),
        *page_rules(service, PAGES),
    ]


def kernels_rules(service: Service) -> list[Rule]:
    """What kernels need, on a listener of their own."""
    return [socket_rule(service), *instructor_rules(service, KernelsHandler), *audience_rules(service)]


def is_open_to_kernels(serverapp: ServerApp) -> bool:
    """Whether kernels reach Jupyter's own port: by TCP, and with no certificate that they do not know."""
    return not serverapp.sock and not serverapp.certfile and not serverapp.ssl_options


def server_url(serverapp: ServerApp | None) -> str | None:
    """The base URL of the server on this machine; None on a Unix socket."""
    if serverapp is None or serverapp.sock:
        return None
    host = "127.0.0.1" if serverapp.ip in EVERYWHERE else serverapp.ip
    scheme = "https" if serverapp.certfile or serverapp.ssl_options else "http"
    netloc = f"[{host}]" if ":" in host else host
    return url_path_join(f"{scheme}://{netloc}:{serverapp.port}", serverapp.base_url, "/")
