"""Cancelling tasks and waiting for their end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

#: Seconds before a task that has not ended is cancelled again.
PATIENCE = 0.5


async def end_all(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel ``tasks`` and return when all have ended. Their errors are not raised.

    One cancellation is not enough: up to Python 3.11 `asyncio.wait_for`, which redis-py uses, loses a cancellation
    that comes at the very end of the wait.
    """
    going = {task for task in tasks if not task.done()}
    while going:
        for task in going:
            task.cancel()
        _, going = await asyncio.wait(going, timeout=PATIENCE)
