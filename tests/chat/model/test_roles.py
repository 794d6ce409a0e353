"""Prompts without a system message."""

from __future__ import annotations

import json

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from chat.domain.exceptions import ModelRefused
from chat.model.client import ChatModel
from chat.model.roles import without_system
from tests.support.scripted_openai import Reply, ScriptedOpenAI

PROMPT = [SystemMessage("Be brief."), HumanMessage("hi im bob")]
WORDS = "Conversation roles must alternate user/assistant/user/assistant/..."
REFUSED = Reply(status=400, error=WORDS)
#: llama.cpp's status, and an error in a stream that has begun with status 200.
FAILED = Reply(status=500, error=f"Error: Jinja Exception: {WORDS}")
IN_STREAM = Reply(raw=[f"data: {json.dumps({'object': 'error', 'message': WORDS, 'code': 400})}\n\n".encode()])


def test_the_system_text_goes_to_the_head_of_the_first_message() -> None:
    """All other messages stay as they are."""
    prompt = [SystemMessage("Be brief."), HumanMessage("a"), AIMessage("b"), HumanMessage("c")]
    assert without_system(prompt) == [HumanMessage("Be brief.\n\na"), AIMessage("b"), HumanMessage("c")]


def test_a_prompt_without_a_system_text_stays_as_it_is() -> None:
    """There is nothing to move."""
    assert without_system([HumanMessage("a")]) == [HumanMessage("a")]
    assert without_system([]) == []


@pytest.mark.parametrize("refused", [REFUSED, FAILED, IN_STREAM])
async def test_a_template_without_a_system_role_is_asked_once_more(
    model: ChatModel, scripted_openai: ScriptedOpenAI, refused: Reply
) -> None:
    """The second request has no system message, and neither has the first of the next turn."""
    scripted_openai.enqueue(refused, "Hi Bob", "Hi again")
    assert "".join([str(piece) async for piece in model.stream_reply(PROMPT)]) == "Hi Bob"
    assert "".join([str(piece) async for piece in model.stream_reply(PROMPT)]) == "Hi again"
    roles = [[message["role"] for message in request.messages] for request in scripted_openai.requests]
    assert roles == [["system", "user"], ["user"], ["user"]]
    assert scripted_openai.requests[2].text == "Be brief.\n\nhi im bob"


async def test_a_template_that_refuses_both_fails_with_a_sentence(
    model: ChatModel, scripted_openai: ScriptedOpenAI
) -> None:
    """Nothing is concluded from a refusal of both: the next prompt has its system message."""
    scripted_openai.enqueue(REFUSED, REFUSED, "Hi")
    with pytest.raises(ModelRefused, match="template"):
        _ = [piece async for piece in model.stream_reply(PROMPT)]
    assert [piece async for piece in model.stream_reply(PROMPT)] == ["Hi"]
    assert [len(request.messages) for request in scripted_openai.requests] == [2, 1, 2]
