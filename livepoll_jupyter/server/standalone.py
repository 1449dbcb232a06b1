"""A server of its own: the class's pages and socket, and the instructor's API, in one listener.

``jupyter livepoll serve`` runs one as a process; a kernel that no Jupyter server started runs one in a thread.
"""

from __future__ import annotations

from logging import Logger

from msgspec import Struct

from ..core.errors import Refusal
from ..storage.base import Store
from .address_watch import AddressWatch
from .links import Links, OwnLinks, public_pages, reachable_host
from .listener import Listener, everything
from .open_files import raise_limit
from .proxies import Proxies
from .rates import Rates
from .service import Service

DEFAULT_PORT = 3000
DEFAULT_TITLE = "Live poll"


class Settings(Struct, frozen=True, kw_only=True):
    """How a server is reached. ``is_exact_port`` refuses a port in use instead of taking the next free one.

    Without an ``instructor_token`` the one that goes with the store is taken, the same after a restart. Without
    ``logs_requests`` refused requests leave no line in the log.
    """

    ip: str = "0.0.0.0"  # noqa: S104 - the class comes from the network
    port: int = DEFAULT_PORT
    is_exact_port: bool = False
    public_url: str = ""
    trusted_proxies: tuple[str, ...] = ()
    base_url: str = "/"
    instructor_token: str = ""
    logs_requests: bool = True


class Opened(Struct, frozen=True):
    """Where an open server is found: what ``serve --json`` prints."""

    url: str
    ws_url: str
    join_url: str
    code: str
    instructor_token: str


class Standalone:
    """A server over ``store``. :meth:`open` once, :meth:`close` once."""

    def __init__(self, store: Store, settings: Settings, log: Logger, rates: Rates | None = None) -> None:
        self._settings = settings
        self._pages = public_pages(settings.public_url) if settings.public_url else ""
        self.service = Service(
            store=store,
            instructor_token=settings.instructor_token,
            links=Links(self._pages),
            log=log,
            rates=rates,
            proxies=Proxies(settings.trusted_proxies),
        )
        quiet = {} if settings.logs_requests else {"log_function": lambda _handler: None}
        self._watch = AddressWatch(self.service)
        self._listener = Listener(self.service, everything(self.service), base_url=settings.base_url, **quiet)

    @property
    def url(self) -> str:
        """The server's base URL; it ends in a slash."""
        return f"http://{reachable_host(self._settings.ip)}:{self._listener.port}{self._settings.base_url}"

    @property
    def instructor_token(self) -> str:
        """What an instructor's program sends in its ``Authorization`` header; known once the server is open."""
        return self.service.tokens.instructor

    async def open(self) -> None:
        """Listen; raises :exc:`BadSetting` for a port or a store that cannot be used."""
        raise_limit(self.service.log)
        await self.service.open()
        try:
            self._listener.open(self._settings.ip, self._settings.port, is_exact=self._settings.is_exact_port)
        except Refusal:
            await self.service.close()
            raise
        if not self._pages:
            self.service.links = OwnLinks(self._settings.ip, self._listener.port, self._settings.base_url)
        self._watch.start()

    async def open_default_room(self) -> Opened:
        """The room that a socket without ``?room=`` gets: the one that the store has, or a new one."""
        room = self.service.store.newest() or await self.service.open_room(DEFAULT_TITLE)
        links = self.service.links
        return Opened(self.url, links.ws_url(room.code), links.join_url(room.code), room.code, self.instructor_token)

    async def close(self) -> None:
        """Take no more connections, commit what was taken, tell everybody to come back, and let go."""
        self._watch.stop()
        self._listener.stop_accepting()
        await self.service.close()
        await self._listener.close()
