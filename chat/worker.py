"""What a process of the web tier does besides answering: it sweeps for lapsed runs, and lets go of its own at its end.

It stands on asyncio alone. The server's end of it, whichever server that is, stands in `chatsite.application`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from chat.components import Components, components
from chat.sockets.tasks import end_all

#: Seconds that a process takes at most to let go of its runs and connections.
SHUTDOWN_TIMEOUT = 2.0


class Worker:
    """This process's own work. ``parts`` gives what it works with: by default, this process's own."""

    def __init__(self, parts: Callable[[], Components] = components) -> None:
        self._parts = parts
        self._sweeping: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Sweep from now on, as a task of the running loop. Calling it again changes nothing."""
        if self._sweeping is None:
            self._sweeping = asyncio.create_task(self._parts().runs.keep_sweeping(), name="sweep")

    async def end(self) -> None:
        """Stop sweeping, let go of the runs, so that other workers go on with them at once, and close connections."""
        with suppress(TimeoutError):  # then the leases lapse
            async with asyncio.timeout(SHUTDOWN_TIMEOUT):
                await end_all([self._sweeping] if self._sweeping else [])
                await self._parts().runs.abandon()
                await self._parts().aclose()
