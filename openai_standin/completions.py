"""The answer to a request for text, in OpenAI's shapes: one body, or the events of a stream."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from openai_standin.answers import answer
from openai_standin.prompts import Prompt, SummaryRequest, Turn, parse_messages, parse_text
from openai_standin.requests import ChatRequest, CompletionRequest, TextRequest
from openai_standin.summaries import summarise

_TOKEN = re.compile(r"\s*\S{1,12}|\s+")
_ROLES = {"user": "user", "human": "user", "system": "system", "developer": "system"}


def tokens(text: str) -> list[str]:
    """``text`` cut into what is streamed and counted, a word or twelve letters of a long one; joined it is the same."""
    return _TOKEN.findall(text)


@dataclass(frozen=True)
class Completion:
    """The text for each prompt of a request and why it ends there; body and events begin with ``head``."""

    head: dict[str, Any]
    texts: list[tuple[str, str]]
    usage: dict[str, int]
    is_chat: bool

    def body(self) -> dict[str, Any]:
        """The whole, where no stream is wanted."""
        choices = [
            _choice(place, {"message": {"role": "assistant", "content": text, "refusal": None}}, end)
            if self.is_chat
            else _choice(place, {"text": text}, end)
            for place, (text, end) in enumerate(self.texts)
        ]
        return {**self.head, "choices": choices, "usage": self.usage}

    def events(self, *, with_usage: bool) -> Iterator[bytes]:
        """The server-sent events of a stream, one a token, prompt after prompt."""
        if self.is_chat:
            yield self._event(_choice(0, {"delta": {"role": "assistant", "content": ""}}))
        for place, (text, end) in enumerate(self.texts):
            for token in tokens(text):
                yield self._event(_choice(place, {"delta": {"content": token}} if self.is_chat else {"text": token}))
            yield self._event(_choice(place, {"delta": {}} if self.is_chat else {"text": ""}, end))
        if with_usage:
            yield self._event(usage=self.usage)
        yield b"data: [DONE]\n\n"

    def _event(self, *choices: dict[str, Any], **more: object) -> bytes:
        return b"data: " + msgspec.json.encode({**self.head, "choices": choices, **more}) + b"\n\n"


def complete(request: ChatRequest | TextRequest, head: dict[str, Any], summary_words: int) -> Completion:
    """The answer to ``request``; a summary that names no bound gets at most ``summary_words`` words."""
    if isinstance(request, ChatRequest):
        asked = [message.text for message in request.messages]
        turns = [Turn(_ROLES.get(message.role, "assistant"), message.text) for message in request.messages]
        prompts = [parse_messages(turns)]
    else:
        asked = request.prompts
        prompts = [parse_text(prompt) for prompt in asked]
    texts = [_cut(_written(prompt, summary_words), request) for prompt in prompts]
    return Completion(head, texts, _usage(asked, [text for text, _ in texts]), isinstance(request, ChatRequest))


def _written(prompt: Prompt | SummaryRequest, summary_words: int) -> str:
    return summarise(prompt, summary_words) if isinstance(prompt, SummaryRequest) else answer(prompt)


def _cut(text: str, request: CompletionRequest) -> tuple[str, str]:
    """``text`` as far as the request wants it, and why it ends there."""
    ends = [place for stop in request.stops if (place := text.find(stop)) >= 0]
    text = text[: min(ends)] if ends else text
    pieces = tokens(text)
    if request.limit is not None and len(pieces) > request.limit:
        return "".join(pieces[: request.limit]), "length"
    return text, "stop"


def _usage(asked: list[str], answered: list[str]) -> dict[str, int]:
    spent, written = (sum(len(tokens(text)) for text in texts) for texts in (asked, answered))
    return {"prompt_tokens": spent, "completion_tokens": written, "total_tokens": spent + written}


def _choice(index: int, content: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {"index": index, **content, "logprobs": None, "finish_reason": finish}
