"""The changes of a summary that a page shows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chat.domain.messages import Memory
from chat.domain.session_ids import owned_session
from chat.page.screen.rewritten import find_rewritten
from chat.page.screen.shown_memory import ShownMemory
from chat.page.word_changes import changes
from tests.support.in_memory import DictMemory

SESSION = owned_session("owner", "s")
NAME = SESSION.memory_id


@pytest.fixture
async def port() -> DictMemory:
    """A memory whose summary was written twice."""
    port = DictMemory()
    port.seed(SESSION, *"abcd")
    await port.fold(NAME, through="2")
    await port.fold(NAME, through="4")
    return port


async def test_the_two_newest_versions_are_compared(port: DictMemory) -> None:
    """A page that showed another summary marks what is new."""
    new, old = (await port.list_summaries(NAME)).versions
    memory = await port.get_memory(NAME)
    before = replace(ShownMemory.of(memory), summary_tag="another")
    assert await find_rewritten(port, NAME, before, memory) == changes(old.context, new.context)


async def test_nothing_is_marked_without_a_change(port: DictMemory) -> None:
    """Nor on a page that was loaded just now, nor where the summary has no tag, nor without one."""
    memory = await port.get_memory(NAME)
    shown = ShownMemory.of(memory)
    other = replace(shown, summary_tag="another")
    assert await find_rewritten(port, NAME, shown, memory) == ()
    assert await find_rewritten(port, NAME, None, memory) == ()
    assert await find_rewritten(port, NAME, replace(shown, summary_tag=None), memory) == ()
    assert await find_rewritten(port, NAME, other, replace(memory, context=None)) == ()


async def test_a_summary_that_has_changed_again_is_not_marked(port: DictMemory) -> None:
    """The newest version is not the one to be shown; the next memory is on its way."""
    memory: Memory = replace(await port.get_memory(NAME), context="something older")
    before = replace(ShownMemory.of(memory), summary_tag="another")
    assert await find_rewritten(port, NAME, before, memory) == ()
