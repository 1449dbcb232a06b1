"""Why a server could not be used, in sentences that say what to do: redirects, certificates, proxies."""

from __future__ import annotations

import ssl
from http import HTTPStatus
from typing import Final
from urllib.parse import urljoin, urlsplit

from tornado.httpclient import HTTPClientError

from .errors import Unreachable

_LONGEST: Final = 200
"""Characters of a foreign address that are shown."""


class Misdirected(Unreachable):
    """The address leads elsewhere, or is not trusted; trying it again is in vain."""

    code = "misdirected"
    retry = False


def no_redirect(base: str, path: str, answer: HTTPClientError) -> Misdirected | None:
    """What to say of a redirect, which is not followed; None for another answer.

    ``path`` is where the part of the address begins that nobody types.
    """
    if not HTTPStatus.MULTIPLE_CHOICES <= answer.code < HTTPStatus.BAD_REQUEST or answer.response is None:
        return None
    location = answer.response.headers.get("Location", "")
    target = urljoin(answer.response.request.url, location)
    if not location or urlsplit(target).scheme not in {"http", "https"} or not target.isprintable():
        return Misdirected(f"The server at {base} sends on to another address, and does not say which.")
    shown = target.partition("?")[0].partition(path)[0][:_LONGEST]
    return Misdirected(
        f"The server at {base} sends on to {shown} and was not followed. If you trust it, use that address."
    )


def tls_trouble(base: str, error: ssl.SSLError) -> Misdirected:
    """What to say of a connection that could not be made secure."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Misdirected(
            f"The certificate of the server at {base} is not trusted here: {error.verify_message}. Use the name that "
            "the certificate is for, or name the file of its authority in the environment variable SSL_CERT_FILE."
        )
    return Misdirected(f"No secure connection to {base}: it may speak plain http. Try the address with http://.")


def no_upgrade(address: str) -> Unreachable:
    """What to say if requests get through and WebSockets do not."""
    return Unreachable(
        f"Something between here and {address} lets no WebSocket through. If a proxy is in front of the server, it has "
        "to pass on the headers Upgrade and Connection."
    )
