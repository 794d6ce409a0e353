"""The background work of a web process: it sweeps for lapsed runs, says that it lives, and ends by releasing its runs.

`chatsite.application` connects it to the ASGI server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from chat.components import Components, components
from chat.sockets.tasks import end_all

#: The most seconds that a process takes to release its runs and close its connections.
SHUTDOWN_TIMEOUT = 2.0


async def _mute() -> None:
    """Give no signs of life."""


class Worker:
    """This process's background work. ``parts`` returns the components to use, by default this process's.

    ``lifesigns`` goes on giving signs of life to whatever started the process.
    """

    def __init__(
        self, parts: Callable[[], Components] = components, lifesigns: Callable[[], Coroutine[Any, Any, None]] = _mute
    ) -> None:
        self._parts = parts
        self._lifesigns = lifesigns
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        """Start the work in tasks of the running loop. Calling it again changes nothing."""
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._parts().runs.keep_sweeping(), name="sweep"),
                asyncio.create_task(self._lifesigns(), name="signs of life"),
            ]

    async def end(self) -> None:
        """Stop the work, release the runs, so that other workers continue them at once, and close all connections."""
        with suppress(TimeoutError):  # then the leases lapse
            async with asyncio.timeout(SHUTDOWN_TIMEOUT):
                await end_all(self._tasks)
                await self._parts().runs.abandon()
                await self._parts().aclose()
