"""What `import livepoll_jupyter` offers, and what it costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

import livepoll_jupyter

HEAVY = ["IPython", "ipywidgets", "anywidget", "msgspec", "pandas", "tornado", "traitlets"]
OF_SERVERS = [
    "livepoll_jupyter.server", "livepoll_jupyter.storage", "livepoll_jupyter.schema", "jupyter_server", "jupyterlab",
    "latex2mathml", "markdown_it", "nh3", "segno",
]  # fmt: skip
OF_ANALYSIS = ["pandas", "numpy", "matplotlib"]
OF_TESTS = ["playwright", "pytest", "hypothesis"]


def test_the_public_names_are_these() -> None:
    """A further one is a promise; think before adding it here."""
    assert livepoll_jupyter.__all__ == ["LivePoll", "PollQuestion", "Refusal", "Seat", "__version__", "join"]


@pytest.mark.parametrize("name", livepoll_jupyter.__all__)
def test_every_public_name_is_there(name: str) -> None:
    """Though it is imported only when it is asked for."""
    assert getattr(livepoll_jupyter, name)
    assert name in dir(livepoll_jupyter)


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    """As for any module."""
    with pytest.raises(AttributeError, match="LivePol"):
        livepoll_jupyter.LivePol  # noqa: B018


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [
        ("import livepoll_jupyter", HEAVY),
        ("from livepoll_jupyter import LivePoll, join", OF_SERVERS + OF_ANALYSIS + OF_TESTS),
        ("import livepoll_jupyter.server.app", ["ipywidgets", "anywidget", "jupyterlab", *OF_ANALYSIS, *OF_TESTS]),
        ("import livepoll_jupyter.client", ["IPython", "ipywidgets", "anywidget", "livepoll_jupyter.server"]),
    ],
    ids=["package", "widgets", "server extension", "client"],
)
def test_an_import_brings_only_what_it_needs(code: str, unwanted: list[str]) -> None:
    """A student's kernel loads no server, a rehearsal no widget, and the package alone nothing."""
    program = f"{code}\nimport sys\nprint([name for name in {unwanted} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "[]"
