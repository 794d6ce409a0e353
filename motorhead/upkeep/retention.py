"""Retention: dropping what is older than the settings allow, a bounded number at a time.

Only folded messages are dropped, so the summary always covers them; the window's ``dropped`` is their number. The
versions of the summary that end before the last dropped message go, too: they could not be restored any more.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from motorhead.messages import read_version
from motorhead.metrics import Metrics
from motorhead.store.keys import CHUNK, UNNAMED, Mark, SessionKeys, listing
from motorhead.store.listing import Listing, now_ms
from motorhead.store.namespaces import Namespaces
from motorhead.store.scripts import DELETE, DROP_VERSIONS, TRIM
from motorhead.store.state import State
from motorhead.store.store import Store
from motorhead.upkeep.erasure import Erasure
from redis_link.link import Link

logger = logging.getLogger(__name__)

#: Most messages of a session that one pass drops, versions read at once, and most sessions of a namespace that a pass
#: checks.
MESSAGES_A_PASS = 500
VERSIONS_A_PAGE = 20
SESSIONS_A_PASS = 100


class Retention:
    """Drops folded messages and idle sessions older than the given seconds (0: keep them forever)."""

    def __init__(
        self,
        link: Link,
        store: Store,
        listing: Listing,
        erasure: Erasure,
        metrics: Metrics,
        *,
        folded_messages: float,
        idle_sessions: float,
    ) -> None:
        self._folded_messages = folded_messages
        self._idle_sessions = idle_sessions
        self._link = link
        self._store = store
        self._listing = listing
        self._metrics = metrics
        self._erasure = erasure
        #: By namespace: how many of the longest idle were checked and kept, as they are active in another one.
        self._kept: dict[Mark, int] = {}

    async def look(self, session_id: bytes, state: State) -> None:
        """Drop the session's folded messages that are too old, and what covers only them. Called by a sweep."""
        if not self._folded_messages:
            return
        kept_from = await self._drop_messages(session_id, state)
        if kept_from > 1:  # even if no messages were dropped now: the pass that dropped them may have been interrupted
            await self._drop_versions(session_id, state.epoch, kept_from)

    async def drop_idle_sessions(self) -> None:
        """Delete sessions that have not been written to for too long."""
        if not self._idle_sessions:
            return
        cutoff = int(now_ms() - self._idle_sessions * 1000)
        await self._drop_idle_of([UNNAMED], cutoff)
        async for namespaces in Namespaces(self._link).pages():
            await self._drop_idle_of(namespaces, cutoff)

    async def _drop_idle_of(self, namespaces: Sequence[Mark], cutoff: int) -> None:
        """One pass over the next sessions of each of the namespaces; after the last one, it starts again."""
        limits = [("LIMIT", self._kept.get(each, 0), SESSIONS_A_PASS) for each in namespaces]
        commands = [
            ("ZRANGEBYSCORE", listing(each), "-inf", f"({cutoff}", *limit)
            for each, limit in zip(namespaces, limits, strict=True)
        ]
        for namespace, ids in zip(namespaces, await self._link.gather(*commands), strict=True):
            await self._drop_idle(namespace, ids, cutoff)

    async def _drop_idle(self, namespace: Mark, ids: Sequence[bytes], cutoff: int) -> None:
        kept = self._kept.pop(namespace, 0)
        for session_id in await self._listing.without_ghosts(namespace, ids):
            kept += not await self._drop(session_id, cutoff)
        if kept and len(ids) == SESSIONS_A_PASS:
            self._kept[namespace] = kept

    async def _drop_messages(self, session_id: bytes, state: State) -> int:
        """Drop folded messages that are too old; the number of the first message that is kept."""
        if state.folded < state.kept_from:
            return state.kept_from
        cutoff = now_ms() - self._folded_messages * 1000
        oldest = await self._store.messages(session_id, state.kept_from, state.folded, MESSAGES_A_PASS)
        old = [message.number for message in oldest if message.created_at < cutoff]
        if old and await self._trim(session_id, state, max(old) + 1):
            return max(old) + 1
        return state.kept_from

    async def _trim(self, session_id: bytes, state: State, keep_from: int) -> int:
        keys = SessionKeys(session_id)
        touched = [keys.state, keys.messages, keys.vectors, keys.withdrawn]
        dropped: int = await self._link.run(TRIM, touched, [state.epoch, keep_from, CHUNK])
        self._metrics.dropped_messages.add(dropped)
        if dropped:
            await self._erasure.ask()
        return dropped

    async def _drop_versions(self, session_id: bytes, epoch: str, kept_from: int) -> None:
        """Drop the versions that lack messages between their end and ``kept_from``.

        Read from the oldest on, until a page has none of them. A damaged version is left to fsck.
        """
        keys, start = SessionKeys(session_id), b"-"
        while page := await self._link.execute("XRANGE", keys.versions, start, "+", "COUNT", VERSIONS_A_PAGE):
            versions = (read_version(entry[1][1]) for entry in page)
            old = [version.version for version in versions if version and int(version.through) < kept_from - 1]
            if not old:
                return
            dropped = await self._link.run(DROP_VERSIONS, [keys.state, keys.versions], [epoch, *old])
            self._metrics.dropped_versions.add(dropped)
            await self._erasure.ask()
            start = b"(" + page[-1][0]

    async def _drop(self, session_id: bytes, cutoff: int) -> bool:
        """Delete the session unless it has been active since ``cutoff`` (ms); returns whether it is gone."""
        namespaces = await self._link.run(DELETE, SessionKeys(session_id).all, [cutoff])
        if namespaces is None:
            return False
        await self._listing.remove(session_id, namespaces, cutoff)
        if namespaces:
            self._metrics.dropped_sessions.add(1)
            await self._erasure.ask()
        return True
