"""The bodies of an OpenAI-compatible server's answers, for `tests.support.scripted_openai`."""

from __future__ import annotations

import base64
import math
import re
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

Usage = tuple[int, int]

#: A fixed time, so that equal requests get equal answers.
CREATED = 1_700_000_000
KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


def words(text: str) -> list[str]:
    """``text`` split after each run of white space; joined, the parts give ``text`` again."""
    return re.findall(r"\S+\s*|^\s+", text)


def text_of(content: object) -> str:
    """The text of a message's ``content``, which is a string or a list of parts."""
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content or "")


def start(status: int, content_type: str, headers: Mapping[str, str]) -> dict[str, Any]:
    """The ASGI event that opens a response."""
    fields = [(b"content-type", content_type.encode())]
    fields += [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http.response.start", "status": status, "headers": fields}


def event(body: Mapping[str, Any]) -> dict[str, Any]:
    """The ASGI event that carries one server-sent event."""
    return {
        "type": "http.response.body",
        "body": b"data: " + msgspec.json.encode(body) + b"\n\n",
        "more_body": True,
    }


def error(message: str, status: int) -> dict[str, Any]:
    """The body of an error."""
    kind = KINDS.get(status, "server_error")
    return {"error": {"message": message, "type": kind, "param": None, "code": None}}


def plain(path: str, asked: Mapping[str, Any], text: str, finish: str, usage: Usage | None) -> dict[str, Any]:
    """The complete answer to a completion without streaming: one choice per prompt."""
    head = _head(path, asked, streamed=False)
    if _is_chat(path):
        message = {"role": "assistant", "content": text, "refusal": None}
        choices = [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}]
    else:
        choices = [_text_choice(index, text, finish) for index in range(_prompts(asked))]
    return {**head, "choices": choices, "usage": _usage(asked, text, usage)}


def chunk(path: str, asked: Mapping[str, Any], text: str, finish: str | None = None) -> dict[str, Any]:
    """One streamed chunk of an answer."""
    head = _head(path, asked, streamed=True)
    if _is_chat(path):
        delta = {"role": "assistant", "content": text} if finish is None else {}
        choices = [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]
    else:
        choices = [_text_choice(index, text, finish) for index in range(_prompts(asked))]
    return {**head, "choices": choices}


def ending(
    path: str, asked: Mapping[str, Any], chunks: Sequence[str], finish: str, usage: Usage | None
) -> Iterator[dict[str, Any]]:
    """The chunk with the finish reason, then the usage if requested."""
    yield chunk(path, asked, "", finish)
    if (asked.get("stream_options") or {}).get("include_usage"):
        head = _head(path, asked, streamed=True)
        yield {**head, "choices": [], "usage": _usage(asked, "".join(chunks), usage)}


def other_answer(path: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a request for anything but text: embeddings, or the list of models."""
    if not path.endswith("/embeddings"):
        return {
            "object": "list",
            "data": [{"id": "scripted", "object": "model", "created": CREATED, "owned_by": "tests"}],
        }
    given = asked["input"]
    texts = [given] if isinstance(given, str) else given
    vectors = [_vector(str(text), asked.get("dimensions") or 1536) for text in texts]
    encode = _base64 if asked.get("encoding_format") == "base64" else list
    rows = [{"object": "embedding", "index": i, "embedding": encode(vector)} for i, vector in enumerate(vectors)]
    count = sum(len(words(str(text))) for text in texts)
    usage = {"prompt_tokens": count, "total_tokens": count}
    return {"object": "list", "model": asked.get("model", "scripted"), "data": rows, "usage": usage}


def _is_chat(path: str) -> bool:
    return path.endswith("/chat/completions")


def _head(path: str, asked: Mapping[str, Any], *, streamed: bool) -> dict[str, Any]:
    kind = ("chat.completion.chunk" if streamed else "chat.completion") if _is_chat(path) else "text_completion"
    return {"id": "scripted-1", "object": kind, "created": CREATED, "model": asked.get("model", "scripted")}


def _text_choice(index: int, text: str, finish: str | None) -> dict[str, Any]:
    return {"index": index, "text": text, "logprobs": None, "finish_reason": finish}


def _prompts(asked: Mapping[str, Any]) -> int:
    prompt = asked.get("prompt")
    return len(prompt) if isinstance(prompt, list) else 1


def _usage(asked: Mapping[str, Any], text: str, usage: Usage | None) -> dict[str, int]:
    prompt = " ".join(text_of(message.get("content")) for message in asked.get("messages", []))
    prompt_tokens, completion_tokens = usage or (
        len(words(prompt or str(asked.get("prompt", "")))),
        len(words(text)),
    )
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    }


def _vector(text: str, dimensions: int) -> list[float]:
    """A unit vector of word counts: texts that share words are close to each other."""
    vector = [0.0] * dimensions
    for word in re.findall(r"\w+", text.lower()) or [""]:
        vector[zlib.crc32(word.encode()) % dimensions] += 1.0
    length = math.hypot(*vector)
    return [value / length for value in vector]


def _base64(vector: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
