"""The names of all namespaces that list sessions: one set in Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator
from time import time

from motorhead.store.keys import NAMESPACES, UNNAMED, Mark, listing
from redis_link.connection import Command, Reply
from redis_link.link import Link

#: Seconds until a namespace's name is written again, in case it has been removed.
NAME_AGAIN = 60.0
#: About how many names are read at once: a site has one for each visitor, and Redis does nothing else meanwhile.
PAGE = 500
#: How often a name is removed and added while sessions come and go. After that a sweep of `fsck` finds an empty one.
TRIES = 10


class Namespaces:
    """Adds the name of a namespace with its first session, and removes it with the last."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._named: set[Mark] = set()
        self._named_since = time()

    def name(self, namespace: Mark) -> list[Command]:
        """The command that adds the namespace's name; no command if this process sent it recently."""
        now = time()
        if now - self._named_since > NAME_AGAIN:
            self._named, self._named_since = set(), now
        if namespace in self._named:
            return []
        self._named.add(namespace)
        return self.name_again(namespace)

    def name_again(self, namespace: Mark) -> list[Command]:
        """The command that adds the namespace's name, even if it was sent recently."""
        return [] if namespace == UNNAMED else [("SADD", NAMESPACES, namespace[1:])]

    async def forget(self, namespace: Mark) -> None:
        """Remove the name of an empty namespace, unless a session has been listed in it meanwhile."""
        if namespace == UNNAMED:
            return
        self._named.discard(namespace)
        count: Command = ("ZCARD", listing(namespace))
        for command in ("SREM", "SADD") * TRIES:
            _, left = await self._link.pipeline((command, NAMESPACES, namespace[1:]), count)
            if bool(left) is (command == "SADD"):  # no session came or went while the name was removed or added
                return

    async def pages(self) -> AsyncIterator[list[Mark]]:
        """The marks of all named namespaces, a page at a time. One may come twice.

        Those that are added or removed meanwhile may be missing.
        """
        cursor: Reply = b"0"
        while True:
            cursor, names = await self._link.execute("SSCAN", NAMESPACES, cursor, "COUNT", PAGE)
            if names:
                yield [b"=" + name for name in names]
            if cursor == b"0":
                return

    async def names(self) -> list[str]:
        """The sorted names of the namespaces that list a session."""
        names = sorted(await self._link.execute("SMEMBERS", NAMESPACES))
        if not names:
            return []
        counts = await self._link.gather(*(("ZCARD", listing(b"=" + name)) for name in names))
        return [name.decode(errors="replace") for name, count in zip(names, counts, strict=True) if count]
