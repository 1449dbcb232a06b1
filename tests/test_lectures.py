"""The lectures as they are committed: run, readable as they are, and with nothing in them that is private."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
EXAMPLES = {"http://192.168.1.5:3000/K7WQ2M"}
"""The one address that the prose shows."""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_lecture_carries_outputs_and_no_widget_state(path: Path) -> None:
    """Views are left out: without their kernel they would be an error message."""
    lecture = nbformat.read(path, as_version=4)
    text = path.read_text(encoding="utf-8")
    assert any(cell.get("outputs") for cell in lecture.cells)
    assert "widgets" not in lecture.metadata
    assert "application/vnd.jupyter.widget" not in text


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_lecture_names_no_address_and_no_token(path: Path) -> None:
    """Neither where it was run nor by whom."""
    lecture = nbformat.read(path, as_version=4)
    outputs = json.dumps([cell.get("outputs") for cell in lecture.cells])
    assert not re.search(r"https?://|:\d{4,5}\b|[A-Za-z0-9_-]{40,}", outputs)
    assert set(re.findall(r'https?://[^"\s\\)]+', path.read_text(encoding="utf-8"))) <= EXAMPLES


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_cell_is_left_out_of_the_comparison(path: Path) -> None:
    """A tag or a comment of nbval's would do that."""
    lecture = nbformat.read(path, as_version=4)
    assert not any(cell.metadata.get("tags") for cell in lecture.cells)
    assert not re.search(r"#\s*(NBVAL|PYTEST_VALIDATE)", path.read_text(encoding="utf-8"))
