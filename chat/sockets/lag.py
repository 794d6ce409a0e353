"""Waiting for a client that reads more slowly than the server writes.

Most ASGI servers wait in ``send`` until the client has read enough. Daphne does not: it accepts every frame, and would
collect the output for a client that never reads. But its connections are Twisted's, which report when more is waiting
than their buffer should hold, and when the client has read it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol


class Connection(Protocol):
    """The part of Daphne's connections that is used here: that of every websocket of Autobahn and Twisted."""

    def registerProducer(self, producer: Any, streaming: bool) -> None:  # noqa: N802
        """Report to ``producer`` when to pause and when to go on."""

    def unregisterProducer(self) -> None:  # noqa: N802
        """Stop reporting."""


class Lag:
    """Whether the client lags behind, by the ASGI callable ``send``; under servers other than Daphne it never does."""

    __slots__ = ("_caught_up", "_connection", "_registered")

    def __init__(self, send: Callable[..., Any]) -> None:
        self._connection = _connection_of(send)
        self._registered = False
        #: Set when the client has caught up; None unless it lags, since thousands of sockets do not.
        self._caught_up: asyncio.Event | None = None

    def __bool__(self) -> bool:
        """Whether output is waiting for the client to read."""
        return self._caught_up is not None

    def watch(self) -> bool:
        """Whether output is waiting for the client to read. Call it before every frame: from then on it is noticed."""
        if self._connection is not None and not self._registered:
            self._register(self._connection)
        return bool(self)

    async def over(self) -> None:
        """Return when the client has read what was waiting, or has left."""
        self.watch()
        while self._caught_up is not None:
            await self._caught_up.wait()

    def _register(self, connection: Connection) -> None:
        self._registered = True
        connection.unregisterProducer()  # Twisted's HTTP channel, which has handed the connection over
        connection.registerProducer(self, True)

    # --- Twisted's IPushProducer --------------------------------------------------------------------------------------

    def pauseProducing(self) -> None:  # noqa: N802
        """Called by Twisted when its buffer is full."""
        self._caught_up = self._caught_up or asyncio.Event()

    def resumeProducing(self) -> None:  # noqa: N802
        """Called by Twisted when its buffer is empty."""
        self._catch_up()
        if self._connection is not None:  # a registered producer would keep a connection open that is being closed
            self._registered = False
            self._connection.unregisterProducer()

    def stopProducing(self) -> None:  # noqa: N802
        """Called by Twisted when the connection is lost."""
        self._catch_up()

    def _catch_up(self) -> None:
        caught_up, self._caught_up = self._caught_up, None
        if caught_up is not None:
            caught_up.set()


def _connection_of(send: Callable[..., Any]) -> Connection | None:
    """Daphne's connection, an argument bound to its ``send``; None under another server."""
    bound = getattr(send, "args", ())
    return next((each for each in bound if hasattr(each, "registerProducer")), None)
