"""The register of bearer tokens: a token holds as long as its id is in it. The tokens themselves are not kept."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import asdict, dataclass
from typing import Any

from redis.asyncio import Redis

from chat.grants.credentials import token_grant
from chat.grants.endings import announcement
from chat.runs.log import translated

#: A hash of all records, by the id of their token.
TOKENS = "chat:tokens"


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A token by its id: whose sessions it opens, what it is for, and when it was issued and expires (s)."""

    id: str
    owner: str
    name: str
    issued: float
    expires: float


class Tokens:
    """The register. Every method raises `RunLogUnreachable`: Redis did not answer."""

    def __init__(self, client: Redis) -> None:
        self._redis: Any = client  # its annotations are unions over all of its modes

    async def add(self, owner: str, name: str, seconds: float) -> TokenRecord:
        """Enter a new token, which expires in ``seconds``."""
        now = time.time()
        record = TokenRecord(secrets.token_hex(6), owner, name, now, now + seconds)
        with translated():
            await self._redis.hset(TOKENS, record.id, json.dumps(asdict(record)))
        return record

    async def holds(self, token_id: str) -> bool:
        """Whether the token is in the register."""
        with translated():
            return bool(await self._redis.hexists(TOKENS, token_id))

    async def list(self) -> list[TokenRecord]:
        """The tokens that have not expired, newest first; the others are removed."""
        with translated():
            records = [TokenRecord(**json.loads(each)) for each in await self._redis.hvals(TOKENS)]
            if expired := [record.id for record in records if record.expires <= time.time()]:
                await self._redis.hdel(TOKENS, *expired)
        left = (record for record in records if record.id not in expired)
        return sorted(left, key=lambda record: record.issued, reverse=True)

    async def find(self, token_id: str) -> TokenRecord | None:
        """The record of a token; None if it is not in the register."""
        with translated():
            found = await self._redis.hget(TOKENS, token_id)
        return TokenRecord(**json.loads(found)) if found else None

    async def revoke(self, token_id: str) -> bool:
        """Remove a token, and close its sockets everywhere. False: there is no such token."""
        with translated():
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.hdel(TOKENS, token_id)
                pipe.execute_command(*announcement(token_grant(token_id)))
                removed, _ = await pipe.execute()
        return bool(removed)

    async def revoke_all(self, owner: str) -> int:
        """Revoke all of the owner's tokens; how many there were."""
        revoked = [await self.revoke(record.id) for record in await self.list() if record.owner == owner]
        return sum(revoked)
