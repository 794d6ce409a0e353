"""The prompt: the system text, the running summary, recalled lines, the window and the new message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.prompts import ChatPromptTemplate, HumanMessagePromptTemplate, MessagesPlaceholder

from chat.domain.messages import Memory, Message

#: A token is about 4 characters of English or German, fewer of other scripts and of code: 3 is on the safe side.
CHARACTERS_PER_TOKEN = 3
#: Added to each message's text.
TOKENS_PER_MESSAGE = 8

_SUMMARY = "What you remember of earlier in this session (running summary):\n{context}"
_RECALLED = "Lines of earlier in this session that may matter now:\n{recalled}"


@dataclass(frozen=True, slots=True)
class Prompt:
    """The ``messages`` for the model. ``omitted`` of the window's oldest did not fit into the budget."""

    messages: list[BaseMessage]
    omitted: int = 0


def build_prompt(memory: Memory, text: str, *, system: str, budget: int, recalled: Sequence[str] = ()) -> Prompt:
    """The prompt for the user's ``text``, cut to ``budget`` tokens by omitting the window's oldest messages.

    The system text, the summary, the recalled lines and the new message are never cut. Pure: the same arguments give
    the same prompt.
    """
    fixed = sum(map(_cost, (system, memory.context or "", *recalled, text)))
    kept = _newest_within(memory.messages, budget - fixed)
    template = _template(summary=bool(memory.context), recalled=bool(recalled))
    messages = template.format_messages(
        system=system,
        context=memory.context,
        recalled="\n".join(recalled),
        window=[_spoken(message) for message in kept],
        text=text,
    )
    return Prompt(messages, omitted=len(memory.messages) - len(kept))


@cache
def _template(*, summary: bool, recalled: bool) -> ChatPromptTemplate:
    # One system message: some models read only the first.
    parts = ["{system}", *([_SUMMARY] if summary else []), *([_RECALLED] if recalled else [])]
    return ChatPromptTemplate.from_messages(
        [
            ("system", "\n\n".join(parts)),
            MessagesPlaceholder("window"),
            HumanMessagePromptTemplate.from_template("{text}"),
        ]
    )


def _newest_within(messages: Sequence[Message], budget: int) -> Sequence[Message]:
    kept = len(messages)
    for message in reversed(messages):
        budget -= _cost(message.content)
        if budget < 0:
            break
        kept -= 1
    return messages[kept:]


def _cost(text: str) -> int:
    return len(text) // CHARACTERS_PER_TOKEN + TOKENS_PER_MESSAGE


def _spoken(message: Message) -> BaseMessage:
    return AIMessage(message.content) if message.is_reply else HumanMessage(message.content)
