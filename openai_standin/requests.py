"""The requests that are read and the bodies that are sent: OpenAI's shapes, as far as this server knows them."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from openai_standin.exceptions import RequestError
from openai_standin.words import tokens

#: A fixed time of creation, so that equal requests get equal answers.
CREATED = 1_700_000_000
Usage = dict[str, int]
T = TypeVar("T")


class Part(msgspec.Struct):
    """A piece of a message; pictures and sounds have no text."""

    type: str = "text"
    text: str = ""


class Message(msgspec.Struct):
    """One message of a chat completion."""

    role: str
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        """Its text, the pieces joined."""
        if isinstance(self.content, list):
            return "".join(part.text for part in self.content)
        return self.content or ""


class StreamOptions(msgspec.Struct):
    """What else a stream carries."""

    include_usage: bool | None = None


class Completion(msgspec.Struct):
    """What both kinds of completion may ask."""

    model: str = ""
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    stop: str | list[str] | None = None

    @property
    def limit(self) -> int | None:
        """The most tokens that the answer may have."""
        return self.max_completion_tokens or self.max_tokens

    @property
    def stops(self) -> list[str]:
        """The texts at which an answer ends."""
        given = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return [stop for stop in given if stop]

    @property
    def wants_usage(self) -> bool:
        """Whether a stream ends with the usage."""
        return bool(self.stream_options and self.stream_options.include_usage)


class ChatRequest(Completion, kw_only=True):
    """The body of ``POST /v1/chat/completions``."""

    messages: list[Message]


class TextRequest(Completion, kw_only=True):
    """The body of ``POST /v1/completions``."""

    prompt: str | list[str]

    @property
    def prompts(self) -> list[str]:
        """The prompts, each of which gets an answer."""
        return [self.prompt] if isinstance(self.prompt, str) else self.prompt


class EmbeddingRequest(msgspec.Struct, kw_only=True):
    """The body of ``POST /v1/embeddings``; token numbers in ``input`` count as words."""

    input: str | list[str | int | list[int]]
    model: str = ""
    dimensions: int | None = None
    encoding_format: str = "float"

    @property
    def texts(self) -> list[str]:
        """The texts to embed."""
        if isinstance(self.input, str):
            return [self.input]
        if self.input and all(isinstance(item, int) for item in self.input):
            return [" ".join(map(str, self.input))]
        return [" ".join(map(str, item)) if isinstance(item, list) else str(item) for item in self.input]


def decode(body: bytes, kind: type[T], path: str) -> T:
    """``body`` as ``kind``; `RequestError` with a sentence that names the field at fault."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        found = re.search(r"\$\.?([\w.\[\]]*)", str(error))
        raise RequestError(f"The body does not fit {path}: {error}.", param=found[1] if found else None) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestError(f"The body is not valid JSON: {error}.") from error


def error_body(error: RequestError) -> dict[str, Any]:
    """The body of a refusal."""
    said = {"message": str(error), "type": "invalid_request_error", "param": error.param, "code": error.code}
    return {"error": said}


def usage(prompt_tokens: int, texts: Sequence[str]) -> Usage:
    """What a completion has used; a token here is a word, or twelve letters of a long one."""
    completion = sum(len(tokens(text)) for text in texts)
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion,
        "total_tokens": prompt_tokens + completion,
    }


def chat_body(head: Mapping[str, Any], text: str, finish: str, used: Usage) -> dict[str, Any]:
    """A chat completion that is not streamed."""
    message = {"role": "assistant", "content": text, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
    return {**head, "choices": [choice], "usage": used}


def text_body(head: Mapping[str, Any], answers: Sequence[tuple[str, str]], used: Usage) -> dict[str, Any]:
    """A completion that is not streamed; ``answers`` are (text, finish reason) for each prompt."""
    choices = [
        {"index": index, "text": text, "logprobs": None, "finish_reason": finish}
        for index, (text, finish) in enumerate(answers)
    ]
    return {**head, "choices": choices, "usage": used}


def head(kind: str, model: str, body: bytes) -> dict[str, Any]:
    """The fields that every completion begins with; ``body`` is the request, from which its id is made."""
    prefix = "cmpl" if kind == "text_completion" else "chatcmpl"
    return {"id": f"{prefix}-{zlib.crc32(body):08x}", "object": kind, "created": CREATED, "model": model}
