"""Watching the memory of a session."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from chat.api.watching import memories
from chat.domain.exceptions import MemoryServerError, MemoryUnreachable
from chat.domain.messages import Memory, Window
from chat.sessions.feed import MemoryFeed
from tests.ai_sdk.sockets import SOON

MEMORY = Memory((), None, 0, Window(12))


class ScriptedFeed(MemoryFeed):
    """A feed of the scripted news, which then stays open."""

    def __init__(self, *script: Memory | MemoryServerError | None) -> None:
        self._script = script
        self.closed = False

    async def news(self) -> AsyncGenerator[Memory | MemoryServerError | None]:
        try:
            for each in self._script:
                yield each
            await asyncio.Event().wait()
        finally:
            self.closed = True


async def test_only_memories_are_passed_on():
    """An outage, and news that is not about the memory, leave the client with what it has."""
    feed, over = ScriptedFeed(MemoryUnreachable(), MEMORY, None, MEMORY), asyncio.Event()
    watched = memories(feed, over)
    assert [await anext(watched), await anext(watched)] == [MEMORY, MEMORY]
    await watched.aclose()
    assert feed.closed


async def test_a_watch_that_is_over_ends_at_once():
    """It closes the feed, although no news would ever come."""
    feed, over = ScriptedFeed(MEMORY), asyncio.Event()
    watched = memories(feed, over)
    await anext(watched)
    following = asyncio.ensure_future(anext(watched, None))
    await asyncio.sleep(0)
    over.set()
    assert await asyncio.wait_for(following, SOON) is None
    assert feed.closed
