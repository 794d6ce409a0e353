"""Finding the message to answer again."""

from __future__ import annotations

import pytest

from chat_client import ChatClient, ChatError
from chat_client.questions import question
from tests.support.scripted_openai import ScriptedOpenAI


async def test_a_message_is_found_by_itself_and_by_its_reply(chat: ChatClient, model: ScriptedOpenAI):
    """By id and by number; without one, it is the last."""
    await chat.ask("trip", "one", turn_id="t1")
    await chat.ask("trip", "two", turn_id="t2")
    trip = chat.session("trip")
    for name in ("1", "2", "t1.message", "t1.reply"):
        assert (await question(trip, name)).text == "one"
    assert (await question(trip, None)).text == "two"


async def test_a_missing_message_raises(chat: ChatClient):
    """Whether the session is empty or the id unknown."""
    for name in (None, "nothing"):
        with pytest.raises(ChatError):
            await question(chat.session("empty"), name)
