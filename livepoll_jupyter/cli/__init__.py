"""``jupyter livepoll``: what a person types in a terminal. It starts things and prints; it decides nothing."""

from .main import main

__all__ = ["main"]
