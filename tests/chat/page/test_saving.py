"""Exchanges that may not have been remembered: checking for them, and saving their copies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chat.domain.exceptions import InvalidCopy, MemoryRefused, SessionGone
from chat.domain.messages import MessagePage
from chat.domain.session_ids import owned_session
from chat.page.saving import is_remembered, save_copy
from chat.page.unsaved import Unsaved
from tests.support.in_memory import DictMemory

SESSION = owned_session("owner", "s")
COPY = Unsaved("owner.s", "t9", "hi im bob", "Hello Bob.", stopped=False, epoch=None, after="2")


class WithoutScrollBack(DictMemory):
    """A memory without folded messages, like that of the original server."""

    async def list_messages(self, memory_id: str, *, before: str | None = None, limit: int = 50) -> MessagePage:
        raise MemoryRefused(404)


def memory_of(*contents: str, memory: DictMemory | None = None) -> DictMemory:
    """A memory of these messages; it folds all but two when there are more than four."""
    memory = memory or DictMemory(window_size=4)
    for place in range(0, len(contents), 2):
        memory.seed(SESSION, *contents[place : place + 2])
    return memory


EARLIER, EXCHANGE, LATER = ("one", "two"), ("hi im bob", "Hello Bob."), ("later", "indeed")


@pytest.mark.parametrize(
    ("contents", "remembered"),
    [
        (EARLIER, False),
        (EARLIER + EXCHANGE, True),
        (EARLIER + EXCHANGE + LATER, True),  # folded meanwhile
        (EARLIER + LATER + EXCHANGE, False),  # the same words in another place
        ((), False),
    ],
)
async def test_an_exchange_is_found_wherever_it_is(contents, remembered):
    """In the window or among the folded messages, but only after its mark."""
    assert await is_remembered(COPY, SESSION, memory_of(*contents)) is remembered


async def test_folded_messages_that_are_not_kept_cannot_be_found():
    """Then only saving again, under the turn's id, avoids a duplicate."""
    memory = memory_of(*EARLIER, *EXCHANGE, *LATER, memory=WithoutScrollBack(window_size=4))
    assert not await is_remembered(COPY, SESSION, memory)


async def test_a_copy_is_saved_once():
    """Saving it again adds nothing."""
    memory = memory_of(*EARLIER)
    for _ in range(2):
        await save_copy(COPY, SESSION, memory)
    assert [message.content for message in memory.said("owner.s")] == [*EARLIER, *EXCHANGE]


async def test_a_copy_is_saved_only_in_its_own_place():
    """Not after later turns, and not in a session that replaced its own."""
    memory = memory_of(*EARLIER, *LATER)
    with pytest.raises(InvalidCopy):
        await save_copy(COPY, SESSION, memory)
    with pytest.raises(SessionGone):
        await save_copy(replace(COPY, epoch="before"), SESSION, memory_of(*EARLIER))
    assert not await is_remembered(replace(COPY, epoch="before"), SESSION, memory_of(*EARLIER, *EXCHANGE))
