"""The background work of a web process: it sweeps for lapsed runs, says that it lives, and drains when it is to end.

`chatsite.application` connects it to the ASGI server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from chat.components import Components, components
from chat.sockets.present import PresentSockets, present_sockets
from chat.sockets.tasks import end_all

#: The most seconds that a process takes to release its runs and close its connections.
SHUTDOWN_TIMEOUT = 2.0
#: Seconds between looks at what is still under way, and for which a socket stays open after its owner's last run.
LOOK_AGAIN = 0.2


async def _mute() -> None:
    """Give no signs of life; measure nothing."""


class Worker:
    """This process's background work. ``parts`` returns the components to use, by default this process's.

    ``lifesigns`` goes on giving signs of life to whatever started the process; ``monitoring`` does what metrics need.
    ``patience``: seconds for which runs may go on when the process is to end.
    """

    def __init__(
        self,
        parts: Callable[[], Components] = components,
        lifesigns: Callable[[], Coroutine[Any, Any, None]] = _mute,
        monitoring: Callable[[], Coroutine[Any, Any, None]] = _mute,
        *,
        patience: float = 0.0,
        sockets: Callable[[], PresentSockets] = present_sockets,
    ) -> None:
        self._parts = parts
        self._lifesigns = lifesigns
        self._monitoring = monitoring
        self._patience = patience
        self._sockets = sockets
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        """Start the work in tasks of the running loop. Calling it again changes nothing."""
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._parts().runs.keep_sweeping(), name="sweep"),
                asyncio.create_task(self._lifesigns(), name="signs of life"),
                asyncio.create_task(self._monitoring(), name="monitoring"),
            ]

    async def drain(self) -> None:
        """Begin nothing more, and return when all runs have ended, after the worker's patience at most.

        Sockets are closed once their owner has no run here: those that are idle at once. Calling it again returns
        at once.
        """
        sockets = self._sockets()
        if sockets.leaving:
            return
        sockets.leaving = True
        runs, now = self._parts().runs, asyncio.get_running_loop().time
        runs.leave()
        deadline = now() + self._patience
        busy, before = runs.owners, set[str]()
        while (busy or before) and now() < deadline:
            await sockets.close_idle(busy | before)
            await asyncio.sleep(LOOK_AGAIN)
            busy, before = runs.owners, busy
        await sockets.close_idle(())

    async def end(self) -> None:
        """Drain, release the runs that are left, so that other workers continue them at once, and close everything."""
        await self.drain()
        with suppress(TimeoutError):  # then the leases lapse
            async with asyncio.timeout(SHUTDOWN_TIMEOUT):
                await end_all(self._tasks)
                await self._parts().runs.abandon()
                await self._parts().aclose()
