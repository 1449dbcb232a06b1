"""``python -m livepoll_jupyter.schema typescript`` prints one generated text, ready to be redirected into its file."""

from __future__ import annotations

import argparse
import sys

from .typescript import rest_typescript, typescript


def _openapi() -> str:
    from ..server.documents import openapi  # noqa: PLC0415 - only this text needs the server's table of routes

    return openapi().decode() + "\n"


def _asyncapi() -> str:
    from ..server.documents import asyncapi  # noqa: PLC0415 - the same text that the server hands out

    return asyncapi().decode() + "\n"


_GENERATORS = {"asyncapi": _asyncapi, "openapi": _openapi, "rest": rest_typescript, "typescript": typescript}


def main(arguments: list[str] | None = None) -> None:
    """Print what is asked for; an unknown name ends with the list of the known ones."""
    parser = argparse.ArgumentParser(prog="python -m livepoll_jupyter.schema", description=__doc__)
    parser.add_argument("what", choices=sorted(_GENERATORS))
    what = parser.parse_args(arguments).what
    sys.stdout.write(_GENERATORS[what]())


if __name__ == "__main__":
    main()
