"""How many files and sockets this process may hold open, and whether it comes near that. Windows sets no limit."""

from __future__ import annotations

import sys
from logging import Logger
from typing import Final

if sys.platform != "win32":
    import resource

WANTED: Final = 65_536
"""Open files that a server asks for: more than one process ever serves, and few enough to harm no kernel."""

RESERVE: Final = 8
"""One in so many open files is kept for requests of pages and for the files of the rest of the process."""

LAST: Final = 32
"""One in so many is kept for the files of the rest of the process alone."""


def raise_limit(log: Logger) -> None:
    """Ask for as many open files as this process may have; where that is refused it has to do with fewer."""
    if sys.platform == "win32":
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(hard, WANTED)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError) as error:  # macOS promises more than it gives
        log.debug("This process stays with %d open files: %s", soft, error)


def share(one_in: int, most: int) -> int:
    """One in so many of the files that this process may hold open, at most ``most``."""
    if sys.platform == "win32":
        return most
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return most if soft == resource.RLIM_INFINITY else max(1, min(most, soft // one_in))


def is_scarce(descriptor: int) -> bool:
    """Whether ``descriptor``, just opened, is one of those that are kept for pages.

    A new file gets the lowest free number (POSIX), so all below are in use, by whatever part of the process.
    """
    return _is_among(descriptor, RESERVE)


def is_last(descriptor: int) -> bool:
    """Whether ``descriptor``, just opened, is one of the very last, so that it should be closed again at once.

    What cannot be accepted stays ready to be, and the loop would come back to it for ever.
    """
    return _is_among(descriptor, LAST)


def _is_among(descriptor: int, one_in: int) -> bool:
    if sys.platform == "win32":
        return False
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft != resource.RLIM_INFINITY and descriptor >= soft - soft // one_in
