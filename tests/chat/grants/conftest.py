"""Fixtures of the tests of grants."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from chat.runs.store import Store
from tests.support.links import Process, process


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    """A look at what is in Redis."""
    async with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
async def worker(redis_url: str) -> AsyncIterator[Process]:
    """A worker's connection to an empty Valkey."""
    async with process(redis_url) as worker:
        yield worker


@pytest.fixture
def store(worker: Process) -> Store:
    """What a worker's parts share."""
    return worker.store
