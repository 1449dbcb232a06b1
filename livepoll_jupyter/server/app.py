"""The Jupyter server extension: settings, and a service mounted under the server's base URL.

The audience's addresses are mounted as they are. The instructor's are combined with Jupyter's handler class, so that a
login there counts as well. A second listener for the class alone opens with the first open room.
"""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp
from tornado.ioloop import IOLoop
from traitlets import Bunch, Float, Int, List, Unicode, validate

from ..core.errors import BadSetting
from ..storage.sqlite import SqliteStore
from .accepting import FullHandler
from .activity import ActivityReport
from .address_watch import AddressWatch
from .auth import new_instructor_token
from .jupyter import is_open_to_kernels, jupyter_rules, kernels_rules, server_url
from .links import PAGES, HubLinks, Links, OwnLinks, public_pages, with_slash
from .listener import Listener, audience, deepen_backlog, sockets_of
from .open_files import raise_limit
from .paced_accept import PacedAccept
from .proxies import TRUSTED_HELP, Proxies, checked_names
from .rates import Rates
from .service import Service
from .web import PEERS_ARE_PROXIES

URL, TOKEN = "LIVEPOLL_URL", "LIVEPOLL_TOKEN"
"""The environment variables in which kernels find the server and the instructor's token."""

PROBLEM = "LIVEPOLL_PROBLEM"
"""The environment variable that tells kernels why there is no server for them, until there is one."""

NOT_STARTED = (
    "This Jupyter server has loaded livepoll-jupyter and not started it, so rooms end with their kernel. It needs "
    "jupyter-server 2.20 or newer: pip install -U jupyter-server, then start it again."
)

HUB_URL = "JUPYTERHUB_PUBLIC_URL"
"""Where JupyterHub says this server is reached from outside."""

HUB_PREFIX = "JUPYTERHUB_SERVICE_PREFIX"
"""The path of this server on its hub; set on every JupyterHub."""


STARTING = 5.0
"""Seconds after loading in which Jupyter has started an extension, if it does so at all."""


