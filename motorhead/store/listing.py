"""Listings of sessions: one sorted set per namespace, by last activity.

A session is listed before its first message is written, so a listing is never incomplete. A ghost is a listed id
whose session does not exist or was never written to in this namespace. Ghosts are left out of every page, and removed
from the listing once they are certainly stale.

On a cluster a listing and a session are in different slots, so no script sees both. Instead, each writer checks the
other side afterwards: a first append lists its session a second time unless it has been deleted, and a removal lists
the session again if it has been written to. The later of two racing writers sees the result of the earlier one. The
names of namespaces are kept in the same way.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from time import time

from motorhead.messages import SessionDetails, read_metadata
from motorhead.store.keys import Mark, SessionKeys, listing
from motorhead.store.namespaces import Namespaces
from motorhead.store.scripts import UNLIST
from motorhead.store.unlisting import DELETED, TO_BE_DELETED, Reason, idle, never_written
from redis_link.connection import Command, Reply
from redis_link.exceptions import StoreRefused
from redis_link.link import Link

logger = logging.getLogger(__name__)

#: Milliseconds without activity before a ghost is removed, because an append under way looks like a ghost.
GHOST_AGE = 60_000
#: The script's reply if the listing is now empty.
LAST = 2
#: The fields of the state that a listing shows.
DETAILS = ("title", "own_title", "last", "created", "updated", "pinned", "metadata", "instructions")
CREATED = DETAILS.index("created")


def now_ms() -> int:
    """Milliseconds since 1970."""
    return int(time() * 1000)


class Listing:
    """The listings of all namespaces."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._namespaces = Namespaces(link)

    def add(self, session_id: bytes, namespace: Mark, at: int | None = None) -> list[Command]:
        """The commands that list a session as active ``at`` (ms; None: now). Send them before it is written to."""
        return [_list(session_id, namespace, now_ms() if at is None else at), *self._namespaces.name(namespace)]

    async def affirm(self, session_id: bytes, namespace: Mark) -> None:
        """List again a session that has just been started in the namespace, in case it was unlisted meanwhile.

        A session deleted meanwhile is taken off, because its deletion may have checked the listing too early.
        """
        listed_at = now_ms()
        commands = [_list(session_id, namespace, listed_at), *self._namespaces.name_again(namespace)]
        *_, written = await self._link.pipeline(*commands, _is_written(session_id, namespace))
        if not written:
            await self._unlist(session_id, [namespace], never_written(listed_at))

    async def page(self, namespace: Mark, page: int, size: int, newest_first: bool) -> list[bytes]:
        """The ids on one page (from 1), without ghosts; oldest activity first unless ``newest_first``."""
        first = (page - 1) * size
        command = "ZREVRANGE" if newest_first else "ZRANGE"
        ids = await self._link.execute(command, listing(namespace), first, first + size - 1)
        return await self.without_ghosts(namespace, ids)

    async def details(self, session_ids: Sequence[bytes]) -> list[SessionDetails]:
        """The details that a list shows of each session; of a damaged session, those that can be read."""
        commands = [("HMGET", SessionKeys(session_id).state, *DETAILS) for session_id in session_ids]
        replies = await self.each(commands)
        return [
            details_of(session_id, reply or ())
            for session_id, reply in zip(session_ids, replies, strict=True)
            if reply is None or reply[CREATED] is not None
        ]

    async def each(self, commands: Sequence[Command]) -> list[Reply]:
        """The reply to each command, None where Redis refuses it, so that a damaged session does not hide others."""
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
        """The sorted names of the namespaces that list a session."""
        return await self._namespaces.names()

    async def marks(self, session_id: bytes) -> set[Mark]:
        """The namespaces in which the session was ever written to; empty if they cannot be read."""
        reply = await self._reply(("SMEMBERS", SessionKeys(session_id).namespaces))
        return set(reply or ())

    async def strike(self, session_id: bytes, namespaces: Iterable[Mark]) -> None:
        """Unlist a session that is about to be deleted. Listings of the wrong kind are passed over."""
        await self._unlist(session_id, namespaces, TO_BE_DELETED)

    async def remove(self, session_id: bytes, namespaces: Sequence[Mark], before: int | None = None) -> None:
        """Unlist a session, unless it exists or was active at ``before`` (ms) or later."""
        await self._unlist(session_id, namespaces, DELETED if before is None else idle(before))

    async def take_back(self, session_id: bytes, namespace: Mark, listed_at: int) -> None:
        """Undo an ``add`` at ``listed_at`` (ms) if its append wrote nothing, unless the session is in the namespace."""
        if not await self._link.execute(*_is_written(session_id, namespace)):
            await self._unlist(session_id, [namespace], never_written(listed_at))

    async def _unlist(self, session_id: bytes, namespaces: Iterable[Mark], reason: Reason) -> None:
        """Unlist a session. A namespace's name is removed with its last session."""
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
        """The listed ``ids`` that are sessions of the namespace; stale ghosts among the others are unlisted."""
        if not ids:
            return []
        written = await self.each([_is_written(one, namespace) for one in ids])
        ghosts = [one for one, there in zip(ids, written, strict=True) if there == 0]
        for ghost in ghosts:
            await self._unlist(ghost, [namespace], idle(now_ms() - GHOST_AGE))
        return [one for one, there in zip(ids, written, strict=True) if there != 0]


def _list(session_id: bytes, namespace: Mark, at: int) -> Command:
    return ("ZADD", listing(namespace), "GT", at, session_id)


def _is_written(session_id: bytes, namespace: Mark) -> Command:
    """The command that says whether the session was ever written to in the namespace."""
    return ("SISMEMBER", SessionKeys(session_id).namespaces, namespace)


def note_refusals(replies: Sequence[Reply]) -> None:
    """Log the refusals among a listing's ``replies``; they do not concern the session itself."""
    for reply in replies:
        if isinstance(reply, StoreRefused):
            logger.error("A listing could not be updated: %s", reply)


def details_of(session_id: bytes, reply: Sequence[bytes | None]) -> SessionDetails:
    """The details in the ``reply`` to an HMGET of ``DETAILS``; of a damaged session it may be empty."""
    fields = dict(zip(DETAILS, reply, strict=False))
    created = fields.get("created")
    return SessionDetails(
        session_id.decode(errors="replace"),
        _text(fields.get("own_title") or fields.get("title")),
        _number(fields.get("last")),
        _number(created),
        _number(fields.get("updated") or created),
        fields.get("pinned") == b"1",
        read_metadata(fields.get("metadata")),
        _text(fields.get("instructions")),
    )


def _text(value: bytes | None) -> str | None:
    return value.decode(errors="replace") if value else None


def _number(value: bytes | None) -> int:
    return int(value) if value and value.isdigit() else 0
