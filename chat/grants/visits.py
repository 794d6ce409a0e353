"""Ends visits: a visitor's cookie says who they are until it expires, so Redis remembers which ones were taken back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from itertools import chain

from chat.grants.credentials import Visit, owner_grant, visit_grant
from chat.grants.endings import announcement
from chat.runs.store import Store

#: The field of an owner's hash with the time (s) before which all cookies were taken back.
NOT_BEFORE = "*"


class Visits:
    """Remembers ended visits for ``lifetime`` seconds, as long as a cookie lasts.

    Every method raises `RunLogUnreachable`: Redis did not answer.
    """

    def __init__(self, store: Store, lifetime: int) -> None:
        self._store = store
        self._lifetime = lifetime

    async def is_over(self, visit: Visit) -> bool:
        """Whether the visit was ended, or all of its owner's since its cookie was signed."""
        ended, not_before = await self._store.ask("HMGET", _key(visit.owner), f"visit:{visit.id}", NOT_BEFORE)
        return ended is not None or (not_before is not None and visit.since <= float(not_before))

    async def end(self, visit: Visit) -> None:
        """End the visit, and cookies of earlier versions, which do not name theirs; close its sockets everywhere."""
        fields = {f"visit:{visit_id}": "1" for visit_id in {visit.id, ""}}
        await self._note(visit.owner, fields, [visit_grant(visit.owner, visit_id) for visit_id in {visit.id, ""}])

    async def end_all(self, owner: str) -> None:
        """End every visit of the owner that has begun, and close their sockets everywhere."""
        await self._note(owner, {NOT_BEFORE: str(time.time())}, [owner_grant(owner)])

    async def _note(self, owner: str, fields: Mapping[str, str], grants: list[str]) -> None:
        key = _key(owner)
        await self._store.ask_all(
            ("HSET", key, *chain.from_iterable(fields.items())),
            ("EXPIRE", key, self._lifetime),
            *chain.from_iterable(map(announcement, grants)),
        )


def _key(owner: str) -> str:
    return f"chat:visits:{owner}"
