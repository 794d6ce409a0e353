"""The background work of a web process: it sweeps for lapsed runs, and releases its own runs when it shuts down.

It depends only on asyncio. `chatsite.application` connects it to the ASGI server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from chat.components import Components, components
from chat.sockets.tasks import end_all

#: The most seconds that a process takes to release its runs and close its connections.
SHUTDOWN_TIMEOUT = 2.0


class Worker:
    """This process's background work. ``parts`` returns the components to use, by default this process's."""

    def __init__(self, parts: Callable[[], Components] = components) -> None:
        self._parts = parts
        self._sweeping: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start sweeping in a task of the running loop. Calling it again changes nothing."""
        if self._sweeping is None:
            self._sweeping = asyncio.create_task(self._parts().runs.keep_sweeping(), name="sweep")

    async def end(self) -> None:
        """Stop sweeping, release the runs, so that other workers continue them at once, and close all connections."""
        with suppress(TimeoutError):  # then the leases lapse
            async with asyncio.timeout(SHUTDOWN_TIMEOUT):
                await end_all([self._sweeping] if self._sweeping else [])
                await self._parts().runs.abandon()
                await self._parts().aclose()
