"""LangChain's messages and those of the Motörhead protocol, which have a role and a text and nothing else.

Tool calls have no place there: sent as text, they would come back as words of the user. So a call and its result are
left out together; the question, what the model said and its final answer stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    BaseMessageChunk,
    ChatMessage,
    HumanMessage,
    SystemMessage,
    message_chunk_to_message,
)

Row = dict[str, Any]

#: Roles and types of messages on either side, in lower case. All others are the user's, as in LangChain's older client.
MODEL = {"ai", "assistant", "bot", "model"}
SYSTEM = {"system", "developer"}
LEFT_OUT = {"tool", "function", "remove"}
#: Parts of a content that cannot be remembered; each leaves its name in brackets.
MEDIA = ("image", "audio", "video", "file")


def rows_of(messages: Iterable[BaseMessage]) -> list[Row]:
    """The messages as the protocol has them, without tool calls and their results."""
    rows = [{"role": _role(message), "content": text_of(message)} for message in map(_whole, messages)]
    return [row for row in rows if _is_kept(row)]


def messages_of(rows: Iterable[Row]) -> list[BaseMessage]:
    """The messages in ``rows``, without the traces of tool calls that earlier versions have left there."""
    return [_message(row) for row in rows if _is_kept(row)]


def text_of(message: BaseMessage) -> str:
    """The text of a message, with a line such as ``[image]`` for each part that is not text."""
    if isinstance(message.content, str):
        return message.content
    lines = [""]
    for block in message.content_blocks:
        text, medium = _parts(block)
        lines[-1] += text
        if medium:
            lines += [f"[{medium}]", ""]
    return "\n".join(filter(None, lines))


def _parts(block: Mapping[str, Any]) -> tuple[str, str]:
    """The text of a block, and the name of its medium; both "" for anything else, such as a tool call."""
    if block["type"] == "non_standard":  # a part that LangChain has not translated, as its provider sent it
        block = block["value"]
    kind = f"{block.get('type')} {block.get('mime_type')}"
    medium = next((medium for medium in MEDIA if medium in kind), "")
    text = "" if medium or "text" not in kind else str(block.get("text") or "")
    return text, medium


def _is_kept(row: Row) -> bool:
    """Whether a row is part of the conversation: no tool's, and no model's without a word.

    Some models write a line end before their tool calls.
    """
    role = row["role"].lower()
    return role not in LEFT_OUT and (role not in MODEL or bool(row["content"].strip()))


def _whole(message: BaseMessage) -> BaseMessage:
    """The message itself for a chunk of a stream."""
    return message_chunk_to_message(message) if isinstance(message, BaseMessageChunk) else message


def _role(message: BaseMessage) -> str:
    """The user is Human, the model AI; other roles keep their name in LangChain."""
    named = message.role if isinstance(message, ChatMessage) else message.type
    if named.lower() in MODEL:
        return "AI"
    return "Human" if named.lower() in {"human", "user"} else named


def _message(row: Row) -> BaseMessage:
    role = row["role"].lower()
    kind = AIMessage if role in MODEL else SystemMessage if role in SYSTEM else HumanMessage
    return kind(row["content"], id=row.get("id"))
