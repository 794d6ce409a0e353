"""Editing, folding and restoring a session's summary."""

from __future__ import annotations

import pytest

from chat.domain.exceptions import InvalidDetails, SummaryChanged
from chat.domain.session_ids import Session
from chat.sessions.summary import LONGEST, edit_summary, fold_session, restore_summary
from tests.support.in_memory import DictBells, DictMemory

SESSION = Session("owner.s1", "chat.owner")


@pytest.fixture
def memory() -> DictMemory:
    """A memory with four messages in the session."""
    memory = DictMemory()
    memory.seed(SESSION, *"abcd")
    return memory


async def test_every_verb_is_announced(memory: DictMemory) -> None:
    """A fold, an edit and a restore each make open pages look again."""
    bells = DictBells()
    await fold_session(SESSION, "2", memory, bells)
    tag = (await memory.get_memory(SESSION.memory_id)).summary_tag
    await edit_summary(SESSION, " Better. ", summary_tag=tag, memory=memory, bells=bells)
    assert (await memory.get_memory(SESSION.memory_id)).context == "Better."
    await restore_summary(SESSION, 1, memory, bells)
    assert (await memory.get_memory(SESSION.memory_id)).context != "Better."
    assert bells.rung == [SESSION] * 3


async def test_a_fold_says_whether_anything_was_folded(memory: DictMemory) -> None:
    """A window that is at most half full is left as it is."""
    memory.window_size = 8
    assert not await fold_session(SESSION, None, memory, DictBells())
    assert await fold_session(SESSION, "2", memory, DictBells())


@pytest.mark.parametrize(("context", "sentence"), [(" \n", "empty"), ("x" * (LONGEST + 1), "at most 20,000")])
async def test_a_summary_that_cannot_be_kept_is_refused(memory: DictMemory, context: str, sentence: str) -> None:
    """An empty summary would forget without deleting; a long one would leave no room in the prompt."""
    with pytest.raises(InvalidDetails, match=sentence):
        await edit_summary(SESSION, context, summary_tag="t", memory=memory, bells=DictBells())


async def test_an_edit_of_a_changed_summary_is_refused_silently_for_others(memory: DictMemory) -> None:
    """A refused edit is not announced."""
    bells = DictBells()
    with pytest.raises(SummaryChanged):
        await edit_summary(SESSION, "Better.", summary_tag="old", memory=memory, bells=bells)
    assert bells.rung == []
