"""Which sessions there are: one sorted set a namespace, by last activity.

A session is listed before its first message is written, so none is ever missing; an id whose session does not
exist (any more), or was never written to in this namespace, is a ghost: it is left out when listing, and taken off
once it is surely stale. On a cluster a listing and a session lie on different slots, so no script sees both. Instead
whoever writes to one looks at the other afterwards: a first append lists its session once more, and not if it was
deleted by then, a removal lists anew what meanwhile turned out to be a session. Whichever comes last sees what the
other did. The same goes for names.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from time import time

from motorhead.messages import SessionDetails
from motorhead.store.keys import NAMESPACES, UNNAMED, Mark, SessionKeys, listing
from motorhead.store.redis_errors import WRONG_KIND
from motorhead.store.scripts import UNLIST
from redis_link.connection import Command, Reply
from redis_link.exceptions import StoreRefused
from redis_link.link import Link

logger = logging.getLogger(__name__)

#: A ghost is taken off after this many milliseconds without activity: an append under way looks like one.
GHOST_AGE = 60_000
#: What the script answers that leaves an empty listing.
LAST = 2
#: How often (seconds) a namespace's name is written again, in case somebody has removed it.
NAME_AGAIN = 60.0


def now_ms() -> int:
    """Milliseconds since 1970."""
    return int(time() * 1000)


class Listing:
    """The listings of all namespaces."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._named: set[Mark] = set()
        self._named_since = time()

    def add(self, session_id: bytes, namespace: Mark) -> list[Command]:
        """The commands that list a session as active now; to be sent before it is written to."""
        now = time()
        commands: list[Command] = [("ZADD", listing(namespace), "GT", int(now * 1000), session_id)]
        if now - self._named_since > NAME_AGAIN:
            self._named, self._named_since = set(), now
        if namespace != UNNAMED and namespace not in self._named:
            commands.append(("SADD", NAMESPACES, namespace[1:]))
            self._named.add(namespace)
        return commands

    async def affirm(self, session_id: bytes, namespace: Mark) -> None:
        """List a session that was just begun in the namespace, whatever was taken off meanwhile.

        One that was deleted meanwhile is not: whoever deleted it may have looked at the listing before.
        """
        listed_at = now_ms()
        commands: list[Command] = [("ZADD", listing(namespace), "GT", listed_at, session_id)]
        if namespace != UNNAMED:
            commands.append(("SADD", NAMESPACES, namespace[1:]))
        *_, recorded = await self._link.pipeline(*commands, _is_recorded(session_id, namespace))
        if not recorded:
            await self._remove(session_id, namespace, listed_at + 1)

    async def page(self, namespace: Mark, page: int, size: int, newest_first: bool) -> list[bytes]:
        """The ids on one page (from 1), oldest activity first unless ``newest_first``, without ghosts."""
        first = (page - 1) * size
        command = "ZREVRANGE" if newest_first else "ZRANGE"
        ids = await self._link.execute(command, listing(namespace), first, first + size - 1)
        return await self.without_ghosts(namespace, ids)

    async def details(self, session_ids: Sequence[bytes]) -> list[SessionDetails]:
        """What a list of sessions shows of each; of a damaged one what can be read."""
        fields = ("title", "last", "created", "updated")
        commands = [("HMGET", SessionKeys(session_id).state, *fields) for session_id in session_ids]
        replies = await self._each(commands)
        return [
            _details(session_id, reply or (None, None, b"0", None))
            for session_id, reply in zip(session_ids, replies, strict=True)
            if reply is None or reply[2] is not None
        ]

    async def _each(self, commands: Sequence[Command]) -> list[Reply]:
        """The reply to each of the commands, None where Redis refuses it: one damaged session hides no other."""
        if not commands:
            return []
        try:
            return await self._link.gather(*commands)
        except StoreRefused:
            return [await self._reply(command) for command in commands]

    async def _reply(self, command: Command) -> Reply:
        try:
            return await self._link.execute(*command)
        except StoreRefused:
            return None

    async def namespaces(self) -> list[str]:
        """The names of the namespaces that list a session, sorted."""
        names = sorted(await self._link.execute("SMEMBERS", NAMESPACES))
        if not names:
            return []
        counts = await self._link.gather(*(("ZCARD", listing(b"=" + name)) for name in names))
        return [name.decode(errors="replace") for name, count in zip(names, counts, strict=True) if count]

    async def marks(self, session_id: bytes) -> set[Mark]:
        """The namespaces that the session was ever written to; of a damaged one what can be read."""
        reply = await self._reply(("SMEMBERS", SessionKeys(session_id).namespaces))
        return set(reply or ())

    async def strike(self, session_id: bytes, namespaces: Iterable[Mark]) -> None:
        """Take a session that is to be deleted off its listings, although it is there. Damaged listings are left."""
        for namespace in namespaces:
            try:
                if await self._link.run(UNLIST, [listing(namespace)], [session_id, ""]) == LAST:
                    await self._forget_name(namespace)
            except StoreRefused as error:
                if str(error) != WRONG_KIND:
                    raise
                note_refusals([error])

    async def remove(self, session_id: bytes, namespaces: Sequence[Mark], before: int | None = None) -> None:
        """Take a session off its listings, unless it is there or was active at ``before`` (ms) or later.

        The name of a namespace whose last session that was goes with it. A damaged listing keeps nobody from the rest.
        """
        for namespace in namespaces:
            try:
                await self._remove(session_id, namespace, "" if before is None else before)
            except StoreRefused as error:
                note_refusals([error])

    async def _remove(self, session_id: bytes, namespace: Mark, before: int | str) -> None:
        outcome = await self._link.run(UNLIST, [listing(namespace)], [session_id, before])
        if outcome and await self._recorded(session_id, namespace):
            await self.affirm(session_id, namespace)
        elif outcome == LAST:
            await self._forget_name(namespace)

    async def take_back(self, session_id: bytes, namespace: Mark, added: Sequence[Command]) -> None:
        """Undo what ``add`` gave, for an append that wrote nothing, unless the session belongs in the namespace."""
        if added and not await self._recorded(session_id, namespace):
            listed_at = int(added[0][3])
            await self.remove(session_id, [namespace], listed_at + 1)

    async def _recorded(self, session_id: bytes, namespace: Mark) -> bool:
        """Whether the session was ever written to in the namespace."""
        return bool(await self._link.execute(*_is_recorded(session_id, namespace)))

    async def _forget_name(self, namespace: Mark) -> None:
        """Take the name of a namespace that lists nothing off, unless it lists something again."""
        if namespace == UNNAMED:
            return
        self._named.discard(namespace)
        _, left = await self._link.pipeline(("SREM", NAMESPACES, namespace[1:]), ("ZCARD", listing(namespace)))
        if left:
            await self._link.execute("SADD", NAMESPACES, namespace[1:])

    async def without_ghosts(self, namespace: Mark, ids: Sequence[bytes]) -> list[bytes]:
        """Those of the listed ``ids`` that are sessions of the namespace; stale ghosts among them are taken off."""
        if not ids:
            return []
        recorded = await self._each([_is_recorded(one, namespace) for one in ids])
        ghosts = [one for one, there in zip(ids, recorded, strict=True) if there == 0]
        for ghost in ghosts:
            await self.remove(ghost, [namespace], now_ms() - GHOST_AGE)
        return [one for one, there in zip(ids, recorded, strict=True) if there != 0]


def _is_recorded(session_id: bytes, namespace: Mark) -> Command:
    return ("SISMEMBER", SessionKeys(session_id).namespaces, namespace)


def note_refusals(replies: Sequence[Reply]) -> None:
    """Log which of a listing's ``replies`` are refusals: the session itself may be well."""
    for reply in replies:
        if isinstance(reply, StoreRefused):
            logger.error("A listing does not take what became of a session: %s", reply)


def _details(session_id: bytes, fields: Sequence[bytes | None]) -> SessionDetails:
    title, last, created, updated = fields
    return SessionDetails(
        session_id.decode(errors="replace"),
        title.decode(errors="replace") if title else None,
        _number(last),
        _number(created),
        _number(updated or created),
    )


def _number(value: bytes | None) -> int:
    return int(value) if value and value.isdigit() else 0
