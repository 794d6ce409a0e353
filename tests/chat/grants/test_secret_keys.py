"""The fingerprint of the secret key."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from chat.grants.secret_keys import FINGERPRINT, accept, fingerprint, is_known
from redis_link.address import parse_address
from redis_link.link import Link, RedisLink


@pytest.fixture
async def link(redis_url: str) -> AsyncIterator[Link]:
    """A link to an empty Redis."""
    link = RedisLink(parse_address(redis_url))
    await link.open()
    yield link
    await link.close()


async def test_an_empty_redis_takes_the_first_key(link: Link):
    """From then on it knows that key and no other; nothing in it reveals the key."""
    assert await is_known(link, "first")
    assert await is_known(link, "first")
    assert not await is_known(link, "second")
    assert b"first" not in await link.execute("GET", FINGERPRINT)


async def test_a_site_may_change_its_key_if_it_still_knows_the_former_one(link: Link):
    """The former key can be left out after that."""
    assert await is_known(link, "first")
    assert await is_known(link, "second", ["other", "first"])
    assert await is_known(link, "second")
    assert not await is_known(link, "first")


async def test_another_key_can_be_accepted(link: Link):
    """It replaces the one that was known."""
    assert await is_known(link, "first")
    await accept(link, fingerprint("second"))
    assert await is_known(link, "second")
