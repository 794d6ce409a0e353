"""Subscriptions to channels of sharded pub/sub, on one server or on the nodes of a Cluster.

A channel is in the slot of its hash tag, so a script can publish on it without leaving its slot. There is one
connection to each server that has subscribed channels. A lost connection is made again, and a channel whose slot moves
or whose node fails over is subscribed to on the node that has it then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress

from redis_link.address import Address
from redis_link.exceptions import StoreUnavailable
from redis_link.hearing import Hearing
from redis_link.link import Link
from redis_link.pauses import Pauses

#: Seconds before channels are looked for again on whichever node has them.
PAUSE = 0.1


class Subscriptions:
    """The subscriptions of a process, to wherever ``link`` says that channels are.

    ``timeout``: seconds to wait for any answer; a connection that is silent for longer is made again. ``prefix``: what
    the names of the site's channels begin with.
    """

    def __init__(self, link: Link, *, timeout: float = 5.0, prefix: str = "") -> None:
        self._link = link
        self._prefix = prefix
        self._timeout = timeout
        self._callbacks: dict[bytes, Callable[[], object]] = {}
        #: The connection on which each channel is subscribed to, or is about to be.
        self._places: dict[bytes, Hearing] = {}
        self._hearings: dict[Address, Hearing] = {}
        self._reaching: dict[Address, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    def subscribe(self, channel: str, heard: Callable[[], object]) -> None:
        """Call ``heard`` for each message on ``channel``, and after each subscription: what came before was missed.

        A channel has one callback at a time, and the subscription is made in the background.
        """
        self._callbacks[self._name(channel)] = heard
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep(), name="subscriptions")
        self._changed.set()

    def unsubscribe(self, channel: str) -> None:
        """Stop listening to ``channel``."""
        name = self._name(channel)
        self._callbacks.pop(name, None)
        if (place := self._places.pop(name, None)) is not None:
            place.unsubscribe(name)

    async def close(self) -> None:
        """End all subscriptions."""
        tasks = [*self._reaching.values(), *([self._keeper] if self._keeper else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._callbacks.clear()
        for hearing in tuple(self._hearings.values()):
            hearing.abort()

    # --- what connections report ----------------------------------------------------------------------------------

    def heard(self, channel: bytes) -> None:
        """See `redis_link.hearing.Listener`."""
        if (callback := self._callbacks.get(channel)) is not None:
            callback()

    def ended(self, hearing: Hearing, channel: bytes) -> None:
        """See `redis_link.hearing.Listener`."""
        if self._places.get(channel) is hearing:
            del self._places[channel]
            self._look_again()

    def lost(self, hearing: Hearing) -> None:
        """See `redis_link.hearing.Listener`."""
        if self._hearings.get(hearing.address) is hearing:
            del self._hearings[hearing.address]
            self._places = {channel: place for channel, place in self._places.items() if place is not hearing}
            self._look_again()

    # --- inner ----------------------------------------------------------------------------------------------------

    def _name(self, channel: str) -> bytes:
        return (self._prefix + channel).encode()

    def _look_again(self) -> None:
        """Subscribe to what is not subscribed to, soon, and on whichever server has it by then."""
        self._link.doubt()
        asyncio.get_running_loop().call_later(PAUSE, self._changed.set)

    async def _keep(self) -> None:
        while True:
            self._changed.clear()
            self._place(channel for channel in self._callbacks if channel not in self._places)
            try:
                async with asyncio.timeout(self._timeout / 2):
                    await self._changed.wait()
            except TimeoutError:
                self._check()

    def _place(self, channels: Iterable[bytes]) -> None:
        """Subscribe to ``channels``, as far as their servers are connected, and connect to the others."""
        for channel in channels:
            try:
                address = self._link.home(channel)
            except StoreUnavailable:
                self._look_again()
                return
            if (hearing := self._hearings.get(address)) is not None:
                self._places[channel] = hearing
                hearing.subscribe(channel)
            elif address not in self._reaching:
                self._reaching[address] = asyncio.create_task(self._reach(address), name="listen to redis")

    async def _reach(self, address: Address) -> None:
        """Connect to the server, however long it takes, unless it has no wanted channel any more."""
        pauses = Pauses()
        try:
            while any(self._link.home(channel) == address for channel in self._callbacks):
                hearing = Hearing(address, self)
                try:
                    await hearing.open(self._timeout)
                except StoreUnavailable as error:
                    self._link.doubt()
                    await pauses.after(error)
                else:
                    self._hearings[address] = hearing
                    return
        except StoreUnavailable:  # it is not known which server has what
            self._link.doubt()
            await asyncio.sleep(PAUSE)
        finally:
            del self._reaching[address]
            self._changed.set()

    def _check(self) -> None:
        """Drop silent connections, and subscriptions that were left behind on a node that lost its slots unnoticed."""
        for hearing in tuple(self._hearings.values()):
            hearing.check(self._timeout)
        with suppress(StoreUnavailable):
            for channel, place in tuple(self._places.items()):
                if self._link.home(channel) != place.address:
                    del self._places[channel]
                    place.unsubscribe(channel)
                    self._changed.set()
