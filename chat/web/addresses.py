"""The network that a request comes from: limits count by it, since a cookie can be refused and an address cannot.

Only ``X-Forwarded-For`` is read. A proxy that sets it passes ``Forwarded`` on as the client wrote it, so of two headers
one would be forged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, TypeAlias

from django.conf import settings
from django.http import HttpRequest

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

#: Some proxies write the client's port, too.
WITH_PORT = re.compile(r"\[(?P<six>[^\]]+)\](:\d+)?|(?P<four>[\d.]+):\d+")


def client_network(peer: str | None, forwarded_for: str, trusted: Sequence[Network]) -> str | None:
    """The client's IPv4 address or IPv6 network (a /64, all of which one client can use); None if it is not known.

    ``peer`` is at the other end of the connection: None on a Unix socket, where only a proxy can be. If it is a
    ``trusted`` proxy, the client is the last address in the header ``forwarded_for`` that is not one as well. Without
    trusted proxies, an address that is not public may be that of a proxy, and of every client.
    """
    address = _parsed(peer or "")
    if not trusted:
        return _network(address) if address is not None and address.is_global else None
    hops = forwarded_for.split(",") if forwarded_for.strip() else []
    while address is None or _is_in(address, trusted):
        if not hops:
            return None
        hop = _parsed(hops.pop())
        if hop is None:  # what the proxy wrote is not an address: all of its clients count as one
            return _network(address) if address is not None else None
        address = hop
    return _network(address)


def network_of(scope: Mapping[str, Any]) -> str | None:
    """The network of an ASGI scope, as in `client_network`."""
    values = [value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"x-forwarded-for"]
    peer, _ = scope.get("client") or (None, None)
    return client_network(peer, ",".join(values), settings.CHAT_TRUSTED_PROXIES)


def network_of_request(request: HttpRequest) -> str | None:
    """The network of a request, as in `client_network`."""
    forwarded_for = request.headers.get("X-Forwarded-For", "")
    return client_network(request.META.get("REMOTE_ADDR"), forwarded_for, settings.CHAT_TRUSTED_PROXIES)


def _parsed(written: str) -> Address | None:
    found = WITH_PORT.fullmatch(written.strip())
    try:
        address = ip_address((found["six"] or found["four"]) if found else written.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


def _network(address: Address) -> str:
    return str(IPv6Network((address.packed[:8] + bytes(8), 64))) if address.version == 6 else str(address)
