"""Who asks for what is being done."""

from __future__ import annotations

import asyncio

import pytest

from chat.web.asker import Asker, asker, name_asker


@pytest.mark.parametrize(
    ("owner", "network", "asking"),
    [
        ("bob", "203.0.113.1", Asker("bob", "203.0.113.1")),
        ("bob", None, Asker("bob", "bob")),
        (None, "203.0.113.1", Asker("203.0.113.1", "203.0.113.1")),
        (None, None, Asker("", "")),
    ],
)
async def test_the_asker_is_known_by_cookie_and_address(owner, network, asking):
    """As far as there are any; without a cookie, all of a network are one."""
    name_asker(owner, network)
    assert asker() == asking


async def test_requests_have_askers_of_their_own():
    """Each is a task of its own, and so a context of its own."""

    async def request(owner: str) -> str:
        name_asker(owner, None)
        await asyncio.sleep(0)
        return asker().visitor

    assert [*await asyncio.gather(request("bob"), request("alice"))] == ["bob", "alice"]
    assert asker().visitor == ""
