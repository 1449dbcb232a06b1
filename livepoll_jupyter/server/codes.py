"""The codes that people type: short, and without letters that look like digits."""

from __future__ import annotations

import secrets

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 6


def new_code() -> str:
    """A random code."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def normal_code(typed: str) -> str:
    """A code as it is kept, from what somebody typed: case does not matter, nor do spaces around it."""
    return typed.strip().upper()


def looks_like_code(typed: str) -> bool:
    """Whether it could be a code, so that a wrong one is a guess and not just another address."""
    code = normal_code(typed)
    return len(code) == LENGTH and set(code) <= set(ALPHABET)
