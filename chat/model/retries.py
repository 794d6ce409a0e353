"""Asking a model again that was busy or failed for a moment, as long as nobody notices."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from chat.domain.exceptions import ModelBusy, ModelError, ModelFailed, ModelUnreachable

#: Seconds before the second and the third attempt, if the model does not say when.
PAUSES = (0.5, 1.0)
#: Seconds that the pauses may take together. Beyond that the user is better off with an error.
MOST_WAITING = 2.0

T = TypeVar("T")


async def with_retries(
    ask: Callable[[], Awaitable[T]], on_retry: Callable[[ModelError], None] = lambda error: None
) -> T:
    """The result of ``ask``, which is called up to three times. ``on_retry`` is called with each error but the last.

    Raises the last `ModelUnreachable`, `ModelBusy` or `ModelFailed`: at once if the model wants a longer pause.
    """
    left = MOST_WAITING
    for pause in PAUSES:
        try:
            return await ask()
        except (ModelUnreachable, ModelFailed, ModelBusy) as error:
            wanted = error.wait if isinstance(error, ModelBusy) else None
            wait = pause * random.uniform(0.75, 1) if wanted is None else wanted
            if wait > left:
                raise
            on_retry(error)
        left -= wait
        await asyncio.sleep(wait)
    return await ask()
