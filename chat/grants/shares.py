"""Share links: the holder of one can read a session until the link is revoked or the session is deleted.

The secret in a link is not kept, only its digest. Access depends on one hash for each owner, so that a link ends in a
single step, and `Shares.forget_all` ends all of an owner's.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from chat.domain.session_ids import Session, namespace_of
from chat.runs.store import Store

#: The secret in a link: 128 random bits.
SECRET = re.compile(r"[A-Za-z0-9_-]{22}")
#: Digits of a digest by which an owner names one of their links.
ID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Share:
    """A link by its id: the session that it shows, in the life with this ``epoch`` (None: unknown), and since when (s).

    ``owner`` has made it.
    """

    id: str
    owner: str
    memory_id: str
    epoch: str | None
    created: float

    @property
    def session(self) -> Session:
        """The session that it shows."""
        return Session(self.memory_id, namespace_of(self.owner))


class Shares:
    """All share links. Every method raises `RunLogUnreachable`: Redis did not answer."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, owner: str, session: Session, epoch: str | None) -> str:
        """The secret of a new link to the owner's ``session``. It cannot be read again."""
        secret = secrets.token_urlsafe(16)
        digest = _digest(secret)
        share = Share(digest[:ID_LENGTH], owner, session.memory_id, epoch, time.time())
        # The record first: it can be listed and revoked, and nothing leads to it yet.
        await self._store.ask_all(
            ("HSET", _key(owner), digest, json.dumps(asdict(share))), ("SET", _owner_key(digest), owner)
        )
        return secret

    async def find(self, secret: str) -> Share | None:
        """The link with this secret; None if there is no such link any more."""
        if not SECRET.fullmatch(secret):
            return None
        digest = _digest(secret)
        owner = await self._store.ask("GET", _owner_key(digest))
        found = await self._store.ask("HGET", _key(owner.decode()), digest) if owner else None
        if owner and not found:  # the worker that ended the link was killed before removing this, too
            await self._store.ask("DEL", _owner_key(digest))
        return Share(**json.loads(found)) if found else None

    async def list(self, owner: str) -> list[Share]:
        """The owner's links, newest first."""
        found = await self._store.ask("HVALS", _key(owner))
        return sorted((Share(**json.loads(each)) for each in found), key=lambda share: share.created, reverse=True)

    async def revoke(self, owner: str, share_id: str) -> bool:
        """End one of the owner's links. False: they have no such link."""
        return await self._remove(owner, [share for share in await self.list(owner) if share.id == share_id]) > 0

    async def forget(self, session: Session) -> int:
        """End all links to the session; how many there were."""
        if session.owner is None:
            return 0
        links = [share for share in await self.list(session.owner) if share.memory_id == session.memory_id]
        return await self._remove(session.owner, links)

    async def forget_all(self, owner: str) -> int:
        """End all of the owner's links; how many there were. Repeating it is safe."""
        return await self._remove(owner, await self.list(owner))

    async def _remove(self, owner: str, links: Sequence[Share]) -> int:
        """Remove the records, which ends the links in a single step, and then what leads to them."""
        if not links:
            return 0
        digests = {each.decode() for each in await self._store.ask("HKEYS", _key(owner))}
        ended = [digest for digest in digests if digest[:ID_LENGTH] in {share.id for share in links}]
        if ended:
            await self._store.ask_all(("HDEL", _key(owner), *ended), *(("DEL", _owner_key(each)) for each in ended))
        return len(ended)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(owner: str) -> str:
    return f"chat:shares:{owner}"


def _owner_key(digest: str) -> str:
    return f"chat:share:{digest}"
