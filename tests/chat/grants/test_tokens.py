"""The register of tokens, over a real Valkey."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from chat.domain.exceptions import AccessDenied
from chat.grants.credentials import Ticket, Token
from chat.grants.scopes import Access
from chat.grants.tokens import LIMITS, TOKENS, TokenRecord, Tokens
from chat.runs.limits import TokenLimits
from chat.runs.store import Store
from tests.support.grants import grants_in
from tests.support.links import Process


async def test_a_token_holds_until_it_is_revoked(store: Store) -> None:
    """In every worker; other tokens of the same owner go on."""
    here, there = Tokens(store), Tokens(store)
    first, second = await here.add("alice", "a shop", 60), await there.add("alice", "", 60)
    assert await there.find(first.id) is not None
    assert await here.revoke(first.id)
    assert [await there.find(record.id) is not None for record in (first, second)] == [False, True]
    assert not await here.revoke(first.id)


async def test_tokens_are_listed_newest_first(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """With owner, name and times, until they expire."""
    tokens, now = Tokens(store), time.time()
    long = await tokens.add("alice", "a shop", 3600)
    monkeypatch.setattr(time, "time", lambda: now + 10)
    short = await tokens.add("bob", "", 60)
    assert await tokens.list() == [short, long]
    assert (long.owner, long.name, round(long.expires - long.issued)) == ("alice", "a shop", 3600)
    monkeypatch.setattr(time, "time", lambda: now + 100)
    assert await tokens.list() == [long]
    assert await tokens.find(short.id) is None


async def test_a_token_has_limits_of_its_own(store: Store) -> None:
    """They are kept apart from the record, which version 0.1.0 can read, and go with it."""
    tokens = Tokens(store)
    record = await tokens.add("acme", "", 60, turns_per_minute=3, calls_per_minute=9)
    free = await tokens.add("bob", "", 60)
    assert await tokens.find(record.id) == record
    assert await tokens.list() == [free, record]
    assert (record.limits, free.limits) == (TokenLimits(record.id, turns=3, calls=9), None)
    written = json.loads(await store.ask("HGET", TOKENS, record.id))
    assert set(written) == {"id", "owner", "name", "issued", "expires", "scopes", "origins", "is_service"}
    await tokens.revoke(record.id)
    assert not await store.ask("HLEN", LIMITS)


async def test_records_of_other_versions_are_read(store: Store) -> None:
    """What an earlier one does not have is missing, and what a later one adds is left out."""
    old: dict[str, Any] = {"id": "f00d", "owner": "bob", "name": "", "issued": 1.0, "expires": time.time() + 60}
    await store.ask("HSET", TOKENS, "f00d", json.dumps(old | {"colour": "red"}))
    found = await Tokens(store).find("f00d")
    assert found == TokenRecord(**old)
    assert found.access == Access()
    assert await Tokens(store).list() == [found]


async def test_the_limits_of_an_expired_token_go_with_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the list is read."""
    tokens, now = Tokens(store), time.time()
    await tokens.add("alice", "", 60, calls_per_minute=9)
    monkeypatch.setattr(time, "time", lambda: now + 100)
    assert await tokens.list() == []
    assert not await store.ask("HLEN", LIMITS)


async def test_a_revoked_token_gives_no_access(worker: Process) -> None:
    """Neither do its tickets. A token of an earlier version has no id, and cannot be revoked."""
    grants = grants_in(worker)
    record = await grants.tokens.add("alice", "", 60)
    token, ticket = Token("alice", record.id), Ticket("alice", record.id, "a digest")
    await grants.confirm(token)
    await grants.tokens.revoke(record.id)
    for credential in (token, ticket):
        with pytest.raises(AccessDenied, match="revoked"):
            await grants.confirm(credential)
    await grants.confirm(Token("alice"))


async def test_all_tokens_of_an_owner_are_revoked(store: Store) -> None:
    """Other owners' tokens still hold."""
    tokens = Tokens(store)
    mine, hers = [await tokens.add("bob", "", 60) for _ in range(2)], await tokens.add("eve", "", 60)
    assert [await tokens.revoke_all("bob"), await tokens.revoke_all("bob")] == [2, 0]
    assert [await tokens.find(record.id) is not None for record in (*mine, hers)] == [False, False, True]
