"""Fixtures of the tests of runs: a worker's connection to an empty Valkey, and its run log."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from chat.runs.log import RunLog
from chat.runs.store import Store
from tests.chat.runs.faulty import FaultyLog
from tests.support.links import Process, process
from tests.support.servers import PATIENCE


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    """A look at what is in Redis."""
    async with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def log(store: Store) -> RunLog:
    """A run log whose leases do not lapse during a test."""
    return RunLog(store, lease=30 * PATIENCE)


@pytest.fixture
def lapsing(store: Store) -> RunLog:
    """The same log, whose leases have lapsed when they begin."""
    return RunLog(store, lease=0)


@pytest.fixture
def faulty(store: Store, monkeypatch: pytest.MonkeyPatch) -> FaultyLog:
    """A run log with scripted failures, which are retried at once."""
    for module in ("answering", "flusher", "process"):
        monkeypatch.setattr(f"chat.runs.{module}.PAUSE", 0.001)
    log = FaultyLog(store, lease=30 * PATIENCE)
    log.faults = []
    return log


@pytest.fixture
async def worker(redis_url: str) -> AsyncIterator[Process]:
    """A worker's connection to an empty Valkey."""
    async with process(redis_url) as worker:
        yield worker


@pytest.fixture
def store(worker: Process) -> Store:
    """What a worker's parts share."""
    return worker.store
