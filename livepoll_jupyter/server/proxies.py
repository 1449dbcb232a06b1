"""What proxies in front tell of a client: its address, and whether it came by HTTPS.

A proxy adds itself on the right of a list (``X-Forwarded-For``, or ``Forwarded`` as of RFC 7239), so all that stands
left of what the last trusted proxy has added may be the client's invention. The address decides whose acts are counted
together, so it is believed only from proxies that the settings name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from itertools import islice
from typing import Any, Final

from traitlets import TraitError

from ..core.errors import BadSetting

Ip = IPv4Address | IPv6Address

TRUSTED_HELP: Final = (
    "The proxies in front of this server: addresses or networks, such as 127.0.0.1 or 10.0.0.0/8. They are believed "
    "what they tell of a client's address in X-Forwarded-For or Forwarded; limits on joins, wrong codes and votes "
    "then count for each client and not for all of them together. Empty for nobody, which is right without a proxy: "
    "whoever is believed can pretend to be any number of clients."
)

MOST_HOPS: Final = 20
"""How many proxies of a list are looked at."""

MOST_TEXT: Final = 4096
"""Letters of a ``Forwarded`` that are read; a longer one says nothing."""

_PREFIX: Final = 64
"""Bits of an IPv6 address that are one client's: whoever has one address has the other 2**64 too."""

_PAIR: Final = re.compile(
    r"""\s*(?:([!#$%&'*+.^_`|~\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s",;]*))\s*)?([;,]|$)""", re.ASCII
)


class Proxies:
    """The proxies that are believed; ``names`` are addresses and networks.

    Raises:
        BadSetting: a name is neither.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._networks = tuple(_network(name) for name in names)

    def has(self, address: str) -> bool:
        """Whether ``address`` is one of them."""
        found = _read(address)
        return found is not None and self._is_ours(found)

    def address_of(self, peer: str, headers: Mapping[str, str], *, is_proxy: bool = False) -> str:
        """The client's address: all that counts for one client has the same one.

        ``peer`` is the address of the connection, ``is_proxy`` that the other end is known to be a proxy. The names of
        headers are asked for in small letters. If both headers are there and disagree, a client may have sent one that
        its proxy passed on, and none of them counts.
        """
        own = _read(peer)
        if not is_proxy and (own is None or not self._is_ours(own)):
            return _name(own, peer)
        told = {self._client(own, hops) for hops in (_hops_of_list(headers), _hops_of_standard(headers)) if hops}
        return _name(told.pop() if len(told) == 1 else own, peer)

    def _client(self, own: Ip | None, hops: list[str]) -> Ip | None:
        """The first address from the right that is no proxy of ours; up to a proxy that did not know."""
        for hop in reversed(hops):
            found = _read(hop)
            if found is None:
                return own
            if not self._is_ours(found):
                return found
            own = found
        return own

    def _is_ours(self, address: Ip) -> bool:
        return any(address in network for network in self._networks)


def came_by_https(headers: Mapping[str, str]) -> bool:
    """Whether the browser's own connection was HTTPS, if proxies are believed who say so.

    Anybody is believed: who lies here changes nothing but the ``Secure`` of a cookie of one's own. A list begins with
    the browser's. Where headers disagree the answer is no, since ``Secure`` on plain HTTP would lose the cookie.
    """
    said = {headers.get(name, "").partition(",")[0].strip().lower() for name in ("x-forwarded-proto", "x-scheme")}
    said |= {first.get("proto", "").lower() for first in islice(_elements(headers.get("forwarded", "")), 1)}
    return said - {""} == {"https"}


def first_host(headers: Mapping[str, str]) -> str:
    """The host that the browser asked for, as a proxy tells it; empty without one."""
    return headers.get("x-forwarded-host", "").partition(",")[0].strip().lower()


def checked_names(names: list[str]) -> list[str]:
    """``names`` as a setting; raises :exc:`TraitError` for what is no network."""
    try:
        Proxies(names)
    except BadSetting as wrong:
        raise TraitError(wrong.message) from wrong
    return names


# ---------------------------------------------------------------- the two headers


def _hops_of_list(headers: Mapping[str, str]) -> list[str]:
    told = headers.get("x-forwarded-for", "")
    return told.rsplit(",", MOST_HOPS)[-MOST_HOPS:] if told else []


def _hops_of_standard(headers: Mapping[str, str]) -> list[str]:
    return [element.get("for", "") for element in _elements(headers.get("forwarded", ""))][-MOST_HOPS:]


def _elements(forwarded: str) -> Iterator[dict[str, str]]:
    """The proxies of a ``Forwarded``, the client's first; what is no such header is one that says nothing."""
    elements: list[dict[str, str]] = [{}]
    at = 0
    while forwarded:
        pair = _PAIR.match(forwarded, at) if len(forwarded) <= MOST_TEXT else None
        if pair is None or (pair[1] or "").lower() in elements[-1]:
            elements = [{}]
            break
        if pair[1]:
            elements[-1][pair[1].lower()] = re.sub(r"\\(.)", r"\1", pair[2]) if pair[2] is not None else pair[3]
        if pair[4] == "":
            break
        if pair[4] == ",":
            elements.append({})
        at = pair.end()
    return iter(elements if forwarded else [])


# ---------------------------------------------------------------- addresses


def _network(name: str) -> IPv4Network | IPv6Network:
    try:
        network = ip_network(name, strict=False)
    except ValueError:
        network = None
    if network is None or network.prefixlen == 0:
        raise BadSetting(f"{name!r} names no proxy. Write an address or a network, such as 127.0.0.1 or 10.0.0.0/8.")
    return network


def _read(text: str) -> Ip | None:
    """The address in ``text``, which may have a port; None if there is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found: Any = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found  # type: ignore[no-any-return]


def _name(address: Ip | None, otherwise: str) -> str:
    if address is None:
        return otherwise
    if address.version == 4 or address.is_loopback:  # noqa: PLR2004 - IPv4
        return str(address)
    return str(ip_network((int(address), _PREFIX), strict=False))
