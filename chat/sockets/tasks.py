"""Ending tasks so that they have ended."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

#: Seconds that a task has to end before it is cancelled again.
PATIENCE = 0.5


async def end_all(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel ``tasks`` and return when all have ended, however they did. Their errors are not raised.

    Once is not enough: up to Python 3.11 `asyncio.wait_for`, which redis-py waits with, loses a cancellation that
    comes in the moment in which the wait is over.
    """
    going = {task for task in tasks if not task.done()}
    while going:
        for task in going:
            task.cancel()
        _, going = await asyncio.wait(going, timeout=PATIENCE)
