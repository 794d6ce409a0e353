"""The register of tokens, over a real Valkey."""

from __future__ import annotations

import time

import pytest

from chat.domain.exceptions import AccessDenied
from chat.grants.credentials import Ticket, Token
from chat.grants.tokens import Tokens
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
