"""The client's end of an open page's socket, and a memory that can be away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from chat.domain.details import SessionListing
from chat.domain.exceptions import MemoryUnreachable
from chat.domain.messages import Memory, MessagePage
from chat.sockets.tasks import end_all
from tests.support.in_memory import DictMemory
from tests.support.servers import PATIENCE

T = TypeVar("T")


class SentFrames:
    """Collects the frames for an open page: the HTML unchanged, followed by the facts as JSON."""

    def __init__(self) -> None:
        self._frames: asyncio.Queue[str] = asyncio.Queue()

    async def send(self, frame: str) -> None:
        """Collect a frame."""
        if frame.startswith("{"):
            facts = json.loads(frame)
            frame = facts.pop("content") + json.dumps(facts)
        self._frames.put_nowait(frame)

    async def until(self, *awaited: str) -> list[str]:
        """The frames that arrive until all of these words have, in any order."""
        left, came = set(awaited), []
        async with asyncio.timeout(15 * PATIENCE):
            while left:
                came.append(await self._frames.get())
                left -= {words for words in left if words in came[-1]}
        return came


class UnreliableMemory(DictMemory):
    """A memory that can be ``away``, all of it or only its folded messages."""

    away = False
    folded_away = False

    async def get_changed_memory(self, memory_id: str, etag: str | None) -> Memory | None:
        self._check(self.away)
        return await super().get_changed_memory(memory_id, etag)

    async def list_sessions(
        self, namespace: str | None = None, *, page: int = 1, size: int = 50
    ) -> list[SessionListing]:
        self._check(self.away)
        return await super().list_sessions(namespace, page=page, size=size)

    async def list_messages(self, memory_id: str, *, before: str | None = None, limit: int = 50) -> MessagePage:
        self._check(self.away or self.folded_away)
        return await super().list_messages(memory_id, before=before, limit=limit)

    def _check(self, away: bool) -> None:
        if away:
            raise MemoryUnreachable


@asynccontextmanager
async def in_background(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run each of ``work`` in its own task during the block."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        yield
    finally:
        await end_all(tasks)
