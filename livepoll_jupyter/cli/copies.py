"""The copies of our lectures that the demo runs on; the lectures themselves are only read."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
from nbformat.sign import NotebookNotary

from ..lectures import lectures_dir


def copy_lectures(directory: Path) -> None:
    """Put the lectures into ``directory``, which is made: not run yet, and trusted.

    They come without what our own run printed, as the text of a panel without the panel looks like a failure. They are
    signed, as a panel in a notebook that is not trusted is only its text after a reload of the page.
    """
    shutil.copytree(lectures_dir(), directory)
    for path in directory.glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.update(outputs=[], execution_count=None)
        nbformat.write(notebook, path)
        NotebookNotary().sign(notebook)
