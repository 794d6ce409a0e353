"""The names of the namespaces that list sessions: one set in Redis."""

from __future__ import annotations

from time import time

from motorhead.store.keys import NAMESPACES, UNNAMED, Mark, listing
from redis_link.connection import Command
from redis_link.link import Link

#: How often (seconds) a namespace's name is written again, in case somebody has removed it.
NAME_AGAIN = 60.0


class Namespaces:
    """Names namespaces when they come to list something, and forgets them with their last session."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._named: set[Mark] = set()
        self._named_since = time()

    def name(self, namespace: Mark) -> list[Command]:
        """The command that names the namespace; none if this process did so lately."""
        now = time()
        if now - self._named_since > NAME_AGAIN:
            self._named, self._named_since = set(), now
        if namespace in self._named:
            return []
        self._named.add(namespace)
        return self.name_again(namespace)

    def name_again(self, namespace: Mark) -> list[Command]:
        """The command that names the namespace, in case its name was forgotten meanwhile."""
        return [] if namespace == UNNAMED else [("SADD", NAMESPACES, namespace[1:])]

    async def forget(self, namespace: Mark) -> None:
        """Remove the name of a namespace that lists nothing, unless it lists something again."""
        if namespace == UNNAMED:
            return
        self._named.discard(namespace)
        _, left = await self._link.pipeline(("SREM", NAMESPACES, namespace[1:]), ("ZCARD", listing(namespace)))
        if left:
            await self._link.execute("SADD", NAMESPACES, namespace[1:])

    async def names(self) -> list[str]:
        """The names of the namespaces that list a session, sorted."""
        names = sorted(await self._link.execute("SMEMBERS", NAMESPACES))
        if not names:
            return []
        counts = await self._link.gather(*(("ZCARD", listing(b"=" + name)) for name in names))
        return [name.decode(errors="replace") for name, count in zip(names, counts, strict=True) if count]
