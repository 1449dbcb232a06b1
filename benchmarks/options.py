"""What may be typed behind ``python -m benchmarks``; what makes no sense is refused before anything starts."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from . import cost
from .hostile import KINDS
from .servers import ALL
from .session import ALL_WORK
from .work import WARM

LEAST: Final = 2 * WARM


def parser() -> argparse.ArgumentParser:
    """What may be typed."""
    names = [kind.name for kind in ALL]
    options = argparse.ArgumentParser("python -m benchmarks", description="Live poll servers side by side, as ratios.")
    options.add_argument("--quick", action="store_true", help="two minutes: 1,000 peers, once, the main work")
    options.add_argument(
        "--guard", action="store_true", help="two minutes: fail if we are worse than bounds.toml allows"
    )
    options.add_argument(
        "--cost", type=chosen_from(list(cost.PARTS)), nargs="?", const=list(cost.PARTS), metavar="PARTS",
        help=f"what it costs to be used, in place of the servers; all of it, or with commas {','.join(cost.PARTS)}",
    )  # fmt: skip
    options.add_argument(
        "--flood", type=chosen_from(list(KINDS)), nargs="?", const=list(KINDS), metavar="KINDS",
        help=f"honest peers beside 100 hostile sockets; every kind of attack, or with commas {','.join(KINDS)}",
    )  # fmt: skip
    options.add_argument("--sizes", type=sizes, help="numbers of peers, with commas (200,1000,5000,10000)")
    options.add_argument(
        "--servers", type=chosen_from(names), default=names, help=f"which servers, with commas ({','.join(names)})"
    )
    options.add_argument("--work", type=chosen_from(ALL_WORK), help=f"which work, with commas ({','.join(ALL_WORK)})")
    options.add_argument("--repetitions", type=at_least_once, help="how often each server is started (5)")
    options.add_argument(
        "--show", type=Path, metavar="JSON", help="print the tables of earlier results; measure nothing"
    )
    options.add_argument("--plot", type=in_a_directory, metavar="SVG", help="draw the results into this file")
    return options


def chosen_from(names: Sequence[str]) -> Callable[[str], list[str]]:
    """Reads names with commas between, each one of ``names``."""

    def words(text: str) -> list[str]:
        unknown = [word for word in text.split(",") if word not in names]
        if unknown:
            raise argparse.ArgumentTypeError(f"there is no {unknown[0]!r}; there are {', '.join(names)}")
        return text.split(",")

    return words


def sizes(text: str) -> list[int]:
    """Numbers of peers with commas between."""
    words = text.split(",")
    if not all(word.isdecimal() for word in words):
        raise argparse.ArgumentTypeError("these are whole numbers of peers with commas between, such as 200,1000")
    if min(map(int, words)) < LEAST:
        raise argparse.ArgumentTypeError(f"{LEAST} peers are the least that can be measured")
    return [int(word) for word in words]


def at_least_once(text: str) -> int:
    """A number of repetitions."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError("it is a whole number, at least 1")
    return int(text)


def in_a_directory(text: str) -> Path:
    """A file that can be made; what takes hours shall not end in a name that was mistyped."""
    path = Path(text)
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no directory {path.parent}")
    return path
