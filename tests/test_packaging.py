"""What `pip install` brings: the built front end, the two Jupyter extensions enabled, and a package cheap to import.

The tests marked `release` build from a clean clone with nothing but a fresh environment on the PATH, so no Node. They
take minutes and reach the package index; `pytest -m release` runs them, and `.ci/run` does.
"""

import json
import os
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import urlopen

import pytest

import livepoll_jupyter
from livepoll_jupyter.lectures import lectures_dir

ROOT = Path(__file__).resolve().parents[1]
LOCAL = ["--LivePollApp.audience_ip=127.0.0.1", "--LivePollApp.audience_port=0"]
"""The class of this test comes from this machine."""

BUILT = [
    "livepoll_jupyter/labextension/package.json",
    "livepoll_jupyter/static/audience/audience.css",
    "livepoll_jupyter/static/audience/audience.js",
    "livepoll_jupyter/static/widget/widget.css",
    "livepoll_jupyter/static/widget/widget.js",
]


def test_python_and_front_end_have_one_version() -> None:
    """The version that JupyterLab shows is the one that pip installed."""
    package = json.loads((ROOT / "labextension" / "package.json").read_text())
    assert package["version"] == livepoll_jupyter.__version__


def test_the_extension_manager_learns_which_python_package_serves_the_sidebar() -> None:
    """The name is the one that pip knows; without the server package the sidebar has nothing to speak to."""
    front_end = json.loads((ROOT / "labextension" / "package.json").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    server = front_end["jupyterlab"]["discovery"]["server"]
    assert server == {"managers": ["pip"], "base": {"name": project["name"]}}


def test_lock_file_names_no_registry() -> None:
    """Whoever builds takes the front-end packages from the registry that their own npm is set up for."""
    assert "://" not in (ROOT / "labextension" / "yarn.lock").read_text()


def test_every_package_in_the_lock_file_has_a_checksum() -> None:
    """Also the native programs of other platforms: they run during a build. ``npm run lock`` adds what is missing."""
    entries = (ROOT / "labextension" / "yarn.lock").read_text().split("\n\n")
    packages = [entry for entry in entries if "resolution:" in entry and "@workspace:" not in entry]
    assert len(packages) > 100
    checksum = re.compile(r"^  checksum: [0-9a-f]{128}$", re.MULTILINE)
    without = [entry.splitlines()[0] for entry in packages if not checksum.search(entry)]
    assert without == []


def test_every_dependency_has_a_lower_bound_that_is_tested() -> None:
    """`.ci/lowest` installs the lowest direct versions; one without a bound would come in its first release."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    assert [one for one in wanted if ">=" not in one and not one.startswith("livepoll-jupyter[")] == []
    assert "bash .ci/lowest" in (ROOT / ".ci" / "run").read_text()
    assert "--resolution lowest-direct" in (ROOT / ".ci" / "lowest").read_text()


@pytest.mark.parametrize("name", ["jupyterlab", "ipykernel", "pandas"])
def test_what_only_a_lecturer_needs_is_no_hard_dependency(name: str) -> None:
    """A server or a hub installs the package without; extras bring them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert not any(re.match(rf"{name}\b", one) for one in project["dependencies"])


@pytest.mark.parametrize("name", ["tornado", "jupyter-server", "ipykernel"])
def test_a_package_whose_private_names_are_used_has_an_upper_bound(name: str) -> None:
    """A new major version is tried before it is allowed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    assert all("<" in one for one in wanted if re.match(rf"{name}\b", one))


def test_command_is_installed() -> None:
    """`jupyter livepoll` is found by Jupyter through the console script."""
    (script,) = entry_points(group="console_scripts", name="jupyter-livepoll")
    assert callable(script.load())


def test_import_is_cheap() -> None:
    """Importing the package alone loads neither widgets nor server: each of its users needs another part."""
    program = "import sys, livepoll_jupyter; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.PIPE, text=True).stdout
    assert {"livepoll_jupyter"} == {"livepoll_jupyter", "tornado", "ipywidgets", "anywidget"} & set(loaded.split())


def test_unknown_public_name_is_an_attribute_error() -> None:
    """A misspelt name fails as in any module."""
    with pytest.raises(AttributeError, match="LivePol"):
        _ = livepoll_jupyter.LivePol


def test_every_public_name_can_be_had() -> None:
    """What `__all__` promises is there."""
    assert all(getattr(livepoll_jupyter, name) for name in livepoll_jupyter.__all__)
    assert set(livepoll_jupyter.__all__) <= set(dir(livepoll_jupyter))


def test_lectures_are_found() -> None:
    """The demo finds its notebooks in an editable install; the wheel's are checked from the wheel."""
    assert lectures_dir() == ROOT / "notebooks"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean clone of what is committed."""
    where = tmp_path_factory.mktemp("release") / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(where)], check=True)
    return where


@pytest.fixture(scope="module")
def fresh_bin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh virtual environment."""
    where = tmp_path_factory.mktemp("release") / "fresh"
    venv.create(where, with_pip=True)
    return where / "bin"


@pytest.fixture(scope="module")
def wheel(clone: Path, fresh_bin: Path) -> Path:
    """The wheel that `pip wheel .` builds from the clone."""
    _run(fresh_bin, "pip", "wheel", "--no-deps", "--wheel-dir", str(clone / "dist"), ".", cwd=clone)
    (built,) = (clone / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, fresh_bin: Path) -> Path:
    """The programs of the fresh environment after `pip install` of the wheel and nothing else."""
    _run(fresh_bin, "pip", "install", str(wheel), cwd=wheel.parent)
    return fresh_bin


@pytest.fixture(scope="module")
def with_demo(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of another fresh environment after `pip install` of the wheel with its extra `demo`."""
    where = tmp_path_factory.mktemp("release") / "demo"
    venv.create(where, with_pip=True)
    _run(where / "bin", "pip", "install", f"{wheel}[demo]", cwd=wheel.parent)
    return where / "bin"


def _run(fresh_bin: Path, *command: str, cwd: Path) -> str:
    """Run a program of the fresh environment and return what it said."""
    done = subprocess.run(
        [fresh_bin / command[0], *command[1:]],
        check=False,
        cwd=cwd,
        env=_environment(fresh_bin),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def _environment(fresh_bin: Path) -> dict[str, str]:
    """Nothing but the fresh environment on the PATH, and folders of Jupyter's own."""
    environment = os.environ | {
        "PATH": str(fresh_bin),
        "JUPYTER_CONFIG_DIR": str(fresh_bin.parent / "config"),
        "JUPYTER_DATA_DIR": str(fresh_bin.parent / "data"),
        "JUPYTER_RUNTIME_DIR": str(fresh_bin.parent / "runtime"),
    }
    for inherited in (
        "VIRTUAL_ENV",
        "JUPYTER_PATH",
        "JUPYTER_CONFIG_PATH",
        "YARN_NPM_REGISTRY_SERVER",
    ):
        environment.pop(inherited, None)
    return environment


@pytest.mark.release
@pytest.mark.timeout(900)
def test_wheel_of_a_clean_clone_holds_front_end_and_lectures(wheel: Path) -> None:
    """`pip wheel .` needs no Node on the PATH and leaves nothing to build later."""
    names = set(zipfile.ZipFile(wheel).namelist())
    assert set(BUILT) <= names
    assert any(name.startswith("livepoll_jupyter/notebooks/") for name in names)
    assert any("share/jupyter/labextensions/livepoll-jupyter/package.json" in name for name in names)
    assert not any(name.startswith(("labextension/", "tests/", "notebooks/")) for name in names)


@pytest.mark.release
@pytest.mark.timeout(900)
def test_sdist_makes_the_same_wheel_without_building(clone: Path, wheel: Path, fresh_bin: Path) -> None:
    """The sdist carries the built front end, so a wheel of it holds the same files."""
    _run(fresh_bin, "pip", "install", "build", cwd=clone)
    _run(fresh_bin, "python", "-m", "build", "--sdist", "--outdir", "sdist", ".", cwd=clone)
    (sdist,) = (clone / "sdist").glob("*.tar.gz")
    said = _run(fresh_bin, "pip", "wheel", "-v", "--no-deps", "--wheel-dir", "again", str(sdist), cwd=clone)
    (again,) = (clone / "again").glob("*.whl")
    assert "Skip-if-exists file(s) found" in said
    assert set(zipfile.ZipFile(again).namelist()) == set(zipfile.ZipFile(wheel).namelist())


@pytest.mark.release
@pytest.mark.timeout(900)
def test_wheel_alone_serves_and_enables_the_server_extension(installed: Path, tmp_path: Path) -> None:
    """A server needs neither JupyterLab nor a kernel, and the demo says what to install."""
    server = _run(installed, "jupyter", "server", "extension", "list", cwd=tmp_path)
    assert "livepoll_jupyter enabled" in _plain(server)
    assert f"livepoll_jupyter {livepoll_jupyter.__version__} OK" in _plain(server)
    program = (
        "from importlib.util import find_spec; from livepoll_jupyter import LivePoll;"
        "import livepoll_jupyter.cli.serve;"
        "print(*filter(find_spec, ['jupyterlab', 'ipykernel', 'pandas']))"
    )
    assert _run(installed, "python", "-c", program, cwd=tmp_path).strip() == ""
    demo = subprocess.run(
        [installed / "jupyter-livepoll", "demo"], check=False, cwd=tmp_path, env=_environment(installed),
        capture_output=True, text=True,
    )  # fmt: skip
    assert (demo.returncode, "pip install 'livepoll-jupyter[demo]'" in demo.stderr) == (1, True)


@pytest.mark.release
@pytest.mark.timeout(900)
def test_wheel_with_jupyterlab_enables_both_extensions(with_demo: Path, tmp_path: Path) -> None:
    """Jupyter calls both enabled and OK, and nothing else had to be done."""
    server = _run(with_demo, "jupyter", "server", "extension", "list", cwd=tmp_path)
    assert f"livepoll_jupyter {livepoll_jupyter.__version__} OK" in _plain(server)
    lab = _run(with_demo, "jupyter", "labextension", "list", cwd=tmp_path)
    assert f"livepoll-jupyter v{livepoll_jupyter.__version__} enabled OK" in _plain(lab)


@pytest.mark.release
@pytest.mark.timeout(900)
def test_demo_runs_from_the_wheel_with_its_extra(with_demo: Path, tmp_path: Path) -> None:
    """The README's first command: the wheel has all that a student's page and the lecture need."""
    command = ["jupyter", "livepoll", "demo", "--no-browser", "--", *LOCAL]
    environment = _environment(with_demo) | {"HOME": str(tmp_path)}
    with subprocess.Popen(
        [with_demo / command[0], *command[1:]], env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as demo:
        try:
            assert demo.stdout is not None
            said = "".join(_lines_until(demo.stdout, "Ctrl+C"))
            (link,) = re.findall(r"Students join at +(\S+)", said)
            page = _fetch(link)
            assert ".lp-page" in page
            (script,) = re.findall(r'src="([^"]+\.js[^"]*)"', page)
            assert _fetch(urljoin(link, script))
        finally:
            demo.terminate()
    assert demo.returncode == 0


def _lines_until(lines: Iterable[str], words: str) -> Iterator[str]:
    """The lines up to the one with these words."""
    for line in lines:
        yield line
        if words in line:
            return


def _fetch(url: str) -> str:
    with urlopen(url, timeout=20) as answer:
        return str(answer.read().decode())


def _plain(said: str) -> str:
    """Strip terminal colours and runs of blanks."""
    for colour in ("\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[0m"):
        said = said.replace(colour, "")
    return " ".join(said.split())
