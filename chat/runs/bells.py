"""Notifications by pub/sub, without content: a bell says "look again", and may be lost.

Each process has one subscription connection. Listeners also look again after a while without a bell, so a lost one
only causes a delay.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from chat.domain.session_ids import Session
from chat.runs.keys import bell_of
from chat.runs.log import translated

logger = logging.getLogger(__name__)

#: Always subscribed to, so that the connection has something to wait for.
KEEP_OPEN = "chat:bells"
#: Seconds before reconnecting after a lost connection.
RECONNECT_PAUSE = 0.5


class Bell:
    """A listener's bell for one session."""

    __slots__ = ("_rung", "_waiter")

    def __init__(self) -> None:
        self._rung = False
        self._waiter: asyncio.Future[None] | None = None

    def ring(self) -> None:
        """Wake the listener, or make its next wait return at once."""
        self._rung = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def wait(self, seconds: float) -> None:
        """Wait until the bell rings, or has rung since the last wait, for at most ``seconds``."""
        if not self._rung:
            loop = asyncio.get_running_loop()
            self._waiter = loop.create_future()
            # Not asyncio.timeout: thousands of pages wait here, and this needs fewer objects for each.
            alarm = loop.call_later(seconds, self.ring)
            try:
                await self._waiter
            finally:
                alarm.cancel()
                self._waiter = None
        self._rung = False


class Bells:
    """All bells of a process. ``client`` must not have a read time-out: bells may be silent for hours."""

    def __init__(self, client: Redis) -> None:
        self._redis = client
        self._bells: defaultdict[str, list[Bell]] = defaultdict(list)
        self._changed = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None
        self._closed = False

    @contextmanager
    def listen(self, session: Session) -> Iterator[Bell]:
        """A bell for the session. It misses what happens before the subscription is made: look once after entering."""
        self._start()
        bell, channel = Bell(), bell_of(session.memory_id)
        bells = self._bells[channel]
        bells.append(bell)
        if len(bells) == 1:
            self._changed.set()
        try:
            yield bell
        finally:
            bells.remove(bell)
            if not bells:
                del self._bells[channel]
                self._changed.set()

    async def ring(self, session: Session) -> None:
        """Make all listeners of the session look again, in every process. Raises `RunLogUnreachable`."""
        with translated():
            await self._redis.publish(bell_of(session.memory_id), "")

    async def aclose(self) -> None:
        """Stop listening."""
        self._closed = True  # a task group cancelled while its connection breaks reports only the broken connection
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait([self._listening])

    def _start(self) -> None:
        if self._listening is None:
            self._listening = asyncio.create_task(self._keep_listening(), name="bells")

    async def _keep_listening(self) -> None:
        while not self._closed:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe(KEEP_OPEN)
                    self._changed.set()
                    async with asyncio.TaskGroup() as tasks:
                        tasks.create_task(self._subscribe(pubsub))
                        tasks.create_task(self._hear(pubsub))
            except* (RedisError, OSError):
                await asyncio.sleep(RECONNECT_PAUSE)
            except* Exception:  # the boundary of a task that must not end: no listener would be woken any more
                logger.exception("Listening for bells failed unexpectedly and starts again.")
                await asyncio.sleep(RECONNECT_PAUSE)

    async def _subscribe(self, pubsub: PubSub) -> None:
        """Keep the subscriptions in step with the listeners; simultaneous changes need only one command."""
        subscribed: set[str] = set()
        while True:
            await self._changed.wait()
            self._changed.clear()
            wanted = set(self._bells)
            if gone := subscribed - wanted:
                await pubsub.unsubscribe(*gone)
            if new := wanted - subscribed:
                await pubsub.subscribe(*new)
            subscribed = wanted

    async def _hear(self, pubsub: PubSub) -> None:
        async for message in pubsub.listen():
            # A new subscription rings too: anything that happened before it was missed.
            if message["type"] in {"message", "subscribe"}:
                for bell in self._bells.get(message["channel"].decode(), ()):
                    bell.ring()
        raise ConnectionError("The subscription ended.")
