"""Waiting for a client that reads slowly."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from chat.sockets.lag import Lag


class Connection:
    """Daphne's connection, with the producer that it reports to."""

    def __init__(self) -> None:
        self.producer: Any = "Twisted's HTTP channel"

    def registerProducer(self, producer: Any, streaming: bool) -> None:  # noqa: N802
        assert (self.producer, streaming) == (None, True)
        self.producer = producer

    def unregisterProducer(self) -> None:  # noqa: N802
        self.producer = None


async def send(connection: Connection, message: dict[str, Any]) -> None:
    """The function to which Daphne binds its connection."""


async def test_frames_wait_until_the_client_has_read():
    """While Twisted's buffer is full, frames wait, and the client lags."""
    connection = Connection()
    lag = Lag(partial(send, connection))
    await lag.over()
    for _ in range(2):
        connection.producer.pauseProducing()
        waiting = asyncio.create_task(lag.over())
        await asyncio.sleep(0)
        assert (bool(lag), waiting.done()) == (True, False)
        connection.producer.resumeProducing()
        await waiting
        assert (bool(lag), connection.producer) == (False, None), "a producer would keep a closing connection open"
        await lag.over()


async def test_a_lost_connection_ends_the_wait():
    """A client that has left does not lag."""
    connection = Connection()
    lag = Lag(partial(send, connection))
    await lag.over()
    connection.producer.pauseProducing()
    connection.producer.stopProducing()
    await lag.over()
    assert not lag


async def test_other_servers_wait_in_their_own_send():
    """Without a connection of Daphne nothing waits here."""

    async def plain(message: dict[str, Any]) -> None:
        pass

    for other in (plain, partial(plain, {})):
        lag = Lag(other)
        await lag.over()
        assert not lag
