"""Loading a memory before its turn begins."""

from __future__ import annotations

import asyncio

from chat.domain.exceptions import MemoryUnreachable
from chat.domain.session_ids import Session
from chat.turns.early_load import EarlyLoad
from tests.support.ports import FailingMemory

NAME = "owner.s1"


async def test_a_session_that_was_idle_for_longer_has_its_memory_already() -> None:
    """The load is used if the last run ended before it began."""
    memory = FailingMemory()
    memory.seed(Session(NAME), "hi")
    for idle in (None, 60.0):
        load = EarlyLoad(memory, NAME).if_idle(idle)
        assert load is not None
        assert [message.content for message in (await load).messages] == ["hi"]


async def test_a_turn_that_ended_meanwhile_makes_the_load_void() -> None:
    """The load is cancelled if the last run ended after it began."""
    assert EarlyLoad(FailingMemory(), NAME).if_idle(0.0) is None


async def test_an_error_reaches_the_turn_or_nobody() -> None:
    """An error reaches the turn, and is ignored without one."""
    memory, unheard = FailingMemory(), []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context))
    memory.load_errors += [MemoryUnreachable(), MemoryUnreachable()]
    load = EarlyLoad(memory, NAME).if_idle(None)
    assert load is not None
    assert isinstance((await asyncio.gather(load, return_exceptions=True))[0], MemoryUnreachable)
    refused = EarlyLoad(memory, NAME)
    await asyncio.sleep(0)
    refused.cancel()
    del refused
    await asyncio.sleep(0)
    assert not memory.load_errors
    assert not unheard
