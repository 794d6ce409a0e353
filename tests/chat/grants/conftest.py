"""Fixtures of the tests of grants."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    """A worker's connection to an empty Valkey."""
    async with Redis.from_url(redis_url) as client:
        yield client
