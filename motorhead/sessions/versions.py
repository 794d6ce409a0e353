"""The versions of a session's summary: reading them, what they cost, and going back to one."""

from __future__ import annotations

import msgspec

from motorhead.exceptions import Conflict, NotFound
from motorhead.messages import StoredVersion, Version, open_version, read_version
from motorhead.store.keys import SessionKeys
from motorhead.store.scripts import RESTORE
from motorhead.store.store import Store
from redis_link.link import Link

#: How often going back is tried when the session changes in between.
TRIES = 5


class Spent(msgspec.Struct):
    """What a session's summaries took: tokens, and their price if prices are configured."""

    prompt_tokens: int
    completion_tokens: int
    cost: float | None


class Versions:
    """Reads and restores versions. ``prices``: of a million prompt and completion tokens."""

    def __init__(self, link: Link, store: Store, prices: tuple[float, float] | None) -> None:
        self._link = link
        self._store = store
        self._prices = prices

    async def page(self, session_id: bytes, before: int | None, limit: int) -> list[Version]:
        """Up to ``limit`` versions older than version ``before`` (None: the newest), newest first, no damaged one."""
        stored = await self._stored(session_id, before, limit)
        return [msgspec.convert(version, Version, from_attributes=True) for version in stored]

    async def _stored(self, session_id: bytes, before: int | None, limit: int) -> list[StoredVersion]:
        if before is not None and before <= 1:
            return []
        start = "+" if before is None else before - 1
        key = SessionKeys(session_id).versions
        reply = await self._link.execute("XREVRANGE", key, start, "-", "COUNT", limit)
        return [version for entry in reply if (version := read_version(entry[1][1]))]

    async def spent(self, session_id: bytes) -> Spent:
        """What the session's summaries have taken so far."""
        reply = await self._link.execute("HMGET", SessionKeys(session_id).state, "prompt_tokens", "completion_tokens")
        prompt, completion = (_count(count) for count in reply)
        if self._prices is None:
            return Spent(prompt, completion, None)
        cost = (prompt * self._prices[0] + completion * self._prices[1]) / 1_000_000
        return Spent(prompt, completion, round(cost, 6))

    async def restore(self, session_id: bytes, number: int) -> None:
        """Make version ``number`` the summary again; what was said after it is in the window again.

        NotFound: there is no such version. Conflict: messages it does not tell were dropped, or the session
        keeps changing.
        """
        for _ in range(TRIES):
            # First the state: were the session deleted after it, its epoch would keep the old version out.
            state = await self._store.state(session_id)
            found = await self._stored(session_id, number + 1, 1)
            version = found[0] if found else None
            if version is None or version.version != number or state is None:
                raise NotFound(f"The session has no version {number} of its summary.")
            arguments = (
                state.epoch, state.context_version, version.through, version.weight, version.context,
                open_version(version.context, "restore"),
            )  # fmt: skip
            keys = SessionKeys(session_id)
            done = await self._link.run(RESTORE, [keys.state, keys.versions], arguments)
            if done > 0:
                return
            if done < 0:
                raise Conflict("Messages that this version does not tell were dropped for their age.")
        raise Conflict("The session keeps changing; nothing was restored. Ask again in a moment.")


def _count(value: bytes | None) -> int:
    """A count of tokens; a damaged one is as good as none."""
    return int(value) if value and value.isdigit() else 0
