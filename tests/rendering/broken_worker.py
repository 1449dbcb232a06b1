"""Rendering processes that go wrong as a test has chosen: ``python broken_worker.py hang|second|die|silent``."""

import os
import sys
import time

READY = b"{}\n"


def main(how: str) -> None:
    """Be ready, unless ``silent``, and then go wrong over the first task, or over the ``second``."""
    if how == "silent":
        sys.exit(3)
    os.write(1, READY)
    sys.stdin.buffer.readline()
    if how == "second":
        os.write(1, b'{"html": "<p>Which?</p>", "labels": ["yes", "no"]}\n')
        sys.stdin.buffer.readline()
    if how in {"hang", "second"}:
        while True:
            time.sleep(3600)
    sys.exit(4)


if __name__ == "__main__":
    main(sys.argv[1])
