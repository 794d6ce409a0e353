"""Limits on the calls of a token, over a real Valkey."""

from __future__ import annotations

import pytest

from chat.domain.exceptions import TooManyPages
from chat.grants.calls import CallLimiter
from chat.grants.credentials import Ticket, Token
from chat.runs.limits import TokenLimits
from tests.support.grants import grants_in
from tests.support.links import Process


async def test_a_token_has_calls_of_its_own(worker: Process) -> None:
    """On every worker; refused ones do not count, and other tokens have theirs."""
    limiters, token = [CallLimiter(worker.store), CallLimiter(worker.store)], TokenLimits("f00d", calls=2)
    for limiter in limiters:
        await limiter.take(token)
    for _ in range(3):
        with pytest.raises(TooManyPages, match="This token has used its 2 calls") as refused:
            await limiters[0].take(token)
    assert 0 < refused.value.retry_after <= 60
    assert int(await worker.store.ask("GET", "chat:calls-of-token:f00d")) == 2
    await limiters[0].take(TokenLimits("beef", calls=2))


async def test_without_a_limit_nothing_is_counted(worker: Process) -> None:
    """A visit has none, nor has a token that is limited in turns alone."""
    for limits in (None, TokenLimits("f00d", turns=1)):
        await CallLimiter(worker.store).take(limits)
    assert not await worker.store.ask("EXISTS", "chat:calls-of-token:f00d")


async def test_a_refused_call_uses_no_ticket(worker: Process) -> None:
    """The calls of a token and of its tickets count together; the ticket can still be used a minute later."""
    grants = grants_in(worker)
    record = await grants.tokens.add("acme", "", 60, is_service=True, calls_per_minute=1)
    await grants.confirm(Token("acme", record.id))
    ticket = Ticket("acme_bob", record.id, "a digest")
    with pytest.raises(TooManyPages):
        await grants.confirm(ticket)
    await worker.store.ask("DEL", f"chat:calls-of-token:{record.id}")
    assert (await grants.confirm(ticket)).limits == TokenLimits(record.id, calls=1)
