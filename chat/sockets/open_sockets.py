"""Limits on the sockets that are open in this process, for a visitor and for a client address."""

from __future__ import annotations

from collections import Counter
from functools import cache
from ipaddress import IPv6Address, ip_address

from django.conf import settings

from chat.domain.exceptions import TooManySockets


class OpenSockets:
    """Counts open sockets, of which ``per_visitor`` and ``per_address`` are allowed; 0: no limit."""

    def __init__(self, per_visitor: int, per_address: int) -> None:
        self._limits = {"visitor": per_visitor, "address": per_address}
        self._open: Counter[tuple[str, str]] = Counter()

    def admit(self, owner: str, host: str | None) -> list[tuple[str, str]]:
        """Count a socket of ``owner`` from ``host``, until the result is passed to `leave`.

        Raises `TooManySockets`: one of the two has reached its limit.
        """
        places = [("visitor", owner)]
        if (network := public_network(host)) is not None:
            places.append(("address", network))
        for kind, name in places:
            if 0 < self._limits[kind] <= self._open[kind, name]:
                raise TooManySockets(kind, limit=self._limits[kind])
        self._open.update(places)
        return places

    def leave(self, places: list[tuple[str, str]]) -> None:
        """Forget a socket that has closed."""
        self._open.subtract(places)
        for place in places:
            if not self._open[place]:
                del self._open[place]

    def __len__(self) -> int:
        """How many visitors and addresses have sockets."""
        return len(self._open)


def public_network(host: str | None) -> str | None:
    """The address ``host``, or its /64 network if it is an IPv6 address, since a client can use all of that.

    None for an address that is not public: behind a proxy, all clients have the proxy's address.
    """
    try:
        address = ip_address(host or "")
    except ValueError:
        return None
    if not address.is_global:
        return None
    return address.packed[:8].hex() if isinstance(address, IPv6Address) else str(address)


@cache
def open_sockets() -> OpenSockets:
    """This process's open sockets, with the limits of the settings."""
    return OpenSockets(settings.CHAT_SOCKETS_PER_VISITOR, settings.CHAT_SOCKETS_PER_ADDRESS)
