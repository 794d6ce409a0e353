"""Which sessions there are: one sorted set a namespace, by last activity.

A session is listed before its first message is written, so none is ever missing; an id whose session does not
exist (any more), or was never written to in this namespace, is a ghost: it is left out when listing, and taken off
once it is surely stale. On a cluster a listing and a session lie on different slots, so no script sees both. Instead
whoever writes to one looks at the other afterwards: a first append lists its session once more, and not if it was
deleted by then, a removal lists again what meanwhile turned out to be a session. Whichever comes last sees what the
other did. The same goes for names.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from time import time

from motorhead.messages import SessionDetails
from motorhead.store.keys import Mark, SessionKeys, listing
from motorhead.store.namespaces import Namespaces
from motorhead.store.scripts import UNLIST
from motorhead.store.unlisting import DELETED, TO_BE_DELETED, Reason, idle, never_written
from redis_link.connection import Command, Reply
from redis_link.exceptions import StoreRefused
from redis_link.link import Link

logger = logging.getLogger(__name__)

#: A ghost is taken off after this many milliseconds without activity: an append under way looks like one.
GHOST_AGE = 60_000
#: What the script answers that leaves an empty listing.
LAST = 2


def now_ms() -> int:
    """Milliseconds since 1970."""
    return int(time() * 1000)


class Listing:
    """The listings of all namespaces."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._namespaces = Namespaces(link)

    def add(self, session_id: bytes, namespace: Mark, at: int | None = None) -> list[Command]:
        """The commands that list a session as active ``at`` (ms; None: now); to be sent before it is written to."""
        return [_list(session_id, namespace, now_ms() if at is None else at), *self._namespaces.name(namespace)]

    async def affirm(self, session_id: bytes, namespace: Mark) -> None:
        """List a session that was just begun in the namespace, whatever was taken off meanwhile.

        One that was deleted meanwhile is not: whoever deleted it may have looked at the listing before.
        """
        listed_at = now_ms()
        commands = [_list(session_id, namespace, listed_at), *self._namespaces.name_again(namespace)]
        *_, written = await self._link.pipeline(*commands, _is_written(session_id, namespace))
        if not written:
            await self._unlist(session_id, [namespace], never_written(listed_at))

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
        return await self._namespaces.names()

    async def marks(self, session_id: bytes) -> set[Mark]:
        """The namespaces that the session was ever written to; of a damaged one what can be read."""
        reply = await self._reply(("SMEMBERS", SessionKeys(session_id).namespaces))
        return set(reply or ())

    async def strike(self, session_id: bytes, namespaces: Iterable[Mark]) -> None:
        """Take a session that is to be deleted off its listings, although it is there. Damaged listings are left."""
        await self._unlist(session_id, namespaces, TO_BE_DELETED)

    async def remove(self, session_id: bytes, namespaces: Sequence[Mark], before: int | None = None) -> None:
        """Take a session off its listings, unless it is there or was active at ``before`` (ms) or later."""
        await self._unlist(session_id, namespaces, DELETED if before is None else idle(before))

    async def take_back(self, session_id: bytes, namespace: Mark, listed_at: int) -> None:
        """Undo an ``add`` at this time (ms) for an append that wrote nothing, unless the session belongs there."""
        if not await self._link.execute(*_is_written(session_id, namespace)):
            await self._unlist(session_id, [namespace], never_written(listed_at))

    async def _unlist(self, session_id: bytes, namespaces: Iterable[Mark], reason: Reason) -> None:
        """Take a session off its listings. The name of a namespace whose last session that was goes with it."""
        for namespace in namespaces:
            try:
                await self._unlist_from(namespace, session_id, reason)
            except StoreRefused as error:
                if not reason.tolerates(error):
                    raise
                note_refusals([error])

    async def _unlist_from(self, namespace: Mark, session_id: bytes, reason: Reason) -> None:
        active_since = "" if reason.active_since is None else reason.active_since
        outcome = await self._link.run(UNLIST, [listing(namespace)], [session_id, active_since])
        if outcome and reason.spares_written and await self._link.execute(*_is_written(session_id, namespace)):
            await self.affirm(session_id, namespace)
        elif outcome == LAST:
            await self._namespaces.forget(namespace)

    async def without_ghosts(self, namespace: Mark, ids: Sequence[bytes]) -> list[bytes]:
        """Those of the listed ``ids`` that are sessions of the namespace; stale ghosts among them are taken off."""
        if not ids:
            return []
        written = await self._each([_is_written(one, namespace) for one in ids])
        ghosts = [one for one, there in zip(ids, written, strict=True) if there == 0]
        for ghost in ghosts:
            await self._unlist(ghost, [namespace], idle(now_ms() - GHOST_AGE))
        return [one for one, there in zip(ids, written, strict=True) if there != 0]


def _list(session_id: bytes, namespace: Mark, at: int) -> Command:
    return ("ZADD", listing(namespace), "GT", at, session_id)


def _is_written(session_id: bytes, namespace: Mark) -> Command:
    """Whether the session was ever written to in the namespace."""
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
