"""The register of bearer tokens: a token holds as long as its id is in it. The tokens themselves are not kept."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from chat.grants.credentials import token_grant
from chat.grants.endings import announcement
from chat.grants.scopes import Access, scopes_in
from chat.runs.store import Store

#: A hash of all records, by the id of their token.
TOKENS = "chat:tokens"


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A token by its id: whose sessions it opens, what it is for, and when it was issued and expires (s).

    ``scopes`` are what it may be used for (empty: everything), ``origins`` whose pages may use it (empty: all).
    ``is_service``: it opens the sessions of all owners of its tenant, which is its ``owner``.
    """

    id: str
    owner: str
    name: str
    issued: float
    expires: float
    scopes: Sequence[str] = ()
    origins: Sequence[str] = ()
    is_service: bool = False

    @property
    def access(self) -> Access:
        """What it gives access to."""
        return Access(scopes_in(self.scopes), frozenset(self.origins))


class Tokens:
    """The register. Every method raises `RunLogUnreachable`: Redis did not answer."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(
        self,
        owner: str,
        name: str,
        seconds: float,
        *,
        scopes: Iterable[str] = (),
        origins: Iterable[str] = (),
        is_service: bool = False,
    ) -> TokenRecord:
        """Enter a new token, which expires in ``seconds``."""
        now, token_id = time.time(), secrets.token_hex(6)
        record = TokenRecord(token_id, owner, name, now, now + seconds, [*scopes], [*origins], is_service)
        await self._store.ask("HSET", TOKENS, record.id, json.dumps(asdict(record)))
        return record

    async def list(self) -> list[TokenRecord]:
        """The tokens that have not expired, newest first; the others are removed."""
        records = [TokenRecord(**json.loads(each)) for each in await self._store.ask("HVALS", TOKENS)]
        if expired := [record.id for record in records if record.expires <= time.time()]:
            await self._store.ask("HDEL", TOKENS, *expired)
        left = (record for record in records if record.id not in expired)
        return sorted(left, key=lambda record: record.issued, reverse=True)

    async def find(self, token_id: str) -> TokenRecord | None:
        """The record of a token; None if it is not in the register."""
        found = await self._store.ask("HGET", TOKENS, token_id)
        return TokenRecord(**json.loads(found)) if found else None

    async def revoke(self, token_id: str) -> bool:
        """Remove a token, and close its sockets everywhere. False: there is no such token."""
        removed, *_ = await self._store.ask_all(("HDEL", TOKENS, token_id), *announcement(token_grant(token_id)))
        return bool(removed)

    async def revoke_all(self, owner: str) -> int:
        """Revoke all of the owner's tokens; how many there were."""
        revoked = [await self.revoke(record.id) for record in await self.list() if record.owner == owner]
        return sum(revoked)
