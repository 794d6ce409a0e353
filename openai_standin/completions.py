"""Completions in OpenAI's formats: one body, or the events of a stream."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from openai_standin.answers import answer
from openai_standin.prompts import SummaryRequest, Turn, parse_messages, parse_text, role_of
from openai_standin.requests import CompletionRequest
from openai_standin.summaries import summarise

_TOKEN = re.compile(r"\s*\S{1,12}|\s+")


def tokens(text: str) -> list[str]:
    """``text`` in the pieces that are streamed and counted: words with the whitespace before them, long ones split."""
    return _TOKEN.findall(text)


@dataclass(frozen=True)
class Completion:
    """The text and finish reason for each prompt of a request; ``head`` is what body and events have in common."""

    head: dict[str, Any]
    texts: list[tuple[str, str]]
    usage: dict[str, int]
    is_chat: bool

    def body(self) -> dict[str, Any]:
        """The complete answer, for a request without streaming."""
        choices = [
            _choice(index, self._said(text, "message", role="assistant", refusal=None), end)
            for index, (text, end) in enumerate(self.texts)
        ]
        return {**self.head, "choices": choices, "usage": self.usage}

    def events(self, options: Mapping[str, Any] | None) -> Iterator[bytes]:
        """The server-sent events of a stream, one per token, prompt after prompt; ``options`` may request the usage."""
        if self.is_chat:
            yield self._event(_choice(0, self._said("", "delta", role="assistant")))
        for index, (text, end) in enumerate(self.texts):
            for token in tokens(text):
                yield self._event(_choice(index, self._said(token, "delta")))
            yield self._event(_choice(index, {"delta": {}} if self.is_chat else {"text": ""}, end))
        if options and options.get("include_usage"):
            yield self._event(usage=self.usage)
        yield b"data: [DONE]\n\n"

    def _said(self, text: str, name: str, **more: str | None) -> dict[str, Any]:
        return {name: {"content": text, **more}} if self.is_chat else {"text": text}

    def _event(self, *choices: dict[str, Any], **more: object) -> bytes:
        return b"data: " + msgspec.json.encode({**self.head, "choices": choices, **more}) + b"\n\n"


def _choice(index: int, said: dict[str, Any], end: str | None = None) -> dict[str, Any]:
    return {"index": index, **said, "logprobs": None, "finish_reason": end}


def complete(request: CompletionRequest, head: dict[str, Any], summary_words: int, *, is_chat: bool) -> Completion:
    """The answer to ``request``; a summary has at most ``summary_words`` words unless its prompt sets another limit."""
    turns = [Turn(role_of(message.role), message.text) for message in request.messages]
    prompts = [request.prompt] if isinstance(request.prompt, str) else request.prompt
    parsed = [parse_messages(turns)] if is_chat else [parse_text(prompt) for prompt in prompts]
    written = [
        summarise(prompt, summary_words) if isinstance(prompt, SummaryRequest) else answer(prompt) for prompt in parsed
    ]
    texts = [_cut(text, request) for text in written]
    spent = sum(len(tokens(text)) for text in ([turn.text for turn in turns] if is_chat else prompts))
    made = sum(len(tokens(text)) for text, _ in texts)
    usage = {"prompt_tokens": spent, "completion_tokens": made, "total_tokens": spent + made}
    return Completion(head, texts, usage, is_chat)


def _cut(text: str, request: CompletionRequest) -> tuple[str, str]:
    """``text`` up to the limits of the request, and why it ends there."""
    stops = [request.stop] if isinstance(request.stop, str) else request.stop or []
    text = text[: min((text.find(stop) for stop in stops if stop and stop in text), default=None)]
    pieces = tokens(text)
    limit = request.max_completion_tokens or request.max_tokens or len(pieces)
    return "".join(pieces[:limit]), "length" if len(pieces) > limit else "stop"
