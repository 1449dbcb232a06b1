"""A real JupyterLab in a process of its own, with the extensions of this source tree and settings of its own.

It stands behind a base URL, as on a hub, so that nothing may take the server's root for granted.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import deque
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import IO, TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import nbformat
from serving import SECONDS, TOKEN, ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
LOGIN = "the-login-of-these-tests"
BASE_URL = "/user/ada/"
QUIET = {"fetchNews": "false", "checkForUpdates": False}
"""JupyterLab asks nobody outside, and the person nothing."""


class BusyCell:
    """A cell that prints "busy", runs until it is let go, and prints "free": it waits at a named pipe."""

    def __init__(self, gate: Path) -> None:
        os.mkfifo(gate)
        self._gate = gate

    @property
    def source(self) -> str:
        """The cell."""
        return f"print('busy'); open({str(self._gate)!r}).read(); print('free')"

    def let_go(self) -> None:
        """Open the gate."""
        self._gate.write_text("go")


class JupyterLab:
    """A JupyterLab on a free port, whose files lie in ``directory / "work"``.

    ``kill`` is ``kill -9``; ``start`` after it takes the same ports and files. ``audience_port`` is where phones come
    in, 0 for any.
    """

    def __init__(self, directory: Path, audience_port: int = 0) -> None:
        self._directory = directory
        self._ports = 0, audience_port
        self._process: subprocess.Popen[str] | None = None
        self._said: deque[str] = deque(maxlen=200)
        self.files = directory / "work"
        self.url = ""

    def __enter__(self) -> Self:
        self.files.mkdir(parents=True, exist_ok=True)
        self._link_extension()
        self.set("@jupyterlab/apputils-extension:notification", QUIET)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop(signal.SIGTERM)

    @contextmanager
    def disk_away(self) -> Iterator[None]:
        """As if the disk with the rooms had come loose; afterwards it is back."""
        (rooms,) = (self._directory / "data").rglob("livepoll.db")
        away = rooms.with_suffix(".away")
        rooms.rename(away)
        yield
        away.rename(rooms)

    def start(self) -> None:
        """Start, and wait for the line that says where it listens."""
        self._process = subprocess.Popen(
            [Path(sys.executable).with_name("jupyter-lab"), *self._options()],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self._environment(),
        )
        assert self._process.stdout is not None
        self.url = self._read_url(self._process.stdout)
        self._ports = urlsplit(self.url).port or 0, self._ports[1]
        self._reader = Thread(target=self._said.extend, args=[self._process.stdout], daemon=True)
        self._reader.start()

    def kill(self) -> None:
        """Kill it as a power cut would; its kernels end as soon as they see that it is gone."""
        self._stop(signal.SIGKILL)

    def _stop(self, number: signal.Signals) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        self._process.send_signal(number)
        self._process.wait(SECONDS)
        self._reader.join(SECONDS)
        self._process.stdout.close()

    def set(self, plugin: str, settings: dict[str, Any]) -> None:
        """Write a plugin's user settings; JupyterLab reads them when a page is opened."""
        package, _, name = plugin.partition(":")
        place = self._directory / "settings" / package / f"{name}.jupyterlab-settings"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(settings))

    def write_notebook(self, name: str, *cells: str) -> None:
        """A notebook for the Python kernel, with these code cells."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        nbformat.write(notebook, self.files / name)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """The instructor's REST API, with the instructor's token."""
        return ask(self, method, path, body)

    def open(self, page: Page, path: str = "lab") -> None:
        """Open JupyterLab in a page that is logged in, and wait until it can be used."""
        page.goto(f"{self.url}{path}?token={LOGIN}&reset")
        page.locator("#jupyterlab-splash").wait_for(state="detached")
        page.locator(".jp-Launcher-content, .jp-NotebookPanel").first.wait_for()

    def _options(self) -> list[str]:
        return [
            "--no-browser",
            "--allow-root",
            "--ip=127.0.0.1",
            f"--port={self._ports[0]}",
            f"--ServerApp.base_url={BASE_URL}",
            f"--ServerApp.root_dir={self.files}",
            f"--IdentityProvider.token={LOGIN}",
            "--LivePollApp.audience_ip=127.0.0.1",
            f"--LivePollApp.audience_port={self._ports[1]}",
        ]

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "IPYTHONDIR": str(self._directory / "ipython"),
            "JUPYTER_CONFIG_DIR": str(self._directory / "config"),
            "JUPYTER_DATA_DIR": str(self._directory / "data"),
            "JUPYTER_PATH": str(self._directory / "share"),
            "JUPYTER_RUNTIME_DIR": str(self._directory / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(self._directory / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(self._directory / "workspaces"),
            "LIVEPOLL_TOKEN": TOKEN,
        }

    def _link_extension(self) -> None:
        """An editable install has a copy of the plugin as it was then; the tests want the present one."""
        place = self._directory / "share" / "labextensions" / "livepoll-jupyter"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(ROOT / "livepoll_jupyter" / "labextension")

    def _read_url(self, output: IO[str]) -> str:
        for line in output:
            self._said.append(line)
            if "http://127.0.0.1" in line and "?token=" in line:
                return line[line.index("http://127.0.0.1") :].partition("lab?token=")[0]
        raise AssertionError("JupyterLab did not start:\n" + "".join(self._said))
