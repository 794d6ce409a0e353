"""Waiting for the items of an answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest

from chat.api.waiting import Revoked, Waiting, watched
from chat.domain.exceptions import AccessDenied
from chat.web.tokens import issue_token, read_token
from tests.support.grants import grants_in
from tests.support.links import process


class Source:
    """Yields 1, and 2 after ``go``."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.closed = False

    async def items(self) -> AsyncGenerator[int]:
        try:
            yield 1
            await self.go.wait()
            yield 2
        finally:
            self.closed = True


def never() -> Revoked:
    return asyncio.get_running_loop().create_future()


async def test_no_item_is_lost_in_a_wait_that_ends():
    """It comes with the next one; the end of the source is raised."""
    source = Source()
    waiting = Waiting(source.items(), never())
    assert [await waiting.next(), await waiting.next(0.001)] == [1, None]
    source.go.set()
    assert await waiting.next() == 2
    with pytest.raises(StopAsyncIteration):
        await waiting.next()
    await waiting.aclose()


async def test_closing_closes_the_source():
    """Also in the middle of a wait, and before the first."""
    for waits in (0, 1, 2):
        source = Source()
        waiting = Waiting(source.items(), never())
        for _ in range(waits):
            await waiting.next(0.001)
        await waiting.aclose()
        assert source.closed is (waits > 0)


async def test_who_loses_access_gets_nothing_more():
    """Not even what has come already."""
    source, revoked = Source(), never()
    waiting = Waiting(source.items(), revoked)
    assert await waiting.next() == 1
    asyncio.get_running_loop().call_soon(revoked.set_result, AccessDenied("revoked_token"))
    with pytest.raises(AccessDenied):
        await waiting.next()
    await waiting.aclose()
    assert source.closed


async def test_a_revocation_is_heard(redis_url: str):
    """Until the watch ends, and then no more."""
    async with process(redis_url) as worker:
        grants = grants_in(worker)
        record = await grants.tokens.add("alice", "", 60)
        token = read_token(issue_token("alice", timedelta(hours=1), record.id))
        with watched(token, grants) as revoked:
            await grants.tokens.revoke(record.id)
            assert (await revoked).reason == "revoked_token"
        assert len(grants.endings) == 0
        await grants.endings.aclose()
