"""Fixtures of the tests of runs: a worker's connection to an empty Valkey, and its run log."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from chat.runs.log import RunLog
from tests.chat.runs.faulty import FaultyLog
from tests.support.servers import PATIENCE


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    """A worker's Redis connection."""
    async with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def log(client: Redis) -> RunLog:
    """A run log whose leases do not lapse during a test."""
    return RunLog(client, lease=30 * PATIENCE)


@pytest.fixture
def lapsing(client: Redis) -> RunLog:
    """The same log, whose leases have lapsed when they begin."""
    return RunLog(client, lease=0)


@pytest.fixture
def faulty(client: Redis, monkeypatch: pytest.MonkeyPatch) -> FaultyLog:
    """A run log with scripted failures, which are retried at once."""
    for module in ("answering", "flusher", "process"):
        monkeypatch.setattr(f"chat.runs.{module}.PAUSE", 0.001)
    log = FaultyLog(client, lease=30 * PATIENCE)
    log.faults = []
    return log
