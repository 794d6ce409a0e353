"""The HTTP application: routes as data, bodies read within a bound, errors in OpenAI's shape, streams at their pace."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from openai_standin import completions
from openai_standin import requests as wire
from openai_standin.config import Config
from openai_standin.embeddings import DIMENSIONS, embed, to_base64
from openai_standin.exceptions import MethodNotAllowedError, NotFoundError, RequestError, TooLargeError
from openai_standin.words import tokens

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

MOST_DIMENSIONS = 3072


@dataclass(frozen=True)
class Stream:
    """An answer that is sent event by event."""

    events: Iterator[bytes]


Answer = object | Stream
Handler = Callable[["Application", bytes], Answer]


class Application:
    """An ASGI application that answers as ``config`` says."""

    def __init__(self, config: Config) -> None:
        self._config = config

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            handler = _route(scope["method"], scope["path"])
            answer = handler(self, await _read(receive, self._config.max_body))
        except RequestError as error:
            await _send_json(send, error.status, wire.error_body(error), error.headers)
            return
        if isinstance(answer, Stream):
            await _send_stream(receive, send, answer.events, self._config.delay)
        else:
            await _send_json(send, 200, answer)

    def chat(self, body: bytes) -> Answer:
        """``POST /v1/chat/completions``."""
        request = wire.decode(body, wire.ChatRequest, "/v1/chat/completions")
        if not request.messages:
            raise RequestError("`messages` is empty: send at least one message.", param="messages")
        answers = completions.to_chat(request, self._config.summary_words)
        if request.stream:
            head = self._head("chat.completion.chunk", request, body)
            return Stream(completions.chat_events(head, answers, with_usage=request.wants_usage))
        head = self._head("chat.completion", request, body)
        return wire.chat_body(head, *answers.texts[0], answers.usage)

    def text(self, body: bytes) -> Answer:
        """``POST /v1/completions``."""
        request = wire.decode(body, wire.TextRequest, "/v1/completions")
        if not request.prompts:
            raise RequestError("`prompt` is empty: send at least one prompt.", param="prompt")
        answers = completions.to_prompts(request, self._config.summary_words)
        head = self._head("text_completion", request, body)
        if request.stream:
            return Stream(completions.text_events(head, answers, with_usage=request.wants_usage))
        return wire.text_body(head, answers.texts, answers.usage)

    def embeddings(self, body: bytes) -> Answer:
        """``POST /v1/embeddings``."""
        request = wire.decode(body, wire.EmbeddingRequest, "/v1/embeddings")
        dimensions = DIMENSIONS if request.dimensions is None else request.dimensions
        if not request.texts:
            raise RequestError("`input` is empty: send at least one text.", param="input")
        if not 1 <= dimensions <= MOST_DIMENSIONS:
            raise RequestError(f"`dimensions` must be from 1 to {MOST_DIMENSIONS}.", param="dimensions")
        if request.encoding_format not in ("float", "base64"):
            raise RequestError('`encoding_format` must be "float" or "base64".', param="encoding_format")
        encode = to_base64 if request.encoding_format == "base64" else list
        rows = [
            {"object": "embedding", "index": index, "embedding": encode(embed(text, dimensions))}
            for index, text in enumerate(request.texts)
        ]
        count = sum(len(tokens(text)) for text in request.texts)
        used = {"prompt_tokens": count, "total_tokens": count}
        return {"object": "list", "data": rows, "model": request.model or self._config.model, "usage": used}

    def models(self, _body: bytes) -> Answer:
        """``GET /v1/models``."""
        model = {"id": self._config.model, "object": "model", "created": wire.CREATED, "owned_by": "stand-in"}
        return {"object": "list", "data": [model]}

    def health(self, _body: bytes) -> Answer:
        """``GET /`` and ``GET /healthz``."""
        return {"status": "ok", "model": self._config.model, "about": "A stand-in model without weights."}

    def _head(self, kind: str, request: wire.Completion, body: bytes) -> dict[str, Any]:
        return wire.head(kind, request.model or self._config.model, body)


ROUTES: Mapping[str, Mapping[str, Handler]] = {
    "/": {"GET": Application.health},
    "/healthz": {"GET": Application.health},
    "/v1/models": {"GET": Application.models},
    "/v1/chat/completions": {"POST": Application.chat},
    "/v1/completions": {"POST": Application.text},
    "/v1/embeddings": {"POST": Application.embeddings},
}


def _route(method: str, path: str) -> Handler:
    if path not in ROUTES:
        raise NotFoundError(f"There is nothing at {path}; this server has {', '.join(ROUTES)}.")
    methods = ROUTES[path]
    wanted = "GET" if method == "HEAD" else method
    if wanted not in methods:
        raise MethodNotAllowedError(f"{path} takes {' and '.join(methods)}, not {method}.", list(methods))
    return methods[wanted]


async def _read(receive: Receive, most: int) -> bytes:
    """The body; what comes beyond ``most`` bytes is read and dropped, so that the refusal reaches its sender."""
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        event = await receive()
        part = event.get("body", b"")
        size += len(part)
        if size <= most:
            parts.append(part)
        more = event.get("more_body", False)
    if size > most:
        raise TooLargeError(f"The body has {size} bytes; at most {most} are read.")
    return b"".join(parts)


async def _send_json(send: Send, status: int, answer: object, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    body = msgspec.json.encode(answer)
    fields = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*fields, *(headers or [])]})
    await send({"type": "http.response.body", "body": body})


async def _send_stream(receive: Receive, send: Send, events: Iterator[bytes], delay: float) -> None:
    """Send ``events``, ``delay`` seconds apart, as long as the client is there."""
    fields = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-cache")]
    await send({"type": "http.response.start", "status": 200, "headers": fields})
    leaving = asyncio.create_task(_left(receive))
    try:
        for event in events:
            await send({"type": "http.response.body", "body": event, "more_body": True})
            await asyncio.sleep(delay)
            if leaving.done():
                return
        await send({"type": "http.response.body", "body": b""})
    finally:
        leaving.cancel()


async def _left(receive: Receive) -> None:
    """Return when the client has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass
