"""``jupyter livepoll serve``: a server of its own, as a process."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import msgspec
from traitlets import Bool, Bunch, Int, List, Unicode, validate
from traitlets.config import Application

from .._version import __version__
from ..core.errors import BadSetting
from ..server.links import qr_text
from ..server.proxies import TRUSTED_HELP, checked_names
from ..server.rates import Rates
from ..server.standalone import DEFAULT_PORT, Opened, Settings, Standalone
from ..storage.sqlite import SqliteStore
from .garbage import expect_little
from .signals import on_stop


class ServeApp(Application):
    """Serves rooms until it is told to stop (SIGINT or SIGTERM)."""

    name = "jupyter livepoll serve"
    version = __version__
    description = """Serve rooms to a class, without Jupyter.

    The instructor's token is printed, and stays with the database; the environment variable LIVEPOLL_TOKEN sets
    another."""
    classes = [Rates]  # noqa: RUF012 - as traitlets declares it
    aliases = {  # noqa: RUF012
        "ip": "ServeApp.ip",
        "port": "ServeApp.port",
        "db": "ServeApp.db",
        "public-url": "ServeApp.public_url",
        "trusted-proxies": "ServeApp.trusted_proxies",
        "log-level": "Application.log_level",
    }
    flags = {  # noqa: RUF012
        "json": ({"ServeApp": {"is_json": True}}, "Print one JSON object as the first line, and nothing else.")
    }

    ip = Unicode(
        "0.0.0.0",  # noqa: S104 - the class comes from the network
        help="The address to listen on: 0.0.0.0 for every network of this machine, 127.0.0.1 for itself alone.",
    ).tag(config=True)
    port = Int(
        DEFAULT_PORT,
        min=0,
        max=65535,
        help="The port to listen on, 0 for any free one. A port that is named must be free; without a name the next "
        "free one after 3000 is taken.",
    ).tag(config=True)
    db = Unicode(
        "",
        help="The SQLite file that keeps the rooms; empty for one in Jupyter's data directory.",
    ).tag(config=True)
    public_url = Unicode(
        "",
        help="What stands before the code in join links, where a tunnel or a proxy is in front of this server, such as "
        "https://poll.example.org/; empty for this machine's own address.",
    ).tag(config=True)
    trusted_proxies = List(Unicode(), help=TRUSTED_HELP).tag(config=True)
    is_json = Bool(
        default_value=False,
        help="Whether to print one JSON object with url, ws_url, join_url, code and instructor_token instead of text.",
    ).tag(config=True)

    @validate("trusted_proxies")
    def _check_proxies(self, proposal: Bunch) -> list[str]:
        return checked_names(proposal["value"])

    def start(self) -> None:
        """Serve until a signal comes; raises :exc:`BadSetting` for what cannot be used."""
        if self.extra_args:
            raise BadSetting(f"{self.name} takes no {self.extra_args[0]!r}. Its options begin with --; see --help.")
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        stop = asyncio.Event()
        on_stop(stop.set)
        store = SqliteStore(Path(self.db) if self.db else None)
        server = Standalone(store, self._settings(), self.log, Rates(parent=self))
        await server.open()
        if store.notice:
            self.log.warning(store.notice)
        try:
            opened = await server.open_default_room()
            expect_little()
            self._print(opened, server.service.store.room(opened.code).title)
            await stop.wait()
        finally:
            await server.close()

    def _settings(self) -> Settings:
        return Settings(
            ip=self.ip,
            port=self.port,
            is_exact_port="port" in self.config.ServeApp,
            public_url=self.public_url,
            trusted_proxies=tuple(self.trusted_proxies),
            instructor_token=os.environ.get("LIVEPOLL_TOKEN", ""),
        )

    def _print(self, opened: Opened, title: str) -> None:
        text = msgspec.json.encode(opened).decode() if self.is_json else _for_people(opened, title)
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def _for_people(opened: Opened, title: str) -> str:
    return (
        f"\n{qr_text(opened.join_url)}\n"
        f"  Students join at   {opened.join_url}\n"
        f"  Room code          {opened.code}\n"
        f"  In a notebook      LivePoll({title!r}, server={opened.url!r}, token=…)\n"
        f"  Instructor's token {opened.instructor_token}\n\n"
        "  Ctrl+C stops the server; the rooms are kept."
    )
