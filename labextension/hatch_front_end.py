"""Builds the front end when the Python package is built; called by hatch-jupyter-builder (see pyproject.toml).

It may only run the package manager: what is built, and how, is said in package.json.
"""

import os
import subprocess
from pathlib import Path

from hatch_jupyter_builder import npm_builder

HERE = Path(__file__).resolve().parent


def build(target_name: str, version: str) -> None:
    """Install the locked front-end packages with jlpm and build the three bundles.

    Args:
        target_name: the hatch target, "wheel" or "sdist".
        version: the target's version, "standard" or "editable".
    """
    os.environ.setdefault("YARN_NPM_REGISTRY_SERVER", _npm_registry())
    npm_builder(target_name, version, path=str(HERE), build_cmd="build:prod", npm=["jlpm"])


def _npm_registry() -> str:
    """Return the registry that npm is set up to use: jlpm reads none of npm's settings by itself."""
    answer = subprocess.run(["npm", "config", "get", "registry"], check=True, stdout=subprocess.PIPE, text=True)
    return answer.stdout.strip().rstrip("/")
