"""Notifications by sharded pub/sub, without content: a bell says "look again", and may be lost.

Listeners also look again after a while without a bell, so a lost one only causes a delay. A session has two: one for
its turns, its memory and its details, and one for every entry in the log of its run, which rings all the time while an
answer grows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
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


class Bells:
    """All bells of a process."""

    def __init__(self, store: Store, subscriptions: Subscriptions) -> None:
        self._store = store
        self._subscriptions = subscriptions
        self._bells: dict[str, list[Bell]] = {}

    @contextmanager
    def listen(self, session: Session) -> Iterator[Bell]:
        """A bell for the session. It misses what happens before the subscription is made: look once after entering."""
        with self._listen(bell_of(session.memory_id)) as bell:
            yield bell

    @contextmanager
    def listen_to_log(self, session: Session) -> Iterator[Bell]:
        """A bell for the log of the session's run, likewise."""
        with self._listen(log_bell_of(session.memory_id)) as bell:
            yield bell

    @contextmanager
    def _listen(self, channel: str) -> Iterator[Bell]:
        bell = Bell()
        bells = self._bells.get(channel)
        if bells is None:
            bells = self._bells[channel] = []
            # A new subscription rings too: anything that happened before it was missed.
            self._subscriptions.subscribe(channel, partial(_ring, bells))
        bells.append(bell)
        try:
            yield bell
        finally:
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
