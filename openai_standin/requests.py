"""Request bodies in OpenAI's formats, with the fields that this server supports."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from openai_standin.exceptions import RequestError

T = TypeVar("T")


class Message(msgspec.Struct):
    """One message of a chat completion."""

    role: str
    content: str | list[dict[str, Any]] | None = None

    @property
    def text(self) -> str:
        """The text of all parts, joined; pictures and sounds have none."""
        parts = self.content if isinstance(self.content, list) else [{"text": self.content or ""}]
        return "".join(str(part.get("text", "")) for part in parts)


class CompletionRequest(msgspec.Struct):
    """The body of a completion: a chat has ``messages``, a plain completion one or more ``prompt`` texts."""

    messages: list[Message] = []
    prompt: str | list[str] = []
    model: str = ""
    stream: bool | None = None
    stream_options: dict[str, Any] | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    stop: str | list[str] | None = None


class EmbeddingRequest(msgspec.Struct):
    """The body of ``POST /v1/embeddings``."""

    input: str | list[str | int | list[int]]
    model: str = ""
    dimensions: int | None = None
    encoding_format: str = "float"

    @property
    def texts(self) -> list[str]:
        """The texts to embed; token numbers become words."""
        items = [self.input] if isinstance(self.input, str) or type(next(iter(self.input), "")) is int else self.input
        return [" ".join(map(str, item)) if isinstance(item, list) else str(item) for item in items]


def decode(body: bytes, kind: type[T], path: str) -> T:
    """``body`` as ``kind``. Raises `RequestError`: it does not fit, naming the field at fault."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        found = re.search(r"\$\.?([\w.\[\]]*)", str(error))
        raise RequestError(f"The body does not fit {path}: {error}.", param=found[1] if found else None) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestError(f"The body is not valid JSON: {error}.") from error


def require(met: bool, field: str, rule: str) -> None:
    """Raises `RequestError`: the ``rule`` for ``field`` is not ``met``."""
    if not met:
        raise RequestError(f"`{field}` {rule}.", param=field)
