"""Looking over one session for damage, and mending it. What cannot be read is set aside, and none of its bytes lost.

First the kinds of its keys, then every entry of its streams, then its texts and counts. Each change is one script,
which does nothing if the session is another one by then.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from motorhead.messages import read_version
from motorhead.recall.vectors import CHUNK
from motorhead.store.keys import SessionKeys
from motorhead.store.scripts import INSPECT, KINDS, SET_ASIDE, SET_TEXT
from motorhead.store.store import message_of, new_epoch
from redis_link.link import Link
from redis_link.scripts import Argument

#: Entries read at once.
PAGE = 100
#: What kind each of a session's keys is, in their order.
KINDS_OF_KEYS = (
    "hash", "stream", "set", "hash", "list", "stream", "hash", "string", "string", "string", "stream",
    "hash",
)  # fmt: skip
TEXTS = ("epoch", "context", "reason", "namespace", "title", "vector_model")


@dataclass(frozen=True, slots=True)
class Damage:
    """Something that is not as it should be; whether it can be mended."""

    what: str
    mendable: bool


class Inspector:
    """Looks over sessions. With ``mend`` it sets right what can be set right."""

    def __init__(self, link: Link, *, mend: bool) -> None:
        self._link = link
        self._mend = mend

    async def look(self, session_id: bytes) -> list[Damage]:
        """What is damaged in the session, whether or not it could be mended. StoreRefused: it cannot be looked at."""
        keys = SessionKeys(session_id)
        found = await self._kinds(keys)
        if found and not self._mend:
            return found
        epoch = await self._link.execute("HGET", keys.state, "epoch") or b""
        newest, unreadable = await self._stream(keys, epoch, "messages", keys.messages, message_of)
        found += unreadable
        found += (await self._stream(keys, epoch, "versions", keys.versions, _version_of))[1]
        found += await self._counts(keys, epoch, newest)
        return found + await self._texts(keys)

    async def _kinds(self, keys: SessionKeys) -> list[Damage]:
        found = await self._link.run(KINDS, keys.all, [self._flag, *KINDS_OF_KEYS])
        return [Damage(what.decode(), mendable=True) for what in found]

    async def _stream(
        self, keys: SessionKeys, epoch: bytes, name: str, key: bytes, read: Callable[[Any], object]
    ) -> tuple[int, list[Damage]]:
        """The number of the newest entry of a stream that can be read, and what cannot be."""
        newest, found = 0, []
        async for entry in self._entries(key):
            if read(entry):
                newest = int(entry[0].partition(b"-")[0])
                continue
            found.append(Damage(f"entry {entry[0].decode()} of its {name} cannot be read", mendable=True))
            if self._mend:
                await self._link.run(SET_ASIDE, [keys.state, key, keys.damaged], [epoch, name, entry[0]])
        return newest, found

    async def _entries(self, key: bytes) -> AsyncIterator[Any]:
        start = b"-"
        while page := await self._link.execute("XRANGE", key, start, "+", "COUNT", PAGE):
            for entry in page:
                yield entry
            start = b"(" + page[-1][0]

    async def _counts(self, keys: SessionKeys, epoch: bytes, newest: int) -> list[Damage]:
        arguments: list[Argument] = [self._flag, epoch, newest, new_epoch(), CHUNK]
        found = await self._link.run(INSPECT, [*keys.all, keys.room], arguments)
        return [Damage(what.decode(), mendable=bool(mendable)) for what, mendable in found]

    async def _texts(self, keys: SessionKeys) -> list[Damage]:
        """The texts of the state that are no UTF-8; mended, they keep what of them is."""
        found = []
        for field, text in zip(TEXTS, await self._link.execute("HMGET", keys.state, *TEXTS), strict=True):
            readable = (text or b"").decode(errors="replace").encode()
            if text is not None and readable != text:
                found.append(Damage(f"its {field} is no UTF-8", mendable=True))
                if self._mend:
                    await self._link.run(SET_TEXT, [keys.state, keys.damaged], [field, text, readable])
        return found

    @property
    def _flag(self) -> str:
        return "1" if self._mend else "0"


def _version_of(entry: Any) -> object:
    version = read_version(entry[1][1])
    return version is not None and entry[0] == b"%d-0" % version.version
