"""Reading the versions of a session's summary, and their cost."""

from __future__ import annotations

import msgspec

from motorhead.messages import Spent, StoredVersion, Version, read_version
from motorhead.store.keys import SessionKeys
from redis_link.link import Link

#: Versions read at once in search of one.
PAGE = 10


class Versions:
    """Reads versions. ``prices``: of a million prompt tokens and of a million completion tokens."""

    def __init__(self, link: Link, prices: tuple[float, float] | None) -> None:
        self._link = link
        self._prices = prices

    async def page(self, session_id: bytes, before: int | None, limit: int) -> list[Version]:
        """Up to ``limit`` versions older than ``before`` (None: the newest), newest first, without damaged ones."""
        stored = await self._stored(session_id, before, limit)
        return [msgspec.convert(version, Version, from_attributes=True) for version in stored]

    async def version(self, session_id: bytes, number: int) -> StoredVersion | None:
        """Version ``number``; None if there is no such version or it is damaged."""
        found = await self._stored(session_id, number + 1, 1)
        return found[0] if found and found[0].version == number else None

    async def at(self, session_id: bytes, number: int) -> StoredVersion | None:
        """The newest version that covers no message after ``number``; None: there was no summary."""
        key, end = SessionKeys(session_id).versions, b"+"
        while entries := await self._link.execute("XREVRANGE", key, end, "-", "COUNT", PAGE):
            for entry in entries:
                version = read_version(entry[1][1])
                if version and int(version.through) <= number:
                    return version
            end = b"(" + entries[-1][0]
        return None

    async def _stored(self, session_id: bytes, before: int | None, limit: int) -> list[StoredVersion]:
        if before is not None and before <= 1:
            return []
        start = "+" if before is None else before - 1
        key = SessionKeys(session_id).versions
        reply = await self._link.execute("XREVRANGE", key, start, "-", "COUNT", limit)
        return [version for entry in reply if (version := read_version(entry[1][1]))]

    async def spent(self, session_id: bytes) -> Spent:
        """The tokens that the session's summaries have taken so far, and their cost."""
        reply = await self._link.execute("HMGET", SessionKeys(session_id).state, "prompt_tokens", "completion_tokens")
        prompt, completion = (_count(count) for count in reply)
        if self._prices is None:
            return Spent(prompt, completion, None)
        cost = (prompt * self._prices[0] + completion * self._prices[1]) / 1_000_000
        return Spent(prompt, completion, round(cost, 6))


def _count(value: bytes | None) -> int:
    """A count of tokens; 0 if it is missing or damaged."""
    return int(value) if value and value.isdigit() else 0
