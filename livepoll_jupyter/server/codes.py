"""The codes that people type: short, and without letters that look like digits."""

from __future__ import annotations

import secrets

from ..core.texts import letters_of

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 6

LONGEST = 64
"""Letters that are looked at of what was typed: an address of a request may be long, and each letter costs time."""


def new_code() -> str:
    """A random code."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def new_id(size: int) -> str:
    """A random id with ``size`` bytes of chance, which no program that reads a table takes for a number.

    It begins with a letter other than e: hexadecimal digits alone may be ``123456`` or ``1e5``.
    """
    return f"q{secrets.token_hex(size)}"


def normal_code(typed: str) -> str:
    """A code as it is kept, from what somebody typed or copied.

    Case does not matter, nor do full-width letters and whatever is no letter and no digit: blanks, full stops,
    brackets, quotes, bullets, hyphens, characters that nobody sees. No code holds any of these. Empty for more than
    :data:`LONGEST` letters, which are no code.
    """
    return letters_of(typed) if len(typed) <= LONGEST else ""


def looks_like_code(typed: str) -> bool:
    """Whether it could be a code, so that a wrong one is a guess and not just another address."""
    code = normal_code(typed)
    return len(code) == LENGTH and set(code) <= set(ALPHABET)
