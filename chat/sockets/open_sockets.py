"""Limits on the sockets that are open in this process, for a visitor and for a client address."""

from __future__ import annotations

from collections import Counter
from functools import cache

from django.conf import settings

from chat.domain.exceptions import TooManySockets


class OpenSockets:
    """Counts open sockets, of which ``per_visitor`` and ``per_address`` are allowed; 0: no limit."""

    def __init__(self, per_visitor: int, per_address: int) -> None:
        self._limits = {"visitor": per_visitor, "address": per_address}
        self._open: Counter[tuple[str, str]] = Counter()

    def admit(self, owner: str, network: str | None) -> list[tuple[str, str]]:
        """Count a socket of ``owner`` from ``network`` (None: not known), until the result is passed to `leave`.

        Raises `TooManySockets`: one of the two has reached its limit.
        """
        places = [("visitor", owner)]
        if network is not None:
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


@cache
def open_sockets() -> OpenSockets:
    """This process's open sockets, with the limits of the settings."""
    return OpenSockets(settings.CHAT_SOCKETS_PER_VISITOR, settings.CHAT_SOCKETS_PER_ADDRESS)
