"""From a request for text to its answer: cut to the wanted length, counted, and put into events for a stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from openai_standin import requests as wire
from openai_standin.answers import answer
from openai_standin.prompts import Prompt, SummaryRequest, Turn, parse_messages, parse_text
from openai_standin.summaries import summarise
from openai_standin.words import tokens

DONE = b"data: [DONE]\n\n"
_ROLES = {"user": "user", "human": "user", "system": "system", "developer": "system"}


@dataclass(frozen=True)
class Answers:
    """What a completion is answered with: (text, finish reason) for each prompt, and the tokens it took."""

    texts: list[tuple[str, str]]
    usage: wire.Usage


def to_chat(request: wire.ChatRequest, summary_words: int) -> Answers:
    """The one answer to the messages of ``request``."""
    turns = [Turn(_ROLES.get(message.role, "assistant"), message.text) for message in request.messages]
    text = _answer(parse_messages(turns), summary_words)
    return _answers(request, [text], [turn.text for turn in turns])


def to_prompts(request: wire.TextRequest, summary_words: int) -> Answers:
    """An answer to each prompt of ``request``."""
    texts = [_answer(parse_text(prompt), summary_words) for prompt in request.prompts]
    return _answers(request, texts, request.prompts)


def chat_events(head: Mapping[str, Any], answers: Answers, *, with_usage: bool) -> Iterator[bytes]:
    """The server-sent events of a streamed chat completion, one a token."""
    text, finish = answers.texts[0]
    yield _event({**head, "choices": [_chat_choice({"role": "assistant", "content": ""})]})
    before, after = _around(_event({**head, "choices": [_chat_choice({"content": ""})]}))
    for token in tokens(text):
        yield before + msgspec.json.encode(token) + after
    yield _event({**head, "choices": [_chat_choice({}, finish)]})
    yield from _ending(head, answers, with_usage=with_usage)


def text_events(head: Mapping[str, Any], answers: Answers, *, with_usage: bool) -> Iterator[bytes]:
    """The server-sent events of a streamed completion, one a token, prompt after prompt."""
    for index, (text, finish) in enumerate(answers.texts):
        for token in tokens(text):
            yield _event({**head, "choices": [_text_choice(index, token)]})
        yield _event({**head, "choices": [_text_choice(index, "", finish)]})
    yield from _ending(head, answers, with_usage=with_usage)


def _answer(prompt: Prompt | SummaryRequest, summary_words: int) -> str:
    if isinstance(prompt, SummaryRequest):
        return summarise(prompt, summary_words)
    return answer(prompt)


def _answers(request: wire.Completion, texts: list[str], asked: list[str]) -> Answers:
    cut = [_cut(text, request) for text in texts]
    used = wire.usage(sum(len(tokens(text)) for text in asked), [text for text, _ in cut])
    return Answers(cut, used)


def _cut(text: str, request: wire.Completion) -> tuple[str, str]:
    """``text`` as far as the request wants it, and why it ends there."""
    ends = [place for stop in request.stops if (place := text.find(stop)) >= 0]
    text = text[: min(ends)] if ends else text
    pieces = tokens(text)
    if request.limit is not None and len(pieces) > request.limit:
        return "".join(pieces[: request.limit]), "length"
    return text, "stop"


def _ending(head: Mapping[str, Any], answers: Answers, *, with_usage: bool) -> Iterator[bytes]:
    if with_usage:
        yield _event({**head, "choices": [], "usage": answers.usage})
    yield DONE


def _chat_choice(delta: Mapping[str, str], finish: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}


def _text_choice(index: int, text: str, finish: str | None = None) -> dict[str, Any]:
    return {"index": index, "text": text, "logprobs": None, "finish_reason": finish}


def _event(body: Mapping[str, Any]) -> bytes:
    return b"data: " + msgspec.json.encode(body) + b"\n\n"


def _around(event: bytes) -> tuple[bytes, bytes]:
    """An event cut where its empty content stands, so that a token costs one encoded string and no more."""
    before, mark, after = event.partition(b'"content":"')
    return before + mark[:-1], after.removeprefix(b'"')
