"""Tokens as people copy them: cleaned or refused, and never shown."""

from __future__ import annotations

import re
from typing import Any, Final

from ..core.errors import BadSetting

_TOKEN: Final = re.compile(r"[!-~]+")
"""What may stand in a header (RFC 9110), without blanks."""


def clean_token(token: Any) -> str:
    """The token without what stands around it, such as a line's end.

    Raises:
        BadSetting: no token looks like this. The text does not hold the token, as it may end in a notebook.
    """
    cleaned = token.strip() if isinstance(token, str) else ""
    if _TOKEN.fullmatch(cleaned) is None:
        raise BadSetting(
            "That is no token: it is empty, or holds a blank, a line's end or another character that no token has. "
            "Copy it again."
        )
    return cleaned
