"""``python -m motorhead fsck``: looks over everything in Redis for damage and mends what can be mended.

Safe beside running servers: every change is one script, which looks before it writes. It reads every message.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from motorhead.store.keys import NAMESPACES, UNNAMED, Mark, SessionKeys, listing, session_of
from motorhead.store.listing import GHOST_AGE, Listing, now_ms
from motorhead.tools.inspector import Inspector
from redis_link.exceptions import StoreRefused
from redis_link.link import Link


@dataclass
class Findings:
    """What was found, as sentences; ``left`` counts what was not mended."""

    sentences: list[str] = field(default_factory=list)
    sessions: int = 0
    left: int = 0

    def add(self, sentence: str, *, mended: bool) -> None:
        """Note one finding."""
        self.sentences.append(f"{sentence} ({'mended' if mended else 'not mended'})")
        self.left += not mended


class Fsck:
    """One examination. With ``mend`` it changes what it can set right."""

    def __init__(self, link: Link, *, mend: bool) -> None:
        self._link = link
        self._listing = Listing(link)
        self._inspector = Inspector(link, mend=mend)
        self._mend = mend
        self._findings = Findings()

    async def run(self) -> Findings:
        """Everything that was found."""
        async for session_id in self._sessions():
            with self._told(f"Session {_shown(session_id)}"):
                await self._session(session_id)
        names = await self._link.execute("SMEMBERS", NAMESPACES) if await self._is(NAMESPACES, "set") else []
        for namespace in [UNNAMED, *(b"=" + name for name in names)]:
            if await self._is(listing(namespace), "zset"):
                await self._ghosts(namespace)
            await self._empty(namespace)
        return self._findings

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """What Redis refuses within the block becomes a finding; the examination goes on."""
        try:
            yield
        except StoreRefused as error:
            self._findings.add(f"{what} cannot be examined: {error}", mended=False)

    async def _is(self, key: bytes, kind: str) -> bool:
        """Whether a key of no single session is there and of the kind that belongs there."""
        found = (await self._link.execute("TYPE", key)).decode()
        if found not in {kind, "none"}:
            self._findings.add(f"Key {_shown(key)}: it is a {found}, not a {kind}", mended=False)
        return bool(found == kind)

    async def _sessions(self) -> AsyncIterator[bytes]:
        """The ids of all sessions that any key belongs to."""
        seen: set[bytes] = set()
        async for key in self._link.scan("mh:{*"):
            session_id = session_of(key)
            if session_id is not None and session_id not in seen:
                seen.add(session_id)
                yield session_id

    async def _session(self, session_id: bytes) -> None:
        keys = SessionKeys(session_id)
        for damage in await self._inspector.look(session_id):
            self._add(session_id, damage.what, mendable=damage.mendable)
        if await self._link.execute("EXISTS", keys.state):
            self._findings.sessions += 1
        if await self._link.execute("TYPE", keys.namespaces) == b"set":
            await self._listed(session_id, keys)

    async def _listed(self, session_id: bytes, keys: SessionKeys) -> None:
        """Each namespace that the session was used in lists it."""
        for namespace in await self._link.execute("SMEMBERS", keys.namespaces):
            if await self._link.execute("ZSCORE", listing(namespace), session_id) is None:
                self._add(session_id, "it is not listed")
                if self._mend:
                    await self._link.pipeline(*self._listing.add(session_id, namespace))

    async def _ghosts(self, namespace: Mark) -> None:
        """What is listed is there."""
        offset, stale = 0, now_ms() - GHOST_AGE
        while ids := await self._link.execute("ZRANGE", listing(namespace), offset, offset + 499):
            offset += len(ids)
            there = await self._link.gather(*(("EXISTS", SessionKeys(one).state) for one in ids))
            for session_id in [one for one, exists in zip(ids, there, strict=True) if not exists]:
                score = float(await self._link.execute("ZSCORE", listing(namespace), session_id) or 0)
                if score < stale:  # a younger one may be an append under way
                    self._add(session_id, "it is listed, but there is no such session")
                    if self._mend:
                        await self._listing.remove(session_id, [namespace], stale)
                        offset -= 1

    async def _empty(self, namespace: Mark) -> None:
        """A namespace that is named lists something."""
        name = namespace[1:]
        if namespace != UNNAMED and not await self._link.execute("EXISTS", listing(namespace)):
            self._findings.add(f"Namespace {_shown(name)}: it lists no session", mended=self._mend)
            if self._mend:
                await self._link.execute("SREM", NAMESPACES, name)

    def _add(self, session_id: bytes, what: str, *, mendable: bool = True) -> None:
        self._findings.add(f"Session {_shown(session_id)}: {what}", mended=self._mend and mendable)


def _shown(name: bytes) -> str:
    return repr(name.decode(errors="backslashreplace"))
