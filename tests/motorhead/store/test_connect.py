"""The memory server's link to Redis: its scripts and its sentences for errors."""

from __future__ import annotations

import pytest

from motorhead.store.connect import connect, link_to
from motorhead.store.redis_errors import WRONG_KIND
from motorhead.store.scripts import SCRIPTS
from redis_link.address import parse_address
from redis_link.exceptions import StoreRefused, StoreUnavailable
from tests.support.servers import PATIENCE, free_port


async def test_an_open_link_knows_the_scripts_and_times_its_replies(redis_url: str) -> None:
    """Every script of the store is loaded once the link is open, and the time of each reply is reported."""
    times: list[float] = []
    link = await connect(parse_address(redis_url), 5 * PATIENCE, on_reply=times.append)
    try:
        assert await link.execute("SCRIPT", "EXISTS", *(script.sha for script in SCRIPTS)) == [1] * len(SCRIPTS)
    finally:
        await link.close()
    assert times
    assert all(seconds >= 0 for seconds in times)


async def test_what_redis_refuses_is_said_in_our_words(redis_url: str) -> None:
    """The error about a key of the wrong type says how to find it."""
    link = await connect(parse_address(redis_url), 5 * PATIENCE)
    try:
        await link.execute("SET", "k", "x")
        with pytest.raises(StoreRefused) as refused:
            await link.execute("HGET", "k", "f")
    finally:
        await link.close()
    assert str(refused.value) == WRONG_KIND


async def test_a_redis_that_is_not_there_is_named() -> None:
    """The error names the address that was tried."""
    port = free_port()
    with pytest.raises(StoreUnavailable, match=f"127.0.0.1:{port}"):
        await connect(parse_address(f"redis://127.0.0.1:{port}"), 1)


async def test_a_link_opens_only_when_it_is_asked_to(redis_url: str) -> None:
    """A link sends nothing before it is opened, so it can be created anywhere."""
    link = link_to(parse_address(redis_url))
    before = link.connected
    await link.open()
    assert [before, link.connected] == [False, True]
    await link.close()
