"""LangChain's messages on the protocol, and back."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    RemoveMessage,
    SystemMessage,
    ToolMessage,
)

from langchain_motorhead.messages import messages_of, rows_of, text_of

CALL: Any = {"name": "weather", "args": {"place": "Ulm"}, "id": "1"}
CALL_CHUNK: Any = {**CALL, "args": "{}", "index": 0}


def kinds(messages: list[BaseMessage]) -> list[tuple[type[BaseMessage], str]]:
    """The type and text of each message."""
    return [(type(one), str(one.content)) for one in messages]


def test_a_tools_call_and_its_result_are_left_out_together() -> None:
    """They would come back as an empty message of the model and as words of the user; the rest stays."""
    said: list[BaseMessage] = [
        HumanMessage("How is the weather?"),
        AIMessage("", tool_calls=[CALL]),
        ToolMessage("sunny", tool_call_id="1"),
        AIMessageChunk(content="Let me ask another.", tool_call_chunks=[CALL_CHUNK]),
        FunctionMessage(content="rain", name="weather"),
        ChatMessage(content="fog", role="tool"),
        RemoveMessage("7"),
        AIMessage("\n\n", tool_calls=[CALL]),
        AIMessage([{"type": "tool_use", "id": "2", "name": "weather", "input": {}}], tool_calls=[CALL]),
        AIMessage("It is sunny."),
    ]
    assert kinds(messages_of(rows_of(said))) == [
        (HumanMessage, "How is the weather?"),
        (AIMessage, "Let me ask another."),
        (AIMessage, "It is sunny."),
    ]


def test_what_earlier_versions_wrote_of_tools_is_not_read() -> None:
    """They wrote a call as an empty message of the model, and its result under the role of the tool."""
    written = [("Human", "hi"), ("AI", ""), ("AI", "\n"), ("tool", "sunny"), ("function", "rain"), ("AI", "It is.")]
    rows = [{"role": role, "content": content} for role, content in written]
    assert kinds(messages_of(rows)) == [(HumanMessage, "hi"), (AIMessage, "It is.")]


@pytest.mark.parametrize(
    ("role", "kind"),
    [("AI", AIMessage), ("assistant", AIMessage), ("Bot", AIMessage), ("system", SystemMessage),
     ("developer", SystemMessage), ("Human", HumanMessage), ("user", HumanMessage), ("Alice", HumanMessage)],
)  # fmt: skip
def test_roles_are_read_as_any_client_writes_them(role: str, kind: type[BaseMessage]) -> None:
    """In any case; an unknown role is the user. The id is the server's."""
    [message] = messages_of([{"role": role, "content": "x", "id": "3"}])
    assert (type(message), message.id) == (kind, "3")


def test_roles_are_written_as_the_protocol_names_them() -> None:
    """Human and AI, also for messages that carry the role as a name; others keep theirs."""
    messages = [HumanMessage("x"), AIMessage("x"), SystemMessage("x"), AIMessageChunk(content="x")]
    named = [ChatMessage(content="x", role=role) for role in ("user", "assistant", "Alice")]
    roles = [row["role"] for row in rows_of([*messages, *named])]
    assert roles == ["Human", "AI", "system", "AI", "Human", "AI", "Alice"]


IMAGE: Any = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (" as it is\n", " as it is\n"),
        ([{"type": "text", "text": "What is this?"}, IMAGE], "What is this?\n[image]"),
        ([IMAGE, IMAGE, "Compare them."], "[image]\n[image]\nCompare them."),
        ([{"type": "text", "text": "in "}, {"type": "text", "text": "pieces"}], "in pieces"),
        ([{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA"}}], "[image]"),
        ([{"type": "input_image", "image_url": "http://localhost/a.png"}], "[image]"),
        ([{"type": "media", "mime_type": "image/png", "data": "AA"}], "[image]"),
        ([{"type": "input_audio", "input_audio": {"data": "AA", "format": "wav"}}], "[audio]"),
        ([{"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AA"}}], "[file]"),
        ([], ""),
    ],
)
def test_parts_that_are_not_text_leave_their_name(content: Any, text: str) -> None:
    """A picture becomes ``[image]`` on a line of its own."""
    assert text_of(HumanMessage(content)) == text


def test_a_models_thoughts_are_not_its_words() -> None:
    """Only the text of an answer in parts is remembered."""
    parts: Any = [
        {"type": "thinking", "thinking": "hm"},
        {"type": "reasoning", "summary": []},
        {"type": "text", "text": "a"},
    ]
    assert text_of(AIMessage(parts)) == "a"
    assert text_of(AIMessage([{"type": "output_text", "text": "a"}])) == "a"
