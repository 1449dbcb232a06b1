"""Where the lectures that come with the package lie; it only finds them, it never runs or changes one."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def lectures_dir() -> Path:
    """Return the folder that holds the demo notebooks.

    An installed wheel carries them inside the package; an editable install finds them beside it, in the source tree.

    Raises:
        FileNotFoundError: neither place has them, so the installation is incomplete.
    """
    for candidate in (PACKAGE / "notebooks", PACKAGE.parent / "notebooks"):
        if any(candidate.glob("*.ipynb")):
            return candidate
    raise FileNotFoundError(f"The demo notebooks are missing from {PACKAGE}. Reinstall livepoll-jupyter.")
