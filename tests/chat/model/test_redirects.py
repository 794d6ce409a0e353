"""Redirections of the model's server."""

from __future__ import annotations

import re

import pytest

from chat.domain.exceptions import ModelRefused
from chat.model.client import ChatModel
from tests.chat.model.test_client import PROMPT
from tests.support.scripted_openai import Reply, ScriptedOpenAI
from tests.support.servers import PATIENCE


@pytest.mark.parametrize("status", [301, 302, 303])
async def test_a_redirection_that_loses_the_question_names_the_new_address(
    scripted_openai: ScriptedOpenAI, status: int
) -> None:
    """Clients follow it with a GET, whose answer says nothing about the model; no query is shown."""
    model = ChatModel("scripted", base_url=scripted_openai.url, api_key="key", patience=20 * PATIENCE)
    place = scripted_openai.url.replace("/v1", "/api/v2")
    there = f"{place}/chat/completions?key=k"
    scripted_openai.enqueue(Reply(status=status, raw=[b""], headers={"Location": there}))
    with pytest.raises(ModelRefused, match=f"redirects to {re.escape(place)}. Set OPENAI_BASE_URL to that address"):
        assert not [piece async for piece in model.stream_reply(PROMPT)]
    await model.aclose()


@pytest.mark.parametrize("status", [307, 308])
async def test_a_redirection_that_keeps_the_question_is_followed(scripted_openai: ScriptedOpenAI, status: int) -> None:
    """The answer is that of the new address."""
    model = ChatModel("scripted", base_url=scripted_openai.url, api_key="key", patience=20 * PATIENCE)
    there = {"Location": f"{scripted_openai.url}/other/chat/completions"}
    scripted_openai.enqueue(Reply(status=status, raw=[b""], headers=there), "Hi Bob")
    assert "".join([str(piece) async for piece in model.stream_reply(PROMPT)]) == "Hi Bob"
    await model.aclose()
