"""``python -m livepoll_jupyter.schema typescript`` prints one generated text, ready to be redirected into its file."""

from __future__ import annotations

import argparse
import sys

from .typescript import rest_typescript, typescript

_GENERATORS = {"rest": rest_typescript, "typescript": typescript}


def main(arguments: list[str] | None = None) -> None:
    """Print what is asked for; an unknown name ends with the list of the known ones."""
    parser = argparse.ArgumentParser(prog="python -m livepoll_jupyter.schema", description=__doc__)
    parser.add_argument("what", choices=sorted(_GENERATORS))
    what = parser.parse_args(arguments).what
    sys.stdout.write(_GENERATORS[what]())


if __name__ == "__main__":
    main()
