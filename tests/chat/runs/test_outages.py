"""What an outage of the store is blamed on, over real Valkeys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis

from chat.domain.exceptions import RunLogUnreachable
from chat.domain.runs import Turn
from chat.domain.session_ids import Session
from chat.runs.log import RunLog
from chatsite.folders import is_full
from tests.support.links import process
from tests.support.servers import free_port
from tests.support.small_disk import valkey_on_a_small_disk

#: As much text as no corner of a full disk has room for.
TEXT = "word " * 20_000


async def reason(url: str, disk_is_full: Callable[[], bool] = lambda: False) -> str:
    """The reason given for the outage in which a run cannot begin."""
    async with process(url, disk_is_full) as worker:
        with pytest.raises(RunLogUnreachable) as outage:
            await begin_two(RunLog(worker.store))
    return outage.value.reason


async def begin_two(log: RunLog) -> None:
    """Begin two runs: with everysec, Redis fails to write the first after its answer."""
    for name in ("s1", "s2"):
        await log.begin(Turn(Session(name), "t1", TEXT, "web.1", 42))


async def test_a_full_disk_is_named_if_redis_refuses_to_write(tmp_path: Path) -> None:
    """Redis's answer quotes the system's error."""
    with valkey_on_a_small_disk(tmp_path, "--appendfsync", "everysec") as disk:
        disk.fill()
        assert await reason(disk.url) == "disk_full"


async def test_a_full_disk_is_named_if_redis_ends(tmp_path: Path) -> None:
    """Valkey, as the supervisor starts it, ends when it cannot write: the disk itself says why."""
    with valkey_on_a_small_disk(tmp_path) as disk:
        disk.fill()
        assert await reason(disk.url, lambda: is_full(disk.folder)) == "disk_full"


async def test_a_full_store_is_named(client: Redis, redis_url: str) -> None:
    """Redis has reached its ``maxmemory``."""
    await client.config_set("maxmemory", "1")
    try:
        assert await reason(redis_url) == "store_full"
    finally:
        await client.config_set("maxmemory", "0")


async def test_a_store_that_refuses_to_write_is_not_away(
    client: Redis, redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It answers, so it can be reached. The log has its words."""
    await client.config_set("min-replicas-to-write", "1")
    try:
        assert await reason(redis_url) == "read_only"
        assert any("Redis refused a command: NOREPLICAS" in message for message in caplog.messages)
    finally:
        await client.config_set("min-replicas-to-write", "0")


async def test_a_store_that_is_away_is_blamed_on_nothing_else() -> None:
    """There is room on the disk, and nobody answers."""
    assert await reason(f"redis://127.0.0.1:{free_port()}") == ""


async def test_a_full_store_begins_no_run(client: Redis, log: RunLog) -> None:
    """A refused message is not answered all the same: nothing of its run was written."""
    await client.config_set("maxmemory", "1")
    try:
        with pytest.raises(RunLogUnreachable):
            await log.begin(Turn(Session("owner.s1", "chat.owner"), "t1", "hi", "web.1", 42))
    finally:
        await client.config_set("maxmemory", "0")
    assert await client.keys("*") == []