class LivePollApp(ExtensionApp):
    """Live polls as part of a Jupyter server."""

    name = "livepoll"
    description = "Live polls for a class: ask in a notebook, answer on a phone, see it in the notebook."
    classes = [ServerApp, Rates]  # noqa: RUF012 - as traitlets declares it
    load_other_extensions = True

    audience_ip = Unicode(
        "0.0.0.0",  # noqa: S104 - the class comes from the network
        help="The address of the listener that serves the class and nothing else: 0.0.0.0 for every network of this "
        "machine, 127.0.0.1 for itself alone, empty for no such listener, so that the class comes through the Jupyter "
        "server. On a JupyterHub there is no such listener, unless public_url names a tunnel or a proxy to it.",
    ).tag(config=True)
    audience_port = Int(
        3000,
        min=0,
        max=65535,
        help="The port of that listener, or if it is taken the next free one, which the log then names; 0 for any free "
        "one. It opens with the first open room.",
    ).tag(config=True)
    public_url = Unicode(
        "",
        help="What stands before the code in join links, where a tunnel or a proxy is in front, such as "
        "https://poll.example.org/; empty for this machine's own address. On a JupyterHub, links lead through the hub "
        "by themselves: by the public URL that it tells, or by the address under which JupyterLab is open.",
    ).tag(config=True)
    trusted_proxies = List(
        Unicode(),
        help=f"{TRUSTED_HELP} Where ServerApp.trust_xheaders is set, as JupyterHub does, whoever connects to Jupyter's "
        "port is believed in any case, as the hub's own proxy; name here the proxies before that.",
    ).tag(config=True)
    db = Unicode(
        "",
        help="The SQLite file that keeps the rooms; empty for one in Jupyter's data directory.",
    ).tag(config=True)

    activity_interval = Float(
        10.0,
        min=0.1,
        help="How often Jupyter is told that participants are connected, so that neither its idle shutdown nor the "
        "culling of an idle kernel ends a lecture. Unit: seconds; below the timeouts of those.",
    ).tag(config=True)

    @validate("trusted_proxies")
    def _check_proxies(self, proposal: Bunch) -> list[str]:
        return checked_names(proposal["value"])

    service: Service
    _activity: ActivityReport | None = None
    _listener: Listener | None = None
    _for_kernels: Listener | None = None
    _full: FullHandler | None = None
    _watch: AddressWatch | None = None

    def initialize_handlers(self) -> None:
        """Make the service and mount it; called by Jupyter."""
        self._store = SqliteStore(Path(self.db).expanduser() if self.db else None)
        self._token = os.environ.get(TOKEN) or new_instructor_token()
        self.service = Service(
            store=self._store,
            instructor_token=self._token,
            links=self._links_on_jupyter(),
            log=self.log,
            rates=Rates(parent=self),
            proxies=Proxies(self.trusted_proxies),
            before_room=self._open_doors,
        )
        if self.serverapp is not None:
            self.serverapp.web_app.settings[PEERS_ARE_PROXIES] = self.serverapp.trust_xheaders
        self.handlers.extend(jupyter_rules(self.service))
        os.environ[PROBLEM] = NOT_STARTED
        IOLoop.current().call_later(STARTING, self._check_start)

    async def _start_jupyter_server_extension(self, serverapp: ServerApp) -> None:
        """Tell kernels where the server is, and open what the store has; called by Jupyter when its loop runs."""
        if not self._is_loaded():
            return
        raise_limit(self.log)
        self._full = FullHandler(self._listening, self.log, self.service.clock)
        self._full.install(asyncio.get_running_loop())
        # Jupyter listens from a callback too, which is called before this one.
        IOLoop.current().add_callback(deepen_backlog, serverapp.http_server)
        IOLoop.current().add_callback(PacedAccept(serverapp.http_server, self.service).install)
        os.environ.pop(PROBLEM, None)
        os.environ[URL] = self._url_for_kernels(serverapp)
        os.environ[TOKEN] = self._token
        try:
            await self.service.open()
            if self._store.notice:
                self.log.warning(self._store.notice)
            if any(True for _ in self._store.rooms()):
                await self._open_doors()
        except BadSetting as refusal:
            self.log.error("LivePoll cannot serve rooms: %s", refusal.message)  # noqa: TRY400 - a sentence, no trace

        self._activity = ActivityReport(self.service, serverapp, self.activity_interval)
        self._activity.start()
        self._watch = AddressWatch(self.service)
        self._watch.start()
        if isinstance(self.service.links, HubLinks):
            self.log.warning(
                "This JupyterHub does not tell its public URL. Join links get the address under which JupyterLab is "
                "opened; or set LivePollApp.public_url to the hub's address, followed by %slivepoll/",
                os.environ[HUB_PREFIX],
            )

    async def stop_extension(self) -> None:
        """Drain: commit, tell every peer to come back, let go; called by Jupyter when it stops."""
        if not self._is_loaded():
            return
        os.environ.pop(PROBLEM, None)
        if os.environ.get(TOKEN) == self._token:
            os.environ.pop(URL, None)
            os.environ.pop(TOKEN, None)
        listeners = [each for each in (self._listener, self._for_kernels) if each is not None]
        for listener in listeners:
            listener.stop_accepting()
        for reporter in (self._activity, self._watch):
            if reporter is not None:
                reporter.stop()
        await self.service.close()
        for listener in listeners:
            await listener.close()
        if self._full is not None:
            self._full.remove(asyncio.get_running_loop())

    def _listening(self) -> list[socket.socket]:
        """On which sockets connections come to this process: Jupyter's, and those of the listener for the class."""
        theirs = sockets_of(self.serverapp.http_server) if self.serverapp else []
        return theirs + (self._listener.sockets if self._listener else [])

    def current_activity(self) -> dict[str, int] | None:
        """How many participants are connected to each room, by code, None if nobody is; Jupyter asks."""
        return (self.service.hub.occupied() or None) if self._is_loaded() else None

    def _is_loaded(self) -> bool:
        """Whether there is a service; if a setting was wrong, Jupyter has said so, and starts and stops without it."""
        return hasattr(self, "service")

    def _check_start(self) -> None:
        """Say so where the server that has loaded the extension never starts it."""
        if os.environ.get(PROBLEM) == NOT_STARTED:
            self.log.error(NOT_STARTED)

    # ------------------------------------------------------------ doors

    def _url_for_kernels(self, serverapp: ServerApp) -> str:
        """The base URL for this server's kernels: Jupyter's own, or a listener on this machine alone.

        A kernel does not know the server's certificate, and the HTTP client knows no Unix socket.
        """
        url = server_url(serverapp)
        if url is not None and is_open_to_kernels(serverapp):
            return url
        self._for_kernels = Listener(self.service, kernels_rules(self.service))
        self._for_kernels.open("127.0.0.1", 0, is_exact=True)
        return f"http://127.0.0.1:{self._for_kernels.port}/"

    async def _open_doors(self) -> None:
        """Open the class's listener, and put its address into the join links."""
        if self.public_url:
            public_pages(self.public_url)
        if self._listener is not None or not self._wants_listener():
            return
        listener = Listener(self.service, audience(self.service))
        listener.open(self.audience_ip, self.audience_port, is_exact=False)
        self._listener = listener
        own = OwnLinks(self.audience_ip, listener.port)
        if self.audience_port not in {0, listener.port}:
            self.log.warning(
                "Port %d is taken; the class finds its page on port %d.", self.audience_port, listener.port
            )
        self.log.info("LivePoll serves the class at %s", own.pages)
        if not self.public_url:
            self.service.links = own

    def _wants_listener(self) -> bool:
        """Whether the class comes to a listener of ours, and not through the hub's proxy."""
        if not self.audience_ip:
            return False
        is_on_hub = HUB_PREFIX in os.environ or bool(os.environ.get(HUB_URL))
        return not is_on_hub or (bool(self.public_url) and not self._is_public_url_the_hubs())

    def _is_public_url_the_hubs(self) -> bool:
        """Whether the public URL leads to Jupyter's own port, by the hub's proxy."""
        prefix = os.environ.get(HUB_PREFIX)
        return prefix is not None and public_pages(self.public_url).endswith(with_slash(prefix) + PAGES)

    def _links_on_jupyter(self) -> Links:
        if self.public_url:
            try:
                return Links(public_pages(self.public_url))
            except BadSetting as refusal:
                # Jupyter starts all the same; whoever opens a room is refused with this sentence.
                self.log.error("LivePoll cannot open rooms: %s", refusal.message)  # noqa: TRY400 - a sentence, no trace
                return Links(PAGES)
        hub = os.environ.get(HUB_URL)
        base = with_slash(hub) if hub else server_url(self.serverapp) or "/"
        if HUB_PREFIX in os.environ and not hub:
            return HubLinks(base)
        return Links(base + PAGES, base)
