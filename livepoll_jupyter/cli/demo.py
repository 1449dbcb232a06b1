"""``jupyter livepoll demo``: JupyterLab on a copy of the demo lecture, with everything on, in one command.

JupyterLab runs as a process of its own; this one waits for it, opens the lecture's room, prints how to join and seats
the simulated class.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from traitlets import Bool, Int
from traitlets.config import Application

from .._version import __version__
from ..client import Api, Unreachable
from ..core.errors import BadSetting
from ..core.rest import RoomState
from ..rehearsal import Rehearsal
from ..server.auth import new_instructor_token
from ..server.links import qr_text
from .copies import copy_lectures
from .signals import on_stop

TITLE: Final = "Statistics 101"
"""The title that the demo lecture gives its room, so that both mean the same one."""

LECTURE: Final = "01-first-lecture.ipynb"

PATIENCE: Final = 60.0
"""Seconds that JupyterLab may take to start."""

LOOK_EVERY: Final = 0.2
"""Seconds between two looks whether it has."""

SEED: Final = 1

NEEDS: Final = ("jupyterlab", "ipykernel")
"""What only the demo uses, so that a server or a hub is installed without; the extra ``demo`` brings both."""


class DemoApp(Application):
    """Starts JupyterLab, and stops with it."""

    name = "jupyter livepoll demo"
    version = __version__
    description = """Start JupyterLab on a copy of the demo lecture.

    What follows -- is handed to JupyterLab, such as -- --LivePollApp.audience_port=4000"""
    aliases = {  # noqa: RUF012 - as traitlets declares it
        "students": "DemoApp.students",
        "port": "DemoApp.port",
    }
    flags = {"no-browser": ({"DemoApp": {"opens_browser": False}}, "Do not open a browser.")}  # noqa: RUF012

    students = Int(
        0, min=0, help="How many simulated students sit in the room. Unit: students; 0 for an empty room."
    ).tag(config=True)
    port = Int(0, min=0, max=65535, help="JupyterLab's port; 0 for any free one.").tag(config=True)
    opens_browser = Bool(default_value=True, help="Whether JupyterLab opens a browser.").tag(config=True)

    def start(self) -> None:
        """Run until JupyterLab is stopped; raises :exc:`BadSetting` where it is not installed."""
        missing = [name for name in NEEDS if find_spec(name) is None]
        if missing:
            raise BadSetting(
                f"The demo needs {' and '.join(missing)}, which this Python does not have. Install all that it needs: "
                "pip install 'livepoll-jupyter[demo]', or from a clone: pip install '.[demo]'"
            )
        with TemporaryDirectory(prefix="livepoll-demo-") as directory:
            asyncio.run(self._run(Path(directory)))

    async def _run(self, directory: Path) -> None:
        lab = Lab(directory, self.port or _free_port(), opens_browser=self.opens_browser, further=self.extra_args)
        on_stop(lab.stop)
        try:
            room = await lab.open_room()
            sys.stdout.write(_welcome(room, lab.url))
            sys.stdout.flush()
            await self._hold(room, lab)
        finally:
            lab.stop()
            await lab.wait()

    async def _hold(self, room: RoomState, lab: Lab) -> None:
        if not self.students:
            await lab.wait()
            return
        rehearsal = asyncio.ensure_future(Rehearsal(room.join_url, self.students, SEED).run())
        await lab.wait()
        rehearsal.cancel()
        with suppress(asyncio.CancelledError):
            await rehearsal


class Lab:
    """JupyterLab in a process of its own, on a copy of the lectures in ``directory``."""

    def __init__(self, directory: Path, port: int, *, opens_browser: bool, further: list[str]) -> None:
        notebooks = directory / "lectures"
        copy_lectures(notebooks)
        configuration = directory / "config"
        _ask_for_no_news(configuration)
        self._base = f"http://127.0.0.1:{port}/"
        self._livepoll_token = new_instructor_token()
        self._jupyter_token = secrets.token_hex(24)
        options = {
            "ServerApp.port": port,
            "ServerApp.port_retries": 0,
            "ServerApp.ip": "127.0.0.1",
            "ServerApp.base_url": "/",
            "ServerApp.root_dir": notebooks,
            "ServerApp.open_browser": opens_browser,
            "ServerApp.allow_root": _is_root(),
            "ServerApp.answer_yes": True,
            "ServerApp.log_level": "WARN",
            # JupyterLab would ask the internet for news and newer versions.
            "LabApp.news_url": None,
            "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
            "LabApp.default_url": f"/lab/tree/{LECTURE}",
            "LivePollApp.db": directory / "rooms.db",
        }
        environment = {
            **os.environ, "LIVEPOLL_TOKEN": self._livepoll_token, "JUPYTER_TOKEN": self._jupyter_token,
            "JUPYTER_CONFIG_PATH": os.pathsep.join(
                filter(None, [str(configuration), os.environ.get("JUPYTER_CONFIG_PATH")])
            ),
        }  # fmt: skip
        arguments = [f"--{name}={value}" for name, value in options.items()]
        command = [sys.executable, "-m", "jupyterlab", *arguments, *further]
        self._process = subprocess.Popen(command, env=environment)  # noqa: S603 - our own interpreter

    @property
    def url(self) -> str:
        """Where a browser finds the lecture, with the login of this one run."""
        return f"{self._base}lab/tree/{LECTURE}?token={self._jupyter_token}"

    async def open_room(self) -> RoomState:
        """The lecture's room, once JupyterLab answers; raises :exc:`BadSetting` if it does not."""
        api = Api(self._base, self._livepoll_token)
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while self._process.poll() is None:
                    with suppress(Unreachable):
                        return await api.open_room(TITLE)
                    await asyncio.sleep(LOOK_EVERY)
        raise BadSetting("JupyterLab did not start; what it said above tells why. Is the port in use?")

    def stop(self) -> None:
        """Ask JupyterLab to stop; it drains."""
        if self._process.poll() is None:
            self._process.terminate()

    async def wait(self) -> None:
        """Return when JupyterLab has stopped."""
        await asyncio.get_running_loop().run_in_executor(None, self._process.wait)


def _ask_for_no_news(configuration: Path) -> None:
    """Keep JupyterLab's question whether it may fetch news from covering the lecture."""
    overrides = configuration / "labconfig" / "default_setting_overrides.json"
    overrides.parent.mkdir(parents=True)
    overrides.write_text(json.dumps({"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}))


def _is_root() -> bool:
    """Whether Jupyter would refuse to start; a demonstration in a container is no reason to."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _welcome(room: RoomState, lab_url: str) -> str:
    return (
        f"\n{qr_text(room.join_url) if room.qr_svg else ''}{room.join_notice}\n"
        f"  Students join at   {room.join_url}\n"
        f"  Room code          {room.code}\n"
        f"  The lecture        {lab_url}\n\n"
        "  Ctrl+C stops it.\n"
    )
