"""``python -m motorhead fsck``: checks everything in Redis for damage and repairs what it can.

It reads every message. It is safe beside running servers: every change is one script, which checks before it writes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from motorhead.store.keys import NAMESPACES, UNNAMED, Mark, SessionKeys, listing, session_of
from motorhead.store.listing import GHOST_AGE, Listing, now_ms
from motorhead.tools.inspector import Inspector
from redis_link.exceptions import StoreRefused
from redis_link.link import Link


@dataclass
class Findings:
    """The findings, as sentences; ``left`` counts those not mended."""

    sentences: list[str] = field(default_factory=list)
    sessions: int = 0
    left: int = 0

    def add(self, sentence: str, *, mended: bool) -> None:
        """Add one finding."""
        self.sentences.append(f"{sentence} ({'mended' if mended else 'not mended'})")
        self.left += not mended


class Fsck:
    """One check of the store; with ``mend`` it also repairs what it can."""

    def __init__(self, link: Link, listing: Listing, *, mend: bool) -> None:
        self._link = link
        self._listing = listing
        self._mend = mend
        self._findings = Findings()

    async def run(self) -> Findings:
        """Check everything; the findings."""
        found = {session_of(key) async for key in self._link.scan("mh:{*")}
        for session_id in sorted(name for name in found if name is not None):
            try:
                await self._session(session_id, SessionKeys(session_id))
            except StoreRefused as error:
                self._add(session_id, f"it cannot be checked: {error}", mendable=False)
        names = await self._link.execute("SMEMBERS", NAMESPACES) if await self._is(NAMESPACES, "set") else []
        for namespace in [UNNAMED, *(b"=" + name for name in names)]:
            if await self._is(listing(namespace), "zset"):
                await self._ghosts(namespace)
            await self._empty(namespace)
        return self._findings

    async def _is(self, key: bytes, kind: str) -> bool:
        """Whether a key outside of any session exists and is of the expected type; add a finding for another type."""
        found = (await self._link.execute("TYPE", key)).decode()
        if found not in {kind, "none"}:
            self._findings.add(f"Key {_shown(key)}: it is a {found}, not a {kind}", mended=False)
        return bool(found == kind)

    async def _session(self, session_id: bytes, keys: SessionKeys) -> None:
        """Check a session, and that each of its namespaces lists it."""
        for damage in await Inspector(self._link, keys, mend=self._mend).look():
            self._add(session_id, damage.what, mendable=damage.mendable)
        self._findings.sessions += await self._link.execute("EXISTS", keys.state)
        if await self._link.execute("TYPE", keys.namespaces) != b"set":
            return
        for namespace in await self._link.execute("SMEMBERS", keys.namespaces):
            if await self._link.execute("ZSCORE", listing(namespace), session_id) is None:
                self._add(session_id, "it is not listed")
                if self._mend:
                    await self._link.pipeline(*self._listing.add(session_id, namespace))

    async def _ghosts(self, namespace: Mark) -> None:
        """Check that listed sessions exist."""
        offset, stale = 0, now_ms() - GHOST_AGE
        while rows := await self._link.execute("ZRANGE", listing(namespace), offset, offset + 499, "WITHSCORES"):
            ids, scores = rows[::2], rows[1::2]
            offset += len(ids)
            there = await self._link.gather(*(("EXISTS", SessionKeys(one).state) for one in ids))
            for session_id, score, exists in zip(ids, scores, there, strict=True):
                if not exists and float(score) < stale:  # a more recent one may be an append under way
                    self._add(session_id, "it is listed, but does not exist")
                    if self._mend:
                        await self._listing.remove(session_id, [namespace], stale)
                        offset -= 1

    async def _empty(self, namespace: Mark) -> None:
        """Check that a named namespace lists a session."""
        name = namespace[1:]
        if namespace != UNNAMED and not await self._link.execute("EXISTS", listing(namespace)):
            self._findings.add(f"Namespace {_shown(name)}: it lists no session", mended=self._mend)
            if self._mend:
                await self._link.execute("SREM", NAMESPACES, name)

    def _add(self, session_id: bytes, what: str, *, mendable: bool = True) -> None:
        self._findings.add(f"Session {_shown(session_id)}: {what}", mended=self._mend and mendable)


def _shown(name: bytes) -> str:
    return repr(name.decode(errors="backslashreplace"))
