"""The names of namespaces: written again from time to time, and removed with the last session."""

from __future__ import annotations

import pytest

from motorhead.store import namespaces as module
from motorhead.store.keys import NAMESPACES, UNNAMED, mark
from motorhead.store.namespaces import Namespaces
from redis_link.address import Address, parse_address
from redis_link.connection import Command, Reply
from redis_link.link import RedisLink

TEAM = mark("team")
NAME = [("SADD", NAMESPACES, b"team")]


async def test_a_name_is_written_once_in_a_while(link: RedisLink, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name is not written at each append, but again when it may be missing; without a namespace there is no name."""
    namespaces = Namespaces(link)
    assert namespaces.name(TEAM) == namespaces.name_again(TEAM) == NAME
    assert namespaces.name(TEAM) == []
    await namespaces.forget(TEAM)
    assert namespaces.name(TEAM) == NAME
    monkeypatch.setattr(module, "NAME_AGAIN", -1.0)
    assert namespaces.name(TEAM) == NAME
    assert namespaces.name(UNNAMED) == namespaces.name_again(UNNAMED) == []


@pytest.mark.parametrize("lists", [False, True])
async def test_a_name_is_forgotten_unless_something_is_listed(link: RedisLink, lists: bool) -> None:
    """Only the names of namespaces that list a session are returned, sorted."""
    namespaces = Namespaces(link)
    await link.execute("SADD", NAMESPACES, "team", "alpha", "empty")
    await link.execute("ZADD", "mh:sessions:alpha", 1, "s")
    if lists:
        await link.execute("ZADD", "mh:sessions:team", 1, "s")
    await namespaces.forget(TEAM)
    await namespaces.forget(UNNAMED)
    assert await link.execute("SISMEMBER", NAMESPACES, "team") == lists
    assert await namespaces.names() == ["alpha", "team"][: 1 + lists]


class BusyLink(RedisLink):
    """A link on which others list and unlist sessions whenever this process has looked."""

    def __init__(self, address: Address) -> None:
        super().__init__(address)
        self.between: list[Command] = []

    async def pipeline(self, *commands: Command) -> list[Reply]:
        replies = await super().pipeline(*commands)
        if self.between:
            await self.execute(*self.between.pop(0))
        return replies


@pytest.mark.parametrize(
    ("listed_at_first", "between", "named"),
    [
        (True, [("ZREM", "mh:sessions:team", "s")], False),  # unlisted before its name was put back
        (False, [("ZADD", "mh:sessions:team", 1, "s")], False),  # listed later: its append writes the name itself
        (True, [("ZREM", "mh:sessions:team", "s"), ("ZADD", "mh:sessions:team", 1, "t")], True),
    ],
)
async def test_a_name_is_right_while_others_list_sessions(
    redis_url: str, listed_at_first: bool, between: list[Command], named: bool
) -> None:
    """No name is left of an empty namespace, and none is missing of one that was found to list a session."""
    link = BusyLink(parse_address(redis_url))
    await link.open()
    try:
        await link.execute("SADD", NAMESPACES, "team")
        if listed_at_first:
            await link.execute("ZADD", "mh:sessions:team", 1, "s")
        link.between = between
        await Namespaces(link).forget(TEAM)
        assert await link.execute("SISMEMBER", NAMESPACES, "team") == named
    finally:
        await link.close()
