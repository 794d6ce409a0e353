"""The HTTP application: routes as data, bodies read within a bound, errors in OpenAI's shape, streams at their pace."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

import msgspec

from openai_standin.completions import complete, tokens
from openai_standin.config import Config
from openai_standin.embeddings import embed, to_base64
from openai_standin.exceptions import RequestError
from openai_standin.requests import ChatRequest, EmbeddingRequest, TextRequest, decode

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
#: A body, or the events of a stream.
Answer = dict[str, Any] | Iterator[bytes]

#: A fixed time of creation, so that equal requests get equal answers.
CREATED = 1_700_000_000


class Application:
    """An ASGI application that answers as ``config`` says."""

    def __init__(self, config: Config) -> None:
        self._config = config

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        try:
            handle = _route(scope["method"], scope["path"])
            answer = handle(self, await _read(receive, self._config.max_body))
        except RequestError as error:
            await _send_error(send, error)
            return
        if isinstance(answer, dict):
            await _send_json(send, 200, answer)
        else:
            await _send_stream(receive, send, answer, self._config.delay)

    def chat(self, body: bytes) -> Answer:
        """``POST /v1/chat/completions``."""
        request = decode(body, ChatRequest, "/v1/chat/completions")
        return self._completed(request, body, "chat.completion.chunk" if request.stream else "chat.completion")

    def text(self, body: bytes) -> Answer:
        """``POST /v1/completions``."""
        return self._completed(decode(body, TextRequest, "/v1/completions"), body, "text_completion")

    def embeddings(self, body: bytes) -> Answer:
        """``POST /v1/embeddings``."""
        request = decode(body, EmbeddingRequest, "/v1/embeddings")
        encode = to_base64 if request.encoding_format == "base64" else list
        vectors = [encode(embed(text, request.length)) for text in request.texts]
        rows = [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(vectors)]
        count = sum(len(tokens(text)) for text in request.texts)
        used = {"prompt_tokens": count, "total_tokens": count}
        return {"object": "list", "data": rows, "model": request.model or self._config.model, "usage": used}

    def models(self, _body: bytes) -> Answer:
        """``GET /v1/models``."""
        model = {"id": self._config.model, "object": "model", "created": CREATED, "owned_by": "stand-in"}
        return {"object": "list", "data": [model]}

    def health(self, _body: bytes) -> Answer:
        """``GET /`` and ``GET /healthz``."""
        return {"status": "ok", "model": self._config.model, "about": "A stand-in model without weights."}

    def _completed(self, request: ChatRequest | TextRequest, body: bytes, kind: str) -> Answer:
        prefix = "cmpl" if kind == "text_completion" else "chatcmpl"
        model = request.model or self._config.model
        head = {"id": f"{prefix}-{zlib.crc32(body):08x}", "object": kind, "created": CREATED, "model": model}
        completion = complete(request, head, self._config.summary_words)
        return completion.events(with_usage=request.wants_usage) if request.stream else completion.body()


Handler = Callable[[Application, bytes], Answer]
ROUTES: Mapping[str, tuple[str, Handler]] = {
    "/": ("GET", Application.health),
    "/healthz": ("GET", Application.health),
    "/v1/models": ("GET", Application.models),
    "/v1/chat/completions": ("POST", Application.chat),
    "/v1/completions": ("POST", Application.text),
    "/v1/embeddings": ("POST", Application.embeddings),
}


def _route(method: str, path: str) -> Handler:
    if path not in ROUTES:
        raise RequestError(
            f"There is nothing at {path}; this server has {', '.join(ROUTES)}.", status=404, code="not_found"
        )
    taken, handler = ROUTES[path]
    if taken != ("GET" if method == "HEAD" else method):
        raise RequestError(f"{path} takes {taken}, not {method}.", status=405, code="method_not_allowed", allow=taken)
    return handler


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
        raise RequestError(f"The body has {size} bytes; at most {most} are read.", status=413, code="request_too_large")
    return b"".join(parts)


async def _send_error(send: Send, error: RequestError) -> None:
    said = {"message": str(error), "type": "invalid_request_error", "param": error.param, "code": error.code}
    await _send_json(send, error.status, {"error": said}, [(b"allow", error.allow.encode())] if error.allow else [])


async def _send_json(
    send: Send, status: int, answer: Mapping[str, Any], more: list[tuple[bytes, bytes]] | None = None
) -> None:
    body = msgspec.json.encode(answer)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *(more or [])]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _send_stream(receive: Receive, send: Send, events: Iterator[bytes], delay: float) -> None:
    """Send ``events``, ``delay`` seconds apart, as long as the client is there."""
    headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-cache")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
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
