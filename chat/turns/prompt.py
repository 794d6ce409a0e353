"""The prompt: the system text, the running summary, recalled lines, the window and the new message.

After the system text it begins with a message of the user, and the roles take turns: the templates of many models
accept nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, takewhile

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from chat.domain.messages import Memory, Message
from chat.domain.prompts import PartKind, PromptPart, messages_of

#: A token is about 4 characters of English or German, fewer of other scripts and of code: 3 is on the safe side.
CHARACTERS_PER_TOKEN = 3
#: Added to each message's text.
TOKENS_PER_MESSAGE = 8
#: The part of the budget that recalled lines may take when the whole window does not fit.
RECALLED_SHARE = 8

#: Put between neighbours of one role, which become one message.
_BETWEEN = "\n\n"

_SUMMARY = "What you remember of earlier in this session (running summary):\n"
_RECALLED = "Lines of earlier in this session that may matter now:\n"
_ANSWER = "Your answer just before the messages that follow:\n"

_ROLES: dict[str, type[BaseMessage]] = {"system": SystemMessage, "user": HumanMessage, "assistant": AIMessage}


@dataclass(frozen=True, slots=True)
class Prompt:
    """The prompt for the model, in ``parts``, for which there was a ``budget`` of tokens.

    ``included`` of the window's messages are in it, ``omitted`` of the oldest did not fit into the budget; ``recalled``
    are the recalled lines that did.
    """

    parts: tuple[PromptPart, ...]
    budget: int
    included: int
    omitted: int
    recalled: Sequence[str] = ()

    @property
    def messages(self) -> list[BaseMessage]:
        """The messages for the model."""
        return [_ROLES[role](text) for role, text in messages_of(self.parts)]

    @property
    def tokens(self) -> int:
        """An estimate of its tokens."""
        return sum(part.tokens for part in self.parts)

    @property
    def tokens_by_kind(self) -> dict[str, int]:
        """The same for each kind of part that it has."""
        kinds = groupby(self.parts, key=lambda part: part.kind)
        return {kind.value: sum(part.tokens for part in parts) for kind, parts in kinds}


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
    kept = _newest_within(window, budget - fixed - sum(map(tokens_of, recalled)))
    parts = (*_system_parts(system, memory.context, recalled), *_said_parts(kept, text))
    return Prompt(parts, budget, len(kept), len(window) - len(kept), recalled)


# One system message: some models read only the first.
def _system_parts(system: str, context: str | None, recalled: Sequence[str]) -> Iterator[PromptPart]:
    yield PromptPart(PartKind.SYSTEM, system, tokens_of(system), "system")
    if context:
        yield PromptPart(PartKind.SUMMARY, context, tokens_of(context), "system", _BETWEEN + _SUMMARY)
    if recalled:
        tokens = sum(map(tokens_of, recalled))
        yield PromptPart(PartKind.RECALLED, "\n".join(recalled), tokens, "system", _BETWEEN + _RECALLED)


def _said_parts(window: Sequence[Message], text: str) -> Iterator[PromptPart]:
    """The window and the new ``text``. Neighbours of one role are parted by a blank line."""
    answers = sum(1 for _ in takewhile(lambda message: message.is_reply, window))
    role = "system"
    for number, message in enumerate(window):
        before, role = role, "system" if number < answers else _role_of(message)
        lead = _BETWEEN if role == before else ""
        if answers and number == 0:
            lead += _ANSWER
        yield PromptPart(PartKind.WINDOW, message.content, tokens_of(message.content), role, lead, message.id)
    yield PromptPart(PartKind.MESSAGE, text, tokens_of(text), "user", _BETWEEN if role == "user" else "")


def _role_of(message: Message) -> str:
    return "assistant" if message.is_reply else "user"


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


def tokens_in(characters: int) -> int:
    """The estimated tokens of a reply with this many characters, to which a model adds nothing."""
    return -(-characters // CHARACTERS_PER_TOKEN)
