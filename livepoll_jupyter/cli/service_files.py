"""What a service reads and writes beside its database: settings, and the instructor's token."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from jupyter_core.paths import jupyter_config_path
from traitlets.config import Application, Config, Configurable
from traitlets.config.loader import DeferredConfigString, FileConfigLoader, JSONFileConfigLoader, PyFileConfigLoader

from ..core.errors import BadSetting

CONFIG_NAME: Final = "livepoll_config"
"""The name of the files with settings in Jupyter's configuration directories, without ``.py`` or ``.json``."""


_LOADERS: Final[dict[str, type[FileConfigLoader]]] = {".py": PyFileConfigLoader, ".json": JSONFileConfigLoader}


def read_config_files(app: Application, named: str) -> None:
    """Load the file that was named and no other, else what is in Jupyter's directories; the more personal one wins.

    Raises:
        BadSetting: the file that was named is not there, or a file holds no settings.
    """
    path = Path(named).expanduser().absolute()
    if named and not path.is_file():
        raise BadSetting(f"There is no file {named!r} to read settings from.")
    if named and path.suffix not in _LOADERS:
        raise BadSetting(f"Settings cannot be read from {named!r}: a .py or a .json file is needed.")
    try:
        if named:
            app.update_config(_LOADERS[path.suffix](path.name, path=str(path.parent)).load_config())
        else:
            # Raised and not only logged: a server without its settings may listen where it must not.
            app.raise_config_file_errors = True
            app.load_config_file(CONFIG_NAME, path=jupyter_config_path())
    except Exception as wrong:  # whatever a configuration in Python raises
        raise BadSetting(f"The settings in {named or CONFIG_NAME} cannot be read: {wrong}") from wrong


def settings_of_environment(classes: Iterable[type[Configurable]], environment: Mapping[str, str]) -> Config:
    """The settings in variables such as ``SERVEAPP__PORT``: class and setting in capitals, two underscores between."""
    config = Config()
    for cls in classes:
        for name in cls.class_own_traits(config=True):
            value = environment.get(f"{cls.__name__}__{name}".upper())
            if value is not None:
                config[cls.__name__][name] = DeferredConfigString(value)
    return config


def write_secret(path: Path, secret: str) -> None:
    """Write ``secret`` to a new file that only this user may read, and put it in the place of ``path``.

    Raises:
        BadSetting: the file cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, beside = tempfile.mkstemp(prefix=".token-", dir=path.parent)  # with mode 0600
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(secret + "\n")
            Path(beside).replace(path)
        except OSError:
            with suppress(OSError):
                Path(beside).unlink()
            raise
    except (OSError, ValueError) as wrong:
        raise BadSetting(
            f"The instructor's token cannot be written to {path} ({getattr(wrong, 'strerror', None) or wrong}). Name "
            "another file with --token-file, or have it printed with --show-token."
        ) from wrong


def checked_base_url(url: str) -> str:
    """The path with one slash at each end; raises :exc:`BadSetting` for what is no path."""
    try:
        parts = urlsplit(url)
    except ValueError as wrong:
        raise BadSetting(f"{url!r} is no base URL. Write the path alone, such as /services/livepoll/.") from wrong
    if parts.scheme or parts.netloc or parts.query or parts.fragment or not url.isprintable() or " " in url:
        raise BadSetting(f"{url!r} is no base URL. Write the path alone, such as /services/livepoll/.")
    return re.sub("/+", "/", f"/{url}/")
