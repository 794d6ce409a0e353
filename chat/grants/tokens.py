"""The register of bearer tokens: a token holds as long as its id is in it. The tokens themselves are not kept."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields

from chat.grants.credentials import token_grant
from chat.grants.endings import announcement
from chat.grants.scopes import Access, scopes_in
from chat.runs.limits import TokenLimits
from chat.runs.store import Store

#: A hash of all records, by the id of their token, and one of the limits of those that have some.
TOKENS, LIMITS = "chat:tokens", "chat:tokens:limits"

#: The highest limit of a token.
MOST_PER_MINUTE = 1_000_000


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A token by its id: whose sessions it opens, what it is for, and when it was issued and expires (s).

    ``scopes`` are what it may be used for (empty: everything), ``origins`` whose pages may use it (empty: all).
    ``is_service``: it opens the sessions of all owners of its tenant, which is its ``owner``. It may begin
    ``turns_per_minute`` and make ``calls_per_minute``, for whichever owners (0: no limit).
    """

    id: str
    owner: str
    name: str
    issued: float
    expires: float
    scopes: Sequence[str] = ()
    origins: Sequence[str] = ()
    is_service: bool = False
    turns_per_minute: int = 0
    calls_per_minute: int = 0

    @property
    def limits(self) -> TokenLimits | None:
        """Its own limits, if it has any."""
        limits = TokenLimits(self.id, self.turns_per_minute, self.calls_per_minute)
        return limits if limits.turns or limits.calls else None

    @property
    def access(self) -> Access:
        """What it gives access to."""
        return Access(scopes_in(self.scopes), frozenset(self.origins), self.is_service, self.limits)


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
        turns_per_minute: int = 0,
        calls_per_minute: int = 0,
    ) -> TokenRecord:
        """Enter a new token, which expires in ``seconds``."""
        now, token_id = time.time(), secrets.token_hex(6)
        record = TokenRecord(
            token_id,
            owner,
            name,
            now,
            now + seconds,
            [*scopes],
            [*origins],
            is_service,
            turns_per_minute,
            calls_per_minute,
        )
        written, limits = _written(record)
        if record.limits is not None:  # first, so that the token is never without them
            await self._store.ask("HSET", LIMITS, record.id, limits)
        await self._store.ask("HSET", TOKENS, record.id, written)
        return record

    async def list(self) -> list[TokenRecord]:
        """The tokens that have not expired, newest first; the others are removed."""
        entries, limits = await self._store.ask_all(("HVALS", TOKENS), ("HVALS", LIMITS))
        found = {_id_in(each): each for each in limits}
        records = [_record(each, found.get(_id_in(each))) for each in entries]
        if expired := [record.id for record in records if record.expires <= time.time()]:
            await self._store.ask_all(("HDEL", TOKENS, *expired), ("HDEL", LIMITS, *expired))
        left = (record for record in records if record.id not in expired)
        return sorted(left, key=lambda record: record.issued, reverse=True)

    async def find(self, token_id: str) -> TokenRecord | None:
        """The record of a token; None if it is not in the register."""
        found, limits = await self._store.ask_all(("HGET", TOKENS, token_id), ("HGET", LIMITS, token_id))
        return _record(found, limits) if found else None

    async def revoke(self, token_id: str) -> bool:
        """Remove a token, and close its sockets everywhere. False: there is no such token."""
        ended = announcement(token_grant(token_id))
        removed, *_ = await self._store.ask_all(("HDEL", TOKENS, token_id), *ended, ("HDEL", LIMITS, token_id))
        return bool(removed)

    async def revoke_all(self, owner: str) -> int:
        """Revoke all of the owner's tokens; how many there were."""
        revoked = [await self.revoke(record.id) for record in await self.list() if record.owner == owner]
        return sum(revoked)


def _written(record: TokenRecord) -> tuple[str, str]:
    """The entries of a record and of its limits, which are apart: version 0.1.0 reads no record with further fields."""
    values = asdict(record)
    limits = {"id": record.id} | {name: values.pop(name) for name in ("turns_per_minute", "calls_per_minute")}
    return json.dumps(values), json.dumps(limits)


def _record(written: bytes, limits: bytes | None) -> TokenRecord:
    """The record in its entries. Fields of later versions are left out."""
    known = {field.name for field in fields(TokenRecord)}
    read = json.loads(written) | json.loads(limits or b"{}")
    return TokenRecord(**{name: value for name, value in read.items() if name in known})


def _id_in(written: bytes) -> str:
    token_id: str = json.loads(written)["id"]
    return token_id
