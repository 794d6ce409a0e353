"""The requests that are read: OpenAI's shapes, as far as this server knows them."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from openai_standin.embeddings import DIMENSIONS
from openai_standin.exceptions import RequestError

MOST_DIMENSIONS = 3072
T = TypeVar("T")


class Part(msgspec.Struct):
    """A piece of a message; pictures and sounds have no text."""

    text: str = ""


class Message(msgspec.Struct):
    """One message of a chat completion."""

    role: str
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        """Its text, the pieces joined."""
        return "".join(part.text for part in self.content) if isinstance(self.content, list) else self.content or ""


class CompletionRequest(msgspec.Struct, kw_only=True):
    """What both kinds of completion may ask."""

    model: str = ""
    stream: bool | None = None
    stream_options: dict[str, Any] | None = None
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
        return [stop for stop in ([self.stop] if isinstance(self.stop, str) else self.stop or []) if stop]

    @property
    def wants_usage(self) -> bool:
        """Whether a stream ends with the usage."""
        return bool(self.stream_options and self.stream_options.get("include_usage"))


class ChatRequest(CompletionRequest):
    """The body of ``POST /v1/chat/completions``."""

    messages: list[Message]

    def __post_init__(self) -> None:
        _require(bool(self.messages), "messages", "is empty: send at least one message")


class TextRequest(CompletionRequest):
    """The body of ``POST /v1/completions``."""

    prompt: str | list[str]

    def __post_init__(self) -> None:
        _require(bool(self.prompts), "prompt", "is empty: send at least one prompt")

    @property
    def prompts(self) -> list[str]:
        """The prompts, each of which gets an answer."""
        return [self.prompt] if isinstance(self.prompt, str) else self.prompt


class EmbeddingRequest(msgspec.Struct):
    """The body of ``POST /v1/embeddings``; token numbers in ``input`` count as words."""

    input: str | list[str | int | list[int]]
    model: str = ""
    dimensions: int | None = None
    encoding_format: str = "float"

    def __post_init__(self) -> None:
        _require(bool(self.texts), "input", "is empty: send at least one text")
        _require(1 <= self.length <= MOST_DIMENSIONS, "dimensions", f"must be from 1 to {MOST_DIMENSIONS}")
        _require(self.encoding_format in ("float", "base64"), "encoding_format", 'must be "float" or "base64"')

    @property
    def length(self) -> int:
        """The dimensions of the wanted vectors."""
        return DIMENSIONS if self.dimensions is None else self.dimensions

    @property
    def texts(self) -> list[str]:
        """The texts to embed."""
        if isinstance(self.input, str):
            return [self.input]
        items = [self.input] if self.input and all(isinstance(item, int) for item in self.input) else self.input
        return [" ".join(map(str, item)) if isinstance(item, list) else str(item) for item in items]


def decode(body: bytes, kind: type[T], path: str) -> T:
    """``body`` as ``kind``. Raises RequestError when it is not: the sentence names the field at fault."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        found = re.search(r"\$\.?([\w.\[\]]*)", str(error))
        raise RequestError(f"The body does not fit {path}: {error}.", param=found[1] if found else None) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestError(f"The body is not valid JSON: {error}.") from error


def _require(met: bool, field: str, rule: str) -> None:
    if not met:
        raise RequestError(f"`{field}` {rule}.", param=field)
