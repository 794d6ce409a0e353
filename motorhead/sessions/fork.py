"""Forking: a new session that begins with the summary and the messages of another one, as of one of its messages.

Messages never change and a fold moves none, so appends and folds do not disturb a fork. It begins again if the
session is deleted meanwhile, one of the messages is withdrawn, or retention removes some.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from motorhead.exceptions import EpochGone, NotFound, SessionBusy, SessionExists
from motorhead.folding.due import DueFolds
from motorhead.messages import StoredVersion, weigh
from motorhead.sessions.append import log_store_errors
from motorhead.sessions.details import NO_SESSION
from motorhead.sessions.origin import Origin, Origins, mark_of
from motorhead.store.copying import Copy, Displaced, Entry, Published
from motorhead.store.keys import Mark, SessionKeys
from motorhead.store.listing import Listing, note_refusals, now_ms
from motorhead.store.store import message_of, new_epoch
from motorhead.upkeep.erasure import Erasure
from redis_link.exceptions import StoreError
from redis_link.link import Link
from redis_link.scripts import Argument

#: How often a fork is tried while the session changes, or others fork to the same id.
TRIES = 5
#: Forks under way in this process; further ones wait.
AT_ONCE = 4
#: Seconds between two looks whether another fork to the same id is done, and the most looks.
REST, LOOKS = 0.05, 300

BUSY = "The session keeps changing, or is being forked to this id elsewhere; nothing was forked. Try again in a moment."
GONE = "The session was deleted since it was loaded; load it again before forking it."
EXISTS = "There is a session of the new id already; fork to another id."


class Fork:
    """Forks sessions. ``index_soon`` is called with the id of each new session."""

    def __init__(
        self,
        link: Link,
        origins: Origins,
        listing: Listing,
        due: DueFolds,
        *,
        erasure: Erasure,
        index_soon: Callable[[bytes], None],
    ) -> None:
        self._link = link
        self._origins = origins
        self._listing = listing
        self._due = due
        self._erasure = erasure
        self._index_soon = index_soon
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def fork(
        self, session_id: bytes, through: int, to: bytes, namespace: Mark | None = None, epoch: str = ""
    ) -> None:
        """Make ``to`` a session with the summary and messages of ``session_id`` as of its message ``through``.

        It is listed in ``namespace`` (None: in the session's own). The same fork again changes nothing.
        Raises `NotFound`: there is no such session; `EpochGone`: ``epoch`` is given and is not the session's.
        Raises `SessionExists`: ``to`` is another session; `NoSuchMessage`, `MessagesRemoved`: it is not possible.
        Raises `SessionBusy`: the session keeps changing, or is being forked to the same id elsewhere.
        """
        async with self._slots:
            for _ in range(TRIES):
                origin = await self._origin(session_id, through, to, epoch)
                if origin is None or await self._make(origin, to, namespace or origin.namespace):
                    return
            raise SessionBusy(BUSY)

    async def _origin(self, session_id: bytes, through: int, to: bytes, epoch: str) -> Origin | None:
        """The session to fork; None if this fork was made already. Raises as `fork`."""
        origin, made = await self._origins.read(session_id, through), await self._made_from(to)
        known = epoch or (origin.state.epoch if origin else "")
        if known and made == mark_of(session_id, known, through):
            return None
        if origin is None:
            raise NotFound(NO_SESSION)
        if known != origin.state.epoch:
            raise EpochGone(GONE)
        if made is not None:
            raise SessionExists(EXISTS)
        return origin

    async def _made_from(self, to: bytes) -> str | None:
        """The mark of the origin of session ``to``, "" if it is no fork; None if there is no such session."""
        epoch, mark = await self._link.execute("HMGET", SessionKeys(to).state, "epoch", "origin")
        return None if epoch is None else (mark or b"").decode(errors="replace")

    async def _make(self, origin: Origin, to: bytes, namespace: Mark) -> bool:
        """Make the fork; False, and no change, if the session has changed or another fork is in the way."""
        version = await self._origins.version(origin)
        copy = Copy(self._link, to)
        try:
            await copy.begin()
            state = await self._stage(copy, origin, version)
            made = await self._publish(copy, origin, to, namespace, state)
        except Displaced:
            await self._wait(to)
            return False
        finally:
            await self._discard(copy)
        if made:
            await self._follow_up(to, namespace, state)
        return made

    async def _stage(self, copy: Copy, origin: Origin, version: StoredVersion | None) -> dict[str, Argument]:
        """Stage the session as of the message; the fields of the new session's state."""
        folded, folded_weight = (int(version.through), version.weight) if version else (0, 0)
        if version is not None:
            async for entries in self._origins.versions(origin, version):
                await copy.add_versions(entries)
        weight, gaps = folded_weight, 0
        async for entries in self._origins.messages(origin):
            await copy.add_messages(entries)
            weight += _weight(entries, folded)
        async for numbers in self._origins.gaps(origin):
            await copy.add_gaps(numbers)
            gaps += sum(number > folded for number in numbers)
        state: dict[str, Argument] = {
            **origin.details, "epoch": new_epoch(), "last": origin.through, "folded": folded,
            "folded_weight": folded_weight, "weight": weight, "gaps": gaps, "kept_from": origin.state.kept_from,
        }  # fmt: skip
        if version is not None:
            state |= {"context": version.context, "context_version": 1, "versions": version.version}
            state |= {"folded_at": version.created_at} if folded else {}
        return state

    async def _publish(
        self, copy: Copy, origin: Origin, to: bytes, namespace: Mark, state: Mapping[str, Argument]
    ) -> bool:
        """List and publish the copy if its origin has not changed; whether a session was made of it.

        It is listed first: to delete what is listed deletes the staged copy, too.
        """
        listed_at, made = now_ms(), False
        note_refusals(await self._link.replies(self._listing.add(to, namespace, listed_at)))
        try:
            if await self._origins.is_unchanged(origin):
                made = await copy.publish(origin.mark, namespace, state) is Published.DONE
        finally:
            if not made:
                with log_store_errors():
                    await self._listing.take_back(to, namespace, listed_at)
        return made

    async def _follow_up(self, to: bytes, namespace: Mark, state: Mapping[str, Any]) -> None:
        """List the new session once more, as after a first append, and schedule what is due in it."""
        with log_store_errors():
            await self._listing.affirm(to, namespace)
        unfolded = state["last"] - state["folded"] - state["gaps"]
        self._due.weigh(to, unfolded, state["weight"] - state["folded_weight"])
        self._index_soon(to)

    async def _discard(self, copy: Copy) -> None:
        """Delete what is left of the copy, also from the disk. If Redis fails, it expires."""
        with suppress(StoreError):
            if await copy.discard():
                await self._erasure.ask()

    async def _wait(self, to: bytes) -> None:
        """Wait until no other copy to the same id is under way."""
        for _ in range(LOOKS):
            if not await self._link.execute("EXISTS", SessionKeys(to).copy[0]):
                return
            await asyncio.sleep(REST)


def _weight(entries: Sequence[Entry], folded: int) -> int:
    """The weight of the messages among ``entries`` that are behind number ``folded``."""
    messages = (message_of(entry) for entry in entries)
    return sum(weigh(message.content) for message in messages if message and message.number > folded)
