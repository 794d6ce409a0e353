"""What a fold, or another person, has changed in the summary that an open page shows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from chat.domain.exceptions import MemoryServerError
from chat.domain.messages import Memory
from chat.page.screen.shown_memory import ShownMemory
from chat.page.word_changes import Piece, changes
from chat.turns.ports import MemoryPort


async def find_rewritten(
    port: MemoryPort, memory_id: str, before: ShownMemory | None, memory: Memory
) -> Sequence[Piece]:
    """The changes between the two newest versions of the summary, if the page shows an older one; otherwise nothing."""
    if not (before and before.summary_tag and memory.context) or before.summary_tag == memory.summary_tag:
        return ()
    with suppress(MemoryServerError):  # then the new text is shown without marks
        newest, *older = (await port.list_summaries(memory_id, limit=2)).versions or (None,)
        if newest and newest.context == memory.context:
            return await asyncio.to_thread(changes, older[0].context if older else "", newest.context)
    return ()
