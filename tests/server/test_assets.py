"""The files of the audience pages: what is known of them is kept, and a front end that was built again is seen."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hall import open_hall

from livepoll_jupyter.server import assets, html
from livepoll_jupyter.server.assets import LOOK_EVERY, Assets


def test_a_file_that_was_built_again_is_seen_after_a_while(tmp_path: Path) -> None:
    """So is a new one, and one that is gone; in between the directory is left alone."""
    now = [0.0]
    found = Assets(tmp_path, lambda: now[0])
    style = tmp_path / "audience.css"
    style.write_text("p {}")
    first = found.find("audience.css")
    assert first is not None
    assert first.body == b"p {}"
    style.write_text("p { color: red }")
    os.utime(style, ns=(1, 1))
    (tmp_path / "audience.js").write_text("1")
    assert found.find("audience.css") is first
    assert found.find("audience.js") is None
    now[0] = LOOK_EVERY
    again = found.find("audience.css")
    assert again is not None
    assert (again.body, again.version == first.version) == (b"p { color: red }", False)
    assert found.find("audience.js") is not None
    style.unlink()
    now[0] = 2 * LOOK_EVERY
    assert found.find("audience.css") is None


@pytest.mark.parametrize("name", ["", ".", "..", "../html.py", ".hidden", "a\0b", "folder", "folder/file"])
def test_only_files_directly_in_the_directory_are_found(name: str, tmp_path: Path) -> None:
    """Whatever is asked for."""
    (tmp_path / ".hidden").write_text("1")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_text("1")
    assert Assets(tmp_path).find(name) is None


async def test_pages_of_wrong_codes_read_and_hash_the_style_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who tries codes makes the server read no file and hash no style again."""
    hashed: list[bytes] = []
    looked: list[str] = []
    usual, glob = sha256, Path.glob

    def count(data: bytes) -> Any:
        hashed.append(data)
        return usual(data)

    def look(path: Path, pattern: str) -> Any:
        looked.append(pattern)
        return glob(path, pattern)

    monkeypatch.setattr(assets, "_audience", Assets(assets.DIRECTORY, lambda: 0.0))
    monkeypatch.setattr(html, "sha256", count)
    html._hash.cache_clear()
    monkeypatch.setattr(Path, "glob", look)
    async with open_hall() as hall:
        pages = [await hall.fetch("GET", wrong) for wrong in ("AAAAAA", "BBBBBB", "CCCCCC") * 5]
    assert {page.code for page in pages} == {404}
    assert len({page.headers["Content-Security-Policy"] for page in pages}) == 1
    assert len(hashed) == 1
    assert looked.count("[!.]*") == 1
