"""The memory of a session that a client watches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast

from chat.domain.messages import Memory
from chat.sessions.feed import MemoryFeed
from chat.sockets.tasks import end_all


async def memories(feed: MemoryFeed, over: asyncio.Event) -> AsyncGenerator[Memory]:
    """The memories from ``feed`` until ``over`` is set. During an outage, the client keeps the one that it has."""
    ending = asyncio.create_task(over.wait())
    try:
        async with aclosing(feed.news()) as news:
            while not over.is_set():
                following = asyncio.ensure_future(anext(news))
                try:
                    await asyncio.wait({following, ending}, return_when=asyncio.FIRST_COMPLETED)
                    # No variable holds the memory: it would stay alive until the next one arrives, see `for_each`.
                    if following.done() and isinstance(following.result(), Memory):
                        yield cast(Memory, following.result())
                finally:
                    await end_all([following])
                    del following
    finally:
        await end_all([ending])
