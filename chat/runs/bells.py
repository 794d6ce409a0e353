"""Notifications by sharded pub/sub, without content: a bell says "look again", and may be lost.

Listeners also look again after a while without a bell, so a lost one only causes a delay. A session has two: one for
its turns, its memory and its details, and one for every entry in the log of its run, which rings all the time while an
answer grows.
"""

from __future__ import annotations

import asyncio
from functools import partial

from chat.domain.session_ids import Session
from chat.runs.keys import bell_of, log_bell_of
from chat.runs.store import Store
from redis_link.subscriptions import Subscriptions


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


class Listening:
    """A bell for as long as a block lasts. Not a generator, which thousands of pages would need twice."""

    __slots__ = ("_bell", "_bells", "_channel")

    def __init__(self, bells: Bells, channel: str) -> None:
        self._bells = bells
        self._channel = channel
        self._bell = Bell()

    def __enter__(self) -> Bell:
        self._bells.add(self._channel, self._bell)
        return self._bell

    def __exit__(self, *_: object) -> None:
        self._bells.remove(self._channel, self._bell)


class Bells:
    """All bells of a process."""

    def __init__(self, store: Store, subscriptions: Subscriptions) -> None:
        self._store = store
        self._subscriptions = subscriptions
        self._bells: dict[str, list[Bell]] = {}

    def listen(self, session: Session) -> Listening:
        """A bell for the session. It misses what happens before the subscription is made: look once after entering."""
        return Listening(self, bell_of(session.memory_id))

    def listen_to_log(self, session: Session) -> Listening:
        """A bell for the log of the session's run, likewise."""
        return Listening(self, log_bell_of(session.memory_id))

    def add(self, channel: str, bell: Bell) -> None:
        """Ring ``bell``, too, at what happens on ``channel``."""
        bells = self._bells.get(channel)
        if bells is None:
            bells = self._bells[channel] = []
            # A new subscription rings too: anything that happened before it was missed.
            self._subscriptions.subscribe(channel, partial(_ring, bells))
        bells.append(bell)

    def remove(self, channel: str, bell: Bell) -> None:
        """Ring ``bell`` no longer."""
        bells = self._bells[channel]
        bells.remove(bell)
        if not bells:
            del self._bells[channel]
            self._subscriptions.unsubscribe(channel)

    async def ring(self, session: Session) -> None:
        """Make all listeners of the session look again, in every process. Raises `RunLogUnreachable`."""
        await self._store.ask("SPUBLISH", bell_of(session.memory_id), "")


def _ring(bells: list[Bell]) -> None:
    for bell in bells:
        bell.ring()
