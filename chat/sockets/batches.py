"""Batches waiting events, so that a replay of a thousand words is one frame instead of a thousand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import TypeVar

from chat.sockets.forgetting import for_each
from chat.sockets.tasks import end_all

T = TypeVar("T")


async def batched(source: AsyncGenerator[T]) -> AsyncGenerator[list[T]]:
    """Lists of the items that ``source`` has given since the last list, without delay. Keeps no reference to them.

    Ends, or raises, as ``source`` does. Closing it closes ``source``.
    """
    waiting: list[T] = []
    news = asyncio.Event()

    async def keep(item: T) -> None:
        waiting.append(item)
        news.set()

    collecting = asyncio.create_task(for_each(source, keep))
    collecting.add_done_callback(lambda _: news.set())
    try:
        while not collecting.done() or waiting:
            await news.wait()
            news.clear()
            if waiting:
                yield _taken(waiting)
        collecting.result()
    finally:
        await end_all([collecting])


def _taken(waiting: list[T]) -> list[T]:
    items = waiting.copy()
    waiting.clear()
    return items
