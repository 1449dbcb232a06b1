"""Where a room is found: what is read out of a join link. Pure text, no look-ups."""

from __future__ import annotations

import unicodedata
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from ..core.errors import BadRequest
from ..core.texts import letters_of
from .limits import segment

API = "livepoll/api/"
"""Where the REST API lies under a server's base URL."""

CLASS_API = "api/"
"""Where the part of it that is the class's lies beside the pages."""


class Address(Struct, frozen=True):
    """A room on a server. ``pages`` is the URL under which its page lies, with ``_ws`` beside it; it ends in a slash.

    A server's base URL is one too: ``_ws`` lies there as well.
    """

    pages: str
    code: str

    @classmethod
    def from_link(cls, link: str) -> Address:
        """The room that a join link such as ``http://192.168.1.5:3000/K7WQ2M`` leads to.

        Raises:
            BadRequest: the text is no join link.
        """
        no_link = BadRequest(
            f"{link!r} is not a join link. Copy the one under the QR code, such as http://192.168.1.5:3000/K7WQ2M."
        )
        if not isinstance(link, str):
            raise no_link
        try:
            parts = urlsplit(_tidy(link))
        except ValueError as wrong:
            raise no_link from wrong
        folder, _, last = parts.path.rstrip("/").rpartition("/")
        code = letters_of(unquote(last))
        if parts.scheme not in {"http", "https"} or not parts.netloc or not code:
            raise no_link
        return cls(f"{parts.scheme}://{parts.netloc.lower()}{folder}/", code)

    @property
    def socket(self) -> str:
        """The room's socket, ``ws://`` or ``wss://``."""
        return f"{socket_base(self.pages)}_ws?room={segment(self.code)}"


def _tidy(link: str) -> str:
    """A link without what sticks to it when it is copied: brackets, quotes, bullets, characters nobody sees.

    It begins and ends with a letter, a digit or a slash.
    """
    plain = unicodedata.normalize("NFKC", link)
    seen = "".join(letter for letter in plain if unicodedata.category(letter) not in {"Cf", "Cc", "Cs"})
    return seen.strip("".join(letter for letter in {*seen} if not letter.isalnum() and letter != "/"))


def socket_base(base: str) -> str:
    """``http://…`` as ``ws://…`` and ``https://…`` as ``wss://…``."""
    return base.replace("http", "ws", 1)
