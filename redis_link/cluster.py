"""The link to a Redis Cluster: a shared connection to each primary, and a map from slots to primaries.

Each connection repairs itself, so a node that stalls or is down delays only commands on its slots, and once it is
known to be down, those for at most a second. When something suggests that the map is out of date, it is refreshed in
the background from nodes that answer, and nodes that were replaced are left. A command is resent only if a node has
said that it did not execute it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Unpack

from redis_link.address import Address
from redis_link.connection import Command, Reply, checked
from redis_link.exceptions import StoreError, StoreRefused, StoreUnavailable
from redis_link.link import Link, LinkOptions, RedisLink
from redis_link.scripts import Argument, Script
from redis_link.slots import SLOTS, NodeAddress, redirection, runs_on_a_slot, slot_of, slot_of_key, slot_ranges

#: How often a command may be redirected, and seconds to wait between tries while its slot is moving.
REDIRECTIONS = 8
REST = 0.05
#: Seconds between refreshes of the slot map.
REFRESH_EVERY = 0.25
#: Seconds without an answer after which other nodes are asked whether a node still has its slots. One that hung while
#: it was replaced takes writes for a moment when it goes on, and acknowledges them before they are lost.
SILENCE = 0.25
#: Errors that a node returns while it, or the cluster, cannot serve a slot.
NOT_NOW = ("CLUSTERDOWN", "MASTERDOWN", "LOADING", "READONLY")


class ClusterLink:
    """A cluster. A pipeline's commands run in order, with one round trip for each run of commands on one slot."""

    def __init__(self, address: Address, **options: Unpack[LinkOptions]) -> None:
        self.address = address
        self._options = options
        self._first = NodeAddress(address.host, address.port)
        self._nodes: dict[NodeAddress, RedisLink] = {}
        self._owners: list[NodeAddress | None] = [None] * SLOTS
        self._outdated = False
        self._refreshing: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """See Link."""
        first = self._nodes[self._first] = self._link_to(self._first)
        await first.open()
        await self._learn_from(self._first)
        self._watching = asyncio.create_task(self._watch(), name="redis cluster's silence")

    async def close(self) -> None:
        """See Link."""
        tasks = [task for task in (self._watching, self._refreshing) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for node in self._nodes.values():
            await node.close()
        self._nodes, self._owners = {}, [None] * SLOTS

    async def execute(self, *command: Argument) -> Reply:
        """See Link."""
        if command[0] == "BGREWRITEAOF":
            return (await asyncio.gather(*(self._node(place).execute(*command) for place in self._primaries)))[0]
        return checked((await self._ask(slot_of(command), [command]))[0])

    async def pipeline(self, *commands: Command) -> list[Reply]:
        """See Link."""
        return [checked(reply) for reply in await self.replies(commands)]

    async def replies(self, commands: Sequence[Command]) -> list[Reply]:
        """See Link."""
        replies: list[Reply] = []
        for slot, run in runs_on_a_slot(commands):
            replies += await self._ask(slot, run)
        return replies

    async def gather(self, *commands: Command) -> list[Reply]:
        """See Link."""
        return [checked(reply) for reply in await self.settle(*commands)]

    async def settle(self, *commands: Command) -> list[Reply]:
        """See Link."""
        shares: dict[NodeAddress | None, list[int]] = {}
        for index, command in enumerate(commands):
            shares.setdefault(self._owner(slot_of(command)), []).append(index)
        parts = (self._settle_node(place, [commands[index] for index in share]) for place, share in shares.items())
        replies: list[Reply] = [None] * len(commands)
        for share, part in zip(shares.values(), await asyncio.gather(*parts), strict=True):
            for index, reply in zip(share, part, strict=True):
                replies[index] = reply
        return replies

    async def ask_each(self, *command: Argument) -> list[tuple[Address, Reply]]:
        """See Link."""
        nodes = [self._node(place) for place in self._primaries]
        replies = await asyncio.gather(*(node.settle(command) for node in nodes))
        return [(node.address, reply) for node, (reply,) in zip(nodes, replies, strict=True)]

    def home(self, key: Argument) -> Address:
        """See Link."""
        place = self._owners[slot_of_key(key)]
        if place is None:
            raise StoreUnavailable("The Redis cluster is not complete.")
        return self._node(place).address

    def doubt(self) -> None:
        """See Link."""
        self._refresh_soon()

    async def run(self, script: Script, keys: Sequence[Argument], arguments: Sequence[Argument]) -> Reply:
        """See Link."""
        return await self.execute(*script.call(keys, arguments))

    async def scan(self, pattern: str) -> AsyncIterator[bytes]:
        """See Link."""
        for place in self._primaries:
            async for key in self._node(place).scan(pattern):
                yield key

    @property
    def _primaries(self) -> list[NodeAddress]:
        """The nodes that have slots. Raises `StoreUnavailable`: none is known."""
        found = sorted({place for place in self._owners if place is not None})
        if not found:
            raise StoreUnavailable("The link to the Redis cluster is not open.")
        return found

    def _owner(self, slot: int | None) -> NodeAddress | None:
        """The node that has ``slot``. For None any node will do, preferably a connected one."""
        if slot is not None:
            return self._owners[slot]
        return next((place for place in self._primaries if self._node(place).connected), self._primaries[0])

    async def _ask(self, slot: int | None, commands: Sequence[Command]) -> list[Reply]:
        return await self._ask_node(self._owner(slot), commands)

    async def _ask_node(self, place: NodeAddress | None, commands: Sequence[Command]) -> list[Reply]:
        """The replies to ``commands``, errors included, from the node at ``place`` or the nodes it redirects to."""
        if place is None:
            self._refresh_soon()
            raise StoreUnavailable("The Redis cluster is not complete.")
        replies = await self._replies(place, commands)
        for index, reply in enumerate(replies):
            if isinstance(reply, StoreRefused):
                replies[index] = await self._follow(place, commands[index], reply)
        return replies

    async def _settle_node(self, place: NodeAddress | None, commands: Sequence[Command]) -> list[Reply]:
        try:
            return await self._ask_node(place, commands)
        except StoreError as error:
            return [error] * len(commands)

    async def _replies(self, place: NodeAddress, commands: Sequence[Command]) -> list[Reply]:
        try:
            return await self._node(place).replies(commands)
        except StoreUnavailable:
            self._refresh_soon()
            raise

    async def _follow(self, place: NodeAddress, command: Command, reply: Reply) -> Reply:
        """The reply to a command that the node at ``place`` refused: from where it redirects to, or the refusal."""
        for _ in range(REDIRECTIONS):
            if not isinstance(reply, StoreRefused):
                return reply
            word, elsewhere = str(reply), redirection(str(reply), place)
            if word.startswith(NOT_NOW):
                self._refresh_soon()
                raise StoreUnavailable("The Redis cluster is not complete.") from reply
            if elsewhere is not None and elsewhere.once:
                reply = (await self._replies(elsewhere.place, [("ASKING",), command]))[1]
            elif elsewhere is not None:
                self._refresh_soon()
                place = self._owners[elsewhere.slot] = elsewhere.place
                reply = (await self._replies(place, [command]))[0]
            elif word.startswith("TRYAGAIN"):
                await asyncio.sleep(REST)
                reply = (await self._replies(place, [command]))[0]
            else:
                return reply
        raise StoreUnavailable("The Redis cluster has not settled which node has the session; try again.")

    def _node(self, place: NodeAddress) -> RedisLink:
        node = self._nodes.get(place)
        if node is None:
            node = self._nodes[place] = self._link_to(place)
            node.begin()
        return node

    def _link_to(self, place: NodeAddress) -> RedisLink:
        return RedisLink(self.address.at(place.host, place.port), **self._options)

    def _refresh_soon(self) -> None:
        """Refresh the map in the background, without delaying any command."""
        self._outdated = True
        if self._nodes and (self._refreshing is None or self._refreshing.done()):
            self._refreshing = asyncio.create_task(self._refresh(), name="redis cluster")

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(SILENCE)
            if any(node.silent(SILENCE) for node in self._nodes.values()):
                self._refresh_soon()

    async def _refresh(self) -> None:
        while self._outdated:
            self._outdated = False
            connected = [place for place, node in self._nodes.items() if node.connected]
            for place in sorted(connected, key=lambda place: self._nodes[place].silent(SILENCE)):
                with suppress(StoreError):
                    await self._learn_from(place)
                    break
            await asyncio.sleep(REFRESH_EVERY)

    async def _learn_from(self, place: NodeAddress) -> None:
        """Refresh the map from the node at ``place``, connect to new primaries, and disconnect from former ones."""
        found: list[NodeAddress | None] = [None] * SLOTS
        for first, last, owner in slot_ranges(await self._nodes[place].execute("CLUSTER", "SLOTS"), place):
            found[first : last + 1] = [owner] * (last + 1 - first)
        former, self._owners = set(self._owners), found
        primaries = self._primaries
        for gone in set(self._nodes) - set(primaries):
            if gone != self._first or gone in former:
                await self._nodes.pop(gone).close()
        for place in (*primaries, self._first):  # the first is asked again while all others are away
            self._node(place)


async def fitting_link(link: RedisLink) -> Link:
    """The open ``link`` itself, or an open link to the whole cluster if ``link`` leads to a cluster's node.

    Raises `StoreUnavailable`: the address names several servers, which are no cluster.
    """
    node = link.home("")
    if b"cluster_enabled:1" not in await link.execute("INFO", "cluster"):
        if link.address.others:
            raise StoreUnavailable(f"Redis at {node} is no node of a Cluster: name one server, or its sentinels.")
        return link
    await link.close()
    cluster = ClusterLink(
        node, timeout=link.answer_within, scripts=link.scripts, refusal=link.refusal, on_reply=link.on_reply
    )
    try:
        await cluster.open()
    except StoreError:
        await cluster.close()
        raise
    return cluster
