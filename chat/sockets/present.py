"""The sockets that are open in this process, which are closed when it ends so that their clients connect to another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from functools import cache
from typing import Protocol

#: What a socket can be a part of: the site's page, or another frontend.
DOORS = ("page", "websocket")
#: The close code of a worker that ends; the client connects again, to another. (1012 means the same, but Daphne's
#: websocket library cannot send codes between 1001 and 2999.)
RESTARTING = 4012


class Closable(Protocol):
    """A socket. ``owner``: whose it is; None while that is not known yet. ``door``: what it is a part of."""

    door: str

    @property
    def owner(self) -> str | None: ...

    async def close(self, code: int | None = None) -> None:
        """Close it, once."""


class PresentSockets:
    """The open sockets of this process. ``leaving``: it is to end, and begins nothing more on any of them."""

    def __init__(self) -> None:
        self.leaving = False
        self._sockets: set[Closable] = set()

    def add(self, socket: Closable) -> None:
        """Another socket was opened."""
        self._sockets.add(socket)

    def discard(self, socket: Closable) -> None:
        """A socket has closed."""
        self._sockets.discard(socket)

    async def close_idle(self, busy: Collection[str]) -> None:
        """Close the sockets of all owners but the ``busy`` ones."""
        for socket in [each for each in self._sockets if each.owner not in busy]:
            await socket.close(RESTARTING)

    def by_door(self) -> Mapping[tuple[str, ...], int]:
        """How many each door has, also if it has none."""
        found = Counter(each.door for each in self._sockets)
        return {(door,): found[door] for door in DOORS}

    def __len__(self) -> int:
        """How many there are."""
        return len(self._sockets)


@cache
def present_sockets() -> PresentSockets:
    """This process's open sockets."""
    return PresentSockets()
