"""``jupyter livepoll serve``: a server of its own, as a process."""

from __future__ import annotations

import asyncio
import os
import sys
from copy import deepcopy
from pathlib import Path

import msgspec
from jupyter_core.paths import jupyter_data_dir
from traitlets import Bool, Bunch, Int, List, Unicode, default, validate
from traitlets.config import Application

from .._version import __version__
from ..core.errors import BadSetting
from ..server.links import Links, qr_text
from ..server.proxies import TRUSTED_HELP, checked_names
from ..server.rates import Rates
from ..server.service import Service
from ..server.standalone import DEFAULT_PORT, Opened, Settings, Standalone
from ..storage.sqlite import SqliteStore
from .garbage import expect_little
from .json_log import log_as_json
from .service_files import checked_base_url, read_config_files, settings_of_environment, write_secret
from .signals import on_stop


class ServeApp(Application):
    """Serves rooms until it is told to stop (SIGINT or SIGTERM)."""

    name = "jupyter livepoll serve"
    version = __version__
    description = """Serve rooms to a class, without Jupyter.

    The instructor's token stays with the database; the environment variable LIVEPOLL_TOKEN sets another. It is printed
    with --json or --show-token, else written to a file that only you may read, whose path is printed.

    Settings come from --config=FILE, else from livepoll_config.py or livepoll_config.json in Jupyter's configuration
    directories; from the environment, such as SERVEAPP__PORT=3100; and from the command line, which wins. GET healthz
    answers 200 while votes can be stored, else 503."""
    classes = [Rates]  # noqa: RUF012 - as traitlets declares it
    aliases = {  # noqa: RUF012
        "ip": "ServeApp.ip",
        "port": "ServeApp.port",
        "db": "ServeApp.db",
        "public-url": "ServeApp.public_url",
        "trusted-proxies": "ServeApp.trusted_proxies",
        "base-url": "ServeApp.base_url",
        "token-file": "ServeApp.token_file",
        "config": "ServeApp.config_file",
        "log-level": "Application.log_level",
    }
    flags = {  # noqa: RUF012
        "json": ({"ServeApp": {"is_json": True}}, "Print one JSON object as the first line, and nothing else."),
        "show-token": ({"ServeApp": {"shows_token": True}}, "Print the instructor's token."),
        "log-json": ({"ServeApp": {"logs_json": True}}, "Log one JSON object a line, with time and level."),
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

    base_url = Unicode(
        "/",
        help="The path under which this server is reached, such as /services/livepoll/ on a JupyterHub; / for none.",
    ).tag(config=True)
    token_file = Unicode(
        "",
        help="The file that the instructor's token is written to, which nobody else may read; empty for one in "
        "Jupyter's data directory. Not written with --json or --show-token.",
    ).tag(config=True)
    shows_token = Bool(default_value=False, help="Whether to print the instructor's token.").tag(config=True)
    logs_json = Bool(default_value=False, help="Whether a line of the log is a JSON object.").tag(config=True)
    config_file = Unicode("", help="A file with settings, .py or .json; empty for those in Jupyter's directories.").tag(
        config=True
    )

    @default("base_url")
    def _hub_prefix(self) -> str:
        return os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "/")

    @validate("base_url")
    def _checked_base(self, proposal: dict[str, str]) -> str:
        return checked_base_url(proposal["value"])

    @validate("trusted_proxies")
    def _check_proxies(self, proposal: Bunch) -> list[str]:
        return checked_names(proposal["value"])

    def initialize(self, argv: list[str] | None = None) -> None:
        """Read the command line, then files and the environment, then let the command line win.

        Raises:
            BadSetting: a file that was named is not there, or one cannot be read; serving with other settings than were
                asked for could open addresses that were meant to stay closed.
        """
        self.parse_command_line(argv)
        given = settings_of_environment([type(self), *self.classes], os.environ)
        given.merge(deepcopy(self.cli_config))
        self.update_config(given)
        if self.logs_json:
            log_as_json(self.log)
        read_config_files(self, self.config_file)
        self.update_config(given)
        if self.logs_json:
            log_as_json(self.log)

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
            self._print(opened, server.service)
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
            base_url=self.base_url,
            instructor_token=os.environ.get("LIVEPOLL_TOKEN", "").strip(),
        )

    def _print(self, opened: Opened, service: Service) -> None:
        if self.is_json:
            text = msgspec.json.encode(opened).decode()
        else:
            title = service.store.room(opened.code).title
            text = _for_people(opened, title, service.links, self._about_token(opened.instructor_token))
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def _about_token(self, token: str) -> str:
        """The token, or the file that it was written to."""
        if self.shows_token:
            return f"Instructor's token {token}"
        path = Path(self.token_file).expanduser() if self.token_file else Path(jupyter_data_dir(), "livepoll", "token")
        write_secret(path, token)
        return f"Instructor's token in the file {path}"


def _for_people(opened: Opened, title: str, links: Links, about_token: str) -> str:
    picture = qr_text(opened.join_url) if links.deserves_picture else ""
    return (
        f"\n{picture}{links.notice}\n"
        f"  Students join at   {opened.join_url}\n"
        f"  Room code          {opened.code}\n"
        f"  In a notebook      LivePoll({title!r}, server={opened.url!r}, token=…)\n"
        f"  {about_token}\n\n"
        "  Ctrl+C stops the server; the rooms are kept."
    )
