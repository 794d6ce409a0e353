"""What a credential gives access to, over a real Valkey."""

from __future__ import annotations

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
    service = await grants.tokens.add("acme", "", 60, is_service=True)
    assert await grants.confirm(Token("acme", service.id)) == Access(is_service=True)
    assert await grants.confirm(Token("alice")) == await grants.confirm(Visit("alice", "v", 0)) == Access()
