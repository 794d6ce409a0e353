"""What is remembered of a session."""

from __future__ import annotations

from chat.api.past import NEWEST, no_entries
from tests.chat.api.scripted_runs import past


async def test_the_newest_messages_are_loaded_with_the_memory():
    """At most as many as a page can show."""
    before = past(*map(str, range(NEWEST + 2)))
    history = await before.history()
    assert [message.content for message in history.messages] == [str(number) for number in range(2, NEWEST + 2)]
    assert (await before.remembered()).messages[-1] == history.messages[-1]


async def test_a_session_without_an_answer_has_no_entries():
    """They end at once."""
    assert [entry async for entry in no_entries()] == []
