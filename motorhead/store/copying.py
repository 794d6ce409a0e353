"""A copy of a session that is staged under the tag of its new id, in keys that no reader uses, and then published.

On a cluster, origin and copy are in different slots, so no script sees both. The newest copy to one id replaces any
other under way, so that nobody waits for a process that died. What was staged expires.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

from motorhead.store.keys import Mark, SessionKeys
from motorhead.store.scripts import BEGIN_COPY, COPY, DISCARD_COPY, PUBLISH_COPY
from redis_link.link import Link
from redis_link.scripts import Argument

#: Milliseconds until a staged copy expires, counted from its last part.
EXPIRY = 10_000

#: An entry of a stream: its id, and its fields and values in turn.
Entry = tuple[bytes, Sequence[bytes]]


class Displaced(Exception):
    """The staged copy has expired, was deleted with its id, or has been replaced by another one."""


class Published(Enum):
    """The outcome of publishing a copy: made now, made before, or the id is another session's."""

    DONE = b"done"
    AGAIN = b"again"
    EXISTS = b"exists"


class Copy:
    """A copy of a session under the id ``session_id``. Every method that stages raises `Displaced`."""

    def __init__(self, link: Link, session_id: bytes) -> None:
        self._link = link
        self._keys = SessionKeys(session_id)
        self._name = secrets.token_hex(8)
        self._staged = {2: 0, 3: 0, 4: 0}

    async def begin(self) -> None:
        """Begin, in place of any other copy under way to the same id."""
        await self._link.run(BEGIN_COPY, self._keys.copy, [self._name, EXPIRY])

    async def add_messages(self, entries: Sequence[Entry]) -> None:
        """Stage entries of the stream of messages, oldest first."""
        await self._add(2, [(entry_id, *fields) for entry_id, fields in entries])

    async def add_versions(self, entries: Sequence[Entry]) -> None:
        """Stage entries of the stream of versions, oldest first."""
        await self._add(3, [(entry_id, *fields) for entry_id, fields in entries])

    async def add_gaps(self, numbers: Iterable[int]) -> None:
        """Stage numbers that have no message."""
        await self._add(4, [(number, number) for number in numbers])

    async def publish(self, origin: str, namespace: Mark, state: Mapping[str, Argument]) -> Published:
        """Make the copy a session with the fields of ``state``, unless there is one already. ``origin``: its mark."""
        keys = self._keys
        touched = [keys.state, keys.messages, keys.versions, keys.withdrawn, keys.namespaces, *keys.copy]
        fields = [word for field in state.items() for word in field]
        outcome = await self._link.run(
            PUBLISH_COPY, touched, [self._name, origin, namespace, *self._staged.values(), *fields]
        )
        if outcome == b"lost":
            raise Displaced
        return Published(outcome)

    async def discard(self) -> bool:
        """Delete what was staged and not published; whether there was anything."""
        return bool(await self._link.run(DISCARD_COPY, self._keys.copy, [self._name]))

    async def _add(self, key: int, entries: Sequence[Sequence[Argument]]) -> None:
        if not entries:
            return
        words = [word for entry in entries for word in (len(entry), *entry)]
        if not await self._link.run(COPY, self._keys.copy, [self._name, EXPIRY, key, *words]):
            raise Displaced
        self._staged[key] += len(entries)
