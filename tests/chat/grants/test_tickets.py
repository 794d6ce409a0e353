"""Used tickets, over a real Valkey."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from chat.domain.exceptions import AccessDenied
from chat.grants.credentials import Ticket
from chat.grants.tickets import Tickets
from chat.runs.store import Store
from tests.support.grants import grants_in
from tests.support.links import Process


async def test_a_ticket_is_used_once_in_all_workers(store: Store, client: Redis) -> None:
    """Others are not affected, and it is forgotten when it has expired anyway."""
    here, there = Tickets(store, 60), Tickets(store, 60)
    assert await here.use("a")
    assert not await there.use("a")
    assert await there.use("b")
    assert 0 < await client.ttl("chat:ticket:a") <= 60


async def test_a_used_ticket_gives_no_access(worker: Process) -> None:
    """The sentence says what to do."""
    grants, ticket = grants_in(worker), Ticket("alice", "", "a digest")
    await grants.confirm(ticket)
    with pytest.raises(AccessDenied, match="Ask for a new one") as denied:
        await grants.confirm(ticket)
    assert denied.value.close_code == 4401
