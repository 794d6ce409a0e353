"""Changes of a session's memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, contextmanager

import pytest

from chat.domain.exceptions import MemoryServerError, MemoryUnreachable
from chat.domain.messages import FoldState, Memory, Window
from chat.domain.session_ids import Session
from chat.runs.bells import Bell, Bells
from chat.sessions.feed import MemoryFeed
from tests.support.in_memory import DictMemory
from tests.support.links import process
from tests.support.servers import PATIENCE

SESSION = Session("owner.s1", "chat.owner")


class Remembered(DictMemory):
    """A memory that a test can change, and that counts requests."""

    def __init__(self) -> None:
        super().__init__()
        self.version = 1
        self.fold_state = FoldState.IDLE
        self.away = False
        self.asked = 0

    async def get_changed_memory(self, memory_id: str, etag: str | None) -> Memory | None:
        self.asked += 1
        if self.away:
            raise MemoryUnreachable
        if etag == str(self.version):
            return None
        return Memory((), f"summary {self.version}", 0, Window(12, fold=self.fold_state), etag=str(self.version))


@pytest.fixture
async def bells(redis_url: str) -> AsyncIterator[Bells]:
    """The bells of a process."""
    async with process(redis_url) as worker:
        yield worker.bells


class OneBell:
    """The bell of one listener, in this process."""

    def __init__(self) -> None:
        self._bell = Bell()

    @contextmanager
    def listen(self, session: Session) -> Iterator[Bell]:
        yield self._bell

    async def ring(self, session: Session) -> None:
        self._bell.ring()


async def next_memory(news: AsyncGenerator[Memory | MemoryServerError | None]) -> Memory | MemoryServerError:
    """The next memory or outage: a bell rings once while the listener subscribes."""
    while (found := await anext(news)) is None:
        pass
    return found


async def test_the_memory_comes_at_once_and_again_when_the_bell_rings(bells: Bells) -> None:
    """The memory is given at once and after each bell, without other requests."""
    memory = Remembered()
    async with asyncio.timeout(10 * PATIENCE), aclosing(MemoryFeed(memory, bells, SESSION).news()) as news:
        first = await anext(news)
        assert isinstance(first, Memory)
        assert first.context == "summary 1"
        memory.version = 2
        following = asyncio.ensure_future(next_memory(news))
        await asyncio.sleep(0)
        await bells.ring(SESSION)
        second = await following
        assert isinstance(second, Memory)
        assert second.context == "summary 2"


async def test_a_fold_that_is_due_is_looked_for(bells: Bells) -> None:
    """A due fold is polled for, since no bell announces it."""
    memory = Remembered()
    memory.fold_state = FoldState.PENDING
    async with asyncio.timeout(10 * PATIENCE), aclosing(MemoryFeed(memory, bells, SESSION).news()) as news:
        await anext(news)
        following = asyncio.ensure_future(next_memory(news))
        asked = memory.asked
        while memory.asked < asked + 2:  # noqa: ASYNC110 - it is the asking that is waited for
            await asyncio.sleep(0.01)
        memory.version, memory.fold_state = 2, FoldState.IDLE
        folded = await following
        assert isinstance(folded, Memory)
        assert folded.context == "summary 2"


async def test_an_outage_and_its_end_are_each_reported_once(bells: Bells) -> None:
    """An outage and its end are each given once, as values."""
    memory = Remembered()
    memory.away = True
    async with asyncio.timeout(20 * PATIENCE), aclosing(MemoryFeed(memory, bells, SESSION).news()) as news:
        assert isinstance(await anext(news), MemoryUnreachable)
        memory.away = False
        following = asyncio.ensure_future(next_memory(news))
        await asyncio.sleep(0)
        await bells.ring(SESSION)
        assert isinstance(await following, Memory)


async def test_who_looks_again_is_told_the_memory_although_nothing_changed(bells: Bells) -> None:
    """After `look_again` the memory is given even if it has not changed."""
    feed = MemoryFeed(Remembered(), bells, SESSION)
    async with asyncio.timeout(10 * PATIENCE), aclosing(feed.news()) as news:
        first = await anext(news)
        feed.look_again()
        assert await next_memory(news) == first


async def test_looking_again_reports_an_outage_again(bells: Bells) -> None:
    """After `look_again` an outage is given again."""
    memory = Remembered()
    memory.away = True
    feed = MemoryFeed(memory, bells, SESSION)
    async with asyncio.timeout(10 * PATIENCE), aclosing(feed.news()) as news:
        assert isinstance(await anext(news), MemoryUnreachable)
        feed.look_again()
        assert isinstance(await next_memory(news), MemoryUnreachable)


async def test_a_bell_without_a_change_is_reported() -> None:
    """The session's details may have changed. A look of the listener is no bell."""
    bells = OneBell()
    memory = Remembered()
    feed = MemoryFeed(memory, bells, SESSION)
    async with asyncio.timeout(10 * PATIENCE), aclosing(feed.news()) as news:
        await anext(news)
        following = asyncio.ensure_future(anext(news))
        await asyncio.sleep(0)
        feed.look()
        while memory.asked < 2:  # noqa: ASYNC110 - it is the asking that is waited for
            await asyncio.sleep(0.01)
        assert not following.done()
        await bells.ring(SESSION)
        assert await following is None
