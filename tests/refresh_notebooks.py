"""Run the lectures again and keep what they print: `python tests/refresh_notebooks.py`. Not a test.

Views of widgets are left out: they hold random names, and their plain text says what a reader needs.
"""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
VIEW = "application/vnd.jupyter.widget-view+json"
SECONDS = 60


def refresh(path: Path) -> None:
    """Run one lecture in place."""
    lecture = nbformat.read(path, as_version=4)
    NotebookClient(lecture, timeout=SECONDS, kernel_name="python3").execute()
    lecture.metadata.pop("widgets", None)
    lecture.metadata.language_info = {"name": "python"}
    for cell in lecture.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(VIEW, None)
    nbformat.write(lecture, path)


if __name__ == "__main__":
    for name in ("LIVEPOLL_URL", "LIVEPOLL_TOKEN"):
        os.environ.pop(name, None)
    for lecture_path in sorted(NOTEBOOKS.glob("*.ipynb")):
        refresh(lecture_path)
