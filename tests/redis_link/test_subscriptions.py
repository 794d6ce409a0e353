"""Subscriptions to one server and to a real cluster, whose slots move and whose nodes die."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
import redis

from redis_link.exceptions import StoreError
from redis_link.fitting import FittingLink
from redis_link.slots import SLOTS, slot_of_key
from redis_link.subscriptions import Subscriptions
from tests.support.cluster import Node, begin_move, end_move, running_cluster
from tests.support.kit import until
from tests.support.links import linked
from tests.support.servers import PATIENCE, Server, free_port, running, start_valkey

SOON = 20 * PATIENCE


class Ear:
    """Hears one channel."""

    def __init__(self, subscriptions: Subscriptions, channel: str) -> None:
        self.channel, self._event = channel, asyncio.Event()
        subscriptions.subscribe(channel, self._event.set)

    async def hear(self) -> None:
        async with asyncio.timeout(SOON):
            await self._event.wait()
        self._event.clear()

    async def is_reached(self, link: FittingLink) -> None:
        """Publish until it is heard: the store may be failing over, and bells may be lost meanwhile."""
        self._event.clear()

        async def heard() -> bool:
            try:
                await link.execute("SPUBLISH", self.channel, "")
            except StoreError:
                return False
            await asyncio.sleep(0.05)
            return self._event.is_set()

        await until(heard, f"nothing is heard on {self.channel}", 30)


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    """Three primaries, and a replica of the first."""
    folders = [tmp_path_factory.mktemp("node") for _ in range(4)]
    with running_cluster(folders, "--cluster-node-timeout", str(int(500 * PATIENCE))) as nodes:
        yield nodes


@asynccontextmanager
async def listening(url: str) -> AsyncIterator[tuple[Subscriptions, FittingLink]]:
    """The subscriptions of a process, and its link."""
    async with linked(url) as link:
        subscriptions = Subscriptions(link)
        yield subscriptions, link
        await subscriptions.close()


@pytest.fixture(params=["one server", "cluster"])
def url(request: pytest.FixtureRequest, redis_url: str) -> str:
    """The address of one server, and of a node of the cluster."""
    if request.param == "one server":
        return redis_url
    nodes: list[Node] = request.getfixturevalue("nodes")
    return nodes[1].server.url


def channels() -> list[str]:
    """Channels on every node of the cluster."""
    names = [f"run:{{{letter}}}:bell" for letter in "abcdefghi"]
    assert {slot_of_key(name) * 3 // SLOTS for name in names} == {0, 1, 2}
    return names


async def test_every_process_hears_its_own_channels(url: str) -> None:
    """Each subscription is heard once it is made; then what is published on its channel, in every process."""
    async with listening(url) as (here, link), listening(url) as (there, _):
        ears = [Ear(each, name) for name in channels() for each in (here, there)]
        for ear in ears:
            await ear.hear()
        for name in channels():
            await link.execute("SPUBLISH", name, "")
        for ear in ears:
            await ear.hear()


async def test_a_script_publishes_beside_its_keys(url: str) -> None:
    """The channel is in the slot of the keys, by its hash tag."""
    async with listening(url) as (here, link):
        ear = Ear(here, "run:{a}:bell")
        await ear.hear()
        await link.execute("EVAL", "redis.call('SPUBLISH', ARGV[1], '')", 1, "run:{a}", ear.channel)
        await ear.hear()


async def test_nothing_is_subscribed_to_for_nobody(url: str) -> None:
    """A channel that is no longer listened to is left, also if it comes back at once."""
    async with listening(url) as (here, link):
        first, second = Ear(here, "{a}1"), Ear(here, "{a}2")
        await first.hear()
        await second.hear()
        here.unsubscribe("{a}1")
        here.unsubscribe("{a}2")
        second = Ear(here, "{a}2")
        await second.hear()

        async def left() -> bool:
            return [await link.execute("SPUBLISH", name, "") for name in ("{a}1", "{a}2")] == [0, 1]

        await until(left)
        await second.hear()


async def test_a_lost_connection_is_made_again(url: str) -> None:
    """What was missed meanwhile is made good by the new subscription, which is heard."""
    async with listening(url) as (here, link):
        ears = [Ear(here, name) for name in channels()]
        for ear in ears:
            await ear.hear()
        for hearing in tuple(here._hearings.values()):
            hearing.abort()
        for ear in ears:
            await ear.hear()
            await ear.is_reached(link)


async def test_a_server_that_is_away_at_first_is_heard_later(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Listening begins before there is a server, and goes on when it was killed."""
    port, folder = free_port(), tmp_path_factory.mktemp("late")
    async with listening(f"redis://127.0.0.1:{port}") as (here, link):
        ear = Ear(here, "{a}")
        await asyncio.sleep(0.1)
        for _ in range(2):
            valkey: Server
            with running(start_valkey(folder, port)) as valkey:
                await ear.hear()
                await ear.is_reached(link)
                valkey.kill()


async def test_a_channel_that_is_silent_is_checked(redis_url: str) -> None:
    """A server that has stopped answering is left, and heard again when it answers."""
    async with listening(redis_url) as (_, link):
        here = Subscriptions(link, timeout=0.4 * PATIENCE)
        ear = Ear(here, "{a}")
        await ear.hear()
        await link.execute("CLIENT", "PAUSE", int(700 * PATIENCE))
        await ear.hear()
        await here.close()


async def test_a_moved_slot_takes_its_channels_along(nodes: list[Node]) -> None:
    """They are heard on the node that has the slot then; those of other slots stay where they are."""
    name = next(name for name in channels() if slot_of_key(name) * 3 // SLOTS == 1)
    with redis.Redis.from_url(nodes[1].server.url) as source, redis.Redis.from_url(nodes[2].server.url) as target:
        async with listening(nodes[0].server.url) as (here, link):
            ears = [Ear(here, each) for each in channels()]
            for ear in ears:
                await ear.hear()
            for one, other in ((source, target), (target, source)):
                begin_move(slot_of_key(name), one, other)
                end_move(slot_of_key(name), one, other)
                for ear in ears:
                    await ear.is_reached(link)


async def test_a_channel_that_was_left_behind_is_found(nodes: list[Node]) -> None:
    """A node may lose a slot without telling its listeners, if it was cut off; where channels are is checked."""
    async with listening(nodes[0].server.url) as (_, link):
        here = Subscriptions(link, timeout=0.5 * PATIENCE)
        ear = Ear(here, channels()[0])
        await ear.hear()
        elsewhere = next(each for each in map(link.home, channels()) if each != link.home(ear.channel))
        real = link.home
        link.home = lambda key: elsewhere  # type: ignore[method-assign]
        await asyncio.sleep(0.6 * PATIENCE)
        link.home = real  # type: ignore[method-assign]
        await ear.hear()
        await ear.is_reached(link)
        await here.close()


async def test_a_killed_primary_s_channels_are_heard_on_its_replica(nodes: list[Node]) -> None:
    """After the failover, and again when the former primary is back as a replica."""
    async with listening(nodes[1].server.url) as (here, link):
        ears = [Ear(here, name) for name in channels()]
        for ear in ears:
            await ear.hear()
        nodes[0].server.kill()
        for ear in ears:
            await ear.is_reached(link)
        nodes[0].start()
        for ear in ears:
            await ear.is_reached(link)
