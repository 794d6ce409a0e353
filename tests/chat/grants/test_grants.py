"""What a credential gives access to, over a real Valkey."""

from __future__ import annotations

import pytest

from chat.domain.exceptions import AccessDenied, InvalidRequest
from chat.grants.credentials import Ticket, Token, Visit
from chat.grants.scopes import Access, Scope
from tests.support.grants import grants_in
from tests.support.links import Process


async def test_a_token_and_its_tickets_have_its_scopes_and_origins(worker: Process) -> None:
    """A visit, and a token of an earlier version, have all."""
    grants = grants_in(worker)
    record = await grants.tokens.add("alice", "", 60, scopes=["read"], origins=["https://app.example"])
    limited = Access(frozenset({Scope.READ}), frozenset({"https://app.example"}))
    assert await grants.confirm(Token("alice", record.id)) == limited
    assert await grants.confirm(Ticket("alice", record.id, "a digest")) == limited
    assert await grants.confirm(Token("alice")) == await grants.confirm(Visit("alice", "v", 0)) == Access()


async def test_a_service_buys_tickets_for_the_owners_of_its_tenant(worker: Process) -> None:
    """And for no other owner: the tenant is part of their names."""
    grants = grants_in(worker)
    record = await grants.tokens.add("acme", "", 60, is_service=True)
    service = Token("acme", record.id)
    assert await grants.owner_of_ticket(service, "user-42") == "acme_user-42"
    assert await grants.owner_of_ticket(service, None) == "acme"
    for malformed in ("", "a.b", "x" * 60):
        with pytest.raises(InvalidRequest, match="1 to 59 letters"):
            await grants.owner_of_ticket(service, malformed)


async def test_other_tokens_buy_tickets_for_their_own_owner_alone(worker: Process) -> None:
    """One of an earlier version, too."""
    grants = grants_in(worker)
    record = await grants.tokens.add("alice", "", 60)
    for token in (Token("alice", record.id), Token("alice")):
        assert await grants.owner_of_ticket(token, None) == "alice"
        with pytest.raises(AccessDenied, match="token of a service"):
            await grants.owner_of_ticket(token, "bob")
