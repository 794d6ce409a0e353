"""The HTTP application: routes, bodies of bounded size, errors in OpenAI's format, paced streams."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

import msgspec

from openai_standin.completions import complete, tokens
from openai_standin.config import Config
from openai_standin.embeddings import DIMENSIONS, MOST_DIMENSIONS, embed, to_base64
from openai_standin.exceptions import RequestError
from openai_standin.requests import CompletionRequest, EmbeddingRequest, decode, require

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
#: The body of an answer, or the events of a stream.
Answer = dict[str, Any] | Iterator[bytes]

#: A constant creation time, so that equal requests get equal answers.
CREATED = 1_700_000_000


class Application:
    """An ASGI application with the settings in ``config``."""

    def __init__(self, config: Config) -> None:
        self._config = config

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        try:
            handle = _route(scope["method"], scope["path"])
            body = await _read(receive, self._config.max_body)
            # In a thread: a long prompt takes seconds, in which others are answered.
            answer = await asyncio.to_thread(handle, self, body) if body else handle(self, body)
        except RequestError as error:
            said = {"message": str(error), "type": "invalid_request_error", "param": error.param, "code": error.code}
            await _send_json(send, {"error": said}, error.status, allow=error.allow)
            return
        if isinstance(answer, dict):
            await _send_json(send, answer)
        else:
            await _send_stream(receive, send, answer, self._config.delay)

    def chat(self, body: bytes) -> Answer:
        """``POST /v1/chat/completions``."""
        request = decode(body, CompletionRequest, "/v1/chat/completions")
        require(request.messages != [], "messages", "is empty: send at least one message")
        return self._completed(request, body, "chat.completion.chunk" if request.stream else "chat.completion")

    def text(self, body: bytes) -> Answer:
        """``POST /v1/completions``."""
        request = decode(body, CompletionRequest, "/v1/completions")
        require(request.prompt != [], "prompt", "is empty: send at least one prompt")
        return self._completed(request, body, "text_completion")

    def embeddings(self, body: bytes) -> Answer:
        """``POST /v1/embeddings``."""
        request = decode(body, EmbeddingRequest, "/v1/embeddings")
        length = DIMENSIONS if request.dimensions is None else request.dimensions
        require(request.input != [], "input", "is empty: send at least one text")
        require(1 <= length <= MOST_DIMENSIONS, "dimensions", f"must be from 1 to {MOST_DIMENSIONS}")
        require(request.encoding_format in ("float", "base64"), "encoding_format", 'must be "float" or "base64"')
        encode = to_base64 if request.encoding_format == "base64" else list
        vectors = [encode(embed(text, length)) for text in request.texts]
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

    def _completed(self, request: CompletionRequest, body: bytes, kind: str) -> Answer:
        is_chat = kind != "text_completion"
        name = f"{'chatcmpl' if is_chat else 'cmpl'}-{zlib.crc32(body):08x}"
        head = {"id": name, "object": kind, "created": CREATED, "model": request.model or self._config.model}
        completion = complete(request, head, self._config.summary_words, is_chat=is_chat)
        return completion.events(request.stream_options) if request.stream else completion.body()


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
        raise RequestError(f"There is nothing at {path}; this server has {', '.join(ROUTES)}.", 404, code="not_found")
    taken, handler = ROUTES[path]
    if taken != ("GET" if method == "HEAD" else method):
        raise RequestError(f"{path} takes {taken}, not {method}.", 405, code="method_not_allowed", allow=taken)
    return handler


async def _read(receive: Receive, most: int) -> bytes:
    """The body, of at most ``most`` bytes.

    The rest of a larger one is read and dropped, so that the client can receive the refusal.
    """
    body, size, more = bytearray(), 0, True
    while more:
        event = await receive()
        part = event.get("body", b"")
        size += len(part)
        body += part if size <= most else b""
        more = event.get("more_body", False)
    if size > most:
        raise RequestError(f"The body has {size} bytes; at most {most} are read.", 413, code="request_too_large")
    return bytes(body)


async def _send_json(send: Send, answer: Mapping[str, Any], status: int = 200, *, allow: str = "") -> None:
    body = msgspec.json.encode(answer)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    headers += [(b"allow", allow.encode())] if allow else []
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _send_stream(receive: Receive, send: Send, events: Iterator[bytes], delay: float) -> None:
    """Send ``events``, ``delay`` seconds apart, until the client disconnects."""
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
    """Return when the client disconnects."""
    while (await receive())["type"] != "http.disconnect":
        pass
