"""The prompt: the system text, the running summary, recalled lines, the window and the new message.

After the system text it begins with a message of the user, and the roles take turns: the templates of many models
accept nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, groupby, takewhile

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder

from chat.domain.messages import Memory, Message, Role

#: A token is about 4 characters of English or German, fewer of other scripts and of code: 3 is on the safe side.
CHARACTERS_PER_TOKEN = 3
#: Added to each message's text.
TOKENS_PER_MESSAGE = 8
#: The part of the budget that recalled lines may take when the whole window does not fit.
RECALLED_SHARE = 8

#: Put between neighbours of one role, which become one message.
_BETWEEN = "\n\n"

_SUMMARY = "What you remember of earlier in this session (running summary):\n{context}"
_RECALLED = "Lines of earlier in this session that may matter now:\n{recalled}"
_ANSWER = "Your answer just before the messages that follow:\n{answer}"


@dataclass(frozen=True, slots=True)
class Prompt:
    """The ``messages`` for the model, an estimated number of ``tokens``.

    ``included`` of the window's messages are in it, ``omitted`` of the oldest did not fit into the budget; ``recalled``
    are the recalled lines that did.
    """

    messages: list[BaseMessage]
    included: int
    omitted: int
    tokens: int
    recalled: Sequence[str] = ()


def build_prompt(memory: Memory, text: str, *, system: str, budget: int, recalled: Sequence[str] = ()) -> Prompt:
    """The prompt for the user's ``text``, cut to ``budget`` tokens by omitting the window's oldest messages.

    The system text, the summary and the new message are never cut. Recalled lines take what the window leaves; if the
    budget is too small for the window, they take an eighth of it. An answer with which the window begins goes into the
    system text. Blank messages, which some models refuse, and results of tools are left out. Pure: the same arguments
    give the same prompt.
    """
    window = [message for message in memory.messages if message.is_said]
    fixed = sum(map(tokens_of, (system, memory.context or "", text)))
    spare = budget - fixed - sum(tokens_of(message.content) for message in window)
    recalled = _first_within(recalled, spare if spare >= 0 else budget // RECALLED_SHARE)
    fixed += sum(map(tokens_of, recalled))
    kept = _newest_within(window, budget - fixed)
    answer = list(takewhile(lambda message: message.is_reply, kept))
    template = _template(summary=bool(memory.context), recalled=bool(recalled), answer=bool(answer))
    messages = template.format_messages(
        system=system,
        context=memory.context,
        recalled="\n".join(recalled),
        answer=_joined(answer),
        messages=_in_turns([*kept[len(answer) :], Message(Role.HUMAN, text)]),
    )
    tokens = fixed + sum(tokens_of(message.content) for message in kept)
    return Prompt(messages, len(kept), len(window) - len(kept), tokens, recalled)


@cache
def _template(*, summary: bool, recalled: bool, answer: bool) -> ChatPromptTemplate:
    # One system message: some models read only the first.
    optional = ((summary, _SUMMARY), (recalled, _RECALLED), (answer, _ANSWER))
    parts = ["{system}", *(part for wanted, part in optional if wanted)]
    return ChatPromptTemplate.from_messages([("system", _BETWEEN.join(parts)), MessagesPlaceholder("messages")])


def _in_turns(messages: Iterable[Message]) -> list[BaseMessage]:
    """The messages with neighbours of one role joined."""
    return [_spoken(list(group)) for _, group in groupby(messages, key=lambda message: message.is_reply)]


def _spoken(messages: Sequence[Message]) -> BaseMessage:
    text = _joined(messages)
    return AIMessage(text) if messages[0].is_reply else HumanMessage(text)


def _joined(messages: Sequence[Message]) -> str:
    return _BETWEEN.join(message.content for message in messages)


def _newest_within(messages: Sequence[Message], budget: int) -> Sequence[Message]:
    kept = len(messages)
    for message in reversed(messages):
        budget -= tokens_of(message.content)
        if budget < 0:
            break
        kept -= 1
    return messages[kept:]


def _first_within(lines: Sequence[str], budget: int) -> Sequence[str]:
    costs = accumulate(map(tokens_of, lines))
    return lines[: sum(cost <= budget for cost in costs)]


def tokens_of(text: str) -> int:
    """The estimated tokens of a message with this ``text``."""
    return len(text) // CHARACTERS_PER_TOKEN + TOKENS_PER_MESSAGE
