"""Importing a whole session: its messages are staged in a separate stream, then one script turns them into a session.

An interrupted import can therefore be started again, and no reader ever sees half of a session.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import msgspec

from motorhead.messages import NewMessage, open_message, open_version, title_of, weigh
from motorhead.store.keys import IMPORTED, NAMESPACES, UNNAMED, Mark, SessionKeys, listing, mark
from motorhead.store.redis_errors import DAMAGED
from motorhead.store.scripts import IMPORT, STAGE
from motorhead.store.store import new_epoch
from motorhead.tools.imported import Imported
from motorhead.tools.original import OldSession
from redis_link.connection import Command
from redis_link.exceptions import StoreRefused
from redis_link.link import Link
from redis_link.scripts import Argument

#: Messages staged at once, and milliseconds until staged messages expire.
BATCH = 500
EXPIRY = 3600 * 1000


class TakeoverOutcome(Enum):
    """The outcome of a take-over."""

    DONE = b"done"
    CHANGED = b"changed"
    LOST = b"lost"
    SHARED = b"shared"


@dataclass(frozen=True, slots=True)
class LocalSession:
    """A session in our store: the number of its newest message, and the record of its import, if any."""

    last: int
    imported: Imported | None


class Takeover:
    """Imports sessions into one store."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def local_session(self, session_id: bytes) -> LocalSession | None:
        """The session in our store; None if it does not exist.

        Raises `StoreRefused`: it is damaged.
        """
        keys = SessionKeys(session_id)
        fields = await self._link.execute("HMGET", keys.state, "epoch", "last", "imported")
        if fields[0] is None:
            return None
        try:
            return LocalSession(
                int(fields[1] or 0), msgspec.json.decode(fields[2], type=Imported) if fields[2] else None
            )
        except (ValueError, msgspec.DecodeError):
            raise StoreRefused(DAMAGED) from None

    async def remembers(self, session_id: bytes) -> bool:
        """Whether the session was ever imported, even if it has been deleted here since."""
        return bool(await self._link.execute("HEXISTS", IMPORTED, session_id))

    async def take(
        self, session_id: bytes, old: OldSession, messages: Sequence[NewMessage], before: int
    ) -> TakeoverOutcome:
        """Make ``messages`` a new session, or append them after ``before`` messages, unless the session has changed."""
        imported = Imported.of(old, before + len(messages))
        if not await self._lay_ready(session_id, messages, before + 1):
            return TakeoverOutcome.SHARED
        await self._link.pipeline(*_listing_commands(session_id, old))
        outcome = TakeoverOutcome(await self._commit(session_id, old, messages, before, imported))
        if outcome is TakeoverOutcome.DONE:
            await self.remember(session_id, old, imported)
        else:
            await self._link.execute("UNLINK", SessionKeys(session_id).arriving)
        return outcome

    async def remember(self, session_id: bytes, old: OldSession, imported: Imported) -> None:
        """Record the import and list the session again, in case it was unlisted as a ghost before it existed."""
        await self._link.execute("HSET", IMPORTED, session_id, msgspec.json.encode(imported))
        await self._link.pipeline(*_listing_commands(session_id, old))

    async def _lay_ready(self, session_id: bytes, messages: Sequence[NewMessage], first: int) -> bool:
        """Stage the messages; False if another import is staging the same session."""
        key = SessionKeys(session_id).arriving
        await self._link.execute("UNLINK", key)
        for start in range(0, len(messages), BATCH):
            blobs = [open_message(message) for message in messages[start : start + BATCH]]
            if await self._link.run(STAGE, [key], [first + start, EXPIRY, *blobs]) == b"shared":
                return False
        return True

    async def _commit(
        self, session_id: bytes, old: OldSession, messages: Sequence[NewMessage], before: int, imported: Imported
    ) -> bytes:
        keys, summary = SessionKeys(session_id), old.summary
        arguments: list[Argument] = [
            before, new_epoch(), len(messages), title_of(messages), sum(weigh(message.content) for message in messages),
            old.tokens, msgspec.json.encode(imported), "0" if summary is None else "1", summary or "",
            b"" if summary is None else open_version(summary, "import"), *(namespace for namespace, _ in _listed(old)),
        ]  # fmt: skip
        touched = [keys.state, keys.messages, keys.namespaces, keys.versions, keys.arriving]
        outcome: bytes = await self._link.run(IMPORT, touched, arguments)
        return outcome


def _listed(old: OldSession) -> list[tuple[Mark, float]]:
    return old.listed or [(mark(None), 0.0)]


def _listing_commands(session_id: bytes, old: OldSession) -> list[Command]:
    commands: list[Command] = []
    for namespace, seconds in _listed(old):
        commands.append(("ZADD", listing(namespace), "GT", int(seconds * 1000), session_id))
        if namespace != UNNAMED:
            commands.append(("SADD", NAMESPACES, namespace[1:]))
    return commands
