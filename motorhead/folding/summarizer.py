"""Running summaries: the prompt, and the checks of the model's answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from motorhead.config import ModelSettings
from motorhead.exceptions import RolesRefused, SummaryCut, SummaryRefused, SummaryWithheld
from motorhead.folding.refusals import is_refusal, is_unchanged
from motorhead.messages import UNREADABLE, Message
from motorhead.model.client import ModelClient, unreadable
from motorhead.model.reasoning import answer_in, spoken, without_reasoning
from motorhead.usage import NO_USAGE, Usage

WHAT = "summary model"

SYSTEM = """\
You keep the running summary of a conversation between a human and an AI. You are given the current summary \
and the lines that were said since. Write the new summary, which takes the place of the current one: whatever \
you leave out is forgotten for ever.

Keep first what the human stated: names, numbers, dates, places, preferences, decisions, open questions. \
Keep what the current summary says unless the new lines correct it. Then, as far as there is room, what the AI \
answered. Leave out greetings and small talk. Write plain prose in the language of the conversation, in the \
third person, in at most {words} words. Answer with the summary alone."""

INSTRUCTIONS = """\


Follow these instructions as well; where two contradict each other, the later one counts:
{instructions}"""

USER = """\
Current summary:
{summary}

New lines of conversation:
{lines}

New summary:"""

NO_SUMMARY = "(none yet)"
#: A generous length of a word with its space; a text longer than the word limit times this is refused.
CHARACTERS_A_WORD = 20


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary and the tokens spent on it."""

    text: str
    prompt_tokens: int
    completion_tokens: int

    @property
    def usage(self) -> Usage:
        """The tokens spent."""
        return Usage(self.prompt_tokens, self.completion_tokens)


class _ReplyMessage(msgspec.Struct):
    content: str | list[Any] | None = None


class _Choice(msgspec.Struct):
    message: _ReplyMessage
    finish_reason: str | None = None


class _Completion(msgspec.Struct):
    """The fields of a chat completion that are read here."""

    choices: list[_Choice]
    usage: Any = None


class Summarizer(Protocol):
    """Writes running summaries."""

    async def summarize(self, current: str | None, lines: Sequence[str], instructions: str = "") -> Summary:
        """A new summary of the ``current`` one and ``lines``. ``instructions`` are the session's own.

        Raises `ModelError`: the model gave no summary.
        """


class ModelSummarizer:
    """Asks a chat model for its summaries."""

    def __init__(self, settings: ModelSettings, words: int, instructions: str = "") -> None:
        """``instructions`` are for the summaries of all sessions."""
        self._client = ModelClient(settings, settings.azure.deployment if settings.azure else None, WHAT)
        self._model = settings.chat
        self._words = words
        self._instructions = instructions
        #: Whether the model has refused a system message; its text then begins the user's.
        self._one_message = False

    async def summarize(self, current: str | None, lines: Sequence[str], instructions: str = "") -> Summary:
        """See Summarizer."""
        system = system_text(self._words, self._instructions, instructions)
        choice, usage = _decode(await self._answer(system, _question(current, lines)))
        text = checked(answer_in(choice.message.content), choice.finish_reason, self._words, usage, current)
        return Summary(text, usage.prompt, usage.completion)

    async def _answer(self, system: str, user: str) -> bytes:
        if not self._one_message:
            try:
                return await self._asked(("system", system), ("user", user))
            except RolesRefused:
                self._one_message = True
        return await self._asked(("user", f"{system}\n\n{user}"))

    async def _asked(self, *messages: tuple[str, str]) -> bytes:
        question = [{"role": role, "content": content} for role, content in messages]
        return await self._client.ask("/chat/completions", {"model": self._model, "messages": question})

    async def close(self) -> None:
        """Close the client's connections."""
        await self._client.close()


def system_text(words: int, *instructions: str) -> str:
    """The system text for a summary of at most ``words`` words, with further ``instructions``; the last counts most."""
    given = "\n".join(text for text in instructions if text)
    return SYSTEM.format(words=words) + (INSTRUCTIONS.format(instructions=given) if given else "")


def checked(
    text: str, finish_reason: str | None, words: int, usage: Usage = NO_USAGE, current: str | None = None
) -> str:
    """``text`` without surrounding white space, or the ``current`` summary if it states that nothing changes.

    ``usage``: the tokens of the answer, for the error.
    Raises `SummaryCut`: the summary was cut short.
    Raises `SummaryRefused`: the text is too long for a summary.
    Raises `SummaryWithheld`: there is no text, or it refuses to be a summary.
    """
    summary = text.strip()
    if finish_reason == "length":
        raise SummaryCut(f"The {WHAT} stopped before its summary was complete.", usage)
    if finish_reason == "content_filter":
        raise SummaryWithheld(f"The {WHAT} withheld the summary (content filter).", usage)
    if not summary or summary.strip("\"'.()").lower() in {"none", "none yet"}:
        raise SummaryWithheld(f"The {WHAT} gave no summary.", usage)
    if current and _known(current) and is_unchanged(summary):
        return current
    if is_refusal(summary):
        raise SummaryWithheld(f"The {WHAT} refused, in words, to write a summary.", usage)
    if len(summary) > words * CHARACTERS_A_WORD:
        raise SummaryRefused(f"The {WHAT} wrote far more than {words} words.", usage)
    return summary


def line_of(message: Message) -> str:
    """A message as it appears in the prompt, without reasoning: ``Human: …`` or ``AI: …``, further lines indented."""
    speaker = "AI" if message.by_model else "Human"
    return f"{speaker}: " + "\n  ".join(spoken(message).splitlines())


def _decode(body: bytes) -> tuple[_Choice, Usage]:
    try:
        answer = msgspec.json.decode(body, type=_Completion)
        return answer.choices[0], Usage.reported(answer.usage)
    except (*UNREADABLE, IndexError) as error:
        raise unreadable(WHAT) from error


def _question(current: str | None, lines: Sequence[str]) -> str:
    return USER.format(summary=_known(current) or NO_SUMMARY, lines="\n".join(lines))


def _known(current: str | None) -> str:
    """The text of the ``current`` summary; empty if it says nothing."""
    known = without_reasoning(current or "")
    return known if known.strip() not in {"", "NONE"} else ""
